"""Server-sent events do not depend on how their bytes are split or how their lines end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.engines.remote.sse import MEDIA_TYPE, ServerEvent, is_stream, read_events

if TYPE_CHECKING:
    from collections.abc import Iterator

SEPARATORS = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1eh"

# For each: the bytes, and the types and data of the events.
STREAMS = {
    "line feeds": (b"data: a\n\ndata: b\n\n", [("message", "a"), ("message", "b")]),
    "carriage returns": (b"data: a\r\rdata: b\r\r", [("message", "a"), ("message", "b")]),
    "both": (b"data: a\r\n\r\ndata: b\r\n\r\n", [("message", "a"), ("message", "b")]),
    "all sorts": (
        b"data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\r\r\ndata: e\n\r",
        [("message", name) for name in "abcde"],
    ),
    "lines of one event end in both": (b"event: x\r\ndata: a\r\ndata: b\r\n\r\n", [("x", "a\nb")]),
    "lines of one event end in returns": (b"event: x\rdata: a\rdata: b\r\r", [("x", "a\nb")]),
    "no blank after the colon": (b"data:a\n\n", [("message", "a")]),
    "only one blank is dropped": (b"data:  a \n\n", [("message", " a ")]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("message", "a")]),
    "a byte order mark amid the data": (b"data: \xef\xbb\xbfa\n\n", [("message", "\ufeffa")]),
    "comments": (b": keep-alive\n\n:\n\ndata: a\n: amid it\ndata: b\n\n:\n\n", [("message", "a\nb")]),
    "several lines of data": (b"data: a\ndata\ndata:\ndata: b\n\n", [("message", "a\n\n\nb")]),
    "names hold for one event": (
        b"event: x\ndata: a\n\ndata: b\n\nevent: y\n\ndata: c\n\n",
        [("x", "a"), ("message", "b"), ("message", "c")],
    ),
    "other fields": (b"id: 3\nretry: soon\nfoo: x\nbar\ndata: a\n\nid\n\n", [("message", "a")]),
    "fields that only look like data": (b" data: x\nDATA: y\ndata : z\ndata: a\n\n", [("message", "a")]),
    "a line of blanks is not blank": (b"data: a\n \ndata: b\n\n", [("message", "a\nb")]),
    "a colon in the data": (b"data: a: b\n\n", [("message", "a: b")]),
    "every width of character": ("data: aß中🎙\n\n".encode(), [("message", "aß中🎙")]),
    "what ends lines elsewhere": (f"data: {SEPARATORS}\n\n".encode(), [("message", SEPARATORS)]),
    "bytes that are no text": (b"data: a\xffb\xe4\xb8\n\n", [("message", "a\ufffdb\ufffd")]),
    "a nul": (b"data: a\x00b\n\n", [("message", "a\x00b")]),
    "no blank line in the end": (b"data: a\n\ndata: b\n", [("message", "a"), ("message", "b")]),
    "no line end in the end": (b"data: a\n\ndata: b", [("message", "a"), ("message", "b")]),
    "blank lines first": (b"\r\n\n\rdata: a\n\n", [("message", "a")]),
    "nothing": (b"", []),
    "no event": (b"\n\n: x\n\nevent: y\n\n", []),
}


def splits(body: bytes) -> Iterator[list[bytes]]:
    """Yield the bytes whole, one by one, and split in two at every place, also with an empty read between them."""
    yield [body]
    yield [bytes([byte]) for byte in body]
    for place in range(1, len(body)):
        yield [body[:place], body[place:]]
        yield [body[:place], b"", body[place:]]


@pytest.mark.parametrize("name", STREAMS)
def test_events_are_read_however_they_are_split(name: str) -> None:
    """Wherever a stream is split, its events are the same."""
    body, expected = STREAMS[name]
    for chunks in splits(body):
        found = [(event.type, event.data) for event in read_events(chunks)]
        assert found == expected, chunks


@pytest.mark.parametrize(
    ("body", "needed"), [(b"data: a\n\n", 9), (b"data: a\r\r", 9), (b"data: a\r\n\r\n", 10), (b"data: a\n\r\n", 9)]
)
def test_an_event_is_there_at_once(body: bytes, needed: int) -> None:
    """An event is yielded without waiting for the byte after its empty line."""
    given_bytes = 0

    def trickle() -> Iterator[bytes]:
        nonlocal given_bytes
        for byte in body + b"data: b":
            given_bytes += 1
            yield bytes([byte])

    assert next(read_events(trickle())) == ServerEvent("message", "a")
    assert given_bytes == needed


@pytest.mark.parametrize(("end", "is_ended"), [(b"", False), (b"\n", False), (b"\r\n", False), (b"\n\n", True)])
def test_an_event_without_its_end_is_told_apart(end: bytes, *, is_ended: bool) -> None:
    """The last event may lack its empty line, and may then be incomplete."""
    first, last = read_events([b"data: a\n\nda", b"ta: b" + end])
    assert (first.is_ended, last.data, last.is_ended) == (True, "b", is_ended)


def test_what_breaks_the_stream_passes_through() -> None:
    """The events before an error are read, the error propagates, and a partial event is dropped."""

    def broken() -> Iterator[bytes]:
        yield b"data: a\n\ndata: b"
        raise TimeoutError

    events = read_events(broken())
    assert next(events).data == "a"
    with pytest.raises(TimeoutError):
        next(events)


LINE_ENDS = st.sampled_from(["\n", "\r", "\r\n"])
DATA = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=8)


@given(
    st.lists(st.lists(DATA, min_size=1, max_size=3), max_size=5),
    st.lists(st.sampled_from(["", ":", ": keep-alive", "id: 1", "foo"]), max_size=3),
    st.data(),
)
def test_any_data_in_any_lines_comes_through(events: list[list[str]], noise: list[str], data: st.DataObject) -> None:
    """Data is unchanged for any line endings, comments and splits."""
    written = ""
    for event in events:
        for line in event:
            written += "".join(extra + data.draw(LINE_ENDS) for extra in noise if extra)
            written += f"data: {line}{data.draw(LINE_ENDS)}"
        end = data.draw(LINE_ENDS)
        # After a carriage return, a line feed would belong to the same line ending.
        written += "\r\n" if written.endswith("\r") and end == "\n" else end
    body = written.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert [event.data for event in read_events(chunks)] == ["\n".join(event) for event in events]


def test_a_long_event_takes_no_long_time() -> None:
    """Data is copied a few times in total, not once per read."""
    chunks = [b"data: ", *([b"x" * 1000] * 20_000), b"\n\n"]
    (event,) = read_events(chunks)
    assert len(event.data) == 20_000_000


DONE = '{"type": "transcript.text.done", "text": "a"}'

# Beginnings of replies not labelled as a stream, and whether they are streams.
BEGINNINGS = {
    f"data: {DONE}\n\n": True,
    f"data:{DONE}": True,
    f"\ufeff\r\n: hello\r\n\r\nid: 1\r\nevent: transcript.text.done\r\ndata: {DONE}\r\n": True,
    f"retry: 5\rdata: {DONE}\r": True,
    "data: [DONE]\n\n": True,
    "data: {}\n": True,
    "event: error\ndata: overloaded\n\n": True,
    "data: hello\n\n": False,
    "data: {laughs} hello\n": False,
    "data: hello, and much more than a line that holds no more than these few words\n": False,
    "event: at noon\n": False,
    "date: noon\n": False,
    "data\n": False,
    ": hello\n": False,
    "Hello\n": False,
    '{"text": "data: {\\"type\\": 1}"}\n': False,
    "<html>data: {}</html>\n": False,
    " \n": False,
    "": False,
    "1\n00:00:00,000 --> 00:00:01,000\ndata: {}\n": False,
    "id: " + 5000 * "x" + f"\ndata: {DONE}\n": False,
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_stream_is_known_by_its_shape(beginning: str) -> None:
    """A reply with another content type is a stream if it holds what servers stream; other text is not."""
    assert is_stream(beginning.encode(), "text/plain", is_all=True) is BEGINNINGS[beginning]


@pytest.mark.parametrize("media_type", ["text/plain", MEDIA_TYPE])
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_half_a_beginning_does_not_mislead(beginning: str, media_type: str) -> None:
    """For the first bytes of a reply the answer is None or already final."""
    body = beginning.encode()
    answers = [is_stream(body[:size], media_type) for size in range(len(body) + 1)]
    known = [answer for answer in answers if answer is not None]
    assert len(set(known)) <= 1
    assert answers[: len(answers) - len(known)] == [None] * (len(answers) - len(known))


@pytest.mark.parametrize("beginning", [": ", "id: ", "event: "])
def test_a_question_does_not_stay_open_for_ever(beginning: str) -> None:
    """A long line that may belong to a stream is not awaited in full."""
    assert is_stream(beginning.encode() + 5000 * b"x", "text/plain") is False


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("data: hello\n\n", True),
        (": keep-alive", True),
        ("hello", True),
        ('{"text": "hello"}', False),
        (' \n{"error": "no"}', False),
        ("<html>", False),
        ("", None),
        ("\n", None),
        (5000 * "\n", True),
    ],
)
def test_what_is_called_a_stream_is_one(beginning: str, expected: bool | None) -> None:  # noqa: FBT001 - pytest calls it
    """A reply labelled as a stream counts as one unless it is clearly JSON or a page."""
    assert is_stream(beginning.encode(), MEDIA_TYPE) is expected
    assert is_stream(beginning.encode(), MEDIA_TYPE, is_all=True) is (expected is not False)

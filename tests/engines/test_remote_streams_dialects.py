"""In every dialect the text is emitted as it arrives and becomes the transcript."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_remote_streams_events import splits

from anyscribe.engines.remote.sse import read_events
from anyscribe.engines.remote.transcript_stream import ReportedError, StreamedTranscript, UnreadableEventError
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

END = "[DONE]"


@dataclass
class Heard:
    """The result of reading a stream.

    Args:
        transcript: The transcript; None if the stream ended too early.
        told: The emitted deltas.
    """

    transcript: Transcript | None = None
    told: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The transcript's text."""
        assert self.transcript is not None
        return self.transcript.text


def hear(chunks: Iterable[bytes]) -> Heard:
    """Read a stream."""
    heard = Heard()
    streamed = StreamedTranscript(heard.told.append)
    if any(streamed.take(event) for event in read_events(chunks)):
        heard.transcript = streamed.reading().transcript
    return heard


def wire(*events: object) -> bytes:
    """Encode events as servers do: values as JSON, strings unchanged, pairs with the event's name."""
    written = ""
    for event in events:
        name, value = event if isinstance(event, tuple) else (None, event)
        data = value if isinstance(value, str) else json.dumps(value)
        written += (f"event: {name}\n" if name else "") + f"data: {data}\n\n"
    return written.encode()


def delta(text: str | None, **members: Any) -> dict[str, Any]:
    """Return a delta as OpenAI sends it."""
    return {"type": "transcript.text.delta", "delta": text, **members}


def done(text: str | None, **members: Any) -> dict[str, Any]:
    """Return the end event as OpenAI sends it."""
    return {"type": "transcript.text.done", "text": text, **members}


def segment(text: str, start: float, end: float, **members: Any) -> dict[str, Any]:
    """Return a segment as OpenAI sends it."""
    return {"type": "transcript.text.segment", "id": "s", "text": text, "start": start, "end": end, **members}


def chunk(text: str | None, **members: Any) -> dict[str, Any]:
    """Return a delta as vLLM sends it."""
    return {"object": "transcription.chunk", "choices": [{"delta": {"content": text}, **members}]}


def mistral(name: str, **members: Any) -> tuple[str, dict[str, Any]]:
    """Return an event as Mistral sends it."""
    return f"transcription.{name}", {"type": f"transcription.{name}", **members}


USAGE = {"type": "tokens", "total_tokens": 7}
LAST = {"object": "transcription.chunk", "choices": [], "usage": USAGE}
SPOKEN = [segment("Grüße", 0, 1.5, speaker="A"), segment("zwei", "1.5", 2, speaker="B")]  # type: ignore[arg-type]
SEGMENTS = (Segment("Grüße", 0, 1500, speaker="A"), Segment("zwei", 1500, 2000, speaker="B"))
TOKENS = [{"token": "Grüße", "logprob": -0.5}, {"token": " zwei", "logprob": -0.25}]
TEXT = "Grüße zwei"
DELTAS = ["Grüße", " zwei"]


@dataclass(frozen=True)
class Case:
    """A stream and its expected transcript.

    Args:
        body: The bytes of the stream.
        transcript: The transcript.
        told: The deltas to be emitted.
        end: The beginning of the event that completes the transcript.
    """

    body: bytes
    transcript: Transcript
    told: list[str]
    end: bytes


def said(*told: str, text: str = TEXT, **members: Any) -> tuple[Transcript, list[str]]:
    """Return a transcript and its deltas."""
    return Transcript(text, **members), list(told)


OPENAI_END, MISTRAL_END, MARK = b'{"type": "transcript.text.done"', b"event: transcription.done", b"[DONE]"
CASES = {
    "OpenAI": Case(
        wire(delta("Grüße"), delta(" zwei"), done(TEXT, usage=USAGE)),
        *said(*DELTAS, extra={"usage": USAGE}),
        OPENAI_END,
    ),
    "OpenAI: by names, with a mark in the end": Case(
        wire(("transcript.text.delta", {"delta": "Grüße"}), ("transcript.text.delta", delta(" zwei")), done(TEXT), END),
        *said(*DELTAS),
        OPENAI_END,
    ),
    "OpenAI: the end has no text but blanks": Case(
        wire(delta(" Grüße"), delta(" zwei "), done(" \n")), *said(" Grüße", " zwei "), OPENAI_END
    ),
    "OpenAI: the end has a null for a text": Case(wire(*map(delta, DELTAS), done(None)), *said(*DELTAS), OPENAI_END),
    "OpenAI: only the end has the text": Case(wire(done(f" {TEXT}\n")), *said(TEXT), OPENAI_END),
    "OpenAI: the end has more than came": Case(wire(delta(" Grüße"), done(TEXT)), *said(" Grüße", " zwei"), OPENAI_END),
    "OpenAI: the end corrects what came": Case(
        wire(delta("Gruse"), delta(" zwei"), done(TEXT)), *said("Gruse", " zwei"), OPENAI_END
    ),
    "OpenAI: the pieces lack the blanks": Case(
        wire(delta("Grüße"), delta("zwei"), done(TEXT)), *said("Grüße", "zwei"), OPENAI_END
    ),
    "OpenAI: no end but the mark": Case(wire(*map(delta, DELTAS), END), *said(*DELTAS), MARK),
    "OpenAI: blanks around the mark": Case(wire(*map(delta, DELTAS), " [DONE] "), *said(*DELTAS), MARK),
    "OpenAI: logprobs in the pieces": Case(
        wire(
            delta("Grüße", logprobs=TOKENS[:1]), delta("", logprobs=None), delta(" zwei", logprobs=TOKENS[1:]), done("")
        ),
        *said(*DELTAS, extra={"logprobs": TOKENS}),
        OPENAI_END,
    ),
    "OpenAI: logprobs in the end": Case(
        wire(delta("Grüße", logprobs=TOKENS), delta(" zwei"), done(TEXT, logprobs=TOKENS[:1], languages=["de"])),
        *said(*DELTAS, language="de", extra={"logprobs": TOKENS[:1], "languages": ["de"]}),
        OPENAI_END,
    ),
    "OpenAI: nulls": Case(
        wire(delta("Grüße"), delta(None), delta(" zwei"), done(TEXT, usage=None, segments=None, words=None)),
        *said(*DELTAS, extra={"usage": None}),
        OPENAI_END,
    ),
    "OpenAI: speakers, and pieces": Case(
        wire(delta("Grüße", segment_id="s"), SPOKEN[0], delta(" zwei"), SPOKEN[1], done(TEXT)),
        *said(*DELTAS, segments=SEGMENTS),
        OPENAI_END,
    ),
    "OpenAI: speakers, no pieces": Case(wire(*SPOKEN, done(TEXT)), *said(*DELTAS, segments=SEGMENTS), OPENAI_END),
    "OpenAI: segments before the pieces of the same words": Case(
        wire(SPOKEN[0], delta("Grüße"), delta(" zwei"), SPOKEN[1], done("")),
        *said(*DELTAS, segments=SEGMENTS),
        OPENAI_END,
    ),
    "segments alone": Case(wire(*SPOKEN, END), *said(*DELTAS, segments=SEGMENTS), MARK),
    "segments alone, in Chinese": Case(
        wire(segment(" 你好。", 0, 1), segment("再见\n", 1, 2), END),
        *said("你好。", "再见", text="你好。再见", segments=(Segment("你好。", 0, 1000), Segment("再见", 1000, 2000))),
        MARK,
    ),
    "all of it in the end": Case(
        wire(
            *map(delta, DELTAS),
            SPOKEN[0],
            done(
                TEXT,
                language="de",
                duration="2.0",
                segments=[{"text": TEXT, "start": 0, "end": 2}],
                words=[{"word": "Grüße", "start": 0, "end": 1}],
            ),
        ),
        *said(
            *DELTAS,
            language="de",
            duration_ms=2000,
            segments=(Segment(TEXT, 0, 2000),),
            words=(Word("Grüße", 0, 1000),),
        ),
        OPENAI_END,
    ),
    "speaches": Case(
        wire(delta(" Grüße"), delta(" zwei"), {**done("", logprobs=None), "usage": None}),
        *said(" Grüße", " zwei", extra={"logprobs": None, "usage": None}),
        OPENAI_END,
    ),
    "vLLM": Case(wire(chunk("Grüße"), chunk(""), chunk(" zwei", finish_reason="stop"), END), *said(*DELTAS), MARK),
    "vLLM: half a minute each": Case(
        wire(chunk("Grüße", finish_reason="stop"), chunk(None), chunk(" zwei", finish_reason="stop"), LAST, END),
        *said(*DELTAS, extra={"usage": USAGE}),
        b'{"object": "transcription.chunk", "choices": [], "usage"',
    ),
    "vLLM: no mark after the usage": Case(
        wire(*map(chunk, DELTAS), LAST),
        *said(*DELTAS, extra={"usage": USAGE}),
        b'{"object": "transcription.chunk", "choices": [], "usage"',
    ),
    "vLLM: usage in every chunk": Case(
        wire({**chunk("Grüße"), "usage": {}}, {**chunk(" zwei"), "usage": USAGE}, {"choices": []}, END),
        *said(*DELTAS, extra={"usage": USAGE}),
        MARK,
    ),
    "Mistral": Case(
        wire(
            mistral("language", audio_language="de"),
            mistral("text.delta", text="Grüße"),
            mistral("text.delta", text=" zwei"),
            mistral("done", text=TEXT, language=None, model="m", usage=USAGE, segments=[]),
        ),
        *said(*DELTAS, language="de", extra={"model": "m", "usage": USAGE}),
        MISTRAL_END,
    ),
    "Mistral: speakers": Case(
        wire(
            mistral("language", audio_language="en"),
            mistral("language", audio_language=None),
            mistral("segment", text=" Grüße", start=0, end=1.5, speaker_id="A"),
            mistral("segment", text=" zwei", start=1.5, end=2.0, speaker_id="B"),
            mistral("done", text=TEXT, language="de", model="m"),
        ),
        *said(*DELTAS, segments=SEGMENTS, language="de", extra={"model": "m"}),
        MISTRAL_END,
    ),
    "unknown events": Case(
        wire(
            {"type": "ping"},
            ("keepalive", "no JSON"),
            ("keepalive", "{" * 100_000),
            "",
            "null",
            "[1]",
            '"x"',
            delta("Grüße"),
            {"text": "?"},
            {"type": 7},
            {"choices": None},
            {"choices": [None]},
            {"choices": [{"delta": "x"}]},
            delta(5),  # type: ignore[arg-type]
            segment(None, 0, 0) | {"type": "other"},  # type: ignore[arg-type]
            delta(" zwei"),
            done(TEXT),
        ),
        *said(*DELTAS),
        OPENAI_END,
    ),
    "silence": Case(wire(delta(""), done("")), *said(text=""), OPENAI_END),
    "silence, in nothing but the mark": Case(wire(END), *said(text=""), MARK),
    "JSON over several lines": Case(
        b'data: {"type": "transcript.text.done",\r\ndata:  "text":\rdata: "a b"\ndata: }\r\n\r\n',
        *said("a b", text="a b"),
        b"data:",
    ),
    "characters of two halves": Case(
        b'data: {"type":"transcript.text.delta","delta":"a\\ud83d"}\n\n'
        b'data: {"type":"transcript.text.delta","delta":"\\ude00b"}\n\n'
        b'data: {"type":"transcript.text.delta","delta":"\\ud83d\\ude00"}\n\ndata: [DONE]\n\n',
        *said("a", "😀b", "😀", text="a😀b😀"),
        MARK,
    ),
    "halves that stand alone": Case(
        wire(delta("a\ude00"), delta("\ud83d"), delta(""), delta("\ud83d"), delta("b\ud83dc\ud83d"), END),
        *said("a\ufffd", "\ufffd", "\ufffdb\ufffdc", "\ufffd", text="a\ufffd\ufffd\ufffdb\ufffdc\ufffd"),
        MARK,
    ),
    "half a character that the end has whole": Case(
        wire(delta("a\ud83d"), done("a😀", note="\udc00")),
        *said("a", "😀", text="a😀", extra={"note": "\ufffd"}),
        OPENAI_END,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_dialect_is_read(name: str) -> None:
    """Each stream shape that servers are known to send becomes its transcript, with its deltas."""
    case = CASES[name]
    heard = hear([case.body])
    assert heard.transcript == case.transcript
    assert heard.told == case.told


SHORT = [name for name, case in CASES.items() if len(case.body) < 5000]


@pytest.mark.parametrize("name", SHORT)
def test_the_network_may_cut_anywhere(name: str) -> None:
    """Deltas and transcript do not depend on how the bytes are split."""
    case = CASES[name]
    for chunks in splits(case.body):
        heard = hear(chunks)
        assert (heard.transcript, heard.told) == (case.transcript, case.told)


@pytest.mark.parametrize("name", SHORT)
def test_a_stream_without_its_end_is_no_transcript(name: str) -> None:
    """A stream cut before its end event gives no transcript, and the deltas are the beginning of the full ones."""
    case = CASES[name]
    end = case.body.rindex(case.end)
    for size in range(len(case.body)):
        heard = hear([case.body[:size]])
        if size <= end + len(case.end) - 1:
            assert heard.transcript is None
        if heard.transcript is None:
            assert heard.told == case.told[: len(heard.told)]
        else:
            assert (heard.transcript, heard.told) == (case.transcript, case.told)


def test_the_end_is_not_waited_for() -> None:
    """Once the transcript is complete, no further byte is read."""

    def endless() -> Iterable[bytes]:
        yield wire(delta("a"), done("a"))
        pytest.fail("more was read")

    assert hear(endless()).text == "a"


ERRORS = {
    "an envelope": {"error": {"message": "x"}},
    "a text": {"error": "x"},
    "beside a type": {"type": "error", "error": {"message": "x"}},
    "a type alone": {"type": "error", "message": "x"},
    "flat": {"object": "error", "message": "x"},
    "FastAPI's": {"detail": "x"},
    "FastAPI's list": {"detail": [{"loc": ["body"], "msg": "x"}]},
    "by name": ("error", {"message": "x"}),
    "by name, with text": ("error", "x"),
    "by name, with nothing": ("error", ""),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_found_in_every_shape(name: str) -> None:
    """An error is detected anywhere in the stream, and the text before it is emitted."""
    told: list[str] = []
    streamed = StreamedTranscript(told.append)
    events = read_events([wire(delta("a"), ERRORS[name], done("a"))])
    assert not streamed.take(next(events))
    with pytest.raises(ReportedError) as caught:
        streamed.take(next(events))
    assert "x" in caught.value.data or name == "by name, with nothing"
    assert told == ["a"]


def test_no_error_is_none() -> None:
    """Error members that do not report an error are ignored."""
    assert hear([wire({**delta("a"), "error": None, "detail": "high"}, {**done("a"), "error": {}})]).text == "a"


BROKEN = {
    "half of JSON": (b'data: {"type": "transcript.text.delta", "del\n\n', "broken JSON"),
    "text": (b"data: Internal Server Error\n\n", "broken JSON"),
    "JSON too deep": (b"data: " + b"[" * 100_000 + b"\n\n", "too deeply"),
    "a number too long": (b'data: {"x": ' + b"1" * 5_000 + b"}\n\n", "broken JSON"),
    "under a name that is known": (b"event: transcript.text.done\ndata: x\n\n", "broken JSON"),
    "no text but in segments that are none": (wire(done("", segments="b")), "no text"),
    "nothing that is known": (b'data: {"text": "a"}\n\ndata: [DONE]\n\n', "no transcript"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_an_error(name: str) -> None:
    """Broken data in a stream is an error that shows the data, not a transcript."""
    body, message = BROKEN[name]
    with pytest.raises(UnreadableEventError, match=message) as caught:
        hear([body + wire(done("a"))])
    assert caught.value.data.encode() in body


def test_depth_is_no_accident() -> None:
    """However deep the last event is nested, it is read or is a known error."""
    for depth in range(100, 1200, 20):
        body = b'data: {"type": "transcript.text.done", "text": "a", "x": ' + b"[" * depth + b"]" * depth + b"}\n\n"
        try:
            assert hear([body]).text == "a"
        except UnreadableEventError as error:
            assert "too deep" in str(error.message) or "recursion" in str(error.message), depth  # noqa: PT017 - or none at all


def test_numbers_that_are_none_are_as_good_as_null() -> None:
    """NaN and infinity, which Python's JSON accepts, count as null."""
    body = b'data: {"type": "transcript.text.done", "text": "a", "duration": NaN, "x": -Infinity}\n\n'
    assert hear([body]).transcript == Transcript("a", extra={"x": None})


@pytest.mark.parametrize(
    "body",
    [
        wire(segment("a", "soon", 1), done("a")),  # type: ignore[arg-type]
        b'data: {"type":"transcript.text.done","text":"a","duration":1e999}\n\n',
        wire(done("a", segments="b", language=["x", "y"])),
    ],
)
def test_an_odd_member_does_not_void_a_stream(body: bytes) -> None:
    """What cannot be read in a stream counts as absent, as in a reply."""
    transcript = hear([body]).transcript
    assert transcript is not None
    assert (transcript.text, transcript.duration_ms, transcript.language) == ("a", None, None)


def live(number: int | None, start: float, end: float, text: str) -> dict[str, Any]:
    """Return a segment as WhisperLive sends it."""
    return {**({} if number is None else {"id": number}), "start": start, "end": end, "text": text}


LIVE = {
    "each once": ([live(1, 0.4, 1.2, "Grüße"), live(2, 1.2, 2.0, " zwei")], [(400, 1200), (1200, 2000)]),
    "the last one grows": (
        [live(1, 0.4, 0.8, "Gr"), live(1, 0.4, 1.2, "Grüße"), live(2, 1.2, 1.5, "zw"), live(2, 1.2, 2.0, "zwei")],
        [(400, 1200), (1200, 2000)],
    ),
    "without numbers": (
        [live(None, 0.4, 0.8, "Gr"), live(None, 0.4, 1.2, "Grüße"), live(None, 1.2, 2.0, "zwei")],
        [(400, 1200), (1200, 2000)],
    ),
    "times as strings": (
        [live(None, "0.4", "1.2", "Grüße"), live(None, "1.2", "2.0", "zwei")],
        [(400, 1200), (1200, 2000)],
    ),  # type: ignore[arg-type]
    "one number for all": ([live(0, 0.4, 1.2, "Grüße"), live(0, 1.2, 2.0, "zwei")], [(400, 1200), (1200, 2000)]),
    "events are counted": (
        [live(1, 0.4, 0.8, "Grü…"), live(2, 0.4, 1.2, "Grüße"), live(3, 1.2, 2.0, "zwei")],
        [(400, 1200), (1200, 2000)],
    ),
    "its start moves": (
        [live(1, 0.4, 0.9, "Gruß"), live(1, 0.5, 1.2, "Grüße"), live(2, 1.2, 2.0, "zwei")],
        [(500, 1200), (1200, 2000)],
    ),
    "all of the last ones are sent again": (
        [
            live(1, 0.4, 1.2, "Grüße"),
            live(2, 1.2, 1.5, "zw"),
            live(1, 0.4, 1.2, "Grüße"),
            live(2, 1.2, 2.0, "zwei"),
        ],
        [(400, 1200), (1200, 2000)],
    ),
}


@pytest.mark.parametrize("name", LIVE)
def test_events_without_a_type_are_segments(name: str) -> None:
    """A segment that the server sends again while it grows is there once, as it was sent last."""
    events, spans = LIVE[name]
    heard = hear([wire(*events, END)])
    assert heard.text == TEXT
    assert heard.transcript is not None
    assert [(part.start_ms, part.end_ms) for part in heard.transcript.segments] == spans
    assert "".join(heard.told) == TEXT
    assert hear([wire(*events)]).transcript is None


PIECES = st.lists(
    st.text(st.characters() | st.sampled_from("\ud83d\ude00\u200d\u0301\u2028\x85\x0b\r\n אש"), max_size=6)
)
WRITERS = {
    "OpenAI": (delta, lambda text: [done(text), END]),
    "speaches": (delta, lambda _: [done("")]),
    "Mistral": (lambda text: mistral("text.delta", text=text), lambda text: [mistral("done", text=text)]),
    "vLLM": (chunk, lambda _: [LAST, END]),
    "the mark alone": (chunk, lambda _: [END]),
}


@given(PIECES, st.sampled_from(sorted(WRITERS)), st.data())
def test_any_text_comes_through(pieces: list[str], writer: str, data: st.DataObject) -> None:
    """Any text is emitted and read unchanged, for any deltas, dialect, line endings, splits and comments."""
    whole = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    write, finish = WRITERS[writer]
    # A lone surrogate can only be sent escaped.
    is_ascii = data.draw(st.booleans()) or any("\ud800" <= mark <= "\udfff" for mark in "".join(pieces))
    indent = data.draw(st.sampled_from([None, 1]))
    written = ""
    for event in [*map(write, pieces), *finish(whole)]:
        name, value = event if isinstance(event, tuple) else (None, event)
        document = value if isinstance(value, str) else json.dumps(value, indent=indent, ensure_ascii=is_ascii)
        lines = [f"data: {line}" for line in document.split("\n")] + ["", ": keep-alive"]
        end = data.draw(st.sampled_from(["\n", "\r", "\r\n"]))
        written += "".join(line + end for line in ([f"event: {name}"] if name else []) + lines)
    body = written.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    heard = hear(body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True))
    assert heard.text == whole.strip()
    assert "".join(heard.told).strip() == whole.strip()
    assert "" not in heard.told
    size = data.draw(st.integers(0, len(body)))
    begun = hear([body[:size]])
    assert begun.transcript is None or begun.transcript == heard.transcript
    assert "".join(heard.told).startswith("".join(begun.told))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=6))
def test_segments_are_told_as_the_text_that_they_make(texts: list[str]) -> None:
    """If only segments arrive, the deltas form the text, with spaces if the language uses them."""
    heard = hear([wire(*(segment(text, number, number) for number, text in enumerate(texts)), END)])
    assert "".join(heard.told) == heard.text


NAMES = st.sampled_from(
    ["type", "delta", "text", "segments", "words", "logprobs", "usage", "choices", "content", "error", "language", "x"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("\ud83d"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
EVENTS = st.dictionaries(NAMES, VALUES, max_size=5).flatmap(
    lambda members: st.sampled_from(["delta", "segment", "done", ""]).map(
        lambda kind: {**members, "type": f"transcript.text.{kind}"} if kind else members
    )
)


@given(st.lists(EVENTS | VALUES.map(json.dumps), max_size=5))
def test_no_server_can_make_it_fail_otherwise(events: list[object]) -> None:
    """Any values in a stream give a transcript or one of the known errors."""
    try:
        heard = hear([wire(*events, END)])
    except (ReportedError, UnreadableEventError):
        return
    assert heard.text == heard.text.strip()
    assert heard.text.encode().decode() == heard.text
    assert "" not in heard.told

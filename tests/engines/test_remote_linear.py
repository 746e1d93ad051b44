"""Reading a hostile reply takes time in proportion to its length."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

import pytest

from anyscribe.engines.remote.endpoint import Endpoint
from anyscribe.engines.remote.error_replies import read_complaint
from anyscribe.engines.remote.replies import read_reply
from anyscribe.engines.remote.sse import read_events
from anyscribe.engines.remote.transcript_stream import StreamedTranscript, UnreadableEventError
from anyscribe.errors import UnreadableReplyError
from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.optional import is_installed
from anyscribe.recording.times import judge_times
from anyscribe.rendering import RenderOptions, render
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Callable

BYTES = 64_000
# A quadratic reader takes at least 20 s for them on any machine; a linear one takes milliseconds.
LIMIT_S = 8
ENDPOINT = Endpoint("http://127.0.0.1/v1", "sk-live/0123456789abcdef/XYZ")

SEEDS = [
    " ", "\n", "\t ", "<", "<a", "<a ", "</a>", "<v x", "<script>", "<!--", "&", "&amp;", "&#", "-->", "--\u2060",
    "\u00a0", "\u00a0 ", "[", "[a]", "(", "*a", "{", '"', "\\", "、", "…", "“", "sk-live/", "%25", "\\u0073",
    "&amp;amp;", "data: ", "data: x\n", "1\n\n", "NOTE\n\n", "00:00:00,000 --> 00:00:01,000\n", "0:", ".", "1.",
]  # fmt: skip


def assert_quick(work: Callable[[], object]) -> None:
    """Assert that work ends soon, whatever it gives."""
    started = time.process_time()
    with contextlib.suppress(UnreadableReplyError):
        work()
    assert time.process_time() - started < LIMIT_S


@pytest.mark.parametrize("seed", SEEDS)
def test_replies_of_one_thing(seed: str) -> None:
    """However often a piece of markup is repeated, a reply is read, or refused, at once."""
    text = (seed * (BYTES // len(seed) + 1))[:BYTES]
    body = text.encode()
    assert_quick(lambda: read_reply(b"hi" + body, "text/html"))
    assert_quick(lambda: read_reply(b"<b>" + body, "text/html"))
    assert_quick(lambda: read_reply(body, "text/plain; charset" + " " * 1000))
    assert_quick(lambda: read_reply(b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + body, "text/vtt"))
    assert_quick(lambda: read_reply(b"1\n00:00:00,000 --> 00:00:01,000\n" + body, "text/plain"))
    assert_quick(lambda: read_complaint(b"<p>" + body, ENDPOINT.redacted))
    assert_quick(lambda: ENDPOINT.redacted(text))


@pytest.mark.parametrize("seed", ["\u00a0", "\u202f ", "、", "…", "[", "“", "a\u00a0", "\u3042"])
def test_transcripts_of_one_thing(seed: str) -> None:
    """So is a transcript, when its times are judged and when it is written."""
    text = (seed * BYTES)[: BYTES // 4]
    transcript = Transcript(text, "en", 10**7, (Segment(text, 0, 10**6),))
    assert_quick(lambda: judge_times(transcript, 10**7))
    for output in (known for known in OUTPUT_FORMATS.values() if is_installed(*known.packages)):
        assert_quick(lambda output=output: render(transcript, output, RenderOptions()))


def test_blanks_before_a_tag() -> None:
    """64 KB of blanks before a tag are text, in a moment."""
    body = b"hi" + b" " * BYTES + b"<x"
    started = time.process_time()
    assert read_reply(body, "text/html").transcript.text.startswith("hi")
    assert time.process_time() - started < LIMIT_S


@pytest.mark.parametrize(
    "line", [b"data:\n", b"data: \n", b"data: x\n", b'data: {"a":\n', b": x\n", b"event: x\n", b"id\n"]
)
@pytest.mark.parametrize("size", [7, 1 << 16])
def test_an_event_of_many_lines(line: bytes, size: int) -> None:
    """One event of 160,000 lines is read in a moment, however it is split."""
    body = b'data: {"type":"transcript.text.done",\n' + line * 160_000 + b'data: "text":"a"}\n\n'
    streamed = StreamedTranscript(lambda _: None)
    started = time.process_time()
    try:
        assert any(
            streamed.take(event) for event in read_events(body[at : at + size] for at in range(0, len(body), size))
        )
        assert streamed.reading().transcript.text == "a"
    except UnreadableEventError:
        assert b"x" in line or b"{" in line
    assert time.process_time() - started < LIMIT_S


def test_many_segments_and_words() -> None:
    """A day of words, of which a third have times and half are in segments, is judged in seconds."""
    words = tuple(Word(f"word{number}", number * 100, number * 100 + 90) for number in range(60_000))
    text = " ".join(word.text for word in words)
    groups = [words[at : at + 10] for at in range(0, len(words), 10)]
    segments = tuple(
        Segment(" ".join(word.text for word in group), group[0].start_ms, group[-1].end_ms) for group in groups
    )
    for made in (
        Transcript(text, segments=segments[::2], words=words[::3]),
        Transcript(text, words=words[::3]),
        Transcript(text, segments=tuple(Segment("q" * 30, at, at + 9) for at in range(6_000))),
        Transcript(text, segments=tuple(Segment(segment.text, 5, 5) for segment in segments), words=words),
    ):
        assert_quick(lambda made=made: judge_times(made, 10**8))


def test_deep_and_wide_json() -> None:
    """Nesting and repetition are read or refused."""
    for value in (json.dumps({"text": "a", "x": [[]] * BYTES}), '{"text":"a","segments":' + "[" * BYTES, "[" * BYTES):
        assert_quick(lambda value=value: read_reply(value.encode(), "application/json"))

"""Read JSON replies, as real servers send them, into a transcript.

Each leniency here handles a deviation of a real server; see "What real servers do differently" in the contract. This
module loads msgspec: import it only when JSON must be read.

Source: https://platform.openai.com/docs/api-reference/audio and the sources of the servers named in the comments.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import msgspec

from anyscribe.formats.prose import running_text, without_mark
from anyscribe.formats.spans import mended_spans
from anyscribe.request import ResponseFormat
from anyscribe.timespan import to_ms
from anyscribe.transcript import Segment, Timing, Transcript, Word

_LARGEST = sys.float_info.max
# Thirty years: a greater number is a timestamp or garbage. The bounds also exclude NaN and the infinities.
_LONGEST_SECONDS = 1e9

_NULL = b"null"
_TIMINGS = tuple(timing.value for timing in Timing)

# With lenient conversion, all of them may be strings: vLLM sends `"duration": "12.5"`.
_Seconds = Annotated[float, msgspec.Meta(ge=-_LONGEST_SECONDS, le=_LONGEST_SECONDS)]
_Number = Annotated[float, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]


class _WireWord(msgspec.Struct):
    word: str | None = None
    text: str | None = None  # LocalAI's name for `word`
    start: _Seconds | None = None
    end: _Seconds | None = None
    probability: _Number | None = None
    timing: Any = None  # only anyscribe writes it: how the time was found


class _WireSegment(msgspec.Struct):
    text: str | None = None
    start: _Seconds | None = None
    end: _Seconds | None = None
    seek: int | None = None
    tokens: list[int] | None = None
    temperature: _Number | None = None
    avg_logprob: _Number | None = None
    compression_ratio: _Number | None = None
    no_speech_prob: _Number | None = None
    speaker: str | int | None = None
    speaker_id: str | int | None = None  # Mistral's name for `speaker`
    words: list[_WireWord] | None = None  # whisper.cpp puts them here


class _WireSegments(msgspec.Struct):
    """The output of WhisperX, which its wrappers pass through unchanged."""

    segments: list[_WireSegment] | None = None
    word_segments: list[_WireWord] | None = None


class _WireReply(msgspec.Struct):
    text: str | None = None
    task: Any = None
    language: str | None = None
    duration: _Seconds | None = None
    segments: list[_WireSegment] | _WireSegments | None = None
    words: list[_WireWord] | None = None


class _Shape(msgspec.Struct):
    """The undecoded members by which a reply's format is recognised."""

    text: msgspec.Raw = msgspec.Raw(_NULL)
    duration: msgspec.Raw = msgspec.Raw(_NULL)
    segments: msgspec.Raw = msgspec.Raw(_NULL)
    words: msgspec.Raw = msgspec.Raw(_NULL)


def format_of(text: str) -> ResponseFormat | None:
    """Distinguish ``verbose_json`` from ``json`` by the members, without decoding them; never raises.

    Args:
        text: Any text.

    Returns:
        ``verbose_json`` for an object with segments or words, or with a text and the recording's duration; ``json`` for
        another object with a text; None for anything else.
    """
    try:
        shape = msgspec.json.decode(without_mark(text).encode(), type=_Shape)
    except (ValueError, RecursionError):
        return None
    has_text = bytes(shape.text).startswith(b'"')
    has_lists = any(bytes(member)[:1] in {b"[", b"{"} for member in (shape.segments, shape.words))
    if has_lists or (has_text and bytes(shape.duration) != _NULL):
        return ResponseFormat.VERBOSE_JSON
    return ResponseFormat.JSON if has_text else None


def parse_json_reply(text: str) -> Transcript:
    """Read a reply in ``json`` or ``verbose_json``, as any server writes it.

    Segments and words are sorted by time. If no segment (or no word) has a time, the segments (or words) are dropped
    and only their text is kept.

    Args:
        text: One JSON object.

    Returns:
        The transcript; members that the contract does not name are in ``extra``.

    Raises:
        ValueError: It is not a JSON object, or a member cannot be read; the message is one line and names the member.
    """
    try:
        members = msgspec.json.decode(without_mark(text).encode())
        wire = msgspec.convert(members, _WireReply, strict=False)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    except UnicodeEncodeError as error:
        raise ValueError(f"not UTF-8 text: lone surrogate at character {error.start}") from None
    return _transcript(
        wire, {name: value for name, value in members.items() if name not in _WireReply.__struct_fields__}
    )


def _transcript(wire: _WireReply, extra: dict[str, Any]) -> Transcript:
    wire_segments, wire_words = _lists(wire)
    if wire.text is None and wire_segments is None and wire_words is None:
        raise ValueError("Object missing required field `text` - at `$`")
    duration_ms = _duration_ms(wire.duration, [*(wire_segments or []), *(wire_words or [])])
    segments = _segments(wire_segments or [], duration_ms)
    words = _words(wire_words or [], duration_ms)
    # speaches ends a stream with an empty text, and WhisperX sends none: then join the parts, by time if known.
    text = (
        (wire.text or "").strip()
        or running_text(segment.text for segment in segments)
        or running_text(segment.text or "" for segment in wire_segments or ())
        or running_text(word.text for word in words)
        or running_text(_word_text(word) for word in wire_words or ())
    )
    return Transcript(text, wire.language, duration_ms, segments, words, extra)


def _lists(wire: _WireReply) -> tuple[list[_WireSegment] | None, list[_WireWord] | None]:
    """Return the segments and words from any place in the reply; None if the reply has no such list."""
    words = wire.words
    if isinstance(wire.segments, _WireSegments):
        segments = wire.segments.segments
        words = words or wire.segments.word_segments
    else:
        segments = wire.segments
    return segments, words or [word for segment in segments or () for word in segment.words or ()] or words


def _duration_ms(seconds: float | None, timed: list[_WireSegment | _WireWord]) -> int | None:
    if seconds is None:
        return None
    # Servers that do not know the duration send 0, which must not clamp all times to 0.
    is_unknown = seconds <= 0 and any((part.end or part.start or 0) > 0 for part in timed)
    return None if is_unknown else max(0, to_ms(seconds))


def _segments(wire_segments: list[_WireSegment], duration_ms: int | None) -> tuple[Segment, ...]:
    segments = [
        Segment(
            text=(wire.text or "").strip(),
            start_ms=start_ms,
            end_ms=end_ms,
            seek=wire.seek,
            tokens=None if wire.tokens is None else tuple(wire.tokens),
            temperature=wire.temperature,
            avg_logprob=wire.avg_logprob,
            compression_ratio=wire.compression_ratio,
            no_speech_prob=wire.no_speech_prob,
            speaker=_speaker(wire),
        )
        for wire, (start_ms, end_ms) in zip(wire_segments, _spans(wire_segments, duration_ms), strict=False)
    ]
    return tuple(sorted(segments, key=lambda segment: segment.start_ms))


def _words(wire_words: list[_WireWord], duration_ms: int | None) -> tuple[Word, ...]:
    words = [
        Word(_word_text(wire), start_ms, end_ms, wire.probability, _timing(wire))
        for wire, (start_ms, end_ms) in zip(wire_words, _spans(wire_words, duration_ms), strict=False)
        if _word_text(wire)
    ]
    return tuple(sorted(words, key=lambda word: word.start_ms))


def _spans(timed: list[_WireSegment] | list[_WireWord], duration_ms: int | None) -> list[tuple[int, int]]:
    spans = [(part.start, part.end) for part in timed]
    if all(span == (None, None) for span in spans):
        return []
    return mended_spans(spans, duration_ms=duration_ms)


def _speaker(wire: _WireSegment) -> str | None:
    speaker = wire.speaker_id if wire.speaker is None else wire.speaker
    return None if speaker is None else str(speaker).strip() or None


def _timing(wire: _WireWord) -> Timing:
    return Timing(wire.timing) if wire.timing in _TIMINGS else Timing.SERVER


def _word_text(wire: _WireWord) -> str:
    return (wire.word if wire.word is not None else wire.text or "").strip()

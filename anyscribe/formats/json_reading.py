"""Read JSON replies, as real servers send them, into a transcript.

Each member is read by itself: one that cannot be read counts as absent, and is named in `Reading.ignored`. Each
leniency here handles a deviation of a real server; see "What real servers do differently" in the contract. This module
loads msgspec: import it only when JSON must be read.

Source: https://platform.openai.com/docs/api-reference/audio and the sources of the servers named in the comments.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from anyscribe.formats.diarized_json import SEGMENT_TYPE
from anyscribe.formats.lenient_json import decode
from anyscribe.formats.prose import running_text, without_mark
from anyscribe.formats.reading import Reading
from anyscribe.formats.spans import mended_spans
from anyscribe.formats.timestamps import timestamp_ms
from anyscribe.formats.word_pieces import PlainWord, joined_pieces
from anyscribe.request import ResponseFormat
from anyscribe.timespan import to_ms, to_seconds
from anyscribe.transcript import Segment, Timing, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Read = TypeVar("Read")

_LONGEST_SECONDS: Final = 1e7
"""Four months: a greater number is in another unit, is a date, or is garbage."""

_NUMBER: Final = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)\s*")
_SECONDS: Final = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)\s*s?\s*")
_LONGEST_INTEGER: Final = 1 << 62

_TIMINGS: Final = tuple(timing.value for timing in Timing)
_KNOWN: Final = frozenset({"text", "task", "language", "duration", "segments", "words"})
_HOLDS_TEXT: Final = re.compile(r"(?:.*\.)?(?:text|word|words|segments|word_segments)(?:\[\])?")
"""The paths of members that hold text: a reply in which one of them cannot be read is not silence."""

_NAMES_OF_SPEAKER: Final = ("name", "label", "speaker", "id")


def format_of(text: str) -> ResponseFormat | None:
    """Distinguish ``verbose_json`` from ``json`` by the members; never raises.

    Args:
        text: Any text.

    Returns:
        The format as `format_of_members` has it; None also for anything but an object.
    """
    try:
        members, _ = decode(without_mark(text))
    except ValueError:
        return None
    return format_of_members(members) if isinstance(members, dict) else None


def format_of_members(members: Mapping[str, Any]) -> ResponseFormat | None:
    """Distinguish ``verbose_json`` from ``json`` by the members.

    Args:
        members: The members of an object.

    Returns:
        ``diarized_json`` for an object whose segments call themselves as that format's, with speakers;
        ``verbose_json`` for another object with segments or words, or with a text and the recording's duration;
        ``json`` for another object with a text; None for anything else.
    """
    has_text = isinstance(members.get("text"), str)
    segments = members.get("segments")
    first = segments[0] if isinstance(segments, list) and segments else None
    if has_text and isinstance(first, dict) and first.get("type") == SEGMENT_TYPE and "speaker" in first:
        return ResponseFormat.DIARIZED_JSON
    has_lists = any(isinstance(members.get(name), list | dict) for name in ("segments", "words"))
    if has_lists or (has_text and members.get("duration") is not None):
        return ResponseFormat.VERBOSE_JSON
    return ResponseFormat.JSON if has_text else None


def parse_json_reply(text: str) -> Reading:
    """Read a reply in ``json`` or ``verbose_json``, as any server writes it.

    Args:
        text: One JSON object.

    Returns:
        The transcript as `read_members` has it.

    Raises:
        ValueError: It is not a JSON object, or has no text; the message is one line.
    """
    members, _ = decode(without_mark(text))
    if not isinstance(members, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - the message is for the user
    return read_members(members)


def read_members(members: Mapping[str, Any]) -> Reading:
    """Read the members of a reply in ``json`` or ``verbose_json``, as any server writes it.

    Segments and words are sorted by time. If no segment (or no word) has a time, the segments (or words) are dropped
    and only their text is kept. Times are not compared with the duration that the server states.

    Args:
        members: The members of the reply.

    Returns:
        The transcript; members that the contract does not name are in ``extra``.

    Raises:
        ValueError: It has no text.
    """
    return _MemberReader().read(members)


@dataclass(frozen=True, slots=True)
class _WireSegment:
    """A segment as read; its times may be missing."""

    start: float | None
    end: float | None
    segment: Segment
    words: Sequence[PlainWord]


class _MemberReader:
    """Reads one reply, and counts the members that cannot be read, by their path without indices."""

    def __init__(self) -> None:
        self._ignored: dict[str, int] = {}

    def read(self, members: Mapping[str, Any]) -> Reading:
        """Read the reply."""
        given = self._text(members.get("text"), "text")
        segments, plain_words = self._lists(members)
        if given is None and segments is None and plain_words is None:
            raise ValueError("it has no text")
        wire_segments = segments or ()
        pieces = plain_words or [word for wire in wire_segments for word in wire.words]
        wire_words = joined_pieces(pieces, given or "")
        duration_ms = self._duration_ms(members.get("duration"), [*wire_segments, *wire_words])
        timed_segments = _segments(wire_segments, duration_ms)
        timed_words = _words(wire_words, duration_ms)
        # speaches ends a stream with an empty text, and WhisperX sends none: then join the parts, by time if known.
        text = (
            _without_names((given or "").strip(), timed_segments)
            or running_text(segment.text for segment in timed_segments)
            or running_text(wire.segment.text for wire in wire_segments)
            or running_text(word.text for word in timed_words)
            or running_text(word.text for word in wire_words)
        )
        if not text and any(map(_HOLDS_TEXT.fullmatch, self._ignored)):
            raise ValueError("it has no text that can be read")
        language = self._language(members.get("language"))
        if language is None:
            language = _only_language(members.get("languages"))
        extra = {name: value for name, value in members.items() if name not in _KNOWN}
        transcript = Transcript(text, language, duration_ms, timed_segments, timed_words, extra)
        counts = self._ignored.items()
        return Reading(transcript, tuple(path if count == 1 else f"{path} ({count:,} times)" for path, count in counts))

    def _lists(self, members: Mapping[str, Any]) -> tuple[list[_WireSegment] | None, list[PlainWord] | None]:
        """Return the segments and words from any place in the reply; None if the reply has no such list."""
        wire_segments, path, words = members.get("segments"), "segments", self._words(members.get("words"), "words")
        if isinstance(wire_segments, dict):
            # The output of WhisperX, which its wrappers pass through unchanged.
            words = words or self._words(wire_segments.get("word_segments"), "segments.word_segments")
            wire_segments, path = wire_segments.get("segments"), "segments.segments"
        entries = self._list(wire_segments, path)
        if entries is None:
            return None, words
        read = (self._segment(entry, f"{path}[]") for entry in entries)
        return [segment for segment in read if segment is not None], words

    def _segment(self, entry: Any, path: str) -> _WireSegment | None:  # noqa: ANN401 - any JSON
        if isinstance(entry, str):
            entry = {"text": entry}
        if not isinstance(entry, dict):
            return self._known(None, entry, path)
        # whisper.cpp puts words here.
        words = self._words(entry.get("words"), f"{path}.words") or []
        text = self._text(entry.get("text"), f"{path}.text")
        if not (text or "").strip():
            text = running_text(word.text for word in joined_pieces(words, ""))
        speaker = self._speaker(entry, path)
        spoken_by = {word.speaker for word in words}
        if speaker is None and len(spoken_by) == 1:
            speaker = spoken_by.pop()
        segment = Segment(
            text=(text or "").strip(),
            start_ms=0,
            end_ms=0,
            seek=self._integer(entry.get("seek"), f"{path}.seek"),
            tokens=self._tokens(entry.get("tokens"), f"{path}.tokens"),
            speaker=speaker,
            **{
                name: self._number(entry.get(name), f"{path}.{name}")
                for name in ("temperature", "avg_logprob", "compression_ratio", "no_speech_prob")
            },
        )
        return _WireSegment(*self._times(entry, path), segment, words)

    def _words(self, value: Any, path: str) -> list[PlainWord] | None:  # noqa: ANN401 - any JSON
        entries = self._list(value, path)
        if entries is None:
            return None
        read = (self._word(entry, f"{path}[]") for entry in entries)
        return [word for word in read if word is not None]

    def _word(self, entry: Any, path: str) -> PlainWord | None:  # noqa: ANN401 - any JSON
        if isinstance(entry, str):
            entry = {"word": entry}
        if not isinstance(entry, dict):
            return self._known(None, entry, path)
        # LocalAI's name for `word` is `text`.
        name = "text" if entry.get("word") is None else "word"
        start, end = self._times(entry, path)
        is_ours = entry.get("timing") in _TIMINGS
        return PlainWord(
            text=self._text(entry.get(name), f"{path}.{name}") or "",
            start=start,
            end=end,
            probability=self._number(entry.get("probability"), f"{path}.probability"),
            # Only anyscribe writes it: how the time was found, and how sure. Elsewhere a confidence is another one.
            timing=Timing(entry["timing"]) if is_ours else Timing.SERVER,
            speaker=self._speaker(entry, path),
            confidence=self._number(entry.get("confidence"), f"{path}.confidence") if is_ours else None,
        )

    def _times(self, entry: Mapping[str, Any], path: str) -> tuple[float | None, float | None]:
        return self._seconds(entry.get("start"), f"{path}.start"), self._seconds(entry.get("end"), f"{path}.end")

    def _duration_ms(self, value: Any, timed: Sequence[_WireSegment | PlainWord]) -> int | None:  # noqa: ANN401 - any JSON
        seconds = self._seconds(value, "duration")
        # Servers that do not know the duration send 0.
        is_unknown = seconds is None or (seconds <= 0 and any((part.end or part.start or 0) > 0 for part in timed))
        return None if seconds is None or is_unknown else max(0, to_ms(seconds))

    def _seconds(self, value: Any, path: str) -> float | None:  # noqa: ANN401 - any JSON
        """Read a time in seconds, or as a clock shows it: ``"00:00:09"``."""
        seconds = _finite(value, _SECONDS)
        if seconds is None and isinstance(value, str) and ":" in value:
            try:
                seconds = to_seconds(timestamp_ms(value.strip()))
            except ValueError:
                seconds = None
        is_likely = seconds is not None and abs(seconds) <= _LONGEST_SECONDS
        return self._known(seconds if is_likely else None, value, path)

    def _number(self, value: Any, path: str) -> float | None:  # noqa: ANN401 - any JSON
        return self._known(_finite(value, _NUMBER), value, path)

    def _integer(self, value: Any, path: str) -> int | None:  # noqa: ANN401 - any JSON
        return self._known(_whole(value), value, path)

    def _tokens(self, value: Any, path: str) -> tuple[int, ...] | None:  # noqa: ANN401 - any JSON
        entries = self._list(value, path)
        numbers = [number for entry in entries or () if (number := _whole(entry)) is not None]
        if entries is None:
            return None
        return self._known(tuple(numbers) if len(numbers) == len(entries) else None, entries, path)

    def _speaker(self, entry: Mapping[str, Any], path: str) -> str | None:
        # Mistral's name for it is `speaker_id`.
        name = "speaker_id" if entry.get("speaker") is None else "speaker"
        value = entry.get(name)
        if isinstance(value, dict):
            value = next(
                (value[known] for known in _NAMES_OF_SPEAKER if isinstance(value.get(known), str | int)), value
            )
        if isinstance(value, str):
            return value.strip() or None
        number = _whole(value)
        return self._known(None if number is None else str(number), value, f"{path}.{name}")

    def _language(self, value: Any) -> str | None:  # noqa: ANN401 - any JSON
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return self._text(value, "language")

    def _text(self, value: Any, path: str) -> str | None:  # noqa: ANN401 - any JSON
        return self._known(value if isinstance(value, str) else None, value, path)

    def _list(self, value: Any, path: str) -> list[Any] | None:  # noqa: ANN401 - any JSON
        return self._known(value if isinstance(value, list) else None, value, path)

    def _known(self, read: Read | None, value: Any, path: str) -> Read | None:  # noqa: ANN401 - any JSON
        """Return what was read of a value, and note a value of which nothing was; null and an empty text are absent."""
        if read is None and value is not None and value != "":
            self._ignored[path] = self._ignored.get(path, 0) + 1
        return read


def _without_names(text: str, segments: Sequence[Segment]) -> str:
    """Return a text that has a line for each turn, with its speaker's name, without both, as in OpenAI's examples."""
    names = "|".join(re.escape(name) for name in {segment.speaker for segment in segments} if name)
    if not names:
        return text
    plain = re.sub(rf"^(?:{names}):\s*", "", text, flags=re.IGNORECASE | re.MULTILINE)
    said = running_text(segment.text for segment in segments)
    return said if plain != text and plain.split() == said.split() else text


def _only_language(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return the language in a list of those that were heard, as gpt-transcribe has it; None if there are several."""
    if not isinstance(value, list) or len(value) != 1:
        return None
    code = value[0].get("code") if isinstance(value[0], dict) else value[0]
    return code if isinstance(code, str) else None


def _segments(wire_segments: Sequence[_WireSegment], duration_ms: int | None) -> tuple[Segment, ...]:
    segments = [
        replace(wire.segment, start_ms=start_ms, end_ms=end_ms)
        for wire, (start_ms, end_ms) in zip(wire_segments, _spans(wire_segments, duration_ms), strict=False)
    ]
    return tuple(sorted(segments, key=lambda segment: segment.start_ms))


def _words(wire_words: Sequence[PlainWord], duration_ms: int | None) -> tuple[Word, ...]:
    words = [
        Word(wire.text, start_ms, end_ms, wire.probability, wire.timing, wire.speaker, wire.confidence)
        for wire, (start_ms, end_ms) in zip(wire_words, _spans(wire_words, duration_ms), strict=False)
        if wire.text
    ]
    return tuple(sorted(words, key=lambda word: word.start_ms))


def _spans(timed: Sequence[_WireSegment | PlainWord], duration_ms: int | None) -> list[tuple[int, int]]:
    spans = [(part.start, part.end) for part in timed]
    if all(span == (None, None) for span in spans):
        return []
    return mended_spans(spans, duration_ms=duration_ms)


def _finite(value: Any, shape: re.Pattern[str]) -> float | None:  # noqa: ANN401 - any JSON
    """Return a number, also from a string: vLLM sends ``"duration": "12.5"``."""
    if isinstance(value, str):
        found = shape.fullmatch(value)
        value = float(found.group(1)) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _whole(value: Any) -> int | None:  # noqa: ANN401 - any JSON
    number = _finite(value, _NUMBER)
    is_whole = number is not None and number.is_integer() and abs(number) <= _LONGEST_INTEGER
    return int(number) if number is not None and is_whole else None

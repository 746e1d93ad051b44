"""The text of a transcript with its times, and helpers to describe text."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from anyscribe.scripts import has_unspaced_words
from anyscribe.speaking_time import speaking_ms
from anyscribe.transcript import Timing
from anyscribe.words import bare_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.transcript import Segment, Transcript, Word

# What a model writes for sounds that are not speech: [Music], (applause), *coughs*, notes.
_NOTE: Final = re.compile(r"(?:(?:\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|<[^>]*>|[♩♪♫♬])\s*)+")

_QUOTED_CHARACTERS: Final = 40
# At least this share of the text must be in the words and segments; otherwise their times say too little about it.
_LEAST_TIMED: Final = 0.5
_NEARLY_ALL: Final = 0.9


@dataclass(frozen=True, slots=True)
class TimedText:
    """A part of the text that is spoken at some time within a span.

    Args:
        text: The part.
        start_ms: Earliest time at which it is spoken, in milliseconds from the recording's start.
        end_ms: Latest time at which it is spoken, in milliseconds; never before ``start_ms``.
        is_word: Whether it is one word, spoken at exactly this time.
    """

    text: str
    start_ms: int
    end_ms: int
    is_word: bool = False
    usual_ms: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "usual_ms", speaking_ms(self.text))


def timed_texts(transcript: Transcript) -> tuple[TimedText, ...]:
    """Return all of a transcript's text that has a meaningful time.

    Estimated times only mean that the words are somewhere between the first and the last of them.

    Args:
        transcript: Any transcript; its words and segments need not be in order.

    Returns:
        In the order of the text: its words, or its segments. If it has both: its words and the segments without words,
        in order of time. Empty if times are missing or make no sense, for example if every segment begins and ends at
        0, or if less than half of the text has times.
    """
    words = [word for word in transcript.words if word.text.strip()]
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    heard = [word for word in words if word.timing is not Timing.ESTIMATED]
    parts = [TimedText(word.text, word.start_ms, max(word.start_ms, word.end_ms), is_word=True) for word in heard]
    untimed = list(_wordless(segments, heard) if segments else _estimated(words))
    if parts and untimed:
        parts = in_time(parts + untimed)
    else:
        parts += untimed
    if sum(part.usual_ms for part in parts) < _LEAST_TIMED * speaking_ms(transcript.text):
        return ()
    return tuple(parts) if any(part.start_ms < part.end_ms for part in parts) else ()


def in_reading_order(transcript: Transcript) -> tuple[TimedText, ...]:
    """Return a transcript's text in small parts, with the best estimate of when each was said.

    Args:
        transcript: Any transcript.

    Returns:
        Its words, also with estimated times, if they make up nearly all of its text; otherwise as `timed_texts`.
    """
    words = tuple(
        TimedText(word.text, word.start_ms, max(word.start_ms, word.end_ms), is_word=True) for word in transcript.words
    )
    if words and sum(word.usual_ms for word in words) >= _NEARLY_ALL * speaking_ms(transcript.text):
        return words
    return timed_texts(transcript)


def in_time(parts: Iterable[TimedText]) -> list[TimedText]:
    """Sort parts by their start; those that begin together keep their order.

    Args:
        parts: Parts in any order.
    """
    return sorted(parts, key=lambda part: part.start_ms)


def _wordless(segments: Iterable[Segment], words: Sequence[Word]) -> Iterator[TimedText]:
    starts = sorted(word.start_ms for word in words)
    for segment in segments:
        next_word = bisect_left(starts, segment.start_ms)
        if next_word == len(starts) or starts[next_word] > segment.end_ms:
            yield TimedText(segment.text, segment.start_ms, max(segment.start_ms, segment.end_ms))


def _estimated(words: Iterable[Word]) -> Iterator[TimedText]:
    for estimated, run in groupby(words, key=lambda word: word.timing is Timing.ESTIMATED):
        if estimated:
            group = list(run)
            text = " ".join(word.text for word in group)
            yield TimedText(text, group[0].start_ms, max(word.end_ms for word in group))


def is_note(text: str) -> bool:
    """Return whether a text is a note about sounds that are not speech: ``[Music]``, ``(applause)``, ``♪``.

    Args:
        text: The text of a segment or a word.
    """
    return _NOTE.fullmatch(text.strip()) is not None


def joined_tokens(tokens: Iterable[str]) -> str:
    """Join tokens to a text again, without the punctuation that they have lost.

    Args:
        tokens: Words as returned by `bare_words`.
    """
    text = ""
    for token in tokens:
        text += "" if not text or (has_unspaced_words(text[-1]) and has_unspaced_words(token[0])) else " "
        text += token
    return text


def quoted(text: str) -> str:
    """Quote the beginning of a text on one line.

    Args:
        text: Any text.
    """
    line = " ".join(text.split())
    if len(line) > _QUOTED_CHARACTERS:
        line = f"{line[: _QUOTED_CHARACTERS - 1].rstrip()}…"
    return f"“{line}”"


def amount_of(text: str) -> str:
    """Describe the amount of text: ``12 words``, or characters in a script without spaces between words.

    Args:
        text: Any text.
    """
    count = len(bare_words(text))
    unit = "character" if sum(map(has_unspaced_words, text)) * 2 > count else "word"
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"

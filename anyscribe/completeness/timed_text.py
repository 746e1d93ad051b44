"""The text of a transcript with its times, and how long it takes to say a text."""

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

# What a model writes where it hears something that nobody says: [Music], (applause), *coughs*, notes.
_NOTE: Final = re.compile(r"(?:(?:\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|<[^>]*>|[♩♪♫♬])\s*)+")

_QUOTED_CHARACTERS: Final = 40
# At least this share of the text must be in the words and segments, else their times tell too little of it.
_LEAST_TIMED: Final = 0.5
_NEARLY_ALL: Final = 0.9


@dataclass(frozen=True, slots=True)
class TimedText:
    """A part of the text that is spoken somewhere in a stretch of time.

    Args:
        text: The part.
        start_ms: Not spoken before, in milliseconds from the recording's start.
        end_ms: Not spoken after; never before ``start_ms``.
        is_word: Whether it is one word, which was heard at this very time.
    """

    text: str
    start_ms: int
    end_ms: int
    is_word: bool = False
    usual_ms: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "usual_ms", speaking_ms(self.text))


def timed_texts(transcript: Transcript) -> tuple[TimedText, ...]:
    """Give all of a transcript's text that has a time which says something.

    Estimated times say that the words are somewhere between the first and the last of them, no more.

    Args:
        transcript: Any; its words and segments need not be in order.

    Returns:
        In the order of the text: its words, or its segments; where it has both, in order of time its words and the
        segments that no word lies in. Empty where times are missing or make no sense, as where every segment begins and
        ends at 0, or where only some of the text has any.
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
    """Give a transcript's text in small parts, with the best guess at when each was said.

    Args:
        transcript: Any.

    Returns:
        Its words, also with estimated times, where it has them for nearly all of its text; else as `timed_texts`.
    """
    words = tuple(
        TimedText(word.text, word.start_ms, max(word.start_ms, word.end_ms), is_word=True) for word in transcript.words
    )
    if words and sum(word.usual_ms for word in words) >= _NEARLY_ALL * speaking_ms(transcript.text):
        return words
    return timed_texts(transcript)


def in_time(parts: Iterable[TimedText]) -> list[TimedText]:
    """Put parts in order of time; those that begin together stay as they are.

    Args:
        parts: In any order.
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
    """Tell whether a text says by itself that nobody speaks: ``[Music]``, ``(applause)``, ``♪``.

    Args:
        text: The text of a segment or a word.
    """
    return _NOTE.fullmatch(text.strip()) is not None


def joined_tokens(tokens: Iterable[str]) -> str:
    """Put tokens together to a text again, without the marks that they have lost.

    Args:
        tokens: As `bare_words` gives them.
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
    """Say how much text there is: ``12 words``, or characters in a script that has no blanks between words.

    Args:
        text: Any text.
    """
    count = len(bare_words(text))
    unit = "character" if sum(map(has_unspaced_words, text)) * 2 > count else "word"
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"

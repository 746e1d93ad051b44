"""What a recording tells of its subtitles: when each word is said, and where the picture changes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import joined
from anyscribe.subtitles.timed_tokens import find_words
from anyscribe.unspoken import spoken_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.cue_files.document import WrittenCue
    from anyscribe.transcript import Finding, Word

_SURE: Final = 0.25
"""A word whose time is less probable is no evidence against a cue's time."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What was found in a recording.

    Args:
        words: The words of the subtitles with the times when they are said.
        duration_ms: The recording's length; None if unknown.
        findings: Where text and recording do not match.
        cuts_ms: When the picture changes from one shot to another; empty without a picture.
    """

    words: tuple[Word, ...]
    duration_ms: int | None = None
    findings: tuple[Finding, ...] = ()
    cuts_ms: tuple[int, ...] = ()


def words_of_cues(cues: Sequence[WrittenCue], words: Sequence[Word]) -> dict[int, list[Word]]:
    """Divide words among cues by their text.

    Args:
        cues: The cues of a file.
        words: The words of the same text, in order.

    Returns:
        The words of each cue that are said, by its index.
    """
    order = sorted((index for index, cue in enumerate(cues) if cue.text), key=lambda index: cues[index].start_ms)
    texts = [joined(text) for text in spoken_texts([cues[index].text for index in order])]
    begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
    found: dict[int, list[Word]] = {}
    for anchor in find_words(" ".join(texts), words):
        found.setdefault(order[bisect_right(begins, anchor.begin) - 1], []).append(anchor.word)
    return found


def is_sure(word: Word) -> bool:
    """Return whether a word's time is evidence.

    Args:
        word: A word with its time.
    """
    return word.confidence is not None and word.confidence >= _SURE

"""Where to divide a text that is too long for one cue: the cheapest way by a few plain penalties."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.subtitles.stretches import Stretch

# Marks of many scripts, in escapes because some look like Latin ones: ellipsis, Devanagari danda, Arabic question mark
# and full stop, ideographic and full-width full stops; then their commas, colons and semicolons, and dashes.
_SENTENCE_MARKS = ".!?\u2026\u0964\u061f\u06d4\u3002\uff0e\uff61\uff01\uff1f"
_CLAUSE_MARKS = ",;:\u2013\u2014\u060c\u061b\u3001\uff0c\uff1a\uff1b"
_CLOSING = "\"')\\]}\u00bb\u2019\u201d\u300d\u300f\uff09"
_SENTENCE_END = re.compile(f"[{_SENTENCE_MARKS}][{_CLOSING}]*\\Z")
_CLAUSE_END = re.compile(f"[{_CLAUSE_MARKS}][{_CLOSING}]*\\Z")
# A full stop after a title or an initial ends no sentence.
_ABBREVIATION = re.compile(r"(?<![^\W_])(?:[^\W\d_]|Mrs?|Ms|Dr|Prof|St|Sr|Jr|vs|etc)\.\Z", re.IGNORECASE)

# Each cue costs something, so that there are not more than needed; so does a cue that is longer or shorter than the
# even share (half of the limit off: 62); and most of all a break in a bad place: inside a phrase as much as four cues.
_CUE_PENALTY = 60
_BREAK_PENALTY = 240
_CLAUSE_BREAK_PENALTY = 50
_PAUSE_RELIEF = 120
_UNEVENNESS_WEIGHT = 250


def sentence_groups(text: str, stretches: Sequence[Stretch], profile: CueProfile) -> list[Sequence[Stretch]]:
    """Divide a text at its pauses and after its sentences.

    Args:
        text: The text.
        stretches: Its parts, in order; at least one.
        profile: How long a pause must be.

    Returns:
        The parts in groups, none of them empty, in order.
    """
    groups = []
    begin = 0
    for index, (left, right) in enumerate(pairwise(stretches), start=1):
        is_pause = right.start_ms - left.end_ms > profile.pause_ms
        if is_pause or _ends_sentence(text, left, right):
            groups.append(stretches[begin:index])
            begin = index
    groups.append(stretches[begin:])
    return groups


def fitting_groups(text: str, stretches: Sequence[Stretch], profile: CueProfile) -> list[Sequence[Stretch]]:
    """Divide a text so that each part fits a cue: after sentences, then clauses, then at pauses, and evenly.

    Args:
        text: The text.
        stretches: Its parts, in order; at least one. One that does not fit by itself stands alone.
        profile: The limits.

    Returns:
        The parts in groups, none of them empty, in order; a single group if all fits.
    """
    if _fits(stretches[0], stretches[-1], profile):
        return [stretches]
    begins = _cheapest_begins(stretches, [0, *_break_penalties(text, stretches, profile)], profile)
    groups = []
    end = len(stretches)
    while end:
        groups.append(stretches[begins[end] : end])
        end = begins[end]
    return groups[::-1]


def _cheapest_begins(
    stretches: Sequence[Stretch], break_penalties: Sequence[int], profile: CueProfile
) -> Sequence[int]:
    """Where the last cue begins if the parts up to an index are divided in the cheapest way, for each index."""
    even_chars = _even_chars(stretches, profile)
    weight = _UNEVENNESS_WEIGHT / profile.max_chars**2
    first_chars = [stretch.begin for stretch in stretches]
    # What it costs to let a cue begin at an index: all cues before it, the break there, and the cue itself.
    begin_penalties: list[float] = []
    begins = [0]
    lowest = 0.0
    earliest = 0
    for index, last in enumerate(stretches):
        begin_penalties.append(lowest + break_penalties[index] + _CUE_PENALTY)
        while earliest < index and not _fits(stretches[earliest], last, profile):
            earliest += 1
        even_begin = last.end - even_chars
        penalties = [
            penalty + weight * (first_char - even_begin) ** 2
            for penalty, first_char in zip(begin_penalties[earliest:], first_chars[earliest : index + 1], strict=True)
        ]
        lowest = min(penalties)
        begins.append(earliest + penalties.index(lowest))
    return begins


def _fits(first: Stretch, last: Stretch, profile: CueProfile) -> bool:
    return last.end - first.begin <= profile.max_chars and last.end_ms - first.start_ms <= profile.max_cue_ms


def _even_chars(stretches: Sequence[Stretch], profile: CueProfile) -> int:
    chars = stretches[-1].end - stretches[0].begin
    time_ms = stretches[-1].end_ms - stretches[0].start_ms
    least_cues = max(-(-chars // profile.max_chars), -(-time_ms // profile.max_cue_ms), 1)
    return chars // least_cues


def _break_penalties(text: str, stretches: Sequence[Stretch], profile: CueProfile) -> Iterator[int]:
    """What the break between each part and the next one costs."""
    for left, right in pairwise(stretches):
        pause_ms = max(0, right.start_ms - left.end_ms)
        if pause_ms > profile.pause_ms or _ends_sentence(text, left, right):
            yield 0
        else:
            is_clause = not text[left.end - 1].isalnum() and _CLAUSE_END.search(text, left.begin, left.end)
            penalty = _CLAUSE_BREAK_PENALTY if is_clause else _BREAK_PENALTY
            yield max(0, penalty - _PAUSE_RELIEF * pause_ms // max(1, profile.pause_ms))


def _ends_sentence(text: str, left: Stretch, right: Stretch) -> bool:
    # Most words end in a letter: they are not worth a search.
    if text[left.end - 1].isalnum() or text[right.begin].islower():
        return False
    is_end = _SENTENCE_END.search(text, left.begin, left.end) is not None
    return is_end and not _ABBREVIATION.search(text, left.begin, left.end)

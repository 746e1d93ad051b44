"""The rules for when cues appear and disappear."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from anyscribe.formats.cue_files.document import groups_of
from anyscribe.formats.cue_files.markup import SRT, VTT
from anyscribe.lint.case import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.lint.case import Case

_MS_PER_MINUTE = 60_000


def _of(case: Case, index: int, message: str, remedy: str) -> Violation:
    cue = case.document.cues[index]
    return Violation(message, remedy, cue.line, index, cue.start_ms)


def _pairs(case: Case) -> Iterator[tuple[int, int]]:
    """Yield the indices of cues that follow each other at one place of the picture."""
    for group in groups_of(case.document.cues):
        yield from pairwise(group)


def order(case: Case) -> Iterator[Violation]:
    """Cues stand in the order of their starts."""
    if case.document.markup not in (SRT, VTT):
        return
    for index, (left, right) in enumerate(pairwise(case.document.cues), start=1):
        if right.start_ms < left.start_ms:
            yield _of(case, index, "a cue that starts before the one above it", "sort the cues")


def backwards(case: Case) -> Iterator[Violation]:
    """A cue ends after it starts."""
    for index, cue in enumerate(case.document.cues):
        if cue.length_ms <= 0:
            yield _of(case, index, "a cue that does not end after it starts", "give it a later end")


def overlap(case: Case) -> Iterator[Violation]:
    """A cue ends before the next one at its place starts."""
    for left, right in _pairs(case):
        over_ms = case.document.cues[left].end_ms - case.document.cues[right].start_ms
        if over_ms > 0 and case.document.cues[left].length_ms > 0:
            yield _of(case, right, f"starts {over_ms} ms before the cue before it ends", "end that one earlier")


def short_gap(case: Case) -> Iterator[Violation]:
    """There are the profile's frames between two cues."""
    least = case.profile.cues.gap_frames
    for _, right, frames in _gaps(case) if case.states("gap_frames") else ():
        if frames < least:
            yield _of(
                case, right, f"{frames} frames after the cue before it (at least {least})", "end that one earlier"
            )


def open_gap(case: Case) -> Iterator[Violation]:
    """A gap that is so short that it flickers is closed to the least one."""
    cues = case.profile.cues
    for _, right, frames in _gaps(case) if case.states("chain_frames") else ():
        if cues.gap_frames < frames < cues.chain_frames:
            most = cues.chain_frames - 1
            message = f"{frames} frames after the cue before it; {cues.gap_frames + 1} to {most} flicker"
            yield _of(case, right, message, f"end that one {cues.gap_frames} frames before")


def _gaps(case: Case) -> Iterator[tuple[int, int, int]]:
    """Yield the gaps between cues that do not overlap, in frames."""
    for left, right in _pairs(case):
        gap_ms = case.document.cues[right].start_ms - case.document.cues[left].end_ms
        if gap_ms >= 0:
            yield left, right, round(gap_ms / case.frame_ms)


def short_cue(case: Case) -> Iterator[Violation]:
    """A cue is shown long enough to be noticed."""
    least_ms = case.limits.min_cue_ms
    for index, cue in case.cues() if case.states("min_cue_ms") else ():
        if 0 < cue.length_ms < least_ms - case.frame_ms / 2:
            message = f"shown for {cue.length_ms / 1000:.2f} s (at least {least_ms / 1000:.2f})"
            yield _of(case, index, message, "end it later, or join it with the next one")


def long_cue(case: Case) -> Iterator[Violation]:
    """A cue is not shown for longer than the profile allows."""
    most_ms = case.limits.max_cue_ms
    for index, cue in case.cues() if case.states("max_cue_ms") else ():
        if cue.length_ms > most_ms + case.frame_ms / 2:
            message = f"shown for {cue.length_ms / 1000:.2f} s (at most {most_ms / 1000:.2f})"
            yield _of(case, index, message, "end it earlier, or divide it")


def speed(case: Case) -> Iterator[Violation]:
    """There is time to read a cue."""
    limits = case.limits
    for index, cue in case.cues():
        if cue.length_ms <= 0 or case.reading_ms(cue) <= cue.length_ms + case.frame_ms / 2:
            continue
        per_second = cue.chars * 1000 / cue.length_ms
        if case.states("max_cps") and per_second > limits.max_cps:
            message = f"{per_second:.1f} characters a second (at most {limits.max_cps:g})"
        else:
            per_minute = len(cue.text.split()) * _MS_PER_MINUTE / cue.length_ms
            message = f"{per_minute:.0f} words a minute (at most {limits.max_wpm:g})"
        yield _of(case, index, message, "show it longer, divide it, or say less")

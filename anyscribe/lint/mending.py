"""Mend a file as far as no other words are needed, and find out what that leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import groups_of
from anyscribe.formats.cue_files.markup import SRT, VTT
from anyscribe.lint.mending_text import tidied
from anyscribe.lint.mending_times import TimeMender
from anyscribe.lint.sound_rules import onset_ms, snapped, wanted_end_ms

if TYPE_CHECKING:
    from collections.abc import Collection

    from anyscribe.formats.cue_files.document import Document, WrittenCue
    from anyscribe.lint.case import Case

_MOST_ROUNDS: Final = 6
"""What is mended may break another rule, which the next round mends."""


def mended(case: Case, wanted: Collection[str]) -> Document:
    """Mend a file.

    Args:
        case: The file, and what it is judged by.
        wanted: The names of the rules that are mended.

    Returns:
        The file with the same characters but for white space; with what is mended by writing it anew.
    """
    for _ in range(_MOST_ROUNDS):
        cues = _round(case, wanted)
        if cues == case.document.cues:
            break
        case = replace(case, document=_with_cues(case.document, cues))
    return case.document


def _round(case: Case, wanted: Collection[str]) -> tuple[WrittenCue, ...]:
    heard = [_on_voice(case, index, wanted) for index in range(len(case.document.cues))]
    menders = TimeMender(case, wanted)
    found: list[WrittenCue] = []
    for group in groups_of(heard):
        kept = [index for index in group if heard[index].text or "empty-cue" not in wanted]
        starts_ms = [heard[index].start_ms for index in kept]
        shown = [
            part
            for index, next_ms in zip(kept, [*starts_ms[1:], None], strict=False)
            for part in menders.parts(tidied(heard[index], case, wanted), case.voices.get(index, ()), next_ms)
        ]
        found += menders.mended(shown)
    is_sorted = "order" in wanted and case.document.markup in (SRT, VTT)
    return tuple(sorted(found, key=lambda cue: (cue.start_ms, cue.number) if is_sorted else (cue.number, cue.start_ms)))


def _on_voice(case: Case, index: int, wanted: Collection[str]) -> WrittenCue:
    """Return a cue that starts and ends as the voice and the picture want it."""
    cue = case.document.cues[index]
    start_ms = (onset_ms(case, index) if "onset" in wanted else None) or cue.start_ms
    end_ms = (wanted_end_ms(case, index) if "end" in wanted else None) or cue.end_ms
    if end_ms <= start_ms < cue.end_ms:
        end_ms = cue.end_ms
    cue = cue.at(start_ms, max(end_ms, cue.end_ms if end_ms <= start_ms else end_ms))
    return cue.at(*snapped(case, cue)) if "shot-change" in wanted and cue.text else cue


def _with_cues(document: Document, cues: tuple[WrittenCue, ...]) -> Document:
    """Return a file with other cues; what stood before one that is gone stands before the next one."""
    kept = {cue.number for cue in cues}
    carried: dict[int, str] = {}
    lost = ""
    for cue in document.cues:
        if cue.number in kept:
            carried.setdefault(cue.number, lost)
            lost = ""
        elif cue.number not in carried:
            lost += cue.before
    found = [
        replace(cue, before=carried.pop(cue.number) + cue.before) if carried.get(cue.number) else cue for cue in cues
    ]
    return replace(document, cues=tuple(found), tail=lost + document.tail)

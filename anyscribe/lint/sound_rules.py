"""The rules that need the recording: what is said when, and where the picture changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, Final

from anyscribe.lint.case import Violation
from anyscribe.lint.sound import is_sure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.cue_files.document import WrittenCue
    from anyscribe.lint.case import Case
    from anyscribe.transcript import Word

OFF_FRAMES: Final = 3
"""More frames between voice and cue are seen."""

_UNHEARD: Final = 0.05
_LEAST_UNHEARD: Final = 3
"""This many words in a row that are less probable are not said; a single one may be spoken unclearly."""

_ROBBED: Final = 3
"""What nobody says takes sounds from what stands so many cues beside it, and makes that look unsaid too."""

_HOLES: Final = frozenset({"empty", "too_little"})
_UNSAID: Final = frozenset({"unspoken", "after_end"})
_ON_CUT: Final = 8
_BEFORE_CUT: Final = 12
_OUT_BEFORE: Final = 2
"""Netflix, at 24 frames a second: a cue that would start up to 8 frames before a cut, or 12 after it, starts on it; one
that would start 9 to 11 before it starts 12 before it; one that would end within 12 of it ends 2 frames before it."""


def _of(case: Case, index: int, message: str, remedy: str) -> Violation:
    cue = case.document.cues[index]
    return Violation(message, remedy, cue.line, index, cue.start_ms)


def beyond_end(case: Case) -> Iterator[Violation]:
    """No cue is shown after the recording's end."""
    end_ms = case.sound.duration_ms if case.sound else None
    for index, cue in case.cues() if end_ms is not None else ():
        if end_ms is not None and cue.end_ms > end_ms + case.frame_ms:
            yield _of(case, index, f"shown until {cue.end_ms - end_ms} ms after the recording's end", "end it earlier")


def onset(case: Case) -> Iterator[Violation]:
    """A cue appears when its first word is said, or at a cut nearby."""
    for index, cue in case.cues():
        start_ms = onset_ms(case, index)
        if start_ms is not None and cue.start_ms != start_ms:
            off_ms = cue.start_ms - case.voices[index][0].start_ms
            when = "after" if off_ms > 0 else "before"
            yield _of(case, index, f"starts {abs(off_ms)} ms {when} its first word", "start it with the voice")


def end(case: Case) -> Iterator[Violation]:
    """A cue stays until its last word is said, and not much longer than that and its reading take."""
    for index, cue in case.cues():
        end_ms = wanted_end_ms(case, index)
        if end_ms is not None and end_ms != cue.end_ms:
            off_ms = case.voices[index][-1].end_ms - cue.end_ms
            if off_ms > 0:
                yield _of(case, index, f"ends {off_ms} ms before its last word does", "end it with the voice")
            else:
                yield _of(case, index, f"stays {-off_ms} ms after its last word", "end it with the voice")


def onset_ms(case: Case, index: int) -> int | None:
    """Return when a cue should start by its voice: as it does if that is near; None if the voice is not known.

    Args:
        case: The file.
        index: The cue's index.
    """
    words = case.voices.get(index)
    cue = case.document.cues[index]
    if not words or not is_sure(words[0]):
        return None
    off_ms = abs(cue.start_ms - words[0].start_ms)
    if off_ms <= OFF_FRAMES * case.frame_ms:
        return cue.start_ms
    is_snapped = off_ms <= (_BEFORE_CUT + 1) * case.frame_ms and any(
        abs(cue.start_ms - at_ms) <= case.frame_ms
        for cut_ms in _cuts_near(case, cue.start_ms)
        for at_ms in (cut_ms, cut_ms - _BEFORE_CUT * case.frame_ms)
    )
    return cue.start_ms if is_snapped else words[0].start_ms


def wanted_end_ms(case: Case, index: int) -> int | None:
    """Return when a cue should end by its voice: as it does if that is near; None if the voice is not known.

    Args:
        case: The file.
        index: The cue's index.
    """
    words = case.voices.get(index)
    cue = case.document.cues[index]
    if not words or not is_sure(words[-1]):
        return None
    voice_ms = words[-1].end_ms
    if cue.end_ms < voice_ms - OFF_FRAMES * case.frame_ms:
        is_snapped = any(
            abs(cue.end_ms - (cut_ms - _OUT_BEFORE * case.frame_ms)) <= case.frame_ms
            and voice_ms - cue.end_ms <= (_BEFORE_CUT + _OUT_BEFORE) * case.frame_ms
            for cut_ms in _cuts_near(case, cue.end_ms)
        )
        return cue.end_ms if is_snapped else voice_ms
    least_ms = max(cue.start_ms + max(case.reading_ms(cue), case.limits.min_cue_ms), voice_ms)
    if cue.end_ms <= least_ms + case.profile.max_hang_ms + case.frame_ms:
        return cue.end_ms
    return round(least_ms)


def not_said(case: Case) -> Iterator[Violation]:
    """All words of a cue are said in the recording."""
    spans = [one.span for one in (case.sound.findings if case.sound else ()) if one.kind in _UNSAID and one.span]
    unsaid = {index for index, words in case.voices.items() if _is_unsaid(words)}
    for index, words in case.voices.items():
        if index in unsaid:
            yield _of(case, index, "nobody says this", "delete it, or write what is said")
            continue
        if any(abs(index - other) <= _ROBBED for other in unsaid):
            continue
        told = [
            word
            for word in words
            if any(span.start_ms <= word.start_ms <= word.end_ms <= span.end_ms for span in spans)
        ]
        if told and _unheard(words) and 2 * sum(map(is_sure, told)) <= len(told):
            text = " ".join(word.text for word in told)
            message = "nobody says this" if len(told) == len(words) else f"not said: {text[:60]!r}"
            yield _of(case, index, message, "delete it, or write what is said")


def _is_unsaid(words: Sequence[Word]) -> bool:
    """Return whether the aligner has found that nobody says a cue, so that no time of it can be right."""
    known = [word.confidence for word in words if word.confidence is not None]
    return bool(known) and not any(known)


def _unheard(words: Sequence[Word]) -> list[Word]:
    """Return the longest run of words that are hardly heard anywhere; empty if it is short."""
    runs = [list(run) for is_unheard, run in groupby(words, _is_unheard) if is_unheard]
    longest = max(runs, key=len, default=[])
    return longest if len(longest) >= _LEAST_UNHEARD else []


def _is_unheard(word: Word) -> bool:
    return (word.confidence or 0.0) < _UNHEARD


def no_text(case: Case) -> Iterator[Violation]:
    """All that is said has text."""
    starts_ms = [cue.start_ms for cue in case.document.cues]
    for finding in case.sound.findings if case.sound else ():
        if finding.kind in _HOLES and finding.span is not None:
            after = min(bisect_right(starts_ms, finding.span.start_ms), len(starts_ms) - 1)
            line = case.document.cues[after].line if starts_ms else 1
            message = f"{finding.span.length_ms / 1000:.1f} s: {finding.message}"
            yield Violation(message, "write what is said", line, None, finding.span.start_ms)


def shot_change(case: Case) -> Iterator[Violation]:
    """A cue that starts or ends near a cut keeps to it."""
    for index, cue in case.cues():
        start_ms, end_ms = snapped(case, cue)
        if start_ms != cue.start_ms:
            yield _of(
                case, index, f"starts {_frames_from(case, cue.start_ms)} frames from a cut", "start it on the cut"
            )
        if end_ms != cue.end_ms:
            message = f"ends {_frames_from(case, cue.end_ms)} frames from a cut"
            yield _of(case, index, message, f"end it {_OUT_BEFORE} frames before the cut")


def snapped(case: Case, cue: WrittenCue) -> tuple[int, int]:
    """Return the times of a cue as the cuts nearby want them.

    Args:
        case: The file.
        cue: A cue of it.
    """
    if not case.profile.has_shots or not case.sound or not case.sound.cuts_ms:
        return cue.start_ms, cue.end_ms
    start_ms, end_ms = cue.start_ms, cue.end_ms
    for cut_ms in _cuts_near(case, cue.start_ms):
        frames = round((cue.start_ms - cut_ms) / case.frame_ms)
        if -_ON_CUT <= frames <= _BEFORE_CUT and frames:
            start_ms = cut_ms
        elif -_BEFORE_CUT < frames < -_ON_CUT:
            start_ms = round(cut_ms - _BEFORE_CUT * case.frame_ms)
    for cut_ms in _cuts_near(case, cue.end_ms):
        frames = round((cue.end_ms - cut_ms) / case.frame_ms)
        if -_BEFORE_CUT <= frames <= _BEFORE_CUT and frames != -_OUT_BEFORE:
            end_ms = round(cut_ms - _OUT_BEFORE * case.frame_ms)
    return (start_ms, end_ms) if end_ms > start_ms else (cue.start_ms, cue.end_ms)


def _cuts_near(case: Case, time_ms: int) -> list[int]:
    """Return the cut nearest to a time, if it is within a second or so."""
    cuts_ms = case.sound.cuts_ms if case.sound else ()
    reach_ms = (_BEFORE_CUT + 2) * case.frame_ms
    at = bisect_left(cuts_ms, time_ms - reach_ms)
    near = cuts_ms[at : bisect_right(cuts_ms, time_ms + reach_ms)]
    return [min(near, key=lambda cut_ms: abs(cut_ms - time_ms))] if near else []


def _frames_from(case: Case, time_ms: int) -> int:
    return abs(round((time_ms - _cuts_near(case, time_ms)[0]) / case.frame_ms))

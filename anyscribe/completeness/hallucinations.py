"""Text where nobody speaks: after the recording's end, after the last word, in a long silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.completeness.timed_text import is_note, quoted
from anyscribe.formats.prose import running_text
from anyscribe.timespan import Span, hull

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.completeness.speech_map import SpeechMap
    from anyscribe.completeness.timed_text import TimedText

# Containers tell their length only roughly.
_AFTER_END_MS: Final = 1_000
# The last word fades out of a detector's hearing, and models are late with the time of a word before a silence.
_TAIL_MS: Final = 2_000
# Text after the last speech has nothing to belong to. Elsewhere somebody may just speak very quietly for a while.
_SILENCE_MS: Final = 30_000


def find_after_end(parts: Sequence[TimedText], end_ms: int) -> Iterator[tuple[Span, str]]:
    """Find text that begins after the recording's end.

    Args:
        parts: All text that has times.
        end_ms: The recording's end.

    Yields:
        One stretch or none, with what is wrong there.
    """
    late = [part for part in parts if part.start_ms >= end_ms and not is_note(part.text)]
    # What a server puts after the end was put to the end when its reply was read, where it has no length.
    is_late = late and late[-1].start_ms >= end_ms + _AFTER_END_MS
    if late and (is_late or sum(part.usual_ms for part in late) >= _AFTER_END_MS):
        yield hull(late), f"has text after the recording's end: {_quoted(late)}"


def find_in_silence(parts: Sequence[TimedText], voiced: SpeechMap) -> Iterator[tuple[Span, str]]:
    """Find text after the last speech, and in the middle of long silences.

    Args:
        parts: All text that has times.
        voiced: Where somebody speaks; at least somewhere.

    Yields:
        Stretches, each within one silence, with what is wrong there; in order of time.
    """
    groups: dict[int | None, list[TimedText]] = {}
    for part in parts:
        before_ms, after_ms = voiced.speech_around(part.start_ms)
        if part.usual_ms and not is_note(part.text) and _is_apart(part, before_ms, after_ms):
            groups.setdefault(before_ms, []).append(part)
    for group in groups.values():
        yield hull(group), f"has text where nobody speaks: {_quoted(group)}"


def _is_apart(part: TimedText, before_ms: int | None, after_ms: int | None) -> bool:
    """Tell whether a part is far from the speech before and after it."""
    from_ms = part.start_ms - (-_TAIL_MS if before_ms is None else before_ms)
    if after_ms is None:
        # A segment that begins where the last speech ends must last, to be more than that speech's own last word.
        return from_ms >= _TAIL_MS or (from_ms >= 0 and from_ms + part.end_ms - part.start_ms >= 2 * _TAIL_MS)
    silence_ms = after_ms - (before_ms or 0)
    return silence_ms >= _SILENCE_MS and from_ms >= _TAIL_MS and after_ms - part.end_ms >= _TAIL_MS


def _quoted(parts: Sequence[TimedText]) -> str:
    return quoted(running_text(part.text for part in parts))

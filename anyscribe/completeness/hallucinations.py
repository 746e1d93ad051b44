"""Find text without speech: after the recording's end, after the last word, or in a long silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.completeness.timed_text import is_note, quoted
from anyscribe.formats.prose import running_text
from anyscribe.timespan import Span, hull

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.completeness.speech_map import SpeechMap
    from anyscribe.completeness.timed_text import TimedText

# Containers state their length only roughly.
_AFTER_END_MS: Final = 1_000
# Speech detection misses the fading end of the last word, and models time a word before a silence too late.
_TAIL_MS: Final = 2_000
# Text after the last speech cannot belong to later speech. Elsewhere, a very quiet voice may go undetected.
_SILENCE_MS: Final = 30_000


def find_after_end(parts: Sequence[TimedText], end_ms: int) -> Iterator[tuple[Span, str]]:
    """Find text that begins after the recording's end.

    Args:
        parts: All text that has times.
        end_ms: The recording's end.

    Yields:
        At most one span, with a description of the problem.
    """
    late = [part for part in parts if part.start_ms >= end_ms and not is_note(part.text)]
    # Estimated times are moved to the end, so such text has no length.
    is_late = late and late[-1].start_ms >= end_ms + _AFTER_END_MS
    if late and (is_late or sum(part.usual_ms for part in late) >= _AFTER_END_MS):
        yield hull(late), f"has text after the recording's end: {_quoted(late)}"


def find_in_silence(parts: Sequence[TimedText], voiced: SpeechMap) -> Iterator[tuple[Span, str]]:
    """Find text after the last speech, and in the middle of long silences.

    Args:
        parts: All text that has times.
        voiced: The detected speech; not empty.

    Yields:
        Spans, each within one silence, with a description of the problem; in order of time.
    """
    groups: dict[int | None, list[TimedText]] = {}
    for part in parts:
        before_ms, after_ms = voiced.speech_around(part.start_ms)
        if part.usual_ms and not is_note(part.text) and _is_apart(part, before_ms, after_ms):
            groups.setdefault(before_ms, []).append(part)
    for group in groups.values():
        yield hull(group), f"has text without speech: {_quoted(group)}"


def _is_apart(part: TimedText, before_ms: int | None, after_ms: int | None) -> bool:
    """Return whether a part is far from the speech before and after it."""
    from_ms = part.start_ms - (-_TAIL_MS if before_ms is None else before_ms)
    if after_ms is None:
        # A segment that begins at the end of the last speech must be long, to be more than that speech's last word.
        return from_ms >= _TAIL_MS or (from_ms >= 0 and from_ms + part.end_ms - part.start_ms >= 2 * _TAIL_MS)
    silence_ms = after_ms - (before_ms or 0)
    return silence_ms >= _SILENCE_MS and from_ms >= _TAIL_MS and after_ms - part.end_ms >= _TAIL_MS


def _quoted(parts: Sequence[TimedText]) -> str:
    return quoted(running_text(part.text for part in parts))

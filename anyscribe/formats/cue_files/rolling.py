"""Captions that roll up, as YouTube's automatic ones: each cue repeats the line of the cue before above a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.cue_files.document import WrittenCue

_GAP_MS: Final = 500
"""A line that rolls up is on the screen all the time."""

_MANY: Final = 0.5
_SOME: Final = 0.2


@dataclass(frozen=True, slots=True)
class ReadCue:
    """A cue as text.

    Args:
        start_ms: When it appears.
        end_ms: When it disappears.
        lines: Its lines; none of them is empty.
        speaker: Who speaks; None if that is not known.
        written: The cue as it is written.
        skipped: How many of its lines are left out, from the first one.
    """

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str | None
    written: WrittenCue
    skipped: int = 0


def rolls(cues: Sequence[ReadCue]) -> bool:
    """Return whether cues repeat lines because they roll up; a refrain does not.

    Args:
        cues: The cues, in order.
    """
    pairs = [(repeated_lines(left, right), len(right.lines)) for left, right in pairwise(cues)]
    repeating = sum(count > 0 for count, _ in pairs)
    growing = sum(0 < count < lines for count, lines in pairs)
    return repeating > _MANY * len(pairs) and growing > max(1, _SOME * len(pairs))


def unrolled(cues: Sequence[ReadCue]) -> list[ReadCue]:
    """Return cues with what is new in each.

    Args:
        cues: The cues, in order.
    """
    found: list[ReadCue] = []
    before: ReadCue | None = None
    for cue in cues:
        count = 0 if before is None else repeated_lines(before, cue)
        before = cue
        if count < len(cue.lines) or not cue.lines:
            found.append(replace(cue, lines=cue.lines[count:], skipped=count))
    return [_ended(cue, following) for cue, following in zip(found, [*found[1:], None], strict=True)]


def repeated_lines(left: ReadCue, right: ReadCue) -> int:
    """Return how many of the first lines of a cue are the last ones of the cue before.

    Args:
        left: The cue before.
        right: The cue.
    """
    if right.start_ms - left.end_ms > _GAP_MS:
        return 0
    most = min(len(left.lines), len(right.lines))
    return next((count for count in range(most, 0, -1) if left.lines[-count:] == right.lines[:count]), 0)


def _ended(cue: ReadCue, following: ReadCue | None) -> ReadCue:
    """End a cue where the next one begins, since what rolls up is shown longer than it is said."""
    if following is None or not cue.start_ms < following.start_ms < cue.end_ms:
        return cue
    return replace(cue, end_ms=following.start_ms)

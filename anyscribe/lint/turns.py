"""Where another speaker begins in a cue: after a dash, or with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.unspoken import DASHES, named

if TYPE_CHECKING:
    from collections.abc import Sequence

_BRACKETS: Final = frozenset("[(\u3010\uff08")


def begins_turn(line: str) -> bool:
    """Return whether a line begins with the dash of a speaker."""
    return len(line) > 1 and line[0] in DASHES and not line[1].isdigit()


def may_begin_turn(line: str) -> bool:
    """Return whether a line must not be joined with what is before it: ``- Hello``, ``>> Hello``, ``Maria: Hello``.

    Args:
        line: A line that is seen.
    """
    return begins_turn(line) or line.startswith(">>") or line[:1] in _BRACKETS or named(line) is not None


def has_turns(lines: Sequence[str]) -> bool:
    """Return whether several may speak in a cue.

    Args:
        lines: Its lines; at least one.
    """
    return begins_turn(lines[0]) or any(map(may_begin_turn, lines[1:]))


def turns_of(text: str) -> list[str]:
    """Divide lines where another speaker may begin.

    Args:
        text: The lines.
    """
    turns: list[list[str]] = []
    for line in text.split("\n"):
        if not turns or may_begin_turn(line):
            turns.append([line])
        else:
            turns[-1].append(line)
    return ["\n".join(turn) for turn in turns]

"""Where another speaker begins in a text: after a dash, or with a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

DASHES: Final = "-\u2010\u2013\u2014"

_OPENING: Final = re.compile(rf"\A(?:[{DASHES}] ?)?(?:>>+ ?)?")
_NAME: Final = re.compile(
    r"(?P<name>[^\s:\uff1a,;!?\[\](){}\u3010\u3011\uff08\uff09][^:\uff1a,;!?\n]{0,30})(?::(?:\s|$)|\uff1a)"
)
_NUMBERED: Final = re.compile(r"(?:speaker|channel)[ _]?\w{1,3}", re.IGNORECASE)
_BRACKETS: Final = frozenset("[(\u3010\uff08")
_MOST_WORDS: Final = 4
_PARTICLES: Final = frozenset(
    {"and", "da", "de", "del", "der", "di", "du", "el", "la", "le", "of", "the", "van", "von", "y"}
)
"""Words of names that have small letters."""


class Named(NamedTuple):
    """What may be a speaker's name at the beginning of a line.

    Args:
        name: The name.
        is_plain: Whether it is one for certain: in capitals, or a number.
        said: What stands after it.
    """

    name: str
    is_plain: bool
    said: str


def named(line: str) -> Named | None:
    """Return the name that a line may begin with, as ``Maria:`` or ``- MARIA:``; None if there is none.

    Args:
        line: A line that is seen.
    """
    rest = _OPENING.sub("", line, count=1)
    found = _NAME.match(rest)
    if found is None:
        return None
    name = found["name"].strip()
    words = name.split()
    is_numbered = _NUMBERED.fullmatch(name) is not None
    if len(words) > _MOST_WORDS or not (is_numbered or all(map(_is_of_name, words))):
        return None
    return Named(name, is_numbered or (name.isupper() and len(name) > 1), rest[found.end() :])


def _is_of_name(word: str) -> bool:
    return not word[0].islower() or word in _PARTICLES


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

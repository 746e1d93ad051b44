"""Ways to say something, and how the ways of parts make those of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Reading = tuple[str, ...]
"""One way to say something: lower-case words."""

Readings = tuple[Reading, ...]
"""The ways to say something, likeliest first."""

MOST_READINGS: Final = 6
"""More ways than these cannot be distinguished by their sound, and cost time to search for."""

_ENOUGH_READINGS: Final = 2 * MOST_READINGS
"""Some of them may be the same."""


class Place(NamedTuple):
    """What stands beside a token, without outer punctuation; empty at the text's ends."""

    before: str
    after: str


def table_of(text: str) -> dict[str, Readings]:
    """Read a table, a line for all the short forms of one meaning: ``Rd St: road / street``."""
    rows = (line.partition(": ") for line in text.strip().splitlines())
    return {
        short: tuple(tuple(way.split()) for way in ways.split(" / "))
        for shorts, _, ways in rows
        for short in shorts.split()
    }


def words_of(text: str) -> frozenset[str]:
    """Read a list of words."""
    return frozenset(text.split())


def distinct(readings: Iterable[Reading]) -> Readings:
    """Keep the first few readings, each once."""
    return tuple(dict.fromkeys(readings))[:MOST_READINGS]


def joined(parts: Sequence[Readings]) -> Readings:
    """Read parts one after the other, in few of the possible combinations: at most one part not in its likeliest way.

    Args:
        parts: The readings of each; a part that has none is not spoken.

    Returns:
        At most `MOST_READINGS`, for any number of parts.
    """
    spoken = [part for part in parts if part]
    if not spoken:
        return ()
    if len(spoken) == 1:
        return spoken[0]
    firsts = [part[0] for part in spoken]
    found = [_flat(firsts)]
    for rank in range(1, MOST_READINGS):
        for at, part in enumerate(spoken):
            if rank < len(part) and len(found) < _ENOUGH_READINGS:
                found.append(_flat([*firsts[:at], part[rank], *firsts[at + 1 :]]))
    return distinct(found)


def alongside(parts: Sequence[Readings]) -> Readings:
    """Read parts one after the other, each in the same manner: all in the first, all in the second.

    Args:
        parts: The readings of each; one that has fewer keeps its first.
    """
    spoken = [part for part in parts if part]
    ranks = range(max(map(len, spoken), default=0))
    return distinct(_flat(part[rank if rank < len(part) else 0] for part in spoken) for rank in ranks)


def _flat(readings: Iterable[Reading]) -> Reading:
    return tuple(word for reading in readings for word in reading)

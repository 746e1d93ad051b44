"""The parts of a recording's speech that each have one speaker: words, or what speech is divided into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_MS: Final = 400
"""A longer part is divided: somebody may break in."""

_BREATH_MS: Final = 300
"""Speech is heard across a shorter pause, as if the pause was not there."""

_LONGEST_STRETCH_MS: Final = 20_000


class Unit(NamedTuple):
    """A part of the speech with one speaker.

    Args:
        span: Where it is.
        source: The index of the span of speech that it is a part of.
        stretch: The number of its stretch: speech without a long pause in it.
        begin_ms: Where it begins in the speech of its stretch, without the pauses.
    """

    span: Span
    source: int
    stretch: int
    begin_ms: int

    @property
    def end_ms(self) -> int:
        """Where it ends in the speech of its stretch."""
        return self.begin_ms + self.span.length_ms


def divide(speech: Iterable[Span]) -> list[Unit]:
    """Divide speech into units.

    Args:
        speech: Words or spans of speech, in order of their starts; where two overlap, it is the first one's time.

    Returns:
        The units, in order, not overlapping.
    """
    units: list[Unit] = []
    stretch = at_ms = 0
    for source, span in enumerate(speech):
        for part in _parts(span, units[-1].span.end_ms if units else 0):
            is_apart = units and part.start_ms - units[-1].span.end_ms >= _BREATH_MS
            if is_apart or at_ms >= _LONGEST_STRETCH_MS:
                stretch, at_ms = stretch + 1, 0
            units.append(Unit(part, source, stretch, at_ms))
            at_ms += part.length_ms
    return units


def _parts(span: Span, after_ms: int) -> Iterator[Span]:
    start_ms = max(span.start_ms, after_ms)
    length_ms = span.end_ms - start_ms
    count = max(0, -(-length_ms // _LONGEST_MS))
    for index in range(count):
        yield Span(start_ms + length_ms * index // count, start_ms + length_ms * (index + 1) // count)

"""Which samples are of one voice, whatever makes their vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from anyscribe.speakers.diarizer import SpeakerTurn
from anyscribe.speakers.samples import comparable, group_by_turns, group_vectors
from anyscribe.speakers.telephone import is_narrow, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.timespan import Span

RATE = 16_000


def tone(*hertz: float, seconds: float = 1.0) -> bytes:
    """Return tones that come and go."""
    at = np.arange(int(seconds * RATE)) / RATE
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * at)
    sound = sum(np.sin(2 * np.pi * one * at) for one in hertz) * swell * (0.3 / len(hertz))
    return (sound * 32_767).astype("<i2").tobytes()


def test_the_telephone_is_heard() -> None:
    """A sound with power above a telephone's band is wide, until it loses that."""
    wide, narrow = tone(500, 6_000), tone(500, 2_000)
    assert [is_narrow(sound) for sound in (wide, narrow, narrowed(wide), b"", bytes(8_000))] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert comparable([wide, wide]) == [wide, wide]
    assert all(is_narrow(sound) for sound in comparable([wide, narrow]))


def vectors(*degrees: float) -> np.ndarray:
    """Return a vector in the plane for each angle."""
    turned = np.radians(np.array(degrees))
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("degrees", "sources", "groups"),
    [
        ((0, 90, 5, 95), (0, 0, 1, 1), [0, 1, 0, 1]),
        # Two from one source stay two, and the nearer one is taken.
        ((0, 12, 3), (0, 1, 1), [0, 1, 0]),
        # Nobody is like anybody.
        ((0, 90, 180), (0, 1, 2), [0, 1, 2]),
        # A chain is no voice: its ends are of one source.
        ((0, 20, 40), (0, 1, 0), [0, 0, 1]),
        ((), (), []),
    ],
)
def test_groups(degrees: tuple[float, ...], sources: tuple[int, ...], groups: list[int]) -> None:
    """What is alike is one voice, the most alike first, and never two of one source."""
    found = group_vectors(vectors(*degrees), sources, 0.9)
    assert [found.index(one) for one in found] == [groups.index(one) for one in groups]


class OneVoice:
    """A diarizer for which all is one voice."""

    def find_turns(
        self, audio: Iterable[bytes], speech: Sequence[Span], most: int | None = None, least: int = 1
    ) -> list[SpeakerTurn]:
        """Return one speaker."""
        assert sum(map(len, audio)) // 32 >= speech[-1].end_ms
        assert (most, least) == (None, 1)
        return [SpeakerTurn(span, 0) for span in speech]

    def group_samples(self, samples: Sequence[bytes], sources: Sequence[int]) -> list[int]:
        """Group as any diarizer can."""
        return group_by_turns(self, samples, sources)


def test_groups_by_turns() -> None:
    """What only finds turns tells samples apart too, and two of one source stay two."""
    samples = [tone(500, seconds=2)] * 4
    numbers = OneVoice().group_samples(samples, [0, 0, 1, 2])
    assert numbers[0] == numbers[2] == numbers[3] != numbers[1]

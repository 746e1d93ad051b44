"""How long the next piece shall be: within the limits, about as long as the others, and not so that a scrap is left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from anyscribe.audio.encoding import Encoder

_LEAST_SAMPLES: Final = PCM_RATE_HZ
"""Nothing shorter is aimed at, whatever is asked for."""

_REACH_SHARE: Final = 0.4
_REACH_SAMPLES: Final = 60 * PCM_RATE_HZ
"""How far from the wanted length a cut is looked for: this share of it, and no further than this. It decides how much
sound is held in memory."""

_BEYOND_SHARE: Final = 0.25
_BEYOND_SAMPLES: Final = 10 * PCM_RATE_HZ
"""How far is looked beyond the last place for a cut, likewise, so that what is left at the end is no shorter."""

_SPARE_SHARE: Final = 0.4
"""This share of the bytes that a piece can have is at the most kept free for sound whose size is not known yet."""

_LIKELY_SHARE: Final = 0.95
_LEARNT_SAMPLES: Final = 10 * PCM_RATE_HZ
"""How much sound fits is judged by how well it was compressed so far, once there is some, and with caution."""

_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class PieceLimits:
    """What a piece may be.

    Args:
        max_bytes: The most bytes that its file can have; None for any number.
        max_ms: The most sound; None for any length.
        wanted_ms: The length aimed at; None for as long as the limits allow.
        first_ms: The length that the first piece aims at, so that it is ready soon; None for that of the others.
    """

    max_bytes: int | None = None
    max_ms: int | None = None
    wanted_ms: int | None = None
    first_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A piece that is being made, and what is known of the sound that follows.

    Args:
        encoder: What of it is written.
        held: How many more samples are there.
        ended: Whether these are the recording's last.
        stated: How many samples the recording has from the piece's start on, as its container states it, which may be
            wrong; infinite where it does not.
        is_first: Whether it is the recording's first piece.
    """

    encoder: Encoder
    held: int
    ended: bool
    stated: float
    is_first: bool

    @property
    def rest(self) -> float:
        """How many samples the recording has from the piece's start on; infinite where that is not known."""
        known = self.encoder.samples + self.held
        if self.ended:
            return known
        # When what was stated has turned out to be wrong, nothing is known.
        return self.stated if self.stated > known else math.inf


@dataclass(frozen=True, slots=True)
class Window:
    """Where a piece can be cut, in samples from the first that is held back; infinite where nothing ends it.

    Args:
        first: The first place.
        wanted: The best one.
        last: The last one.
        beyond: How much further to look, to know that the rest is worth a piece of its own.
        is_needless: Whether all that is left is held, and fits.
    """

    first: float
    wanted: float
    last: float
    beyond: float
    is_needless: bool


def find_window(piece: Unfinished, limits: PieceLimits) -> Window:
    """Say where a piece can be cut, as far as is known by now.

    Args:
        piece: The piece.
        limits: What it may be.
    """
    encoder, written = piece.encoder, piece.encoder.samples
    certain = longest = to_samples(limits.max_ms)
    if limits.max_bytes is not None:
        certain = min(longest, written + encoder.room_samples(limits.max_bytes))
        likely = _LIKELY_SHARE * limits.max_bytes / encoder.bytes_per_sample
        longest = min(longest, max(certain, likely if written >= _LEARNT_SAMPLES else 0))
    aim, count = _aim(piece, limits, longest)
    reach = min(_REACH_SHARE * aim, _REACH_SAMPLES)
    first = aim - reach
    if limits.max_bytes is not None:
        spare = encoder.certain_samples(int(_SPARE_SHARE * limits.max_bytes))
        first = min(first, certain - min(2 * reach, spare))
    first = max(first, written)
    last = min(max(aim, first) + reach, certain)
    beyond = min(_BEYOND_SHARE * aim, _BEYOND_SAMPLES)
    if piece.ended:
        last = max(first, min(last, piece.rest - beyond))
    return Window(
        first=first - written,
        wanted=min(max(aim, first), last) - written,
        last=last - written,
        beyond=beyond,
        is_needless=piece.ended and count == 1 and piece.rest <= certain,
    )


def to_samples(milliseconds: int | None) -> float:
    """Give a length in samples.

    Args:
        milliseconds: The length; None for one without end.
    """
    return math.inf if milliseconds is None else milliseconds * PCM_RATE_HZ / 1000


def _aim(piece: Unfinished, limits: PieceLimits, longest: float) -> tuple[float, int]:
    """Choose the length of the piece, and say in how many pieces the rest will be."""
    rest, first = piece.rest, to_samples(limits.first_ms)
    if piece.is_first and 2 * first < rest and not piece.ended:
        return min(longest, first), _SEVERAL
    wanted = min(longest, max(_LEAST_SAMPLES, to_samples(limits.wanted_ms)))
    if rest == math.inf:
        return wanted, _SEVERAL
    # A last piece that is a little longer is better than one that is very short.
    count = max(1, math.ceil(rest / longest), round(rest / wanted))
    return (longest, 1) if count == 1 else (rest / count, count)

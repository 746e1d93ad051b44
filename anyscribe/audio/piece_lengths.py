"""Choose the length of the next piece: within the limits, about as long as the others, and without a tiny remainder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from anyscribe.audio.encoding import Encoder

_LEAST_SAMPLES: Final = PCM_RATE_HZ
"""The shortest length aimed at, even if a shorter one is requested."""

_REACH_SHARE: Final = 0.4
_REACH_SAMPLES: Final = 60 * PCM_RATE_HZ
"""How far from the wanted length a cut is searched for: this share of it, and at most this many samples. It decides how
much audio is held in memory."""

_BEYOND_SHARE: Final = 0.25
_BEYOND_SAMPLES: Final = 10 * PCM_RATE_HZ
"""How far beyond the last possible cut to look, likewise, so that the remainder at the end is not shorter."""

_SPARE_SHARE: Final = 0.4
"""At most this share of a piece's bytes is kept free for audio whose encoded size is not known yet."""

_LIKELY_SHARE: Final = 0.95
_LEARNT_SAMPLES: Final = 10 * PCM_RATE_HZ
"""After this many samples, their compression predicts how much audio fits, reduced to this share as a precaution."""

_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class PieceLimits:
    """Limits of a piece.

    Args:
        max_bytes: Maximum size of its file; None for any size.
        max_ms: Maximum length in milliseconds; None for any length.
        wanted_ms: Length to aim at, in milliseconds; None for as long as the limits allow.
        first_ms: Length to aim at for the first piece, so that it is ready soon; None for that of the others.
    """

    max_bytes: int | None = None
    max_ms: int | None = None
    wanted_ms: int | None = None
    first_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A piece in progress, and what is known about the audio that follows.

    Args:
        encoder: Its encoder, with the samples written so far.
        held: Number of further samples read but not written.
        ended: Whether these are the recording's last.
        stated: Number of samples from the piece's start to the recording's end as stated by the container, which may be
            wrong; infinite if it is not stated.
        is_first: Whether it is the recording's first piece.
    """

    encoder: Encoder
    held: int
    ended: bool
    stated: float
    is_first: bool

    @property
    def rest(self) -> float:
        """Number of samples from the piece's start to the recording's end; infinite if unknown."""
        known = self.encoder.samples + self.held
        if self.ended:
            return known
        # Once the stated length has proved wrong, the length is unknown.
        return self.stated if self.stated > known else math.inf


@dataclass(frozen=True, slots=True)
class Window:
    """Where a piece can be cut, in samples from the first one held back; infinite if nothing limits the piece.

    Args:
        first: The first place.
        wanted: The best place.
        last: The last place.
        beyond: How much further to look, to know that the rest is long enough for another piece.
        is_needless: Whether no cut is needed: the whole rest is held, and fits.
    """

    first: float
    wanted: float
    last: float
    beyond: float
    is_needless: bool


def find_window(piece: Unfinished, limits: PieceLimits) -> Window:
    """Return where a piece can be cut, as far as known so far.

    Args:
        piece: The piece.
        limits: Its limits.
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
    """Convert a length to samples.

    Args:
        milliseconds: The length; None for an infinite one.
    """
    return math.inf if milliseconds is None else milliseconds * PCM_RATE_HZ / 1000


def _aim(piece: Unfinished, limits: PieceLimits, longest: float) -> tuple[float, int]:
    """Return the length to aim at, and the number of pieces that the rest is cut into."""
    rest, first = piece.rest, to_samples(limits.first_ms)
    if piece.is_first and 2 * first < rest and not piece.ended:
        return min(longest, first), _SEVERAL
    wanted = min(longest, max(_LEAST_SAMPLES, to_samples(limits.wanted_ms)))
    if rest == math.inf:
        return wanted, _SEVERAL
    # A last piece that is slightly longer is better than one that is very short.
    count = max(1, math.ceil(rest / longest), round(rest / wanted))
    return (longest, 1) if count == 1 else (rest / count, count)

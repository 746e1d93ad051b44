"""Divide a recording's audio into blocks: Whisper's library needs all of its audio at once, and much memory for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

LONGEST_MS: Final = 300_000
"""An hour in one block takes 3.5 GB, and 18 s until the first word; five minutes take 0.3 GB and 1.5 s."""

_LONGEST_SAMPLES: Final = LONGEST_MS * PCM_RATE_HZ // 1000
_CUT_WINDOW_SAMPLES: Final = 30 * PCM_RATE_HZ
_FRAME_SAMPLES: Final = PCM_RATE_HZ // 50
_PAUSE_FRAMES: Final = 15
_SCALE: Final = np.float32(1 / (1 << 15))


def split_blocks(pcm: Iterable[bytes]) -> Generator[Samples]:
    """Divide audio where it is quietest.

    Args:
        pcm: Samples, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.

    Yields:
        Blocks of samples from -1 to 1, never empty, at most `LONGEST_MS` long, together all of the audio. The caller
        may keep them.
    """
    block = _new_block()
    filled = 0
    for chunk in pcm:
        left = np.frombuffer(chunk, "<i2")
        while len(left):
            if filled == _LONGEST_SAMPLES:
                cut = _quietest_cut(block)
                rest = block[cut:].copy()
                yield block[:cut]
                block = _new_block()
                filled = len(rest)
                block[:filled] = rest
            taken = left[: _LONGEST_SAMPLES - filled]
            np.multiply(taken, _SCALE, out=block[filled : filled + len(taken)])
            filled += len(taken)
            left = left[len(taken) :]
    if filled:
        yield block[:filled]


def _new_block() -> Samples:
    # The system allocates memory only for the pages that are written to.
    return np.empty(_LONGEST_SAMPLES, np.float32)


def _quietest_cut(block: Samples) -> int:
    """Find the middle of the quietest 0.3 s in the last 30 s: a pause, if there is one.

    Returns:
        Where to cut, in samples, on a Whisper frame boundary.
    """
    start = len(block) - _CUT_WINDOW_SAMPLES
    frames = block[start:].reshape(-1, _FRAME_SAMPLES)
    energies = np.einsum("ij,ij->i", frames, frames)
    pauses = np.convolve(energies, np.ones(_PAUSE_FRAMES, np.float32), "valid")
    return start + (int(pauses.argmin()) + _PAUSE_FRAMES // 2) * _FRAME_SAMPLES

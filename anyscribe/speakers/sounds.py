"""The sound of each stretch of speech, without its pauses, as voice models hear it."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from anyscribe.speakers.units import Unit

    Floats = NDArray[np.float32]

_SAMPLES_PER_MS: Final = 16
_SCALE: Final = np.float32(1 / (1 << 15))


def stretch_sounds(audio: Iterable[bytes], units: Iterable[Unit]) -> Iterator[tuple[list[Unit], Floats]]:
    """Yield the units of each stretch with its sound; what is not heard any more is not kept.

    Args:
        audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.
        units: In order.

    Yields:
        The units, and the speech from the begin of the first to the end of the last, without pauses: samples from -1
        to 1, silence where there is no audio any more.
    """
    chunks = iter(audio)
    held = b""
    held_from = 0
    for _, grouped in groupby(units, key=attrgetter("stretch")):
        stretch = list(grouped)
        parts = []
        for unit in stretch:
            begin, end = (2 * _SAMPLES_PER_MS * time_ms for time_ms in unit.span)
            while held_from + len(held) < end and (chunk := next(chunks, None)) is not None:
                # What is before the unit is not kept.
                passed = min(max(0, begin - held_from), len(held))
                held, held_from = held[passed:] + chunk, held_from + passed
            parts.append(held[max(0, begin - held_from) : max(0, end - held_from)].ljust(end - begin, b"\0"))
        yield stretch, np.frombuffer(b"".join(parts), "<i2") * _SCALE

"""Samples of one voice each: which of them are of the same voice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.speakers.telephone import is_narrow, narrowed
from anyscribe.timespan import Span, overlap_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.speakers.diarizer import Diarizer
    from anyscribe.speakers.voices import Floats

_GAP_MS: Final = 1_000
_HEARD_MS: Final = 6_000
"""A shorter sample is heard several times, so that it counts as a voice."""


def comparable(samples: Sequence[bytes]) -> list[bytes]:
    """Return samples that sound as if they came the same way.

    Args:
        samples: Sounds; if one is from the telephone, all lose what is outside its band, since a voice there is more
            like others there than like itself elsewhere.
    """
    is_telephone = any(is_narrow(sample) for sample in samples)
    return [narrowed(sample) if is_telephone else sample for sample in samples]


def group_vectors(vectors: Floats, sources: Sequence[int], alike: float) -> list[int]:
    """Group vectors of one voice, the most alike first.

    Args:
        vectors: A row of length 1 for each sample.
        sources: Where each comes from: two from one source are of two voices.
        alike: The least mean cosine of one voice.

    Returns:
        The number of each sample's voice.
    """
    likeness = np.where(np.equal.outer(sources, sources), -np.inf, vectors @ vectors.T)
    numbers, sizes = np.arange(len(vectors)), np.ones(len(vectors))
    for _ in range(len(vectors) - 1):
        one, other = np.unravel_index(likeness.argmax(), likeness.shape)
        if likeness[one, other] < alike:
            break
        # What may not be one voice has no likeness, and keeps none.
        means = (sizes[one] * likeness[one] + sizes[other] * likeness[other]) / (sizes[one] + sizes[other])
        sizes[one] += sizes[other]
        numbers[numbers == other] = one
        likeness[one], likeness[:, one] = means, means
        likeness[other], likeness[:, other] = -np.inf, -np.inf
    found: list[int] = numbers.tolist()
    return found


def group_by_turns(diarizer: Diarizer, samples: Sequence[bytes], sources: Sequence[int]) -> list[int]:
    """Group samples as if they were one recording.

    Args:
        diarizer: Tells voices apart.
        samples: As of `Diarizer.group_samples`.
        sources: Likewise.
    """
    heard = [sample * -(-_HEARD_MS * PCM_BYTES_PER_MS // max(len(sample), 1)) for sample in comparable(samples)]
    spans: list[Span] = []
    end_ms = 0
    for sample in heard:
        spans.append(Span(end_ms, end_ms + len(sample) // PCM_BYTES_PER_MS))
        end_ms = spans[-1].end_ms + _GAP_MS
    silence = bytes(_GAP_MS * PCM_BYTES_PER_MS)
    turns = diarizer.find_turns((sample + silence for sample in heard), spans)
    numbers: dict[int, set[int]] = {}
    voices = []
    for span, source in zip(spans, sources, strict=True):
        said_ms = Counter[int]()
        for turn in turns:
            said_ms[turn.speaker] += overlap_ms(turn.span, span)
        voice = said_ms.most_common(1)[0][0] if said_ms else 0
        while source in numbers.setdefault(voice, set()):
            # Another one from this source sounds like it: of the two, the first is taken for it.
            voice = max(*numbers, *(turn.speaker for turn in turns)) + 1
        numbers[voice].add(source)
        voices.append(voice)
    return voices

"""Sounds made from sums: noises of any colour, hum, and a buzz whose pitch moves as a voice's does, or stays."""

from __future__ import annotations

import math
import random
from array import array
from functools import cache

from anyscribe.request import PCM_RATE_HZ

_NOISE_S = 3
"""After so long, noise repeats itself; nobody notices."""


@cache
def noise(colour: str, seconds: int, loudness_db: float) -> bytes:
    """Make noise: ``white``, or ``brown``, which is mostly low; its peaks are about 12 dB above its loudness."""
    source = random.Random(colour)  # noqa: S311 - no secret
    kept = {"white": 0.0, "brown": 0.99}[colour]
    scale = 32767 * 10 ** (loudness_db / 20) * math.sqrt(1 - kept**2)
    last, samples = 0.0, array("h")
    for _ in range(_NOISE_S * PCM_RATE_HZ):
        last = kept * last + source.gauss(0, 1)
        samples.append(max(-32768, min(32767, round(scale * last))))
    return (samples.tobytes() * (seconds // _NOISE_S + 1))[: 2 * seconds * PCM_RATE_HZ]


def hum(seconds: int) -> bytes:
    """Make the hum of the mains, with its overtones."""
    second = array(
        "h",
        (
            round(sum(2000 / k * math.sin(2 * math.pi * 50 * k * n / PCM_RATE_HZ) for k in range(1, 10)))
            for n in range(PCM_RATE_HZ)
        ),
    )
    return second.tobytes() * seconds


def clicks(seconds: int) -> bytes:
    """Make two clicks a second."""
    click = array("h", [30_000, -30_000, 15_000]).tobytes()
    return (click + bytes(PCM_RATE_HZ - len(click))) * (2 * seconds)


def drums(seconds: int) -> bytes:
    """Beat a drum twice a second: a tone that dies away, and the rattle of its wires, which makes it waver."""
    source = random.Random(2)  # noqa: S311 - no secret
    samples = array("h")
    for n in range(seconds * PCM_RATE_HZ):
        since_s = n % (PCM_RATE_HZ // 2) / PCM_RATE_HZ
        tone = math.sin(2 * math.pi * 190 * since_s)
        samples.append(round(10_000 * math.exp(-20 * since_s) * (tone + source.gauss(0, 0.7))))
    return samples.tobytes()


@cache
def buzz(syllables: int, *, glide: float) -> bytes:
    """Make syllables of 0.25 s, close together, of a buzz at 150 Hz.

    Args:
        syllables: How many.
        glide: By how much the pitch rises in one, as a share of it, before it falls in the next; 0 for a tone.
    """
    samples = array("h")
    length = PCM_RATE_HZ // 4
    phase = 0.0
    for syllable in range(syllables):
        for n in range(length):
            part = n / length
            moved = part if syllable % 2 else 1 - part
            phase += 2 * math.pi * 150 * (1 + glide * moved) / PCM_RATE_HZ
            loudness = 3000 * math.sin(math.pi * part) ** 0.5
            samples.append(round(loudness * sum(math.sin(k * phase) / k for k in range(1, 12))))
    return samples.tobytes()


def mixed(one: bytes, other: bytes) -> bytes:
    """Lay a sound over another that is as long or longer."""
    sums = (a + b for a, b in zip(array("h", one), array("h", other), strict=False))
    return array("h", (max(-32768, min(32767, total)) for total in sums)).tobytes()


def softened(pcm: bytes, by_db: float) -> bytes:
    """Make a sound less loud."""
    factor = 10 ** (-by_db / 20)
    return array("h", (round(factor * sample) for sample in array("h", pcm))).tobytes()

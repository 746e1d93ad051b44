"""Synthesises noise, hum, and a buzz with a moving or a constant pitch."""

from __future__ import annotations

import math
import random
from array import array
from functools import cache

from anyscribe.request import PCM_RATE_HZ

_NOISE_S = 3
"""The noise repeats after this time, which does not affect the tests."""


@cache
def noise(colour: str, seconds: int, loudness_db: float) -> bytes:
    """Return ``white`` or mostly low ``brown`` noise; its peaks are about 12 dB above its level."""
    source = random.Random(colour)  # noqa: S311 - not a secret
    kept = {"white": 0.0, "brown": 0.99}[colour]
    scale = 32767 * 10 ** (loudness_db / 20) * math.sqrt(1 - kept**2)
    last, samples = 0.0, array("h")
    for _ in range(_NOISE_S * PCM_RATE_HZ):
        last = kept * last + source.gauss(0, 1)
        samples.append(max(-32768, min(32767, round(scale * last))))
    return (samples.tobytes() * (seconds // _NOISE_S + 1))[: 2 * seconds * PCM_RATE_HZ]


def hum(seconds: int) -> bytes:
    """Return mains hum with its overtones."""
    second = array(
        "h",
        (
            round(sum(2000 / k * math.sin(2 * math.pi * 50 * k * n / PCM_RATE_HZ) for k in range(1, 10)))
            for n in range(PCM_RATE_HZ)
        ),
    )
    return second.tobytes() * seconds


def clicks(seconds: int) -> bytes:
    """Return two clicks a second."""
    click = array("h", [30_000, -30_000, 15_000]).tobytes()
    return (click + bytes(PCM_RATE_HZ - len(click))) * (2 * seconds)


def drums(seconds: int) -> bytes:
    """Return two drum beats a second: a decaying tone with snare rattle, which makes its level waver."""
    source = random.Random(2)  # noqa: S311 - not a secret
    samples = array("h")
    for n in range(seconds * PCM_RATE_HZ):
        since_s = n % (PCM_RATE_HZ // 2) / PCM_RATE_HZ
        tone = math.sin(2 * math.pi * 190 * since_s)
        samples.append(round(10_000 * math.exp(-20 * since_s) * (tone + source.gauss(0, 0.7))))
    return samples.tobytes()


@cache
def buzz(syllables: int, *, glide: float) -> bytes:
    """Return a 150 Hz buzz of adjacent syllables of 0.25 s each.

    Args:
        syllables: The number of syllables.
        glide: How far the pitch rises in one syllable and falls in the next, as a share of it; 0 for a constant tone.
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
    """Mix audio with other audio of the same or greater length."""
    sums = (a + b for a, b in zip(array("h", one), array("h", other), strict=False))
    return array("h", (max(-32768, min(32767, total)) for total in sums)).tobytes()


def softened(pcm: bytes, by_db: float) -> bytes:
    """Lower the level of audio."""
    factor = 10 ** (-by_db / 20)
    return array("h", (round(factor * sample) for sample in array("h", pcm))).tobytes()

"""Cuts fall into silence: long rather than short, close to the wanted place, and despite background noise."""

from __future__ import annotations

import json
import math
import random
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tones import RATE_HZ, tone

from anyscribe.audio import probe
from anyscribe.audio.cut_points import find_cut, measure_levels

SAMPLES = Path(__file__).parents[2] / "samples"
SOUND = tone(10_000)


def sound(*stretches: int) -> bytes:
    """Return alternating tones and silences, starting with a tone, of these lengths in milliseconds."""
    return b"".join(
        SOUND[: 32 * length_ms] if number % 2 == 0 else bytes(32 * length_ms)
        for number, length_ms in enumerate(stretches)
    )


def mixed(pcm: bytes, other: list[float]) -> bytes:
    """Mix audio with another signal, which is repeated as needed."""
    samples = array("h", pcm)
    return array(
        "h", (max(-32768, min(32767, round(one + other[at % len(other)]))) for at, one in enumerate(samples))
    ).tobytes()


def cut_ms(pcm: bytes, first_ms: int, wanted_ms: int, last_ms: int) -> tuple[float, bool]:
    """Return the cut in milliseconds and whether it is in speech."""
    cut = find_cut(pcm, first=16 * first_ms, wanted=16 * wanted_ms, last=16 * last_ms)
    return cut.sample / 16, cut.in_speech


HUM = [9000 * math.sin(2 * math.pi * 50 * at / RATE_HZ) for at in range(RATE_HZ)]
GENERATOR = random.Random(3)  # noqa: S311 - the same noise in every run
NOISE = [GENERATOR.gauss(0, 900) for _ in range(3 * RATE_HZ)]
QUIET_NOISE = [sample / 10 for sample in NOISE]


@pytest.mark.parametrize("beneath", [None, HUM, NOISE, QUIET_NOISE], ids=["nothing", "hum", "noise", "quiet noise"])
def test_in_the_middle_of_the_pause(beneath: list[float] | None):
    """A cut lies in the middle of the only pause, even with noise or a hum as loud as speech in it."""
    pcm = sound(3100, 400, 2500)
    at_ms, in_speech = cut_ms(mixed(pcm, beneath) if beneath else pcm, 1000, 3000, 5000)
    assert at_ms == pytest.approx(3300, abs=30)
    assert not in_speech


def test_rumble_that_is_louder_than_speech():
    """Rumble that swells and fades hides no pause, even if it is far louder than speech."""
    rumble = [sum(9000 * math.sin(2 * math.pi * hz * at / RATE_HZ) for hz in (17, 29, 43)) for at in range(RATE_HZ)]
    quiet = array("h", (sample // 4 for sample in array("h", sound(3100, 400, 2500)))).tobytes()
    at_ms, in_speech = cut_ms(mixed(quiet, rumble), 1000, 3000, 5000)
    assert at_ms == pytest.approx(3300, abs=30)
    assert not in_speech


def test_pause_that_is_only_nearly_silent():
    """A pause with room noise counts as one, even if the recording has digital silence elsewhere."""
    room = [sample / 45 for sample in NOISE]
    pcm = bytes(32_000) + SOUND[:64_000] + mixed(bytes(32 * 400), room) + SOUND[: 32 * 2600]
    at_ms, in_speech = cut_ms(pcm, 1200, 3500, 5500)
    assert at_ms == pytest.approx(3200, abs=30)
    assert not in_speech


@pytest.mark.parametrize(
    ("stretches", "expected_ms"),
    [
        ((1400, 600, 1000, 200, 3000), 1700),
        ((2960, 120, 1550, 200, 1500), 4730),
        ((2000, 300, 600, 300, 2000), 3050),
        ((1200, 1500, 500, 1400, 2000), 3900),
    ],
    ids=["longer before nearer", "pause before the stop in a word", "nearer among equals", "long is long enough"],
)
def test_which_of_two(stretches: tuple[int, ...], expected_ms: int):
    """The longer silence is preferred to the nearer one, and the nearer one among equals."""
    at_ms, in_speech = cut_ms(sound(*stretches), 1000, 3000, 5000)
    assert at_ms == pytest.approx(expected_ms, abs=30)
    assert not in_speech


def test_no_silence_in_reach():
    """Without a pause, the quietest moment is chosen and reported as a cut in speech."""
    loud = array("h", SOUND[: 32 * 6000])
    for at in range(16 * 3400, 16 * 3440):
        loud[at] //= 3
    at_ms, in_speech = cut_ms(loud.tobytes(), 1000, 3000, 5000)
    assert at_ms == pytest.approx(3420, abs=30)
    assert in_speech


def test_stop_in_a_word_is_no_silence():
    """A gap as short as the closure of a `p` is used if there is nothing better, and does not count as silence."""
    at_ms, in_speech = cut_ms(sound(3500, 80, 2500), 1000, 3000, 5000)
    assert 3500 < at_ms < 3580
    assert in_speech


def test_pause_of_which_only_the_edge_is_in_reach():
    """A cut keeps its distance from speech: a whole short pause is better than the start of a long one."""
    pcm = sound(2500, 300, 2190, 3000)
    at_ms, _ = cut_ms(pcm, 1000, 3000, 5000)
    assert at_ms == pytest.approx(2650, abs=30)
    at_ms, _ = cut_ms(pcm, 3500, 4500, 5900)
    assert at_ms == pytest.approx(5900, abs=1)


@pytest.mark.parametrize("pcm", [bytes(32 * 6000), SOUND[: 32 * 6000]], ids=["silence", "sound"])
def test_nothing_but(pcm: bytes):
    """In all silence and in all tone, the cut is within the range; only in tone is it reported as in speech."""
    at_ms, in_speech = cut_ms(pcm, 2000, 3000, 4000)
    assert 2000 <= at_ms <= 4000
    assert in_speech == any(pcm)


@given(
    stretches=st.lists(st.integers(1, 900), max_size=12),
    places=st.lists(st.integers(0, 16 * 6000), min_size=3, max_size=3).map(sorted),
)
def test_always_within_reach(stretches: list[int], places: list[int]):
    """For any audio and any range, however narrow, the cut is within the range."""
    pcm = sound(*stretches, 5)
    first, wanted, last = (min(place, len(pcm) // 2) for place in places)
    assert first <= find_cut(pcm, first=first, wanted=wanted, last=last).sample <= last


def test_levels_of_every_hundredth():
    """There is one level per whole 10 ms, for any length of audio."""
    for length_ms in (0, 9, 10, 995, 1000, 2345):
        assert len(measure_levels(SOUND[: 32 * length_ms])) == length_ms // 10


def noise_for(pcm: bytes, below_db: float) -> list[float]:
    """Return white noise at this many decibels below the speech."""
    samples = array("h", pcm)
    scale = math.sqrt(sum(sample * sample for sample in samples) / len(samples)) * 10 ** (-below_db / 20)
    return [sample * scale / 900 for sample in NOISE]


@pytest.mark.parametrize("beneath_db", [None, 20, 10], ids=["clean", "20 dB", "10 dB"])
def test_no_word_is_cut(beneath_db: float | None):
    """In speech, no cut falls inside a word if the search range holds a pause."""
    words = json.loads((SAMPLES / "library.words.json").read_text(encoding="utf-8"))
    pcm = b"".join(probe(SAMPLES / "library.flac").pcm())
    if beneath_db is not None:
        pcm = mixed(pcm, noise_for(pcm, beneath_db))
    length_ms, reach_ms = len(pcm) // 32, 9000
    for first_ms in range(0, length_ms - reach_ms, 700):
        heard = pcm[32 * first_ms : 32 * (first_ms + reach_ms + 2000)]
        at_ms, in_speech = cut_ms(heard, 0, reach_ms // 2, reach_ms)
        at_s = (first_ms + at_ms) / 1000
        assert not in_speech
        assert not [word for word in words if word["start"] < at_s < word["end"]]

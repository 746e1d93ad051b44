"""Every channel is heard in the mixture, whatever the others hold."""

from __future__ import annotations

import random
from array import array
from typing import TYPE_CHECKING

import pytest
from audio.waves import RATE_HZ, least_share, level, samples_of, write_wav

from anyscribe.audio import Selection, probe
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture(scope="module")
def speech(request: pytest.FixtureRequest) -> array[int]:
    """Return two seconds of speech."""
    return samples_of(request.config.rootpath / "tests" / "media" / "hello.wav")


def opposite(samples: Sequence[int], share: float = 1.0) -> array[int]:
    """Return samples with the other polarity."""
    return array("h", [max(-32768, min(32767, round(-share * sample))) for sample in samples])


def delayed(samples: array[int], count: int) -> array[int]:
    """Return samples some samples later."""
    return array("h", bytes(2 * count)) + samples[: len(samples) - count]


def noisy(samples: Sequence[int], deviation: float) -> array[int]:
    """Return samples with noise."""
    source = random.Random(1)  # noqa: S311 - noise, not a secret
    return array("h", [max(-32768, min(32767, round(one + source.gauss(0, deviation)))) for one in samples])


def for_a_while(samples: Sequence[int]) -> array[int]:
    """Return samples whose polarity is the other one for half a second."""
    return array("h", [-one if RATE_HZ // 2 < index < RATE_HZ else one for index, one in enumerate(samples)])


STEREO = {
    "inverted": opposite,
    "nearly inverted": lambda speech: opposite(speech, 0.9),
    "inverted with noise": lambda speech: noisy(opposite(speech), 100),
    "inverted for a while": for_a_while,
    "inverted and a sample late": lambda speech: opposite(delayed(speech, 1)),
    "inverted and some samples late": lambda speech: opposite(delayed(speech, 7)),
    "late": lambda speech: delayed(speech, 11),
    "half a period late": lambda speech: delayed(speech, 80),
    "silent": lambda speech: array("h", bytes(2 * len(speech))),
}


@pytest.mark.parametrize("case", STEREO)
def test_no_second_channel_takes_away_from_the_first(tmp_path: Path, speech: array[int], case: str):
    """In every tenth of a second, the mixture keeps at least about half of the loudest channel's level."""
    other = STEREO[case](speech)
    mixture = samples_of(write_wav(tmp_path / "a.wav", [speech, other]))
    assert len(mixture) == len(speech)
    assert least_share(mixture, [speech, other]) > 0.45


def test_ordinary_stereo_is_the_mean(tmp_path: Path, speech: array[int]):
    """Two channels alike give the channel; nothing is scaled or clipped."""
    mixture = samples_of(write_wav(tmp_path / "a.wav", [speech, speech]))
    assert max(abs(one - other) for one, other in zip(mixture, speech, strict=True)) <= 1


@pytest.mark.parametrize("count", [3, 4, 6, 8, 9, 10, 11, 16, 17, 24, 32, 60, 64])
def test_speech_in_any_channel(tmp_path: Path, speech: array[int], count: int):
    """Speech in one channel of many keeps half of its level, whichever channel it is."""
    short = speech[: RATE_HZ // 2]
    silent = array("h", bytes(2 * len(short)))
    for place in sorted({0, 3 % count, count // 2, count - 1}):
        channels = [short if index == place else silent for index in range(count)]
        recording = probe(write_wav(tmp_path / "a.wav", channels))
        mixture = array("h", b"".join(recording.pcm()))
        assert recording.channels == count
        assert level(mixture) == pytest.approx(level(short) / 2, rel=0.02)


def test_many_loud_channels_do_not_clip(tmp_path: Path, speech: array[int]):
    """The mixture of eight loud channels alike is as loud as one of them."""
    loud = array("h", [max(-32768, min(32767, 8 * one)) for one in speech])
    mixture = samples_of(write_wav(tmp_path / "a.wav", [loud] * 8))
    assert max(abs(one - other) for one, other in zip(mixture, loud, strict=True)) <= 1


def test_two_of_many_do_not_cancel(tmp_path: Path, speech: array[int]):
    """Channels of opposite polarity cancel neither each other nor a third one."""
    third = delayed(speech, RATE_HZ // 3)
    channels = [speech, opposite(speech), third]
    mixture = samples_of(write_wav(tmp_path / "a.wav", channels))
    assert least_share(mixture, channels) > 0.4


def test_more_channels_than_can_be_mixed(tmp_path: Path):
    """Beyond 64 channels, the error says how many there are."""
    path = write_wav(tmp_path / "a.wav", [[0, 1, 2, 3]] * 65)
    with pytest.raises(AudioError, match="65 channels"):
        b"".join(probe(path).pcm())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_channel_alone(tmp_path: Path, speech: array[int], number: int):
    """A channel that is chosen is decoded as it is, without the others."""
    channels = [speech, opposite(speech), delayed(speech, 500)]
    path = write_wav(tmp_path / "a.wav", channels)
    heard = array("h", b"".join(probe(path, selection=Selection(channel=number)).pcm()))
    assert max(abs(one - other) for one, other in zip(heard, channels[number - 1], strict=True)) <= 1


def test_a_channel_that_is_not_there(tmp_path: Path, speech: array[int]):
    """The error says how many channels there are."""
    path = write_wav(tmp_path / "a.wav", [speech, speech])
    with pytest.raises(AudioError, match="no channel 3, only 2"):
        probe(path, selection=Selection(channel=3))


CANCELLING = {
    "inverted",
    "nearly inverted",
    "inverted with noise",
    "inverted for a while",
    "inverted and a sample late",
}


@pytest.mark.parametrize("case", sorted(CANCELLING | {"late", "silent"}))
def test_what_a_server_would_lose(tmp_path: Path, speech: array[int], case: str):
    """Recordings whose channels cancel in a plain mean are told apart from those that servers mix well."""
    path = write_wav(tmp_path / "a.wav", [speech, STEREO[case](speech)])
    assert probe(path).cancels() == (case in CANCELLING)

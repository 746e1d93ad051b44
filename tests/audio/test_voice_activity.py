"""Speech is detected in speech and nowhere else."""

from __future__ import annotations

import json
import tracemalloc
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voices import buzz, clicks, drums, hum, mixed, noise, softened

from anyscribe.audio import probe
from anyscribe.audio.voice_activity import SpeechFinder, find_speech
from anyscribe.request import PCM_BYTES_PER_MS

MEDIA = Path(__file__).parent.parent / "media"
SECOND = 1000 * PCM_BYTES_PER_MS


@cache
def sound(name: str) -> bytes:
    """Decode a recording, once."""
    return b"".join(probe(MEDIA / name).pcm())


NOT_SPEECH = {
    "silence": bytes(20 * SECOND),
    "faint noise": noise("white", 20, -75),
    "noise": noise("white", 20, -40),
    "loud noise": noise("white", 20, -15),
    "low noise": noise("brown", 20, -40),
    "loud low noise": noise("brown", 20, -15),
    "hum": hum(20),
    "clicks": clicks(20),
    "drums": drums(18),
    "a tone that stays": buzz(24, glide=0),
    "noise that begins and ends": bytes(5 * SECOND) + noise("white", 5, -20) + bytes(5 * SECOND),
    "music": sound("spoken/music.opus"),
    "music after silence": bytes(3 * SECOND) + sound("spoken/music.opus"),
    "nothing": b"",
    "one sample": b"\x00\x40",
}


@pytest.mark.parametrize("pcm", NOT_SPEECH.values(), ids=NOT_SPEECH)
def test_no_speech(pcm):
    """Silence, noise, hum, clicks, tones and music are not speech at any level."""
    assert find_speech([pcm]) == ()


@pytest.mark.parametrize("name", ["hello.flac", "pause.flac", "spoken/de.opus", "spoken/cmn.opus"])
def test_speech_is_found(name):
    """Speech is detected in any language, even if it is quiet."""
    assert find_speech([sound(name)])
    assert find_speech([softened(sound(name), 30)])


def test_a_pitch_that_moves_is_a_voice():
    """A moving pitch distinguishes a voice from a tone: the same buzz counts as speech only if its pitch moves."""
    assert find_speech([bytes(SECOND) + buzz(24, glide=0.3)])
    assert not find_speech([bytes(SECOND) + buzz(24, glide=0)])


def test_onsets_and_pauses():
    """Two sentences are detected, starting within 30 ms and ending within 80 ms of the synthesiser's times."""
    truth = json.loads((MEDIA / "pause.words.json").read_text(encoding="utf-8"))
    (first_ms, first_end_ms), (second_ms, second_end_ms) = find_speech([sound("pause.flac")])
    assert abs(first_ms - 1000 * truth[0]["start"]) <= 30
    assert abs(first_end_ms - 1000 * truth[3]["end"]) <= 80
    assert abs(second_ms - 1000 * truth[4]["start"]) <= 30
    assert abs(second_end_ms - 1000 * truth[-1]["end"]) <= 80


@pytest.mark.parametrize("colour", ["white", "brown"])
def test_speech_in_noise(colour):
    """In noise 10 dB or more below the speech, the sentences and the pause are still detected."""
    quiet = softened(sound("pause.flac"), 6)
    spoken = find_speech([mixed(quiet, noise(colour, 7, -36))])
    heard_ms = sum(end_ms - start_ms for start_ms, end_ms in spoken)
    assert heard_ms > 0.7 * (1240 + 2260)
    assert all(end_ms < 1500 or start_ms > 3650 for start_ms, end_ms in spoken)


def test_quiet_speech():
    """Speech that is 30 dB quieter is detected as well: each boundary moves by at most 60 ms."""
    loud, quiet = (find_speech([pcm]) for pcm in (sound("pause.flac"), softened(sound("pause.flac"), 30)))
    assert len(loud) == len(quiet)
    for (start_ms, end_ms), (quiet_start_ms, quiet_end_ms) in zip(loud, quiet, strict=True):
        assert abs(start_ms - quiet_start_ms) <= 60
        assert abs(end_ms - quiet_end_ms) <= 60


def test_speech_after_music():
    """Music before the speech is left out, and the speech is detected to its end."""
    before_ms = len(sound("spoken/music.opus")) // PCM_BYTES_PER_MS + 1000
    pcm = sound("spoken/music.opus") + bytes(SECOND) + sound("pause.flac")
    spoken = find_speech([pcm])
    assert all(start_ms >= before_ms for start_ms, _ in spoken)
    assert [span.start_ms - before_ms for span in spoken] == pytest.approx([180, 3720], abs=40)


@pytest.mark.parametrize("is_after", [True, False])
def test_a_hiss_beside_speech(is_after):
    """A short unpitched noise counts as speech next to speech (it may be a whisper) and not on its own."""
    hiss = bytes(SECOND * 6 // 10) + noise("white", 3, -30)[: SECOND * 3 // 10] + bytes(SECOND * 6 // 10)
    words = sound("hello.flac")
    assert not find_speech([bytes(5 * SECOND) + hiss + bytes(5 * SECOND)])
    beside = words + hiss + bytes(8 * SECOND) if is_after else bytes(8 * SECOND) + hiss + words
    hiss_ms = (len(words) if is_after else 8 * SECOND) // PCM_BYTES_PER_MS + 600
    assert any(abs(span.start_ms - hiss_ms) <= 30 for span in find_speech([beside]))


def test_speech_without_a_pause_is_one_stretch():
    """Speech longer than one analysis window is not split."""
    spoken = find_speech([bytes(SECOND) + buzz(48, glide=0.3) + bytes(SECOND)])
    assert len(spoken) == 1
    assert spoken[0].start_ms == pytest.approx(1000, abs=50)
    assert spoken[0].end_ms == pytest.approx(13_000, abs=100)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=30))
def test_any_chunks(samples):
    """The result does not depend on how the audio is chunked."""
    pcm = sound("pause.flac")
    finder, at = SpeechFinder(), 0
    for count in samples:
        finder.hear(pcm[at : at + 2 * count])
        at += 2 * count
    finder.hear(pcm[at:])
    assert finder.finish() == find_speech([pcm])


PARTS = {
    "silence": bytes(SECOND),
    "noise": noise("white", 2, -30),
    "words": sound("hello.flac"),
    "buzz": buzz(3, glide=0.3),
    "odd": bytes(2 * 77),
}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(sorted(PARTS)), max_size=8))
def test_stretches_in_order(names):
    """For any audio, spans are in order, separate, inside the audio and not empty."""
    pcm = b"".join(PARTS[name] for name in names)
    spoken = find_speech([pcm])
    assert all(start_ms < end_ms for start_ms, end_ms in spoken)
    assert all(after.start_ms - before.end_ms >= 120 for before, after in pairwise(spoken))
    assert not spoken or (spoken[0].start_ms >= 0 and spoken[-1].end_ms <= len(pcm) // PCM_BYTES_PER_MS)


def test_little_is_kept():
    """Memory use does not grow with the recording, even if it arrives as one chunk."""
    half_a_minute = sound("pause.flac") + clicks(25)

    def peak_bytes(pcm: bytes) -> int:
        tracemalloc.start()
        find_speech([pcm])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert peak_bytes(half_a_minute * 3) < 1.2 * peak_bytes(half_a_minute)

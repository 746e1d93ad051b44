"""The acoustic model is adapted to a recording: its noise, its microphone, and other sounds between the voices."""

from __future__ import annotations

import json
import random
import statistics
from array import array
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("pocketsphinx")
pytest.importorskip("numpy")

import numpy as np
import pocketsphinx

from anyscribe.alignment.passages import Passage
from anyscribe.alignment.registry import Aligners
from anyscribe.alignment.sphinx.acoustics import model_in, surroundings_of
from anyscribe.alignment.sphinx.acoustics.compensation import in_noise, variances_in_noise
from anyscribe.alignment.sphinx.acoustics.model import SILENCE, acoustic_model
from anyscribe.alignment.sphinx.acoustics.spectrum import BANDS, CEPSTRA, band_levels, cosines, lifter
from anyscribe.alignment.timing import time_words
from anyscribe.audio import probe
from anyscribe.audio.voice_activity import find_speech
from anyscribe.timespan import Span
from anyscribe.transcript import Timing

BYTES_PER_MS = 32
NOWHERE = np.full(BANDS, -50.0, np.float32)


class Here(Executor):
    """Runs each call at once, in this process."""

    def submit(self, call, /, *args, **kwargs):
        """Run the call."""
        future: Future = Future()
        future.set_result(call(*args, **kwargs))
        return future


@pytest.fixture(scope="module", params=["rms", "slt"])
def spoken(request: pytest.FixtureRequest, media: Path) -> tuple[bytes, list[tuple[str, int | None]]]:
    """Return a paragraph: its samples, and its tokens with the synthesiser's own onsets."""
    return load(media, request.param)


@pytest.fixture(scope="module")
def pcm(media: Path) -> bytes:
    """Return the audio of one voice, for tests in which the voice does not matter."""
    return load(media, "rms")[0]


def load(media: Path, voice: str) -> tuple[bytes, list[tuple[str, int | None]]]:
    folder = media / "aligned"
    truth = json.loads((folder / f"{voice}.json").read_text(encoding="utf-8"))
    return b"".join(probe(folder / f"{voice}.flac").pcm()), [(text, onset) for text, onset in truth]


def level_of(pcm: bytes) -> float:
    """Return the root mean square of all samples that are not silent."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.sqrt((samples[np.abs(samples) > 100] ** 2).mean()))


def noise_of(length_bytes: int, level: float, seed: int = 1) -> bytes:
    chance = random.Random(seed)  # noqa: S311 - the same noise each time
    return array("h", (round(chance.gauss(0, level)) for _ in range(length_bytes // 2))).tobytes()


def mixed(pcm: bytes, other: bytes) -> bytes:
    return (
        np.clip(np.frombuffer(pcm, "<i2").astype(int) + np.frombuffer(other, "<i2"), -32768, 32767)
        .astype("<i2")
        .tobytes()
    )


def onset_errors_ms(pcm: bytes, truth: list[tuple[str, int | None]], aligned: float) -> list[int]:
    """Return the sorted onset errors of a text's words, after checking that at least this share of them is aligned."""
    text = " ".join(text for text, _ in truth)
    words = time_words([Passage(text)], [pcm], find_speech([pcm]), aligner=Aligners(Here()).for_text(text, "en"))
    assert sum(word.timing is Timing.ALIGNED for word in words) >= aligned * len(words)
    return sorted(
        abs(word.start_ms - onset_ms) for word, (_, onset_ms) in zip(words, truth, strict=True) if onset_ms is not None
    )


def test_words_are_found_in_loud_noise(spoken):
    """Words are aligned as well as in clear speech if white noise 10 dB below the voice masks most consonants."""
    pcm, truth = spoken
    noisy = mixed(pcm, noise_of(len(pcm), level_of(pcm) / 10**0.5))
    errors = onset_errors_ms(noisy, truth, aligned=0.9)
    assert statistics.mean(errors) <= 40
    assert errors[int(len(errors) * 0.9)] <= 100


def test_noise_between_two_voices_is_not_taken_for_words(spoken):
    """Loud noise between two parts of the speech gets none of their words."""
    pcm, truth = spoken
    middle = len(truth) // 2
    middle_ms = next(onset for _, onset in truth[middle:] if onset is not None) - 30
    place = next(index for index, (_, onset) in enumerate(truth) if onset is not None and onset >= middle_ms)
    noise = noise_of(20_000 * BYTES_PER_MS, level_of(pcm) / 2)
    sound = pcm[: middle_ms * BYTES_PER_MS] + noise + pcm[middle_ms * BYTES_PER_MS :]
    moved = [
        (text, onset if onset is None or index < place else onset + 20_000) for index, (text, onset) in enumerate(truth)
    ]
    errors = onset_errors_ms(sound, moved, aligned=0.9)
    assert statistics.mean(errors) <= 40
    assert sum(error > 500 for error in errors) <= 2


@pytest.mark.parametrize(("seconds", "limit_ms"), [(2, 70), (8, 40)])
def test_words_are_found_in_noise_that_comes_and_goes(media: Path, seconds: int, limit_ms: int):
    """Noise that lasts for seconds is modelled separately; in shorter noise, the unadapted model aligns more words."""
    pcm, truth = load(media, "slt")
    noise = np.frombuffer(noise_of(len(pcm), level_of(pcm) / 10**0.5), "<i2")
    gated = noise * (np.arange(len(noise)) // (16_000 * seconds) % 2)
    errors = onset_errors_ms(mixed(pcm, gated.astype("<i2").tobytes()), truth, aligned=0.9)
    assert statistics.mean(errors) <= limit_ms


def test_the_front_end_hears_what_pocketsphinx_hears(pcm: bytes, tmp_path: Path):
    """The cepstra are those of the decoder's own front end, compared by the mean that it reports."""
    folder = tmp_path / "model"
    folder.mkdir()
    options = acoustic_model().write(folder)
    features = (folder / "feat.params").read_text("utf-8").replace("-cmn none", "-cmn batch")
    (folder / "feat.params").write_text(features, "utf-8")
    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL", mmap=False, **options)
    decoder.add_kws("any", str(written(tmp_path / "keys", "hello /1e-40/\n")))
    decoder.activate_search("any")
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    theirs = [float(mean) for mean in decoder.get_cmn(False).split(",")]  # noqa: FBT003 - no keyword
    cepstra = band_levels(pcm) @ cosines().T * lifter()
    ours = cepstra[cepstra[:, 0] > 0].mean(0)
    assert ours == pytest.approx(theirs, abs=0.05)


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_a_model_that_is_written_is_the_model_that_was_read(tmp_path: Path):
    """Means, variances and weights are written to files unchanged."""
    model = acoustic_model()
    model.write(tmp_path)
    original = Path(pocketsphinx.get_model_path("en-us")) / "en-us"
    for name in ("means", "variances"):
        ours, theirs = ((folder / name).read_bytes().partition(b"endhdr\n")[2] for folder in (tmp_path, original))
        assert len(ours) >= model.means.nbytes
        assert theirs.startswith(ours)
    assert (tmp_path / "sendump").read_bytes() == (original / "sendump").read_bytes()


def test_a_voice_in_silence_is_the_model_s_own():
    """Inaudible noise leaves the densities unchanged, except for the channel."""
    model = acoustic_model()
    means = model.means[:, 0] / lifter()
    channel = np.linspace(8, 12, BANDS).astype(np.float32)
    cepstra = in_noise(means, channel, NOWHERE)
    assert cepstra.share.min() > 0.99
    assert np.abs(cepstra.means - means - channel @ cosines().T).max() < 1e-3
    variances = model.variances[:, 0] / lifter() ** 2
    assert variances_in_noise(variances, cepstra.slopes, np.ones(CEPSTRA, np.float32)) == pytest.approx(
        variances, rel=1e-2
    )


def test_a_voice_below_the_noise_is_the_noise():
    """For a voice far below the noise, the densities are those of the noise."""
    means = acoustic_model().means[:, 0] / lifter()
    noise = np.full(BANDS, 60.0, np.float32)
    cepstra = in_noise(means, np.zeros(BANDS, np.float32), noise)
    assert cepstra.share.max() < 0.01
    assert np.abs(cepstra.means - noise @ cosines().T).max() < 1e-2
    of_noise = np.full(CEPSTRA, 0.5, np.float32)
    assert variances_in_noise(np.ones_like(means), cepstra.slopes, of_noise) == pytest.approx(0.5, rel=1e-2)


def test_the_noise_behind_a_voice_is_found(pcm: bytes):
    """The noise levels are estimated from the mixture within 1 dB on average and 4 dB in the worst band."""
    noise = noise_of(len(pcm), level_of(pcm) / 10**0.5)
    found = surroundings_of(mixed(pcm, noise), None)
    assert found is not None
    (only,) = found.noises
    errors = np.abs(only.levels - band_levels(noise).mean(0))
    assert errors.mean() < 0.23
    assert errors.max() < 0.92


def test_noise_that_comes_and_goes_is_known_by_itself(pcm: bytes):
    """If only part of the audio is noisy, both noises are found, and the voice alone is not taken for noise."""
    noise = noise_of(len(pcm), level_of(pcm) / 10**0.5)
    half = len(pcm) // 4 * 2
    found = surroundings_of(mixed(pcm, bytes(half) + noise[half:]), None)
    softer, louder = found.noises
    assert np.abs(louder.levels - band_levels(noise).mean(0)).mean() < 0.23
    (alone,) = surroundings_of(pcm[:half], None).noises
    assert np.abs(softer.levels - alone.levels).mean() < 2
    assert (louder.levels - softer.levels).min() > 3
    assert model_in(found).means.shape[2] == 2 * acoustic_model().means.shape[2]


def test_without_noise_silence_stays_what_it_is(pcm: bytes):
    """In a quiet recording silence keeps the model's own densities; in a noisy one it gets those of the noise."""
    silence = acoustic_model().phones.index(SILENCE)
    own = acoustic_model().senones_of(silence)
    quiet, noisy = (
        model_in(surroundings_of(sound, None)) for sound in (pcm, mixed(pcm, noise_of(len(pcm), level_of(pcm) / 3)))
    )
    assert (quiet.weights == acoustic_model().weights).all()
    assert (noisy.weights[:, :, own] != quiet.weights[:, :, own]).any()


def test_what_is_between_voices_is_known_as_noise(pcm: bytes):
    """Audio in a long gap without speech replaces the model's own noises; silence between words does not."""
    sound = pcm + noise_of(5_000 * BYTES_PER_MS, 800)
    found = surroundings_of(sound, [Span(0, len(pcm) // BYTES_PER_MS)])
    assert len(found.gaps) == 1
    noises = acoustic_model().senones_of(acoustic_model().phones.index("+NSN+"))
    assert (model_in(found).weights[:, :, noises] != acoustic_model().weights[:, :, noises]).any()
    without = model_in(replace(found, gaps=()))
    assert (without.weights[:, :, noises] == acoustic_model().weights[:, :, noises]).all()


@pytest.mark.parametrize("length_ms", [0, 10, 500])
def test_too_little_sound_tells_nothing(pcm: bytes, length_ms: int):
    """Less than a second of audio leaves the model unchanged."""
    assert surroundings_of(pcm[: length_ms * BYTES_PER_MS], None) is None


@pytest.mark.parametrize("sound", [bytes(64_000), b"\xff\x7f" * 64_000, b"\x00\x80\xff\x7f" * 32_000])
def test_any_sound_has_surroundings(sound: bytes):
    """Digital silence, a constant and the loudest possible tone give finite numbers, not errors."""
    model = model_in(surroundings_of(sound, [Span(0, 1_000)]))
    assert np.isfinite(model.means).all()
    assert np.isfinite(model.variances).all()
    assert (model.variances >= 0).all()

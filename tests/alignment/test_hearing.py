"""The phoneme model is run here as its package runs it, for sound of any length."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("hama")

import hama
import numpy as np

from anyscribe.alignment.ctc import weights
from anyscribe.alignment.ctc.hearing import hear
from anyscribe.alignment.ctc.network import PhonemeNetwork
from anyscribe.audio import probe
from anyscribe.errors import AlignerUnavailableError

PACKAGE = Path(hama.__file__).parent


@pytest.fixture(scope="module")
def network() -> PhonemeNetwork:
    return PhonemeNetwork()


@pytest.fixture(scope="module")
def pcm(media: Path) -> bytes:
    return b"".join(probe(media / "aligned" / "slt.flac").pcm())


def samples(pcm: bytes):
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768


def test_it_hears_what_its_package_hears(network: PhonemeNetwork, pcm: bytes):
    """Every frame has the same likeliest symbol as in the package's own engine, with nearly the same probability."""
    from hama.asr import ASRModel  # noqa: PLC0415 - only this test runs the package

    sound = samples(pcm)[: 16_000 * 10]
    model = ASRModel()
    names = [node.name for node in model.session.get_inputs()]
    inputs = dict(zip(names, (sound[None], np.array([len(sound)])), strict=True))
    outputs = [node.name for node in model.session.get_outputs()]
    (theirs,), (length,) = (np.asarray(output) for output in model.session.run(outputs, inputs))
    ours = network.log_probabilities(sound)
    assert network.symbols == tuple(model.decoder_tokens)
    assert ours.shape == theirs[:length].shape
    assert (ours.argmax(axis=1) == theirs[:length].argmax(axis=1)).all()
    assert np.abs(ours - theirs[:length]).max() < 0.1


def test_windows_are_joined_without_a_seam(network: PhonemeNetwork, pcm: bytes):
    """A longer recording is heard much as if it were one window, whatever the chunks that it comes in."""
    assert len(pcm) > 14 * 32_000
    whole = network.log_probabilities(samples(pcm))
    for size in (1_998, len(pcm)):
        joined = np.concatenate(list(hear(network, [pcm[at : at + size] for at in range(0, len(pcm), size)])))
        assert len(joined) == len(whole)
        assert (joined.argmax(axis=1) == whole.argmax(axis=1)).mean() > 0.9


@pytest.mark.parametrize("length", [0, 1, 10, 319, 320, 399, 400, 401, 16_000, 192_000, 208_000, 208_001])
def test_any_length_has_a_frame_for_every_20_ms(network: PhonemeNetwork, length: int):
    """Nothing is too short or falls on a border of windows."""
    heard = list(hear(network, [bytes(2 * length)]))
    frames = sum(map(len, heard))
    assert length / 320 - 1 <= frames <= length / 320 + 2
    assert all(np.isfinite(one).all() for one in heard)


def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a copy of the model where the package is looked for."""
    (tmp_path / "hama" / "assets").mkdir(parents=True)
    for name in ("asr_waveform.hama", "g2p_vocab.json"):
        shutil.copy(PACKAGE / "assets" / name, tmp_path / "hama" / "assets")
    monkeypatch.setattr(weights, "PACKAGE", "hama_of_this_test")
    (tmp_path / "hama").rename(tmp_path / "hama_of_this_test")
    (tmp_path / "hama_of_this_test" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "hama_of_this_test" / "assets"


def test_the_package_is_read_and_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The weights are files to this program."""
    copied(tmp_path, monkeypatch)
    assert len(weights.read_weights().symbols) == 191


@pytest.mark.parametrize("name", ["asr_waveform.hama", "g2p_vocab.json"])
@pytest.mark.parametrize("fault", ["changed", "cut", "empty", "missing"])
def test_a_damaged_or_unknown_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: str):
    """One changed byte is enough: the file is named, and what to install."""
    path = copied(tmp_path, monkeypatch) / name
    content = path.read_bytes()
    path.unlink()
    if fault != "missing":
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"changed": changed, "cut": content[:middle], "empty": b""}[fault])
    with pytest.raises(AlignerUnavailableError) as caught:
        weights.read_weights()
    assert str(path) in str(caught.value.message)
    assert "hama==1.7.0" in str(caught.value.remedy)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch):
    """Without the package there is no model."""
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package")
    with pytest.raises(AlignerUnavailableError, match="not installed"):
        weights.read_weights()

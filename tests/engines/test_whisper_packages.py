"""Weights that installed packages carry are found, trusted by their digest alone, and never imported."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("faster_whisper")

from anyscribe.engines.whisper import packaged
from anyscribe.engines.whisper.catalogue import models
from anyscribe.engines.whisper.packaged import WeightPackages, find_packaged, open_packaged
from anyscribe.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

HALVES = (b"first half, ", b"second half")
DIGEST = hashlib.sha256(b"".join(HALVES)).hexdigest()


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Install two packages that carry a model in halves; importing one fails."""
    found = []
    for number, half in enumerate(HALVES, 1):
        folder = tmp_path / "site" / f"weights_part{number}" / "data"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").write_text("raise SystemExit('imported')")
        (folder / f"model.bin.part{number}").write_bytes(half)
        found.append(folder / f"model.bin.part{number}")
    (found[0].parent / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(tmp_path / "site")
    entries = tuple((f"weights_part{number}", "data", f"model.bin.part{number}") for number in (1, 2))
    monkeypatch.setattr(packaged, "PACKAGED", (WeightPackages("base", entries, "weights==1", DIGEST),))
    return found


def test_halves_are_joined_once(parts: list[Path], tmp_path: Path):
    """The folder has the whole weights and the other files; the second time it is used as it is."""
    assert find_packaged("base") == parts
    folder = open_packaged("base", tmp_path / "cache")
    assert (folder / "model.bin").read_bytes() == b"".join(HALVES)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.bin"]
    parts[1].write_bytes(b"changed later")
    assert open_packaged("base", tmp_path / "cache") == folder
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_one_half_is_no_model(parts: list[Path]):
    """Both packages have to be installed."""
    parts[1].unlink()
    assert find_packaged("base") is None


def test_other_weights_are_refused(parts: list[Path], tmp_path: Path):
    """A changed byte is told, with what to install, and nothing is left behind."""
    parts[1].write_bytes(b"second Half")
    with pytest.raises(EngineError) as caught:
        open_packaged("base", tmp_path / "cache")
    assert "damaged" in str(caught.value.message)
    assert "weights==1" in str(caught.value.remedy)
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_cannot_be_written_is_told(parts: list[Path], tmp_path: Path):
    """The parts cannot be joined where a file is in the way."""
    assert parts
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(EngineError, match="cannot be joined"):
        open_packaged("base", tmp_path / "cache")


def test_they_are_listed_as_here(parts: list[Path]):
    """`anyscribe models` shows their folder and their size."""
    weights = models()["base"]
    assert weights.folder == parts[0].parent
    assert weights.size_bytes == sum(map(len, HALVES)) + len("{}")


def test_other_models_are_in_no_package():
    """Only what is registered is looked for."""
    assert find_packaged("small") is None

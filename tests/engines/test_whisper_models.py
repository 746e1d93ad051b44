"""Whisper's models: names, folders, missing files, and the default."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from missing import without
from whisper_model import USUAL

from anyscribe.cli.installation import install_command
from anyscribe.engines.registry import default_model
from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.errors import FieldError
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from pathlib import Path

    from hub import Hub
    from programs import Program
    from whispering import Whisper

pytest_plugins = ["whispering"]

NAMES = ("tiny", "tiny.en", "base", "small", "medium", "large-v3", "large-v3-turbo")


def test_folder_is_a_model(whisper: Whisper, media: Path, tmp_path: Path):
    """A path to a folder selects the model in it, also relative to the working directory."""
    shutil.copytree(whisper.model, tmp_path / "mine")
    for path in ("mine", "./mine", str(tmp_path / "mine")):
        run = whisper(media / "hello.wav", "--model", path)
        assert (run.code, run.text, run.err) == (0, f"{USUAL.text}\n", "")


def test_name_outweighs_a_folder(whisper: Whisper, media: Path, tmp_path: Path):
    """A folder with a model's name must be given as a path."""
    shutil.copytree(whisper.model, tmp_path / "tiny")
    assert "the model tiny is not on this machine" in whisper(media / "hello.wav", "--model", "tiny").err
    assert whisper(media / "hello.wav", "--model", "./tiny").text == f"{USUAL.text}\n"


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_folder_that_is_not_whole(whisper: Whisper, media: Path, tmp_path: Path, name: str):
    """A folder with a missing file is refused at once, without a download."""
    folder = tmp_path / "mine"
    shutil.copytree(whisper.model, folder, ignore=shutil.ignore_patterns(name))
    shown = name.replace("vocabulary.json", "vocabulary.*")
    assert the_error(whisper(media / "hello.wav", "--model", "mine"), 2) == (
        f"--model mine: the folder holds no {shown}: give a folder with a Whisper model in CTranslate2's format"
    )


def test_folder_that_holds_something_else(whisper: Whisper, media: Path, tmp_path: Path):
    """A folder with a broken model is an error that names the model and its folder."""
    folder = tmp_path / "mine"
    shutil.copytree(whisper.model, folder)
    (folder / "model.bin").write_bytes(b"\x00" * 1000)
    error = the_error(whisper(media / "hello.wav", "--model", "mine"), 1)
    assert error.startswith(f"{media}/hello.wav: the model mine cannot be loaded (")
    assert error.endswith(f"): check that the files in {folder} are complete")


@pytest.mark.parametrize(("given", "reason"), [("whisper-1", "no such built-in model"), ("./gone", "no such folder")])
def test_unknown_model(whisper: Whisper, media: Path, given: str, reason: str):
    """An unknown model is refused before anything is read, with a list of all models."""
    error = the_error(whisper("gone.wav", media / "hello.wav", "--model", given, "-d", "."), 2)
    assert error.startswith(f"--model {given}: {reason}: use one of tiny.en, ")
    assert not [name for name in NAMES if name not in error.replace(",", "").split()]


@pytest.mark.parametrize(("model", "instead"), [("tiny.en", "tiny"), ("distil-small.en", "small")])
def test_model_that_knows_english_only(whisper: Whisper, media: Path, model: str, instead: str):
    """An English-only model, known by its name, refuses other languages, and the error names a multilingual one."""
    refused = whisper(media / "hello.wav", "--model", model, "-l", "de")
    message = f"--language de: this model knows English only: use en, or the model {instead}"
    assert the_error(refused, 2) == message
    nowhere = whisper.environment("http://127.0.0.1:9")
    english = whisper(media / "hello.wav", "--model", model, "-l", "en-GB", env=nowhere)
    assert "is not on this machine" in the_error(english, 1)


def test_values_that_cannot_be(whisper_model: Path):
    """An invalid value of one of Whisper's own fields is refused under its name."""
    fields = (("vad_filter", "perhaps"),)
    request = TranscriptionRequest(ResponseFormat.TEXT, model=str(whisper_model), fields=fields)
    with pytest.raises(FieldError, match="vad_filter perhaps: not a boolean: use one of true, false") as caught:
        WhisperEngine(1).check(request)
    assert caught.value.option == "vad_filter"


def test_default_is_whisper_where_it_is_installed(whisper: Whisper, hub: Hub, anyscribe: Program, media: Path):
    """Whisper's `small` is the default model; the sphinx engine is selected by name and needs no download."""
    assert default_model() == "small"
    run = anyscribe("--local", media / "hello.wav", env=whisper.environment(hub.url))
    # The hub has only the tiny model.
    assert "the model small is not on this machine" in the_error(run, 1)
    assert hub.requests == ["GET /api/models/Systran/faster-whisper-small"] or hub.asked_for("faster-whisper-small")
    small = anyscribe("--local", "--model", "sphinx", media / "hello.wav")
    assert (small.code, small.text, small.err) == (0, "welcome to the town library\n", "")


def test_nothing_is_downloaded_unasked(whisper: Whisper, hub: Hub, anyscribe: Program, media: Path):
    """Without --local and --model, the small engine is used as long as Whisper's weights are not on this machine."""
    run = anyscribe(media / "hello.wav", env=whisper.environment(hub.url))
    assert (run.code, run.text, len(run.err_lines)) == (0, "welcome to the town library\n", 1)
    assert "ANYSCRIBE_API_KEY" in run.err
    assert hub.requests == []


def test_without_whisper(whisper: Whisper, anyscribe: Program, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """Without the whisper extra the small engine is the default; for other models the error says what to install."""
    env = without(tmp_path_factory.mktemp("customised"), "faster_whisper")
    run = anyscribe("--local", media / "hello.wav", env=env)
    assert (run.code, run.text, run.err) == (0, "welcome to the town library\n", "")
    for model in ("tiny", str(whisper.model)):
        refused = anyscribe("--local", media / "hello.wav", "--model", model, env=env)
        assert the_error(refused, 2) == (
            f"--model {model}: Whisper is not installed (built-in models here: sphinx): {install_command('whisper')}"
        )


def test_with_half_of_whisper(whisper: Whisper, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """If a part of the extra is missing, the error says to install it again."""
    env = without(tmp_path_factory.mktemp("customised"), "ctranslate2")
    expected = f"Whisper is not installed: {install_command('whisper')}"
    assert the_error(whisper(media / "hello.wav", env=env), 2) == expected


def test_without_any_engine(anyscribe: Program, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """Without any engine, the error says what to install."""
    env = without(tmp_path_factory.mktemp("customised"), "faster_whisper", "pocketsphinx")
    unnamed = anyscribe("--local", media / "hello.wav", env=env)
    assert the_error(unnamed, 2) == f"no built-in engine is installed: {install_command('local')}"
    named = anyscribe("--local", media / "hello.wav", "--model", "tiny", env=env)
    assert the_error(named, 2) == f"--model tiny: Whisper is not installed: {install_command('whisper')}"

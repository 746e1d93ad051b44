"""Whisper's models: names, folders, missing files, and the default."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from missing import without
from whisper_model import IN_GERMAN, USUAL

from anyscribe.cli.installation import install_command
from anyscribe.engines.whisper.choice import choose_model
from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.errors import FieldError, OptionError
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
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


def test_best_model_here(whisper: Whisper, hub: Hub, anyscribe: Program, media: Path):
    """Without a name, the best model on this machine is used; nothing is downloaded that was not named."""
    env = {**whisper.environment(hub.url), "ANYSCRIBE_CHECK": "0"}
    unnamed = anyscribe("--local", media / "hello.wav", env=env)
    assert "no model is on this machine: " in the_error(unnamed, 1)
    assert hub.requests == []
    whisper(media / "silence.flac", "--model", "tiny", env=env)
    for arguments, first in (([], USUAL.first), (["-l", "de"], IN_GERMAN.first), (["-l", "en"], USUAL.first)):
        run = anyscribe("--local", media / "hello.wav", *arguments, env=env)
        assert (run.code, run.text.startswith(first)) == (0, True), run.err


@pytest.mark.parametrize(
    ("here", "language", "translates", "chosen"),
    [
        (["tiny.en"], None, False, "tiny.en"),
        (["tiny.en", "tiny"], None, False, "tiny"),
        (["tiny.en", "tiny"], "en", False, "tiny.en"),
        (["base", "tiny.en"], "en", False, "base"),
        (["medium.en", "base"], None, False, "base"),
        (["medium.en", "base"], "en", False, "medium.en"),
        (["medium.en", "base"], "ko", False, "base"),
        (["large-v2", "small"], "yue", False, ""),
        (["large-v2", "large-v3-turbo"], "yue", False, "large-v3-turbo"),
        (["distil-large-v3", "tiny"], None, False, "tiny"),
        (["large-v3-turbo", "small"], None, True, "small"),
        (["tiny.en"], "de", False, ""),
        (["tiny.en"], None, True, ""),
    ],
)
def test_which_model_is_the_best(
    monkeypatch: pytest.MonkeyPatch,
    here: list[str],
    language: str | None,
    translates: bool,  # noqa: FBT001 - a case
    chosen: str,
):
    """The best one that knows the language; if that is not known, one that knows many."""
    monkeypatch.setattr(
        "anyscribe.engines.whisper.catalogue.find_weights", lambda model: Path("x") if model in here else None
    )
    if chosen:
        assert choose_model(language, translates=translates) == chosen
        return
    with pytest.raises(OptionError, match="translate: " if translates else f"language {language}: "):
        choose_model(language, translates=translates)


def test_with_half_of_whisper(whisper: Whisper, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """If a part of the extra is missing, the error says to install it again."""
    env = without(tmp_path_factory.mktemp("customised"), "ctranslate2")
    expected = f"Whisper is not installed: {install_command('local')}"
    assert the_error(whisper(media / "hello.wav", env=env), 2) == expected


def test_without_the_engine(anyscribe: Program, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """Without the engine, the error says what to install."""
    env = without(tmp_path_factory.mktemp("customised"), "faster_whisper")
    for arguments in ([], ["--model", "tiny"]):
        run = anyscribe("--local", media / "hello.wav", *arguments, env=env)
        assert the_error(run, 2) == f"Whisper is not installed: {install_command('local')}"


@pytest.mark.parametrize(("flag", "value"), [("--device", "abacus"), ("--compute-type", "int3")])
def test_device_that_does_not_exist(whisper: Whisper, media: Path, flag: str, value: str):
    """A device or number format that there is not is an error that names it."""
    assert the_error(whisper(media / "hello.wav", flag, value), 2).startswith(f"{flag} {value}: ")


def test_number_format_of_choice(whisper: Whisper, media: Path):
    """The device and the number format can be named as the library names them."""
    run = whisper(media / "hello.wav", "--device", "cpu", "--compute-type", "float32")
    assert (run.code, run.text, run.err) == (0, f"{USUAL.text}\n", "")

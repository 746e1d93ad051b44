"""Read a file of an installed package that is not imported; only bytes whose digest is known are trusted."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from anyscribe.errors import DiarizerUnavailableError
from anyscribe.sentence import Package, Sentence


def read_package_file(package: str, file: str, sha256: str, requirement: str) -> bytes:
    """Read a voice model.

    Args:
        package: The import name of the package.
        file: The file's path in it.
        sha256: The digest that it must have.
        requirement: What is installed to have it.

    Raises:
        DiarizerUnavailableError: The package is not installed, or the file is damaged or another one.
    """
    remedy = Sentence("{}", Package(requirement))
    path = package_path(package, file)
    if path is None:
        raise DiarizerUnavailableError(f"voices are told apart with a model of {requirement}", remedy=remedy)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DiarizerUnavailableError(f"the voice model cannot be read ({path}: {reason})", remedy=remedy) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DiarizerUnavailableError(f"{path} is damaged, or not the voice model of {requirement}", remedy=remedy)
    return content


def package_path(package: str, file: str) -> Path | None:
    """Return where a file of a package is; None if the package is not installed."""
    spec = importlib.util.find_spec(package)
    folders = None if spec is None else spec.submodule_search_locations
    return Path(folders[0]) / file if folders else None

"""The available models: those that faster-whisper knows by name, and folders that contain one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.engines.weights import Weights, size_of
from anyscribe.engines.whisper.libraries import hub_library, known_repositories
from anyscribe.engines.whisper.packaged import find_packaged
from anyscribe.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MODEL: Final = "small"
"""The model that is used if the request names none: mid-range, with half a gigabyte of weights."""

WEIGHTS: Final = "model.bin"
FILES: Final = ("config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*", WEIGHTS)
"""The files that are downloaded for a model, the same as in faster-whisper."""

_NEEDED: Final = (WEIGHTS, "config.json", "tokenizer.json", "vocabulary.*")
"""Without a tokenizer, faster-whisper would download another model's; without preprocessor settings it uses the
defaults."""

_ENGLISH_ONLY: Final = ".en"

_MILLIONS_OF_PARAMETERS: Final = {
    "tiny": 39,
    "base": 74,
    "small": 244,
    "medium": 769,
    "large-v1": 1550,
    "large-v2": 1550,
    "large-v3": 1550,
    "large": 1550,
    "large-v3-turbo": 809,
    "turbo": 809,
    "distil-small": 166,
    "distil-medium": 394,
    "distil-large-v2": 756,
    "distil-large-v3": 756,
    "distil-large-v3.5": 756,
}
"""The sizes of the models. Source: the model cards of Whisper and Distil-Whisper."""

_BYTES_OF_A_PARAMETER: Final = 2
"""The repositories hold weights of 16 bits. Source: their model cards."""


def repositories() -> Mapping[str, str]:
    """Return the hub's repository for each model's name, in the library's order.

    The library provides the names, so that there is one source; every transcription imports it anyway.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    return known_repositories()


def check_model(model: str) -> None:
    """Reject an invalid model, without loading it.

    Args:
        model: A name, or a folder. A name takes precedence over a folder of that name, which is given as ``./tiny``.

    Raises:
        FieldError: It is neither a known name nor a folder with a complete model.
        MissingExtraError: Whisper is not installed.
    """
    if model in repositories():
        return
    folder = Path(model)
    if not folder.is_dir():
        reason = "no such folder" if folder.name != model else "no such built-in model"
        raise FieldError("model", model, reason, legal=tuple(repositories()))
    missing = _missing_from(folder)
    if missing:
        raise FieldError(
            "model",
            model,
            f"the folder holds no {', no '.join(missing)}",
            remedy="give a folder with a Whisper model in CTranslate2's format",
        )


def is_english_only(model: str) -> bool:
    """Return whether a model's name marks it as English-only; always False for a folder.

    Args:
        model: The name.
    """
    return model in repositories() and model.endswith(_ENGLISH_ONLY)


def find_weights(model: str) -> Path | None:
    """Find a model on this machine, without network access: in a package, or in the hub's cache.

    Args:
        model: A name, or a folder.

    Returns:
        The folder that contains its files; None if they must be downloaded first.
    """
    repository = repositories().get(model)
    if repository is None:
        return Path(model)
    packaged = find_packaged(model)
    if packaged is not None:
        return packaged[0].parent
    found = hub_library().try_to_load_from_cache(repository, WEIGHTS)
    if not isinstance(found, str) or _missing_from(Path(found).parent):
        return None
    return Path(found).parent


def models() -> Mapping[str, Weights]:
    """Return the models that have a name, and the weights of each.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    return {model: _weights_of(model) for model in repositories()}


def _weights_of(model: str) -> Weights:
    folder = find_weights(model)
    if folder is not None:
        files = {path for name in FILES for path in folder.glob(name)}
        return Weights(folder, size_of(files.union(find_packaged(model) or ())))
    parameters = _MILLIONS_OF_PARAMETERS.get(model.removesuffix(_ENGLISH_ONLY))
    return Weights(None, None if parameters is None else parameters * 1_000_000 * _BYTES_OF_A_PARAMETER)


def _missing_from(folder: Path) -> list[str]:
    return [name for name in _NEEDED if not any(folder.glob(name))]

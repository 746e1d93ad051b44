"""The available models: those that faster-whisper knows by name, and folders that contain one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.engines.whisper.libraries import hub_library, known_repositories
from anyscribe.engines.whisper.packaged import find_packaged
from anyscribe.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

USUAL_MODEL: Final = "small"
"""The model that messages propose to download: mid-range, with half a gigabyte of weights."""

WEIGHTS: Final = "model.bin"
FILES: Final = ("config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*", WEIGHTS)
"""The files that are downloaded for a model, the same as in faster-whisper."""

_NEEDED: Final = (WEIGHTS, "config.json", "tokenizer.json", "vocabulary.*")
"""Without a tokenizer, faster-whisper would download another model's; without preprocessor settings it uses the
defaults."""

_ENGLISH_ONLY: Final = ".en"

_BEST_FIRST: Final = (
    "large-v3",
    "large",
    "large-v2",
    "large-v3-turbo",
    "turbo",
    "distil-large-v3.5",
    "distil-large-v3",
    "distil-large-v2",
    "large-v1",
    "medium.en",
    "medium",
    "distil-medium.en",
    "small.en",
    "small",
    "distil-small.en",
    "base.en",
    "base",
    "tiny.en",
    "tiny",
)
"""Source: the tables of word errors in Whisper's paper (https://arxiv.org/abs/2212.04356) and on the model cards."""

_DISTILLED: Final = "distil-"
_FASTER: Final = "turbo"
_WITH_CANTONESE: Final = frozenset({"large-v3", "large", "large-v3-turbo", "turbo"})
_CANTONESE: Final = "yue"
"""Only the newest models know it."""

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


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a model.

    Args:
        folder: The folder that contains them; None if they are downloaded at first use.
        size_bytes: Their size on the disk, or about what is downloaded; None if unknown.
    """

    folder: Path | None
    size_bytes: int | None

    @property
    def are_here(self) -> bool:
        """Whether they are on this machine."""
        return self.folder is not None


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


def can_translate(model: str) -> bool:
    """Return whether a model was trained to translate into English; True for a folder.

    Args:
        model: The name.
    """
    return model not in repositories() or (is_multilingual(model) and _FASTER not in model)


def models_here() -> list[str]:
    """Return the models that are on this machine and have a name, the best one first."""
    known = repositories()
    return [model for model in _BEST_FIRST if model in known and find_weights(model) is not None]


def is_multilingual(model: str) -> bool:
    """Return whether a model that has a name was trained on many languages; the distilled ones were not.

    Args:
        model: The name.
    """
    return not (is_english_only(model) or model.startswith(_DISTILLED))


def knows_language(model: str, language: str) -> bool:
    """Return whether a model that has a name was trained on a language.

    Args:
        model: The name.
        language: Whisper's code for the language.
    """
    if not is_multilingual(model):
        return language == "en"
    return language != _CANTONESE or model in _WITH_CANTONESE


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
        return Weights(folder, _size_of(files.union(find_packaged(model) or ())))
    parameters = _MILLIONS_OF_PARAMETERS.get(model.removesuffix(_ENGLISH_ONLY))
    return Weights(None, None if parameters is None else parameters * 1_000_000 * _BYTES_OF_A_PARAMETER)


def _missing_from(folder: Path) -> list[str]:
    return [name for name in _NEEDED if not any(folder.glob(name))]


def _size_of(paths: Iterable[Path]) -> int:
    """Return the size of files in bytes; links are followed."""
    return sum(path.stat().st_size for path in paths if path.is_file())

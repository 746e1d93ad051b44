"""Which models there are: those that faster-whisper knows by name, and folders that hold one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.engines.whisper.libraries import hub_library, known_repositories
from anyscribe.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MODEL: Final = "small"
"""What is used where none is asked for: the middle of the range, whose weights take half a gigabyte."""

WEIGHTS: Final = "model.bin"
FILES: Final = ("config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*", WEIGHTS)
"""What is fetched of a model, as faster-whisper does."""

_NEEDED: Final = (WEIGHTS, "config.json", "tokenizer.json", "vocabulary.*")
"""Without its tokenizer, faster-whisper would fetch another model's, and without a preprocessor's settings it takes the
usual ones."""

_ENGLISH_ONLY: Final = ".en"


def repositories() -> Mapping[str, str]:
    """Give the hub's repository for each model's name, in the library's order.

    The library is asked, so that there is one truth; importing it is paid for by every transcription anyway.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    return known_repositories()


def check_model(model: str) -> None:
    """Refuse a model that is none, without loading it.

    Args:
        model: A name, or a folder. A name outweighs a folder of that name, which is reached as ``./tiny``.

    Raises:
        FieldError: It is neither.
        MissingExtraError: Whisper is not installed.
    """
    if model in repositories():
        return
    folder = Path(model)
    if not folder.is_dir():
        reason = "there is no such folder" if folder.name != model else "there is no such built-in model"
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
    """Tell whether a model's name says that it knows English only; a folder's name says nothing.

    Args:
        model: The name.
    """
    return model in repositories() and model.endswith(_ENGLISH_ONLY)


def find_weights(model: str) -> Path | None:
    """Find a model on this machine, without the network.

    Args:
        model: A name, or a folder.

    Returns:
        The folder that holds its files; None where they are yet to be fetched.
    """
    repository = repositories().get(model)
    if repository is None:
        return Path(model)
    found = hub_library().try_to_load_from_cache(repository, WEIGHTS)
    if not isinstance(found, str) or _missing_from(Path(found).parent):
        return None
    return Path(found).parent


def models() -> Mapping[str, bool]:
    """Return the models that have a name, and whether the weights of each are on this machine.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    return {model: find_weights(model) is not None for model in repositories()}


def _missing_from(folder: Path) -> list[str]:
    return [name for name in _NEEDED if not any(folder.glob(name))]

"""Where the weights of a built-in model are, and how much they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


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


def size_of(paths: Iterable[Path]) -> int:
    """Return the size of files in bytes; links are followed.

    Args:
        paths: The files; what is no file is not counted.
    """
    return sum(path.stat().st_size for path in paths if path.is_file())

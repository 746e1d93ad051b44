"""Whether two names are of one file."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.places import Location


class Identities:
    """Names files so that two names of one file are equal; the folders on the way are looked up once."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def of(self, path: Location | str) -> str:
        """Name a file.

        Args:
            path: The file; it need not be there.
        """
        if not isinstance(path, str | Path):
            return path.identity
        folder, name = os.path.split(os.fspath(path))
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        real = os.path.join(self._folders[folder], name)  # noqa: PTH118 - there may be many
        return os.path.realpath(real) if os.path.islink(real) else real  # noqa: PTH114 - as above

    def of_result(self, path: Location) -> str:
        """Name a file that is to be written, also where file systems ignore case.

        Args:
            path: The file.
        """
        identity = self.of(path)
        if not isinstance(path, Path):
            return identity
        identity = os.path.normcase(identity)
        return unicodedata.normalize("NFC", identity).casefold() if sys.platform == "darwin" else identity

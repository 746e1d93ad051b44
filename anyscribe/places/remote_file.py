"""A file that is reached by an address: its names, as `pathlib.Path` has them for a file of this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

if TYPE_CHECKING:
    from anyscribe.places.file_system import FileSystem


@dataclass(frozen=True, slots=True)
class FileState:
    """What a listing says about a file.

    Args:
        size: Its size in bytes; None if that is not known.
        version: What changes whenever its content does: an ETag, a generation, or else a time; empty if not known.
    """

    size: int | None = None
    version: str = ""

    def may_be(self, other: FileState) -> bool:
        """Return whether two descriptions can be of the same content.

        Args:
            other: The other description; what one of them does not say is not compared.
        """
        kinds = self.version.partition(":")[0], other.version.partition(":")[0]
        is_version_same = kinds[0] != kinds[1] or self.version == other.version
        return is_version_same and (None in (self.size, other.size) or self.size == other.size)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a place; it need not be there. Its text is its address without secrets.

    Names are not normalized: in a bucket, ``a//b`` and ``a/./b`` are other objects than ``a/b``.

    Args:
        system: Where it is.
        path: Its path there, without a slash at its start.
        query: What its address had after a question mark; never shown.
        state: What was said about it when it was found.
    """

    system: FileSystem
    path: str
    query: str = field(default="", repr=False)
    state: FileState = field(default=FileState(), compare=False)

    def __str__(self) -> str:
        return f"{self.system}{self.path}"

    @property
    def name(self) -> str:
        """Its last part."""
        name = self.path.rpartition("/")[2]
        return unquote(name) if self.system.is_web else name

    @property
    def suffix(self) -> str:
        """The extension of its name, with its dot; empty if there is none."""
        return PurePosixPath(self.name).suffix

    @property
    def folder(self) -> str:
        """The path of its folder, without a slash at its end; empty at the top."""
        return self.path.rpartition("/")[0]

    @property
    def identity(self) -> str:
        """What tells it from other files; for a query, which may be a secret, a digest stands."""
        if not self.query:
            return str(self)
        from hashlib import blake2b  # noqa: PLC0415 - few addresses have a query

        return f"{self}?{blake2b(self.query.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"

    def with_name(self, name: str) -> RemoteFile:
        """Return another file in the same folder.

        Args:
            name: Its name.
        """
        return RemoteFile(self.system, self.path[: len(self.path) - len(self.path.rpartition("/")[2])] + name)

    def with_suffix(self, suffix: str) -> RemoteFile:
        """Return the file whose name has another extension.

        Args:
            suffix: The extension, with its dot.
        """
        return self.with_name(PurePosixPath(self.name).with_suffix(suffix).name)

    def __truediv__(self, relative: Path) -> RemoteFile:
        """Return a file below this one, which is a folder."""
        folder = self.path.rstrip("/")
        return RemoteFile(self.system, "/".join([*([folder] if folder else []), relative.as_posix()]))


Location: TypeAlias = "Path | RemoteFile"
"""A file of this machine, or one that is reached by an address."""

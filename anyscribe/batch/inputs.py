"""From what was typed to recordings: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import MEDIA_EXTENSIONS
from anyscribe.errors import AudioError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STDIN: Final = "-"
_STDIN_NAME: Final = "stdin"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One recording to be transcribed.

    Args:
        path: Its file; for standard input a stand-in, ``stdin`` in the current folder, that names its sidecars.
        relative: The path below the input's root, which an output folder mirrors.
        is_stdin: Whether it comes through standard input.
        error: Why there is no such recording; None for one that there is.
    """

    path: Path
    relative: Path
    is_stdin: bool = False
    error: AudioError | None = None

    @property
    def shown(self) -> str:
        """How messages name it."""
        return "standard input" if self.is_stdin else str(self.path)


def find_sources(inputs: Sequence[str], *, recursive: bool) -> list[Source]:
    """Find the recordings that were named.

    Args:
        inputs: Files, folders, globs and ``-``, as typed.
        recursive: Whether folders are searched to the bottom.

    Returns:
        Recordings in the order of the inputs, a folder's and a glob's by name, each once however often it was named.
        What names nothing is in the list with its error, so that the others can still be done.

    Raises:
        UsageError: Standard input is named twice.
    """
    if inputs.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once", hint="give - once")
    seen: set[str] = set()
    sources = []
    for given in inputs:
        for source in _expand(given, recursive=recursive):
            identity = STDIN if source.is_stdin else os.path.realpath(source.path)
            if identity not in seen:
                seen.add(identity)
                sources.append(source)
    return sources


def is_single(inputs: Sequence[str]) -> bool:
    """Tell whether the inputs name one recording by itself, and not a folder or a glob, whatever those hold.

    Args:
        inputs: As typed.
    """
    return len(inputs) == 1 and (inputs[0] == STDIN or not (Path(inputs[0]).is_dir() or _is_glob(inputs[0])))


def _expand(given: str, *, recursive: bool) -> Iterator[Source]:
    path = Path(given)
    if given == STDIN:
        yield Source(Path(_STDIN_NAME), Path(_STDIN_NAME), is_stdin=True)
    elif path.is_dir():
        yield from _in_folder(path, recursive=recursive)
    elif _is_glob(given):
        yield from _in_glob(given)
    else:
        yield Source(path, Path(path.name))


def _is_glob(given: str) -> bool:
    """A file that is called like a glob is that file: ``talk [1].mp3`` is a common name."""
    return glob.has_magic(given) and not os.path.lexists(given)


def _in_folder(folder: Path, *, recursive: bool) -> Iterator[Source]:
    found = False
    unreadable: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        for name in sorted(names):
            if _is_media_name(name):
                found = True
                path = Path(parent, name)
                yield Source(path, path.relative_to(folder))
    for refusal in unreadable:
        error = AudioError(f"the folder cannot be read ({refusal.strerror})", hint="check its permissions")
        yield Source(Path(refusal.filename), Path(), error=error)
    if not found and not unreadable:
        deeper = "" if recursive else "; --recursive looks in its folders too"
        error = AudioError("there are no recordings in this folder", hint=f"it is searched by file extension{deeper}")
        yield Source(folder, Path(folder.name), error=error)


def _in_glob(pattern: str) -> Iterator[Source]:
    parts = Path(pattern).parts
    plain = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:plain])
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - Path has no recursive
    files = [match for match in matches if match.is_file()]
    # *.mp3 means what it says; talks/** means the recordings among whatever lies there.
    if not Path(parts[-1]).suffix:
        files = [file for file in files if _is_media_name(file.name)]
    if not files:
        yield Source(Path(pattern), Path(), error=AudioError("no recording matches", hint="check the pattern"))
    for file in files:
        yield Source(file, file.relative_to(root))


def _is_media_name(name: str) -> bool:
    return not name.startswith(".") and name.rpartition(".")[2].lower() in MEDIA_EXTENSIONS

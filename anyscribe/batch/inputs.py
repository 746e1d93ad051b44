"""From the inputs as typed to recordings: files, folders, globs and standard input."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from anyscribe.audio import MEDIA_EXTENSIONS, unreadable
from anyscribe.errors import AudioError, UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STDIN: Final = "-"
_STDIN_NAME: Final = "stdin"
_ANY_DEPTH: Final = "**"
_ADDRESS: Final = re.compile(r"(https?|ftp)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One recording to be transcribed.

    Args:
        path: Its file; for standard input a placeholder, ``stdin`` in the current folder, that names its sidecars.
        relative: The path below the input's root, which an output folder mirrors.
        is_stdin: Whether it comes through standard input.
        error: Why no such recording; None if there is one.
    """

    path: Path
    relative: Path
    is_stdin: bool = False
    error: AudioError | None = None

    @property
    def shown(self) -> str:
        """Its name in messages."""
        return "standard input" if self.is_stdin else str(self.path)


def find_sources(inputs: Sequence[str], *, recursive: bool) -> list[Source]:
    """Find the recordings that were named.

    Args:
        inputs: Files, folders, globs and ``-``, as typed.
        recursive: Whether folders are searched to the bottom.

    Returns:
        Recordings in the order of the inputs, those of folders and globs by name, each only once. An input that names
        nothing is in the list with its error, so that the others can still be done.

    Raises:
        UsageError: Standard input is named twice, or an input is empty.
    """
    if "" in inputs:
        # As a path it would be the current folder, and everything in it would be sent because of an unset variable.
        raise UsageError(Sentence("an {} is empty", Option("file")), remedy="a shell variable in it may not be set")
    if inputs.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once", remedy="give - once")
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
    """Return whether the inputs name one recording by itself, and not a folder or a glob.

    Args:
        inputs: As typed.
    """
    return len(inputs) == 1 and (inputs[0] == STDIN or not (_is_folder(inputs[0]) or _is_glob(inputs[0])))


def _expand(given: str, *, recursive: bool) -> Iterator[Source]:
    path = Path(given)
    if given == STDIN:
        yield Source(Path(_STDIN_NAME), Path(_STDIN_NAME), is_stdin=True)
    elif _is_folder(path):
        yield from _in_folder(path, recursive=recursive)
    elif _is_glob(given):
        yield from _in_glob(path)
    else:
        yield Source(path, Path(path.name), error=_refusal(given))


def _is_folder(path: str | Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a folder on the way is closed


def _is_glob(given: str) -> bool:
    """A file with the name of a glob is that file: ``talk [1].mp3`` is a common name."""
    return glob.has_magic(given) and not os.path.lexists(given)


def _refusal(given: str) -> AudioError | None:
    try:
        Path(given).stat()
    except FileNotFoundError as error:
        if _ADDRESS.match(given):
            remedy = Sentence("download it, or pipe it into {}", Option("standard_input"))
            return AudioError("that is an address, not a file", remedy=remedy)
        return unreadable(error)
    except OSError as error:
        return unreadable(error)
    return None


def _in_folder(folder: Path, *, recursive: bool) -> Iterator[Source]:
    found = False
    refusals: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=refusals.append):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        for name in sorted(names):
            if _is_media_name(name):
                found = True
                path = Path(parent, name)
                yield Source(path, path.relative_to(folder))
    for refusal in refusals:
        error = AudioError(f"the folder cannot be read ({refusal.strerror})", remedy="check its permissions")
        yield Source(Path(refusal.filename), Path(), error=error)
    if not found and not refusals:
        by_extension = "recordings are found by their file extension"
        deeper = Sentence("{}; {} searches subfolders too", by_extension, Option("recursive"))
        error = AudioError("no recordings in this folder", remedy=by_extension if recursive else deeper)
        yield Source(folder, Path(), error=error)


def _in_glob(pattern: Path) -> Iterator[Source]:
    parts = pattern.parts
    plain = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:plain])
    files = [match for match in _matches(root, parts[plain:]) if os.path.isfile(match)]  # noqa: PTH113 - as is_dir above
    # *.mp3 means exactly that; talks/** means the recordings among all files there.
    last = Path(parts[-1])
    if glob.has_magic(last.suffix) or (glob.has_magic(last.name) and not last.suffix):
        files = [file for file in files if _is_media_name(file.name)]
    if not files:
        yield Source(pattern, Path(), error=AudioError("no recording matches", remedy="check the pattern"))
    for file in files:
        yield Source(file, file.relative_to(root))


def _matches(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Expand a pattern below a folder as shells do: hidden names only if the pattern has their dot.

    Python's own `glob` follows links below ``**``: two links that lead upwards make it run forever.
    """
    first, rest = parts[0], parts[1:]
    if first == _ANY_DEPTH:
        for parent in _folders_below(folder):
            yield from _matches(parent, rest or ("*",))
    elif not glob.has_magic(first):
        yield from _matches(folder / first, rest) if rest else (folder / first,)
    else:
        hidden = first.startswith(".")
        for name in sorted(fnmatch.filter(_names_in(folder), first)):
            if hidden or not name.startswith("."):
                yield from _matches(folder / name, rest) if rest else (folder / name,)


def _folders_below(folder: Path) -> Iterator[Path]:
    for parent, folders, _ in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield Path(parent)


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are wanted, not paths
    except OSError:
        return []


def _is_media_name(name: str) -> bool:
    return not name.startswith(".") and PurePath(name).suffix[1:].lower() in MEDIA_EXTENSIONS

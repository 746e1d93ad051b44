"""From the inputs as typed to recordings: files, folders, globs and standard input."""

from __future__ import annotations

import fnmatch
import glob
import itertools
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import unreadable
from anyscribe.batch.identities import Identities
from anyscribe.batch.names import is_media_name, is_resource_fork, is_system_name, strangers
from anyscribe.batch.outputs import shown_location
from anyscribe.batch.sources import ANY_DEPTH, STDIN, Source, no_match, no_recordings
from anyscribe.errors import AudioError, UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from anyscribe.places import Address, FileSystems, Location

    PassOver = Callable[[Location], None]

STDIN_NAMES: Final = frozenset({STDIN, "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/(?:self|[0-9]+))/fd/([0-9]+)")
"""An open file of this process, as ``<(command)`` in a shell names its pipe."""

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def find_sources(
    inputs: Sequence[str],
    *,
    recursive: bool,
    pass_over: PassOver | None = None,
    further: Iterable[Source] = (),
) -> list[Source]:
    """Find the recordings that were named.

    Args:
        inputs: Files, pipes, folders, globs, addresses and ``-``, as typed.
        recursive: Whether folders are searched to the bottom.
        pass_over: Called with each file of a folder or glob that is no recording by its extension. Files of the system
            and those that are named like a recording beside them, such as its subtitles, are not reported.
        further: Recordings that are named elsewhere.

    Returns:
        Recordings in the order of the inputs, those of folders and globs by name, then the further ones; each only
        once, unless other things are said about it alone. An input that names nothing is in the list with its error,
        so that the others can still be done.

    Raises:
        UsageError: Standard input is named twice, or an input is empty or an address that cannot be meant.
        MissingExtraError: What reads the place of an address is not installed.
    """
    if "" in inputs:
        # As a path it would be the current folder, and everything in it would be sent because of an unset variable.
        raise UsageError(Sentence("an {} is empty", Option("file")), remedy="a shell variable in it may not be set")
    inputs = [plain_path(given) for given in inputs]
    if sum(given in STDIN_NAMES for given in inputs) > 1:
        raise UsageError("standard input (-) can be read only once", remedy="give - once")
    seen: set[object] = set()
    sources = []
    passed_over: list[Location] = []
    systems: list[FileSystems] = []
    identities = Identities()
    for source in itertools.chain(
        *(_expand(given, systems, recursive=recursive, pass_over=passed_over.append) for given in inputs), further
    ):
        file = STDIN if source.is_stdin else identities.of(source.stream or source.path)
        identity = (file, source.own, source.output) if source.own or source.output else file
        if identity not in seen:
            seen.add(identity)
            sources.append(source)
    if pass_over is not None:
        for path in dict.fromkeys(passed_over):
            if identities.of(path) not in seen:
                pass_over(path)
    return sources


def is_single(inputs: Sequence[str], sources: Sequence[Source] = ()) -> bool:
    """Return whether the inputs name one recording by itself, and not a folder or a glob.

    Args:
        inputs: As typed.
        sources: What was found; only that tells what an address is of.
    """
    given = plain_path(inputs[0])
    address = address_in(given)
    if address is not None:
        return len(inputs) == len(sources) == 1 and str(sources[0].path) == str(address)
    return len(inputs) == 1 and (given in STDIN_NAMES or not (is_folder(given) or _is_glob(given)))


def check_watchable(inputs: Sequence[str]) -> None:
    """Refuse inputs in which nothing can appear.

    Args:
        inputs: As typed.

    Raises:
        UsageError: One is neither a folder nor a glob.
    """
    for given in map(plain_path, inputs):
        if not (is_folder(given) or _is_glob(given)):
            name = shown_location(given) or "an empty name"
            raise UsageError(
                Sentence("{} takes folders and globs, and {} is neither", Option("watch"), name),
                remedy="name a folder of this machine that exists, or a quoted glob",
            )


def _expand(given: str, systems: list[FileSystems], *, recursive: bool, pass_over: PassOver) -> Iterator[Source]:
    path = Path(given)
    address = address_in(given)
    if address is not None:
        from anyscribe.batch.remote_inputs import find_remote  # noqa: PLC0415 - few runs need it

        yield from find_remote(address, shared_systems(systems), recursive=recursive, pass_over=pass_over)
        return
    if given in STDIN_NAMES:
        yield Source(Path("stdin"), Path("stdin"), stream=STDIN, label="standard input")
    elif is_folder(path):
        yield from _in_folder(path, recursive=recursive, pass_over=pass_over)
    elif _is_glob(given):
        yield from _in_glob(path, pass_over)
    else:
        yield single_source(given)


def single_source(given: str) -> Source:
    """Return a file or pipe that was named by itself.

    Args:
        given: Its path.
    """
    path = Path(given)
    name = Path(path.name)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        # As a path, an address would lose a slash.
        label = shown_location(given) if _ADDRESS.match(given) else ""
        return Source(path, name, label=label, error=_not_a_file() if label else unreadable(error))
    except OSError as error:
        return Source(path, name, error=unreadable(error))
    descriptor = _DESCRIPTOR.fullmatch(given)
    if descriptor:
        name = path = Path(f"fd{descriptor[1]}")
    is_stream = descriptor or stat.S_ISFIFO(mode)
    return Source(
        path, name, stream=given if is_stream else "", label=given if descriptor else "", error=_refusal(mode)
    )


def _not_a_file() -> AudioError:
    remedy = Sentence("download it, or pipe it into {}", Option("standard_input"))
    return AudioError("that is an address, not a file", remedy=remedy)


def _refusal(mode: int) -> AudioError | None:
    """Return the error for what is neither a file nor a pipe; a folder is searched before."""
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISDIR(mode):
        return None
    return AudioError(f"it is {'a socket' if stat.S_ISSOCK(mode) else 'a device'}, not a file", remedy="check the path")


def shared_systems(known: list[FileSystems]) -> FileSystems:
    """Return the file systems of a run.

    Args:
        known: They, or nothing before the first is needed.
    """
    if not known:
        from anyscribe.places import FileSystems  # noqa: PLC0415 - few runs need it

        known.append(FileSystems())
    return known[0]


def plain_path(given: str) -> str:
    """Return the path that a ``file:`` address stands for; anything else is returned as it is.

    Args:
        given: What the user wrote.
    """
    if not _ADDRESS.match(given):
        return given
    from anyscribe.places import path_of  # noqa: PLC0415 - few runs need it

    return path_of(given)


def address_in(given: str) -> Address | None:
    """Return the address that is written; None for a path.

    Args:
        given: What the user wrote.
    """
    if not _ADDRESS.match(given):
        return None
    from anyscribe.places import read_address  # noqa: PLC0415 - few runs need it

    return read_address(given)


def is_folder(path: str | Path) -> bool:
    """Return whether a folder is there.

    Args:
        path: A path.
    """
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a folder on the way is closed


def _is_glob(given: str) -> bool:
    """A file with the name of a glob is that file: ``talk [1].mp3`` is a common name."""
    return glob.has_magic(given) and not _ADDRESS.match(given) and not os.path.lexists(given)


def _in_folder(folder: Path, *, recursive: bool, pass_over: PassOver) -> Iterator[Source]:
    found = False
    others: list[Path] = []
    refusals: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=refusals.append):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        visible = sorted(name for name in names if not is_system_name(name))
        for name in filter(is_media_name, visible):
            found = True
            path = Path(parent, name)
            yield Source(path, path.relative_to(folder))
        others += [Path(parent, name) for name in strangers(visible)]
    for refusal in refusals:
        error = AudioError(f"the folder cannot be read ({refusal.strerror})", remedy="check its permissions")
        yield Source(Path(refusal.filename), Path(), error=error)
    if not found and not refusals:
        yield Source(folder, Path(), error=no_recordings(recursive=recursive))
    for other in others if found else ():
        pass_over(other)


def _in_glob(pattern: Path, pass_over: PassOver) -> Iterator[Source]:
    parts = pattern.parts
    plain = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:plain])
    files = [match for match in _matches(root, parts[plain:]) if os.path.isfile(match)]  # noqa: PTH113 - as is_dir above
    files = [file for file in files if not is_resource_fork(file.name)]
    # *.mp3 means exactly that; talks/** means the recordings among all files there.
    last = Path(parts[-1])
    if glob.has_magic(last.suffix) or (glob.has_magic(last.name) and not last.suffix):
        names: dict[Path, list[str]] = {}
        for file in files:
            names.setdefault(file.parent, []).append(file.name)
        files = [file for file in files if is_media_name(file.name)]
        others = [parent / name for parent, all_names in names.items() for name in strangers(all_names)]
        for other in others if files else ():
            pass_over(other)
    if not files:
        yield Source(pattern, Path(), error=no_match())
    for file in files:
        yield Source(file, file.relative_to(root))


def _matches(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Expand a pattern below a folder as shells do: hidden names only if the pattern has their dot.

    Python's own `glob` follows links below ``**``: two links that lead upwards make it run forever.
    """
    first, rest = parts[0], parts[1:]
    if first == ANY_DEPTH:
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

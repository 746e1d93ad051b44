"""Where results go: planned before anything is read or sent, and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import OutputError, UsageError
from anyscribe.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anyscribe.batch.inputs import Source
    from anyscribe.request import ResponseFormat

STDOUT: Final = "-"


class Suffix(StrEnum):
    """How a sidecar's name is made from ``talk.mp3``."""

    REPLACE = "replace"
    """``talk.srt``"""
    FULL = "full"
    """``talk.mp3.srt``"""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the user wants the results.

    Args:
        output: One file, or ``-`` for standard output; None where not given.
        output_dir: A folder for sidecars, instead of beside each input; None where not given.
        suffix: How sidecars are named.
        overwrite: Whether files that are there may be replaced.
    """

    output: str | None = None
    output_dir: Path | None = None
    suffix: Suffix = Suffix.REPLACE
    overwrite: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A recording and where its results go.

    Args:
        source: The recording.
        targets: A file for each format; None stands for standard output.
        kept: Files that are there already and stay; their formats are not in ``targets``.
    """

    source: Source
    targets: Mapping[ResponseFormat, Path | None]
    kept: tuple[Path, ...] = ()


def plan_jobs(
    sources: Sequence[Source], wanted: Sequence[ResponseFormat], destination: Destination, *, single: bool
) -> list[Job]:
    """Decide where every result goes.

    Args:
        sources: The recordings.
        wanted: The formats, without repetition.
        destination: What the user said of it.
        single: Whether the inputs name one recording by itself.

    Returns:
        A job for each recording, in the same order.

    Raises:
        UsageError: Two results would be one file, a result would replace a recording, or what was said cannot be.
    """
    if destination.output is not None and destination.output_dir is not None:
        raise UsageError("--output and --output-dir exclude each other", hint="give one of them")
    if destination.output is not None and len(wanted) > 1:
        raise UsageError("--output takes one format", hint="use --output-dir for several")
    if destination.output == STDOUT or (
        single and len(wanted) == 1 and destination.output is None and destination.output_dir is None
    ):
        return [Job(source, {wanted[0]: None}) for source in sources]
    if destination.output is not None:
        if not single:
            raise UsageError("--output names one file, for one recording", hint="use --output-dir for several")
        planned = [{wanted[0]: Path(destination.output)}]
    else:
        planned = [{form: _sidecar(source, form, destination) for form in wanted} for source in sources]
    _refuse_collisions(sources, planned)
    return [
        _without_existing(source, targets, overwrite=destination.overwrite)
        for source, targets in zip(sources, planned, strict=True)
    ]


def _sidecar(source: Source, form: ResponseFormat, destination: Destination) -> Path:
    where = source.path if destination.output_dir is None else destination.output_dir / source.relative
    stem = where.name if destination.suffix is Suffix.FULL or source.is_stdin else where.stem
    return where.with_name(f"{stem}.{FORMATS[form].extension}")


def _refuse_collisions(sources: Sequence[Source], planned: Sequence[Mapping[ResponseFormat, Path]]) -> None:
    """Nothing is sent while two results would be one file, or a result would be one of the recordings."""
    recordings = {_identity(source.path): source for source in sources if not source.is_stdin}
    owners: dict[str, tuple[Source, ResponseFormat]] = {}
    for source, targets in zip(sources, planned, strict=True):
        for form, target in targets.items():
            identity = _identity(target)
            if identity in recordings:
                raise UsageError(f"{target} is an input", hint="a result is not written over a recording")
            if identity not in owners:
                owners[identity] = (source, form)
                continue
            other, other_form = owners[identity]
            if other is source:
                raise UsageError(
                    f"{other_form} and {form} would both be written to {target}", hint="ask for one of them"
                )
            raise UsageError(
                f"{other.shown} and {source.shown} would both be written to {target}",
                hint="--suffix full keeps a.mp3 and a.wav apart; a folder as the input keeps its folders apart",
            )


def _identity(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _without_existing(source: Source, targets: Mapping[ResponseFormat, Path], *, overwrite: bool) -> Job:
    if overwrite:
        return Job(source, dict(targets))
    missing = {form: target for form, target in targets.items() if not os.path.lexists(target)}
    return Job(source, dict(missing), tuple(target for target in targets.values() if target not in missing.values()))


def check_writable(targets: Sequence[Path]) -> None:
    """Make sure before anything is sent that results can be written: no paid answer is lost for want of a folder.

    Args:
        targets: Files to be written; their folders are made.

    Raises:
        OutputError: A folder cannot be made or written to.
    """
    for folder in dict.fromkeys(target.parent for target in targets):
        with _translated(folder):
            folder.mkdir(parents=True, exist_ok=True)
            # A try tells what no permission bit does: access lists, read-only file systems.
            with tempfile.TemporaryFile(dir=folder):
                pass


def write_whole(target: Path, body: bytes) -> None:
    """Write a file so that at no moment a part of it stands under its name.

    Args:
        target: The file; one that is there is replaced.
        body: Its content.

    Raises:
        OutputError: It cannot be written; nothing is left of it.
    """
    with _translated(target):
        descriptor, name = tempfile.mkstemp(prefix=".anyscribe-", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode_for(target))
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise


def _mode_for(target: Path) -> int:
    """The mode of the file that is replaced, or what the user's umask gives a new one; a temporary file is private."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {path} ({error.strerror})", hint="-d writes to another folder") from error

"""Where results go: planned before anything is read or sent."""

from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.writing import is_device
from anyscribe.errors import UsageError
from anyscribe.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        targets: A file for each format; None stands for standard output. Empty for a source that is none.
        kept: Files that are there already and stay; their formats are not in ``targets``.
        overwrite: Whether files that are there when the result comes may be replaced.
    """

    source: Source
    targets: Mapping[ResponseFormat, Path | None]
    kept: tuple[Path, ...] = ()
    overwrite: bool = False


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
    _refuse_contradictions(wanted, destination, single=single)
    if destination.output == STDOUT or (
        single and len(wanted) == 1 and destination.output is None and destination.output_dir is None
    ):
        return [Job(source, {} if source.error else {wanted[0]: None}) for source in sources]
    planned = [{} if source.error else _targets(source, wanted, destination) for source in sources]
    _refuse_collisions(sources, planned)
    return [
        _without_existing(source, targets, overwrite=destination.overwrite)
        for source, targets in zip(sources, planned, strict=True)
    ]


def _refuse_contradictions(wanted: Sequence[ResponseFormat], destination: Destination, *, single: bool) -> None:
    output, output_dir = destination.output, destination.output_dir
    if output is not None and output_dir is not None:
        raise UsageError("--output and --output-dir exclude each other", hint="give one of them")
    if output is not None and len(wanted) > 1:
        raise UsageError("--output takes one format", hint="use --output-dir for several")
    if output is not None and output != STDOUT and not single:
        raise UsageError("--output names one file, for one recording", hint="use --output-dir for several")
    if output_dir is not None and os.path.lexists(output_dir) and not os.path.isdir(output_dir):  # noqa: PTH112 - never raises
        raise UsageError(f"--output-dir {output_dir} is not a folder", hint="name another one")


def _targets(source: Source, wanted: Sequence[ResponseFormat], destination: Destination) -> dict[ResponseFormat, Path]:
    if destination.output is not None:
        return {wanted[0]: Path(destination.output)}
    return {form: _sidecar(source, form, destination) for form in wanted}


def _sidecar(source: Source, form: ResponseFormat, destination: Destination) -> Path:
    where = source.path if destination.output_dir is None else destination.output_dir / source.relative
    stem = where.name if destination.suffix is Suffix.FULL or source.is_stdin else where.stem
    return where.with_name(f"{stem}.{FORMATS[form].extension}")


def _refuse_collisions(sources: Sequence[Source], planned: Sequence[Mapping[ResponseFormat, Path]]) -> None:
    """Nothing is sent while two results would be one file, or a result would be one of the recordings."""
    recordings = {_identity(source.path) for source in sources if not source.is_stdin}
    owners: dict[str, tuple[Source, ResponseFormat]] = {}
    for source, targets in zip(sources, planned, strict=True):
        for form, target in targets.items():
            identity = _identity(target)
            if identity in recordings:
                raise UsageError(f"{target} is an input", hint="a result is not written over a recording")
            if os.path.isdir(target):  # noqa: PTH112 - never raises
                raise UsageError(f"{target} is a folder", hint="--output-dir writes into a folder")
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
    """Name a file so that two names of one file are one, also where file systems see no case."""
    identity = os.path.normcase(os.path.realpath(path))
    return unicodedata.normalize("NFC", identity).casefold() if sys.platform == "darwin" else identity


def _without_existing(source: Source, targets: Mapping[ResponseFormat, Path], *, overwrite: bool) -> Job:
    missing: dict[ResponseFormat, Path | None] = {
        form: target
        for form, target in targets.items()
        if overwrite or not os.path.lexists(target) or is_device(target)
    }
    kept = tuple(target for form, target in targets.items() if form not in missing)
    return Job(source, missing, kept, overwrite)

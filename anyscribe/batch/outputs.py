"""Where results are written: planned before anything is read or sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.collisions import refuse_collisions
from anyscribe.batch.identities import Identities
from anyscribe.batch.ledger import Ledger
from anyscribe.batch.writing import is_there
from anyscribe.errors import MissingExtraError, OptionError, UsageError
from anyscribe.formats import TEXT, formats_of_file
from anyscribe.languages import all_codes
from anyscribe.optional import is_installed
from anyscribe.sentence import Field, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.batch.sources import Source
    from anyscribe.config import Setting
    from anyscribe.formats import OutputFormat
    from anyscribe.places import FileSystems, Location

STDOUT: Final = "-"
_ADDRESS_MARK: Final = "://"
"""What every address has in it, so that nothing is loaded for paths."""


class Suffix(StrEnum):
    """How a sidecar's name is made from ``talk.mp3``."""

    REPLACE = "replace"
    """``talk.srt``"""
    FULL = "full"
    """``talk.mp3.srt``"""
    LANG = "lang"
    """``talk.en.srt``"""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the user wants the results.

    Args:
        output: One file or its address, or ``-`` for standard output; None if not given.
        output_dir: A folder for sidecars, instead of beside each input; None if not given.
        suffix: How sidecars are named.
        overwrite: Whether existing files may be replaced.
        language: The code of the results' language; None if it is not known before.
        is_translated: Whether that is so whatever language a recording has.
        embeds_sound: Whether pages hold their recordings, if those are small.
    """

    output: str | None = None
    output_dir: Location | None = None
    suffix: Suffix = Suffix.REPLACE
    overwrite: bool = False
    language: str | None = None
    is_translated: bool = False
    embeds_sound: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A recording and where its results are written.

    Args:
        source: The recording.
        targets: A file for each format; None stands for standard output. Empty for a source with an error.
        kept: Existing files that stay; their formats are not in ``targets``.
        overwrite: Whether files that exist when the result comes may be replaced.
        is_language_added: Whether the language, once it is known, becomes a part of the files' names.
    """

    source: Source
    targets: Mapping[OutputFormat, Location | None]
    kept: tuple[Location, ...] = ()
    overwrite: bool = False
    is_language_added: bool = False

    @property
    def stdout_format(self) -> OutputFormat | None:
        """The format that is written to standard output; None if none is."""
        return next((output for output, target in self.targets.items() if target is None), None)


def with_language(target: Location, language: str) -> Location:
    """Add a language to a file's name.

    Args:
        target: The file, such as ``talk.srt``.
        language: The language's code.

    Returns:
        Such as ``talk.en.srt``.
    """
    return target.with_suffix(f".{language}{target.suffix}")


def present(target: Location, *, in_any_language: bool) -> Location:
    """Return the file that is there for a result, if there is one, otherwise the file that was planned.

    Args:
        target: The planned file.
        in_any_language: Whether a file with any language in its name is one for this result.
    """
    if not in_any_language or is_there(target):
        return target
    names = (with_language(target, code) for code in all_codes())
    return next((name for name in names if is_there(name)), target)


class Places:
    """The places of results, each once, so that each is listed once."""

    def __init__(self) -> None:
        self._systems: FileSystems | None = None

    def locate(self, given: str, below: Location | None = None) -> Location:
        """Return the file or folder that a result goes to; nothing is asked for.

        Args:
            given: A path or an address, as the user wrote it.
            below: The folder that a relative path is in; None for the current one.

        Raises:
            UsageError: The address has no bucket or host, or a password that its backend would not take.
        """
        address = None
        if _ADDRESS_MARK in given:
            from anyscribe.places import check_address, path_of, read_address  # noqa: PLC0415 - few runs need it

            given = path_of(given)
            address = read_address(given)
        if address is None:
            path = Path(given)
            return path if below is None or path.is_absolute() else below / path
        check_address(address)
        from anyscribe.places import FileSystems  # noqa: PLC0415 - as above

        if self._systems is None:
            self._systems = FileSystems()
        return self._systems.file(address)


def location_of(given: str, below: Location | None = None) -> Location:
    """Return the file or folder that a result goes to; see `Places.locate`.

    Args:
        given: A path or an address, as the user wrote it.
        below: The folder that a relative path is in; None for the current one.
    """
    return Places().locate(given, below)


def shown_location(given: str) -> str:
    """Return what messages call a file or folder for results: an address without its secrets, a path as it is.

    Args:
        given: What the user wrote.
    """
    if _ADDRESS_MARK not in given:
        return given
    from anyscribe.places import shown  # noqa: PLC0415 - few runs need it

    return shown(given)


def is_folder_name(output: str) -> bool:
    """Return whether a path can only be a folder's: ``new/``, ``.``.

    Args:
        output: The path, as the user wrote it.
    """
    return os.path.basename(output) in ("", os.curdir, os.pardir)  # noqa: PTH119 - a path loses its last slash


def choose_formats(named: Setting[tuple[OutputFormat, ...]], output: Setting[str | None]) -> tuple[OutputFormat, ...]:
    """Choose the formats of the results.

    Args:
        named: The formats that the user named; empty for none.
        output: The file for the result, if one was named.

    Returns:
        Those that were named, otherwise the one that the file's extension stands for, otherwise text.

    Raises:
        UsageError: The file's extension stands for another format than the one that was named.
        MissingExtraError: What writes one of them is not installed.
    """
    chosen = _chosen(named, output)
    for known in chosen:
        if not is_installed(*known.packages):
            message = Sentence("{} needs {}", Field("response_format", known.name), " and ".join(known.packages))
            raise MissingExtraError(message, extra=known.extra)
    return chosen


def _chosen(named: Setting[tuple[OutputFormat, ...]], output: Setting[str | None]) -> tuple[OutputFormat, ...]:
    of_file = formats_of_file(Path(shown_location(output.value or "")).name)
    both = tuple(known for known in named.value if known in of_file)
    if of_file and (not named.value or output.origin.outranks(named.origin)):
        return both[:1] or of_file[:1]
    if both or not of_file or len(named.value) > 1:
        return named.value or (TEXT,)
    file, format_name = (
        Option("output", shown_location(output.value or "")),
        Field("response_format", named.value[0].name),
    )
    raise UsageError(Sentence("{} is not the name of a file for {}", file, format_name), remedy="change one of them")


def plan_jobs(
    sources: Sequence[Source],
    wanted: Sequence[OutputFormat],
    destination: Destination,
    *,
    single: bool,
    ledger: Ledger | None = None,
) -> list[Job]:
    """Decide where every result is written.

    Args:
        sources: The recordings.
        wanted: The formats, without repetition.
        destination: What the user said about it.
        single: Whether the inputs name one recording by itself.
        ledger: Knows which files are the program's own; None if none are.

    Returns:
        A job for each recording, in the same order.

    Raises:
        UsageError: Two results would be one file, a result would replace a recording, or the options contradict.
        OutputError: A place for results cannot be listed.
        MissingExtraError: What writes to it is not installed.
    """
    _refuse_contradictions(wanted, destination, single=single)
    if single and len(wanted) == 1 and destination.output is None and destination.output_dir is None:
        destination = replace(destination, output=STDOUT)
    each = _destinations(sources, wanted, destination)
    places = Places()
    planned = [
        {} if source.error else _targets(source, wanted, own, places) for source, own in zip(sources, each, strict=True)
    ]
    refuse_collisions(sources, planned)
    if destination.output_dir and not isinstance(destination.output_dir, Path) and not destination.overwrite:
        # One listing, instead of one for each folder.
        destination.output_dir.system.find_results(destination.output_dir.path)
    return [
        _without_existing(source, targets, ledger or Ledger(), own)
        for source, targets, own in zip(sources, planned, each, strict=True)
    ]


def check_apart(other: Path, jobs: Sequence[Job], option: Option) -> None:
    """Find out whether a further file of a run is none of its recordings and results.

    Args:
        other: The file.
        jobs: The recordings, and where their results are written.
        option: What names the file.

    Raises:
        UsageError: It is one, or is named like a recording, as when a shell's glob follows the option.
    """
    from anyscribe.batch.names import is_media_name  # noqa: PLC0415 - loads PyAV

    taken = {job.source.path for job in jobs if job.source.filename}
    taken.update(target for job in jobs for target in (*job.targets.values(), *job.kept) if target is not None)
    identity = Identities().of_result
    if is_media_name(other.name) or identity(other) in map(identity, taken):
        raise UsageError(
            Sentence("{} is a recording or a result", str(other)), remedy=Sentence("{} names another file", option)
        )


def _refuse_contradictions(wanted: Sequence[OutputFormat], destination: Destination, *, single: bool) -> None:
    output, output_dir = destination.output, destination.output_dir
    several = Sentence("use {} for several", Option("output_dir"))
    if output is not None and output_dir is not None:
        message = Sentence("{} and {} exclude each other", Option("output"), Option("output_dir"))
        raise UsageError(message, remedy="give one of them")
    if output is not None and len(wanted) > 1:
        raise UsageError(Sentence("{} takes one format", Option("output")), remedy=several)
    if output is not None and output != STDOUT and not single:
        raise UsageError(Sentence("{} names one file, for one recording", Option("output")), remedy=several)
    if isinstance(output_dir, Path) and os.path.lexists(output_dir) and not os.path.isdir(output_dir):  # noqa: PTH112 - never raises
        raise OptionError("output_dir", str(output_dir), "it is not a folder", remedy="name another one")


def _destinations(
    sources: Sequence[Source], wanted: Sequence[OutputFormat], destination: Destination
) -> list[Destination]:
    """Return where the results of each recording are wanted."""
    if not any(source.own or source.output for source in sources):
        return [destination] * len(sources)
    from anyscribe.batch.own_outputs import own_destination  # noqa: PLC0415 - few runs need it

    return [own_destination(source, wanted, destination) for source in sources]


def _targets(
    source: Source, wanted: Sequence[OutputFormat], destination: Destination, places: Places
) -> dict[OutputFormat, Location | None]:
    if destination.output == STDOUT:
        return {wanted[0]: None}
    if destination.output is not None:
        return {wanted[0]: places.locate(destination.output, destination.output_dir)}
    return {output: _sidecar(source, output, destination) for output in wanted}


def _sidecar(source: Source, output: OutputFormat, destination: Destination) -> Location:
    # What has no file with a name of its own has no folder either.
    beside = source.relative if source.name else source.path
    where = beside if destination.output_dir is None else destination.output_dir / source.relative
    stem = "" if destination.suffix is Suffix.FULL else source.title
    target = where.with_name(f"{stem or where.name}.{output.extension}")
    is_named = destination.suffix is Suffix.LANG and destination.language
    return with_language(target, destination.language) if is_named and destination.language else target


def _without_existing(
    source: Source, targets: Mapping[OutputFormat, Location | None], ledger: Ledger, destination: Destination
) -> Job:
    is_added = destination.suffix is Suffix.LANG and destination.language is None and destination.output is None
    missing: dict[OutputFormat, Location | None] = {}
    kept: list[Location] = []
    for output, target in targets.items():
        if target is None:
            missing[output] = None
            continue
        there = present(target, in_any_language=is_added)
        if ledger.is_kept(source, output, there, overwrite=destination.overwrite):
            kept.append(there)
        else:
            missing[output] = target
    return Job(source, missing, tuple(kept), destination.overwrite, is_added)

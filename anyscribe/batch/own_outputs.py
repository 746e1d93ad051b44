"""Where the results of a recording go of which a list says something else than what holds for all of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from anyscribe.batch.outputs import is_folder_name, location_of, shown_location
from anyscribe.errors import UsageError
from anyscribe.formats import formats_of_file
from anyscribe.sentence import Field, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.batch.outputs import Destination
    from anyscribe.batch.sources import Source
    from anyscribe.formats import OutputFormat


def own_destination(source: Source, wanted: Sequence[OutputFormat], destination: Destination) -> Destination:
    """Return where the results of a recording are wanted.

    Args:
        source: The recording.
        wanted: The formats.
        destination: What the user said about all recordings.

    Raises:
        UsageError: What is said about this one contradicts that.
    """
    if source.own and not destination.is_translated:
        own = dict(source.own.fields)
        destination = replace(destination, language=own.get("language", destination.language))
    if not source.output:
        return destination
    where = f"line {source.line:,}"
    if destination.output is not None:
        message = Sentence("{} names an output, and so does {}", where, Option("output"))
        raise UsageError(message, remedy="leave out one of them")
    if is_folder_name(source.output):
        return replace(destination, output_dir=location_of(source.output, destination.output_dir))
    if len(wanted) > 1:
        raise UsageError(f"{where}: an output is a file of one format", remedy="name a folder, such as out/")
    of_file = formats_of_file(Path(shown_location(source.output)).name)
    if of_file and wanted[0] not in of_file:
        name, format_name = shown_location(source.output), Field("response_format", wanted[0].name)
        message = Sentence("{}: {} is not the name of a file for {}", where, name, format_name)
        raise UsageError(message, remedy="change one of them")
    return replace(destination, output=source.output)

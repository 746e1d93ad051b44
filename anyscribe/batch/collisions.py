"""Results that would be one file, or take the place of a recording: refused before anything is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from anyscribe.batch.identities import Identities
from anyscribe.errors import UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anyscribe.batch.sources import Source
    from anyscribe.formats import OutputFormat
    from anyscribe.places import Location


def refuse_collisions(sources: Sequence[Source], planned: Sequence[Mapping[OutputFormat, Location | None]]) -> None:
    """Refuse two results in one file, and a result in place of a recording.

    Args:
        sources: The recordings.
        planned: The files for the results of each; None stands for standard output.

    Raises:
        UsageError: There is such a result.
    """
    results = [*_results(sources, planned)]
    if not results:
        return
    identities = Identities()
    recordings = {identities.of_result(source.path) for source in sources if source.filename}
    owners: dict[str, tuple[Source, OutputFormat]] = {}
    for source, output, target in results:
        identity = identities.of_result(target)
        if identity in recordings:
            raise UsageError(f"{target} is an input", remedy="a result is not written over a recording")
        if isinstance(target, Path) and os.path.isdir(target):  # noqa: PTH112 - never raises
            folder = Sentence("{} writes into a folder", Option("output_dir"))
            raise UsageError(f"{target} is a folder", remedy=folder)
        if identity not in owners:
            owners[identity] = (source, output)
            continue
        other, other_output = owners[identity]
        if other is source:
            raise UsageError(
                f"{other_output} and {output} would both be written to {target}", remedy="ask for one of them"
            )
        further = "a list may name their outputs" if source.line else "a folder as the input keeps its folders apart"
        raise UsageError(
            f"{_told(other)} and {_told(source)} would both be written to {target}",
            remedy=Sentence("{} keeps a.mp3 and a.wav apart; {}", Option("suffix", "full"), further),
        )


def _results(
    sources: Sequence[Source], planned: Sequence[Mapping[OutputFormat, Location | None]]
) -> Iterator[tuple[Source, OutputFormat, Location]]:
    for source, targets in zip(sources, planned, strict=True):
        for output, target in targets.items():
            if target is not None:
                yield source, output, target


def _told(source: Source) -> str:
    return f"{source.shown} (line {source.line:,})" if source.line else source.shown

"""PocketSphinx as an aligner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.alignment.aligner import Alignment
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor


class SphinxAligner:
    """Aligns English; an `anyscribe.alignment.Aligner`.

    Args:
        executor: Runs the work in processes; see `anyscribe.workers.worker_pool`.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def align(self, words: Sequence[str], audio: Iterable[bytes], speech: Sequence[Span]) -> Alignment:
        """Find the words in the audio, also if some are missing, added or wrong."""
        from anyscribe.alignment.sphinx.reading import readings  # noqa: PLC0415 - only English needs it
        from anyscribe.alignment.sphinx.regions import Follower  # noqa: PLC0415 - as above

        follower = Follower(readings(words), speech, self._executor)
        found = {index: Span(start_ms, end_ms) for index, start_ms, end_ms in follower.follow(audio)}
        return Alignment(found, follower.length_ms)

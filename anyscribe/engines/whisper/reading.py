"""Read the chunks of a recording in several threads, and return what is found in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from concurrent.futures import Executor, Future

    from anyscribe.engines.whisper.chunks import Chunk
    from anyscribe.engines.whisper.decoding import Decoder, Found, WindowText


_TICK_S: Final = 0.25


@dataclass(slots=True, eq=False)
class _ChunkText:
    """What is known of a chunk."""

    found: list[Found] = field(default_factory=list)
    is_done: bool = False


def read_chunks(
    chunks: Iterable[Chunk], decoder: Decoder, executor: Executor, *, threads: int, batch_sizes: Iterable[int]
) -> Generator[list[Found]]:
    """Read chunks in batches; what is left of a chunk goes into the next batch.

    Args:
        chunks: The chunks; each is taken when there is a thread for it.
        decoder: Reads a batch.
        executor: Its threads.
        threads: How many it has.
        batch_sizes: The largest size of each batch, without end.

    Yields:
        Segments in order of time; now and then none, so that the work can be cancelled.
    """
    read: dict[Future[list[WindowText]], list[_ChunkText]] = {}
    try:
        yield from _read(_Batches(chunks, batch_sizes), decoder, executor, threads, read)
    finally:
        decoder.cancel()
        for future in read:
            future.cancel()


def _read(
    batches: _Batches,
    decoder: Decoder,
    executor: Executor,
    threads: int,
    read: dict[Future[list[WindowText]], list[_ChunkText]],
) -> Generator[list[Found]]:
    while True:
        # One batch waits, so that no thread does while speech is looked for.
        while len(read) <= threads and (batch := batches.next()):
            future = executor.submit(decoder.read, [chunk for _, chunk in batch])
            read[future] = [text for text, _ in batch]
        if not read:
            return
        done = wait(read, _TICK_S, return_when=FIRST_COMPLETED).done
        if not done:
            yield []
        for future in done:
            for text, window in zip(read.pop(future), future.result(), strict=True):
                batches.add(text, window)
        yield from batches.finished()


class _Batches:
    """Puts chunks, and first what is left of them, into batches; keeps what is found in each.

    Args:
        chunks: The chunks.
        sizes: The largest size of each batch.
    """

    def __init__(self, chunks: Iterable[Chunk], sizes: Iterable[int]) -> None:
        self._new = iter(chunks)
        self._sizes = iter(sizes)
        self._texts: deque[_ChunkText] = deque()
        self._rests: deque[tuple[_ChunkText, Chunk]] = deque()

    def next(self) -> list[tuple[_ChunkText, Chunk]]:
        """Return the next batch; empty if there is nothing to read now."""
        size = next(self._sizes)
        batch = [self._rests.popleft() for _ in range(min(size, len(self._rests)))]
        while len(batch) < size and (chunk := next(self._new, None)) is not None:
            self._texts.append(_ChunkText())
            batch.append((self._texts[-1], chunk))
        return batch

    def add(self, text: _ChunkText, window: WindowText) -> None:
        """Add what a window says to its chunk's text."""
        text.found += window.found
        text.is_done = window.rest is None
        if window.rest is not None:
            self._rests.append((text, window.rest))

    def finished(self) -> Iterator[list[Found]]:
        """Yield what is found and not yet returned, up to the first chunk that is not read to its end."""
        while self._texts:
            first = self._texts[0]
            if first.found:
                yield first.found
                first.found = []
            if not first.is_done:
                return
            self._texts.popleft()

"""A recording as pieces: those whose answers were kept are just as they were, what lies between is cut anew."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from anyscribe.audio import Encoding, PieceLimits, pieces
from anyscribe.request import PCM_RATE_HZ
from anyscribe.store import Stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from anyscribe.audio import Piece
    from anyscribe.recording.keeping import Keeping
    from anyscribe.store import KeptAnswer
    from anyscribe.transcript import Answer

_MOST_BYTES: Final = 2 * PCM_RATE_HZ * 1_200
"""So much sound waits to be known by its digest, and no more: 20 minutes. What is longer is a whole recording that is
only converted, of which there is nothing to keep."""


@dataclass(frozen=True, slots=True)
class Cutter:
    """How sound becomes pieces.

    Args:
        folder: Takes their files.
        limits: Asked before each piece what it may be.
        encoding: Asked before each piece how it is encoded.
    """

    folder: Path
    limits: Callable[[], PieceLimits]
    encoding: Callable[[], Encoding]

    def cut(self, pcm: Iterable[bytes], total_ms: int | None) -> Iterator[Piece]:
        """Cut sound into pieces; see `anyscribe.audio.pieces`."""
        return pieces(pcm, self.limits, folder=self.folder, encoding=self.encoding, total_ms=total_ms)

    def whole(self, pcm: Iterable[bytes]) -> Piece:
        """Make one piece of some sound, of which nothing is lost: it is only to be listened to."""
        (piece,) = pieces(pcm, PieceLimits(), folder=self.folder, encoding=Encoding.FLAC)
        return piece


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a recording, and what is known of it.

    Args:
        piece: The piece.
        stretch: What tells its sound from all other; None where that is not known.
        answer: What was answered to it in an earlier run; None where it is to be asked about.
    """

    piece: Piece
    stretch: Stretch | None
    answer: Answer | None = None


def sections(
    pcm: Iterable[bytes],
    cutter: Cutter,
    *,
    start_sample: int = 0,
    end_ms: int | None,
    keeping: Keeping | None = None,
) -> Iterator[Section]:
    """Divide a recording, or a part of one; each sample is in one piece.

    Args:
        pcm: Its sound.
        cutter: Makes the pieces.
        start_sample: Where in the recording it starts.
        end_ms: Where in the recording it ends, in milliseconds; None where that is not known.
        keeping: Has the answers of earlier runs, and is told which of them were found to be of this sound, as soon as
            there can be no more of them; None where there are none.

    Yields:
        The pieces, in order, numbered, with their places in the recording.
    """
    yield from _Division(_Sound(pcm, start_sample), cutter, end_ms).sections(keeping)


class _Division:
    """The state of one call of `sections`."""

    def __init__(self, sound: _Sound, cutter: Cutter, end_ms: int | None) -> None:
        self._sound = sound
        self._cutter = cutter
        self._end_ms = end_ms
        self._number = 0

    def sections(self, keeping: Keeping | None) -> Iterator[Section]:
        if keeping is not None:
            found = []
            for section, kept in self._kept(keeping.recall()):
                yield section
                if kept is not None:
                    found.append(kept)
            keeping.tell_recalled(found)
        yield from self._fresh(None, self._end_ms)

    def _kept(self, recalled: Iterable[KeptAnswer]) -> Iterator[tuple[Section, KeptAnswer | None]]:
        """Give the pieces up to the last one whose answer was kept, each with that answer."""
        for kept in recalled:
            start_sample = kept.stretch.start_sample
            between = start_sample - self._sound.start_sample
            yield from ((section, None) for section in self._fresh(between, _to_ms(start_sample)))
            chunks = list(self._sound.take(kept.stretch.samples))
            if _digest(chunks) != kept.stretch.digest:
                # Another recording after all: what is said to be kept of its rest is not of it either.
                self._sound.put_back(chunks)
                return
            piece = self._placed(self._cutter.whole(chunks), start_sample)
            yield Section(piece, kept.stretch, kept.answer), kept

    def _fresh(self, samples: int | None, end_ms: int | None) -> Iterator[Section]:
        """Cut the next so many samples, or all that are left."""
        start_sample = self._sound.start_sample
        left_ms = None if end_ms is None else end_ms - _to_ms(start_sample)
        passing = _Passing(self._sound.take(samples))
        for piece in self._cutter.cut(passing, left_ms):
            placed = self._placed(piece, start_sample + piece.start_sample)
            digest = passing.digest(piece.samples)
            yield Section(placed, Stretch(placed.start_sample, placed.samples, digest) if digest else None)

    def _placed(self, piece: Piece, start_sample: int) -> Piece:
        """Give a piece its number and place in the recording."""
        placed = replace(piece, number=self._number, start_sample=start_sample)
        self._number += 1
        return placed


class _Sound:
    """A recording's sound, which is taken from its start to its end."""

    def __init__(self, pcm: Iterable[bytes], start_sample: int) -> None:
        self._coming = iter(pcm)
        self._put_back: deque[bytes] = deque()
        self.start_sample = start_sample
        """Where what is left of it starts."""

    def take(self, samples: int | None) -> Iterator[bytes]:
        """Take so many samples, or all, chunk by chunk as they are asked for; fewer where there are no more."""
        left_bytes = None if samples is None else 2 * samples
        while left_bytes != 0:
            chunk = self._put_back.popleft() if self._put_back else next(self._coming, None)
            if chunk is None:
                return
            if left_bytes is not None:
                if len(chunk) > left_bytes:
                    self._put_back.appendleft(chunk[left_bytes:])
                    chunk = chunk[:left_bytes]
                left_bytes -= len(chunk)
            self.start_sample += len(chunk) // 2
            yield chunk

    def put_back(self, chunks: Sequence[bytes]) -> None:
        """Put back what was taken last."""
        self._put_back.extendleft(reversed(chunks))
        self.start_sample -= sum(map(len, chunks)) // 2


class _Passing:
    """Sound that goes by, of which the last is remembered until it is known where the piece that it is in ends."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._remembered = bytearray()
        self._is_lost = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if not self._is_lost:
                self._remembered += chunk
                if len(self._remembered) > _MOST_BYTES:
                    self._is_lost = True
                    self._remembered.clear()
            yield chunk

    def digest(self, samples: int) -> bytes | None:
        """Give the digest of the next so many samples; None where they were too many to be remembered."""
        if self._is_lost:
            return None
        digest = _digest([memoryview(self._remembered)[: 2 * samples]])
        del self._remembered[: 2 * samples]
        return digest


def _digest(chunks: Iterable[bytes | memoryview]) -> bytes:
    hashed = hashlib.blake2b(digest_size=32)
    for chunk in chunks:
        hashed.update(chunk)
    return hashed.digest()


def _to_ms(samples: int) -> int:
    return round(samples * 1000 / PCM_RATE_HZ)

"""A recording as pieces: those whose answers were kept stay exactly as they were, the rest is cut anew."""

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
    from anyscribe.recording.answers import RecordingAnswers
    from anyscribe.result import Result
    from anyscribe.store import KeptAnswer

_MOST_BYTES: Final = 2 * PCM_RATE_HZ * 1_200
"""The most audio that is held to compute its digest: 20 minutes. Anything longer is a whole recording that is only
converted, of which no piece is kept."""


@dataclass(frozen=True, slots=True)
class PieceMaker:
    """How audio becomes pieces.

    Args:
        folder: Takes their files.
        limits: Called before each piece for its limits.
        encoding: Called before each piece for its encoding.
    """

    folder: Path
    limits: Callable[[], PieceLimits]
    encoding: Callable[[], Encoding]

    def cut(self, pcm: Iterable[bytes], total_ms: int | None) -> Iterator[Piece]:
        """Cut audio into pieces; see `anyscribe.audio.pieces`."""
        return pieces(pcm, self.limits, folder=self.folder, encoding=self.encoding, total_ms=total_ms)

    def whole(self, pcm: Iterable[bytes]) -> Piece:
        """Make one lossless piece of some audio that is only analysed."""
        (piece,) = pieces(pcm, PieceLimits(), folder=self.folder, encoding=Encoding.FLAC)
        return piece


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a recording, and what is known about it.

    Args:
        piece: The piece.
        stretch: What identifies its audio; None if that is not known.
        kept: The answer of an earlier run; None if the engine has to be asked.
    """

    piece: Piece
    stretch: Stretch | None
    kept: Result | None = None


def sections(
    pcm: Iterable[bytes],
    maker: PieceMaker,
    *,
    start_sample: int = 0,
    end_ms: int | None,
    answers: RecordingAnswers | None = None,
) -> Iterator[Section]:
    """Divide a recording, or a part of one; each sample is in one piece.

    Args:
        pcm: Its audio.
        maker: Makes the pieces.
        start_sample: Where in the recording it starts.
        end_ms: Where in the recording it ends, in milliseconds; None if not known.
        answers: The answers of earlier runs; told which of them are of this audio as soon as there can be no more of
            them. None if there are none.

    Yields:
        The pieces, in order, numbered, with their places in the recording.
    """
    yield from _Divider(_UncutAudio(pcm, start_sample), maker, end_ms).sections(answers)


class _Divider:
    """The state of one call of `sections`."""

    def __init__(self, audio: _UncutAudio, maker: PieceMaker, end_ms: int | None) -> None:
        self._audio = audio
        self._maker = maker
        self._end_ms = end_ms
        self._number = 0

    def sections(self, answers: RecordingAnswers | None) -> Iterator[Section]:
        if answers is not None:
            used = []
            for section, kept in self._until_last_kept(answers.load()):
                yield section
                if kept is not None:
                    used.append(kept)
            answers.note_used(used)
        yield from self._cut(None, self._end_ms)

    def _until_last_kept(self, loaded: Iterable[KeptAnswer]) -> Iterator[tuple[Section, KeptAnswer | None]]:
        """Yield the pieces up to the last one whose answer was kept, each with that answer."""
        for kept in loaded:
            start_sample = kept.stretch.start_sample
            between = start_sample - self._audio.start_sample
            yield from ((section, None) for section in self._cut(between, _to_ms(start_sample)))
            chunks = list(self._audio.take(kept.stretch.samples))
            if digest_of_sound(chunks) != kept.stretch.digest:
                # It is another recording after all, so the other answers are not of it either.
                self._audio.put_back(chunks)
                return
            piece = self._placed(self._maker.whole(chunks), start_sample)
            yield Section(piece, kept.stretch, kept.answer), kept

    def _cut(self, samples: int | None, end_ms: int | None) -> Iterator[Section]:
        """Cut the next samples; None cuts all that are left."""
        start_sample = self._audio.start_sample
        left_ms = None if end_ms is None else end_ms - _to_ms(start_sample)
        passing = _DigestedAudio(self._audio.take(samples))
        for piece in self._maker.cut(passing, left_ms):
            placed = self._placed(piece, start_sample + piece.start_sample)
            digest = passing.digest(piece.samples)
            yield Section(placed, Stretch(placed.start_sample, placed.samples, digest) if digest else None)

    def _placed(self, piece: Piece, start_sample: int) -> Piece:
        """Give a piece its number and place in the recording."""
        placed = replace(piece, number=self._number, start_sample=start_sample)
        self._number += 1
        return placed


class _UncutAudio:
    """A recording's audio, taken from its start to its end."""

    def __init__(self, pcm: Iterable[bytes], start_sample: int) -> None:
        self._coming = iter(pcm)
        self._put_back: deque[bytes] = deque()
        self.start_sample = start_sample
        """Where the rest starts."""

    def take(self, samples: int | None) -> Iterator[bytes]:
        """Take samples chunk by chunk as they are asked for; None takes all. There may be fewer."""
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


class _DigestedAudio:
    """Audio passing through; its last part is held until the end of its piece is known."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()
        self._is_lost = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if not self._is_lost:
                self._held += chunk
                if len(self._held) > _MOST_BYTES:
                    self._is_lost = True
                    self._held.clear()
            yield chunk

    def digest(self, samples: int) -> bytes | None:
        """Return the digest of the next samples; None if there were too many to hold."""
        if self._is_lost:
            return None
        digest = digest_of_sound([memoryview(self._held)[: 2 * samples]])
        del self._held[: 2 * samples]
        return digest


def digest_of_sound(chunks: Iterable[bytes | memoryview]) -> bytes:
    """Return a digest of samples.

    Args:
        chunks: The samples.
    """
    hashed = hashlib.blake2b(digest_size=32)
    for chunk in chunks:
        hashed.update(chunk)
    return hashed.digest()


def _to_ms(samples: int) -> int:
    return round(samples * 1000 / PCM_RATE_HZ)

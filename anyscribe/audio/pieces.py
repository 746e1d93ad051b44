"""Cut a recording into pieces that a server takes, each ready to send as soon as it is complete."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from anyscribe.audio.cut_points import find_cut
from anyscribe.audio.decode import decode
from anyscribe.audio.encoding import Encoder, Encoding
from anyscribe.audio.media_errors import translated_os_errors
from anyscribe.audio.piece_lengths import PieceLimits, Unfinished, Window, find_window, to_samples
from anyscribe.errors import UsageError
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_STEP_SAMPLES: Final = PCM_RATE_HZ


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a recording in a file of its own; what engines know as an `anyscribe.request.AudioSource`.

    Args:
        path: Where its bytes are.
        encoding: How they are encoded.
        size_bytes: How many they are.
        number: Which piece of the recording this is, from 0.
        start_sample: Where in the recording it starts, in samples at `PCM_RATE_HZ`.
        samples: How long it is.
        cut_in_speech: Whether it had to end where no silence was.
    """

    path: Path
    encoding: Encoding
    size_bytes: int
    number: int
    start_sample: int
    samples: int
    cut_in_speech: bool = False

    @property
    def filename(self) -> str:
        """A plain ASCII name with the container's extension."""
        return f"recording.{self.encoding.extension}"

    @property
    def media_type(self) -> str:
        """The container's media type."""
        return self.encoding.media_type

    @property
    def start_ms(self) -> int:
        """Where in the recording it starts, in milliseconds."""
        return _to_ms(self.start_sample)

    @property
    def end_ms(self) -> int:
        """Where in the recording it ends, in milliseconds."""
        return _to_ms(self.start_sample + self.samples)

    @property
    def duration_ms(self) -> int:
        """How long it is, in milliseconds."""
        return _to_ms(self.samples)

    def open(self) -> BinaryIO:
        """Open its bytes, from the first one."""
        with translated_os_errors():
            return self.path.open("rb")

    def pcm(self) -> Iterator[bytes]:
        """Decode to mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`."""
        with self.open() as file:
            yield from decode(file)

    def discard(self) -> None:
        """Delete its file; nothing happens where that is gone."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def pieces(
    pcm: Iterable[bytes],
    limits: Callable[[], PieceLimits] | PieceLimits,
    *,
    folder: Path,
    encoding: Callable[[], Encoding] | Encoding,
    total_ms: int | None = None,
) -> Iterator[Piece]:
    """Cut a recording where nobody speaks, as far as that can be had, and encode the pieces.

    The pieces follow each other without gap or overlap: each sample is in one of them. Memory holds about two minutes
    of sound, however long the recording is.

    Args:
        pcm: Its sound, mono, 16 bits, little-endian, at `PCM_RATE_HZ`, in chunks of whole samples; read as needed.
        limits: What a piece may be, or who is asked at the start of each one. Without any, the recording becomes one
            piece.
        folder: Takes the files; what remains of them when all is done is the caller's to remove.
        encoding: How pieces are encoded, or who is asked at the start of each one.
        total_ms: How long the recording is about, so that pieces can be about even; None where that is not known.

    Yields:
        Each piece as soon as it is complete. Its file stays until `Piece.discard`.

    Raises:
        UsageError: Not even a second of sound fits the limits.
        OutputError: The folder cannot hold a piece.
    """
    ask_limits = (lambda: limits) if isinstance(limits, PieceLimits) else limits
    ask_encoding = (lambda: encoding) if isinstance(encoding, Encoding) else encoding
    yield from _Cutter(_Sound(iter(pcm)), ask_limits, ask_encoding, folder, total_ms).pieces()


def _to_ms(samples: int) -> int:
    return round(samples * 1000 / PCM_RATE_HZ)


@dataclass(slots=True)
class _Sound:
    """A recording's sound as it comes, of which some is held back."""

    chunks: Iterator[bytes]
    held: bytearray = field(default_factory=bytearray)
    ended: bool = False

    @property
    def held_samples(self) -> int:
        return len(self.held) // 2

    def hold(self, samples: float) -> None:
        """Read until so much is held, or all there is."""
        while self.held_samples < samples and not self.ended:
            chunk = next(self.chunks, None)
            if chunk is None:
                self.ended = True
            else:
                self.held += chunk

    def take(self, samples: int) -> bytes:
        taken = bytes(self.held[: 2 * samples])
        del self.held[: 2 * samples]
        return taken


@dataclass(slots=True)
class _Cutter:
    """The state of one call of `pieces`."""

    sound: _Sound
    ask_limits: Callable[[], PieceLimits]
    ask_encoding: Callable[[], Encoding]
    folder: Path
    total_ms: int | None
    limits: PieceLimits = field(default_factory=PieceLimits)
    number: int = 0
    start_sample: int = 0

    def pieces(self) -> Iterator[Piece]:
        self.sound.hold(1)
        while self.sound.held:
            piece = self._next()
            self.number += 1
            self.start_sample += piece.samples
            yield piece
            self.sound.hold(1)

    def _next(self) -> Piece:
        self.limits, encoding = self.ask_limits(), self.ask_encoding()
        path = self.folder / f"{secrets.token_hex(8)}.{encoding.extension}"
        with Encoder(path, encoding) as encoder:
            self._check(encoder)
            in_speech = self._fill(encoder)
        return Piece(path, encoding, encoder.size_bytes, self.number, self.start_sample, encoder.samples, in_speech)

    def _check(self, encoder: Encoder) -> None:
        """Refuse limits below which there is no end of pieces."""
        if self.limits.max_bytes is not None and encoder.room_samples(self.limits.max_bytes) < PCM_RATE_HZ:
            raise UsageError(
                f"a request of {self.limits.max_bytes:,} bytes has no room for a second of sound",
                remedy="allow more bytes",
            )
        if self.limits.max_ms is not None and to_samples(self.limits.max_ms) < PCM_RATE_HZ:
            raise UsageError(f"pieces of {self.limits.max_ms} ms are too short", remedy="allow a second or more")

    def _fill(self, encoder: Encoder) -> bool:
        """Write one piece; tell whether it ends in speech."""
        sound = self.sound
        # As long as it cannot be cut there, sound is encoded as it comes, and nothing is held back.
        while self._window(encoder).first >= _STEP_SAMPLES:
            sound.hold(_STEP_SAMPLES)
            encoder.write(sound.take(_STEP_SAMPLES))
            if sound.ended and not sound.held:
                return False
        window = self._window(encoder)
        sound.hold(window.last + window.beyond)
        # More is known now, perhaps that this is the end.
        window = self._window(encoder)
        if window.is_needless:
            encoder.write(sound.take(sound.held_samples))
            return False
        cut = find_cut(sound.held, first=int(window.first), wanted=int(window.wanted), last=int(window.last))
        encoder.write(sound.take(max(1, cut.sample)))
        return cut.in_speech

    def _window(self, encoder: Encoder) -> Window:
        piece = Unfinished(
            encoder=encoder,
            held=self.sound.held_samples,
            ended=self.sound.ended,
            stated=to_samples(self.total_ms) - self.start_sample,
            is_first=self.number == 0,
        )
        return find_window(piece, self.limits)

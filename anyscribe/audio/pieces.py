"""Cut a recording into pieces that a server accepts, each ready to send as soon as it is complete."""

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
    """A part of a recording in a separate file; an `anyscribe.request.AudioSource` for engines.

    Args:
        path: Its file.
        encoding: The file's encoding.
        size_bytes: The file's size.
        number: Index of the piece in the recording, from 0.
        start_sample: Its start in the recording, in samples at `PCM_RATE_HZ`.
        samples: Its length, in samples.
        cut_in_speech: Whether it had to end outside a silence.
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
        """Its start in the recording, in milliseconds."""
        return _to_ms(self.start_sample)

    @property
    def end_ms(self) -> int:
        """Its end in the recording, in milliseconds."""
        return _to_ms(self.start_sample + self.samples)

    @property
    def duration_ms(self) -> int:
        """Its length, in milliseconds."""
        return _to_ms(self.samples)

    def open(self) -> BinaryIO:
        """Open its file, at the first byte."""
        with translated_os_errors():
            return self.path.open("rb")

    def pcm(self) -> Iterator[bytes]:
        """Decode to mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`."""
        with self.open() as file:
            yield from decode(file)

    def discard(self) -> None:
        """Delete its file, if it still exists."""
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
    """Cut a recording in pauses, as far as possible, and encode the pieces.

    The pieces follow each other without gap or overlap: each sample is in one of them. Memory holds about two minutes
    of audio, for a recording of any length.

    Args:
        pcm: Its audio, mono, 16 bits, little-endian, at `PCM_RATE_HZ`, in chunks of whole samples; read as needed.
        limits: The limits of a piece, or a function called for them at the start of each one. Without any limits, the
            recording becomes one piece.
        folder: Folder for the files; the caller removes those that remain after the last piece.
        encoding: The encoding of pieces, or a function called for it at the start of each one.
        total_ms: Approximate length of the recording, for pieces of about equal length; None if unknown.

    Yields:
        Each piece as soon as it is complete. Its file stays until `Piece.discard`.

    Raises:
        UsageError: The limits do not allow a second of audio.
        OutputError: The folder cannot hold a piece.
    """
    ask_limits = (lambda: limits) if isinstance(limits, PieceLimits) else limits
    ask_encoding = (lambda: encoding) if isinstance(encoding, Encoding) else encoding
    yield from _Cutter(_Sound(iter(pcm)), ask_limits, ask_encoding, folder, total_ms).pieces()


def _to_ms(samples: int) -> int:
    return round(samples * 1000 / PCM_RATE_HZ)


@dataclass(slots=True)
class _Sound:
    """A recording's audio as it arrives, with some of it held back."""

    chunks: Iterator[bytes]
    held: bytearray = field(default_factory=bytearray)
    ended: bool = False

    @property
    def held_samples(self) -> int:
        return len(self.held) // 2

    def hold(self, samples: float) -> None:
        """Read until this many samples are held, or the audio ends."""
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
        """Raise for limits below a second, which would lead to an excessive number of pieces."""
        if self.limits.max_bytes is not None and encoder.room_samples(self.limits.max_bytes) < PCM_RATE_HZ:
            raise UsageError(
                f"a request of {self.limits.max_bytes:,} bytes has no room for a second of audio",
                remedy="allow more bytes",
            )
        if self.limits.max_ms is not None and to_samples(self.limits.max_ms) < PCM_RATE_HZ:
            raise UsageError(f"pieces of {self.limits.max_ms} ms are too short", remedy="allow a second or more")

    def _fill(self, encoder: Encoder) -> bool:
        """Write one piece; return whether it ends in speech."""
        sound = self.sound
        # Before the first possible cut, audio is encoded as it arrives, and nothing is held back.
        while self._window(encoder).first >= _STEP_SAMPLES:
            sound.hold(_STEP_SAMPLES)
            encoder.write(sound.take(_STEP_SAMPLES))
            if sound.ended and not sound.held:
                return False
        window = self._window(encoder)
        while not sound.ended and sound.held_samples < window.last + window.beyond:
            sound.hold(window.last + window.beyond)
            # More is known now: perhaps that the recording ends here, or that its stated length is wrong.
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

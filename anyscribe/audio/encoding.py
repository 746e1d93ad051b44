"""Encode sound for sending: FLAC, which loses nothing, or Opus, which is a fifth of its size."""

from __future__ import annotations

import contextlib
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self, cast

import av
import av.error

from anyscribe.audio.frames import PCM_TIME_BASE, to_frames
from anyscribe.audio.scratch import unwritable
from anyscribe.errors import AudioError
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

    from anyscribe.audio.frames import Pcm


class Encoding(StrEnum):
    """How a piece is encoded for sending."""

    FLAC = "flac"
    OPUS = "opus"

    @property
    def extension(self) -> str:
        """The extension by which servers know the container, without its dot."""
        return "flac" if self is Encoding.FLAC else "ogg"

    @property
    def media_type(self) -> str:
        """The container's media type."""
        return "audio/flac" if self is Encoding.FLAC else "audio/ogg"


_FORMATS: Final = {Encoding.FLAC: "flac", Encoding.OPUS: "ogg"}
_CODECS: Final = {Encoding.FLAC: "flac", Encoding.OPUS: "libopus"}
_OPUS_BITS_PER_S: Final = 24_000
_CODEC_OPTIONS: Final = {
    Encoding.FLAC: {},
    # Left to itself, Opus spends twice its bitrate on sound that is hard to encode; no limit could be promised then.
    Encoding.OPUS: {"application": "voip", "vbr": "constrained"},
}
_MUXER_OPTIONS: Final = {
    # The same sound gives the same bytes; and FFmpeg leaves 8 KiB free for tags, unless it is told otherwise.
    Encoding.FLAC: {"fflags": "+bitexact", "metadata_header_padding": "0"},
    Encoding.OPUS: {"fflags": "+bitexact"},
}

_OVERHEAD_BYTES: Final = {Encoding.FLAC: 6 << 10, Encoding.OPUS: 1 << 10}
"""More than headers, trailer and the two blocks of sound that an encoder may hold back."""

_FLAC_BLOCK_SAMPLES: Final = 1152
_FLAC_BLOCK_BYTES: Final = 24
"""A block that cannot be compressed is stored as it is, behind a header of fewer bytes than this."""

_OPUS_PAGE_BYTES: Final = 2
"""What Ogg adds to each packet of 20 ms, its page's header shared out among the 50 packets of a page."""

_OPUS_MOST_BYTES_PER_S: Final = 2 * _OPUS_BITS_PER_S // 8
"""Twice what is asked for: on noise, sweeps, clicks and saws, it was 1.2 times in the worst second, pages included."""


class Encoder:
    """Writes one file of sound. A context manager: what ends with an exception leaves no file.

    Args:
        path: Where; nothing may be there yet.
        encoding: How.

    Raises:
        OutputError: The file cannot be written; so do all methods.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self.encoding = encoding
        self.samples = 0
        """How much sound was written to it."""
        self.size_bytes = 0
        """The file's size; known when it is complete."""
        self._bytes = 0
        self._file = _File(path)
        self._container: OutputContainer | None = None

    def __enter__(self) -> Self:
        with self._guarded():
            self._container = av.open(
                self._file, "w", format=_FORMATS[self.encoding], options=_MUXER_OPTIONS[self.encoding]
            )
            added = self._container.add_stream(
                _CODECS[self.encoding], rate=PCM_RATE_HZ, layout="mono", options=_CODEC_OPTIONS[self.encoding]
            )
            stream = cast("AudioStream", added)
            stream.time_base = PCM_TIME_BASE
            if self.encoding is Encoding.OPUS:
                stream.bit_rate = _OPUS_BITS_PER_S
            self._stream = stream
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._discard()
            return
        with self._guarded():
            self._mux(self._stream.encode(None))
            self._close_container()
            self.size_bytes = self._file.close()

    def write(self, pcm: Pcm) -> None:
        """Encode more sound.

        Args:
            pcm: Whole samples, mono, 16 bits, little-endian, at `PCM_RATE_HZ`; a second at a time is quickest.
        """
        with self._guarded():
            for frame in to_frames(pcm, first_sample=self.samples):
                self._mux(self._stream.encode(frame))
                self.samples += frame.samples

    @property
    def bytes_per_sample(self) -> float:
        """How well the sound so far was compressed."""
        return self._bytes / self.samples if self.samples else 2.0

    def room_samples(self, max_bytes: int) -> int:
        """Say how much more sound fits for certain, however badly it compresses.

        Args:
            max_bytes: How large the file may become.
        """
        return self.certain_samples(max_bytes - _OVERHEAD_BYTES[self.encoding] - self._bytes)

    def certain_samples(self, size_bytes: int) -> int:
        """Say how much sound fits for certain, headers not counted.

        Args:
            size_bytes: How much room there is; below 0 means none.
        """
        left_bytes = max(0, size_bytes)
        if self.encoding is Encoding.OPUS:
            return left_bytes * PCM_RATE_HZ // _OPUS_MOST_BYTES_PER_S
        blocks, rest_bytes = divmod(left_bytes, 2 * _FLAC_BLOCK_SAMPLES + _FLAC_BLOCK_BYTES)
        return blocks * _FLAC_BLOCK_SAMPLES + max(0, rest_bytes - _FLAC_BLOCK_BYTES) // 2

    def _mux(self, packets: Iterable[Packet[AudioStream]]) -> None:
        for packet in packets:
            self._bytes += packet.size + (_OPUS_PAGE_BYTES if self.encoding is Encoding.OPUS else 0)
            cast("OutputContainer", self._container).mux(packet)
        self._file.check()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Leave no file where something fails, and say what it was."""
        try:
            yield
        except BaseException as error:
            self._discard()
            if isinstance(error, (av.error.FFmpegError, ValueError)):
                raise AudioError(f"its sound cannot be encoded as {self.encoding} ({error})") from error
            if isinstance(error, OSError):
                raise unwritable(error, f"sound cannot be stored in {self._file.path.parent}") from error
            raise

    def _close_container(self) -> None:
        if self._container is not None:
            self._container.close()

    def _discard(self) -> None:
        with contextlib.suppress(av.error.FFmpegError, OSError):
            self._close_container()
        self._file.discard()


class _File:
    """The file that FFmpeg writes to. It complains to us alone, since FFmpeg would not hand on what it says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._error: OSError | None = None
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise unwritable(error, f"sound cannot be stored in {path.parent}") from error

    def write(self, data: bytes) -> int:
        if self._error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self._error = error
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self._error is None:
            try:
                return self._file.seek(offset, whence)
            except OSError as error:
                self._error = error
        return offset

    def tell(self) -> int:
        return self.seek(0, os.SEEK_CUR)

    def check(self) -> None:
        """Raise what went wrong so far."""
        if self._error is not None:
            raise self._error

    def close(self) -> int:
        """Close it whole, and give its size."""
        size_bytes = self.seek(0, os.SEEK_END)
        self.check()
        self._file.close()
        return size_bytes

    def discard(self) -> None:
        # What is still in its buffer may find no place, which does not matter any more.
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink()


def encode(pcm: Iterable[bytes], path: Path, encoding: Encoding) -> int:
    """Encode a whole recording.

    Args:
        pcm: Its sound in chunks of whole samples, mono, 16 bits, little-endian, at `PCM_RATE_HZ`.
        path: Where; nothing may be there yet.
        encoding: How.

    Returns:
        How many samples there were.

    Raises:
        OutputError: The file cannot be written; nothing is left of it.
    """
    with Encoder(path, encoding) as encoder:
        for chunk in pcm:
            encoder.write(chunk)
    return encoder.samples

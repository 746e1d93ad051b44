"""Encode audio for sending: as FLAC, which is lossless, or as Opus, which has a fifth of its size."""

from __future__ import annotations

import contextlib
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self, cast

import av
import av.error

from anyscribe.audio.frames import PCM_TIME_BASE, to_frames
from anyscribe.errors import AudioError
from anyscribe.request import PCM_RATE_HZ
from anyscribe.scratch import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

    from anyscribe.audio.frames import Pcm


class Encoding(StrEnum):
    """The encoding of a piece for sending."""

    FLAC = "flac"
    OPUS = "opus"

    @property
    def extension(self) -> str:
        """The extension by which servers identify the container, without its dot."""
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
    # By default, Opus spends twice its bitrate on audio that is hard to encode; no limit could be guaranteed then.
    Encoding.OPUS: {"application": "voip", "vbr": "constrained"},
}
_MUXER_OPTIONS: Final = {
    # The same audio gives the same bytes; and by default, FFmpeg leaves 8 KiB free for tags.
    Encoding.FLAC: {"fflags": "+bitexact", "metadata_header_padding": "0"},
    Encoding.OPUS: {"fflags": "+bitexact"},
}

_OVERHEAD_BYTES: Final = {Encoding.FLAC: 6 << 10, Encoding.OPUS: 1 << 10}
"""More than headers, trailer and the two blocks of audio that an encoder may hold back."""

_FLAC_BLOCK_SAMPLES: Final = 1152
_FLAC_BLOCK_BYTES: Final = 24
"""An incompressible block is stored as it is, after a header of fewer bytes than this."""

_OPUS_PAGE_BYTES: Final = 2
"""Ogg's overhead for each packet of 20 ms: the header of a page divided by its 50 packets."""

_OPUS_MOST_BYTES_PER_S: Final = 2 * _OPUS_BITS_PER_S // 8
"""Twice the requested rate; the worst second of noise, sweeps, clicks and saws had 1.2 times, pages included."""


class Encoder:
    """Writes one audio file. As a context manager, it leaves no file after an exception.

    Args:
        path: The file to create; it must not exist yet.
        encoding: The file's encoding.

    Raises:
        OutputError: The file cannot be written; methods raise it too.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self.encoding = encoding
        self.samples = 0
        """Number of samples written so far."""
        self.size_bytes = 0
        """The file's size; known once it is complete."""
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
        """Encode more audio.

        Args:
            pcm: Whole samples, mono, 16 bits, little-endian, at `PCM_RATE_HZ`; a second at a time is fastest.
        """
        with self._guarded():
            for frame in to_frames(pcm, first_sample=self.samples):
                self._mux(self._stream.encode(frame))
                self.samples += frame.samples

    @property
    def bytes_per_sample(self) -> float:
        """Encoded bytes per sample so far; 2.0 before the first."""
        return self._bytes / self.samples if self.samples else 2.0

    def room_samples(self, max_bytes: int) -> int:
        """Return how many more samples are certain to fit, even if they compress badly.

        Args:
            max_bytes: Maximum size of the file.
        """
        return self.certain_samples(max_bytes - _OVERHEAD_BYTES[self.encoding] - self._bytes)

    def certain_samples(self, size_bytes: int) -> int:
        """Return how many samples are certain to fit, headers not counted.

        Args:
            size_bytes: Available space; negative values count as 0.
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
        """Delete the file after an error, and translate the error."""
        try:
            yield
        except BaseException as error:
            self._discard()
            if isinstance(error, (av.error.FFmpegError, ValueError)):
                raise AudioError(f"its audio cannot be encoded as {self.encoding} ({error})") from error
            if isinstance(error, OSError):
                raise unwritable(error, f"audio cannot be stored in {self._file.path.parent}") from error
            raise

    def _close_container(self) -> None:
        if self._container is not None:
            self._container.close()

    def _discard(self) -> None:
        with contextlib.suppress(av.error.FFmpegError, OSError):
            self._close_container()
        self._file.discard()


class _File:
    """The file that FFmpeg writes to. It stores errors for `check`, since FFmpeg would not pass them on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._error: OSError | None = None
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise unwritable(error, f"audio cannot be stored in {path.parent}") from error

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
        """Raise the first error so far, if any."""
        if self._error is not None:
            raise self._error

    def close(self) -> int:
        """Close the complete file, and return its size."""
        size_bytes = self.seek(0, os.SEEK_END)
        self.check()
        self._file.close()
        return size_bytes

    def discard(self) -> None:
        # Writing the rest of its buffer may fail, which no longer matters.
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink()


def encode(pcm: Iterable[bytes], path: Path, encoding: Encoding) -> int:
    """Encode a whole recording.

    Args:
        pcm: Its audio in chunks of whole samples, mono, 16 bits, little-endian, at `PCM_RATE_HZ`.
        path: The file to create; it must not exist yet.
        encoding: The file's encoding.

    Returns:
        The number of samples.

    Raises:
        OutputError: The file cannot be written; it is deleted.
    """
    with Encoder(path, encoding) as encoder:
        for chunk in pcm:
            encoder.write(chunk)
    return encoder.samples

"""The request's body: form fields and file as multipart, read from disk while they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from requests_toolbelt.multipart.encoder import MultipartEncoder

from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anyscribe.request import AudioSource

_CHUNK_BYTES: Final = 1 << 18
"""The size of a chunk handed to the socket. http.client would read a file-like body in chunks of 8 kB, which takes five
times as long. A chunk must be sent within the connect timeout, so considerably larger ones fail on slow links."""


class MultipartBody:
    """A multipart body of known length that is read from disk as it is sent, and reports its progress.

    It can be iterated once, in chunks: requests neither buffers an iterable body with a length nor splits it further.

    Args:
        fields: Form fields, sent before the file so that a server knows them when the file arrives.
        file: The recording's bytes, positioned at the start; the caller closes it.
        audio: The file's name and the number of bytes to send: the file may grow meanwhile, but not shrink.
        on_sent: Called with (bytes sent, total bytes) after each chunk.
    """

    def __init__(
        self,
        fields: list[tuple[str, str]],
        file: BinaryIO,
        audio: AudioSource,
        *,
        on_sent: Callable[[int, int], None],
    ) -> None:
        self._file = _SteadyFile(file, audio.size_bytes)
        self._encoder = MultipartEncoder([*fields, ("file", (audio.filename, self._file, audio.media_type))])
        self._size_bytes: int = self._encoder.len
        self._on_sent = on_sent
        self.sent_bytes = 0

    @property
    def content_type(self) -> str:
        """The media type, with the boundary between the parts."""
        return str(self._encoder.content_type)

    @property
    def has_grown(self) -> bool:
        """Whether the file had grown when its last byte was read."""
        return self._file.has_grown

    def __len__(self) -> int:
        return self._size_bytes

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._encoder.read(_CHUNK_BYTES):
            yield chunk
            self.sent_bytes += len(chunk)
            self._on_sent(self.sent_bytes, self._size_bytes)


class _SteadyFile:
    """A file with a fixed size: data added later is not sent, missing data is an error.

    The request's header states the body's length before the first byte is read.
    """

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._left_bytes = size_bytes
        self.has_grown = False

    @property
    def len(self) -> int:
        """The number of bytes still to be read; the encoder requires this name."""
        return self._left_bytes

    def read(self, size: int = -1) -> bytes:
        wanted = self._left_bytes if size < 0 else min(size, self._left_bytes)
        try:
            data = self._file.read(wanted)
            self.has_grown = len(data) == self._left_bytes and bool(self._file.read(1))
        except OSError as error:
            # An OSError would be mistaken for a broken connection.
            raise AudioError(f"cannot be read to its end ({error.strerror})") from error
        if wanted and not data:
            raise AudioError(
                "the file became shorter during the upload", remedy="wait until it is complete, then run this again"
            )
        self._left_bytes -= len(data)
        return data

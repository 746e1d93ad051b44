"""Inspect a recording before it is sent or decoded: whether it exists, is media and has audio, and its length."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import av

from anyscribe.audio.containers import (
    MEDIA_TYPES,
    choose_extension,
    contract_extension,
    contract_extensions,
    plain_filename,
)
from anyscribe.audio.decode import decode, open_media, stated_length
from anyscribe.audio.media_errors import no_sound, translated_faults, translated_os_errors
from anyscribe.audio.truncation import check_whole
from anyscribe.errors import AudioError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream


_PICTURE_CODECS: Final = frozenset({"bmp", "gif", "mjpeg", "png", "tiff", "webp"})
_EBML_HEADER_BYTES: Final = 64
_DOCTYPE: Final = re.compile(rb"\x42\x82[\x80-\x8f]([a-z]+)")
"""The element of a Matroska header that states the document type: its ID, its length, a name.

Source: RFC 8794, section 11.2.7.
"""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file with audio; an `anyscribe.request.AudioSource` for engines.

    Args:
        path: The file.
        filename: A plain ASCII name with the container's extension.
        media_type: The container's media type.
        size_bytes: The file's size when it was probed.
        duration_ms: End of the audio as stated by the container, in milliseconds; None if it is not stated.
        is_contract_container: Whether it is in one of the containers that the contract names, by its content and by
            the extension sent to servers.
        has_video: Whether it has video besides the audio; cover art does not count.
    """

    path: Path
    filename: str
    media_type: str
    size_bytes: int
    duration_ms: int | None
    is_contract_container: bool = False
    has_video: bool = False

    def open(self) -> BinaryIO:
        """Open the file, at the first byte."""
        with translated_os_errors():
            return self.path.open("rb")

    def pcm(self) -> Iterator[bytes]:
        """Decode to mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`; see `anyscribe.audio.decode.decode`."""
        with self.open() as file:
            yield from decode(file)


def probe(path: Path, *, name: str | None = None) -> Recording:
    """Inspect a file by its content.

    Args:
        path: The file.
        name: The name sent to servers, which also supplies the extension; None means the path's own name.

    Returns:
        The file's properties; no audio is decoded to find them.

    Raises:
        AudioError: The file is missing, unreadable, empty, cut off, not media, or has no audio track.
    """
    name = path.name if name is None else name
    with translated_os_errors():
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise AudioError("it is a folder")
        if not stat.S_ISREG(status.st_mode):
            remedy = Sentence("pipe it into {} instead", Option("standard_input"))
            raise AudioError("it is not a regular file", remedy=remedy)
        if status.st_size == 0:
            raise AudioError("the file is empty", remedy="check how it was made or copied")
        file = path.open("rb")
    with file, translated_faults(), open_media(file) as container:
        format_names = container.format.name
        stream = container.streams.best("audio")
        if stream is None:
            raise no_sound()
        duration_ms = _duration_ms(container, stream)
        has_video = any(not _is_still(video) for video in container.streams.video)
        real = _contract_extensions(file, container, stream)
        check_whole(file, container, status.st_size)
    extension = choose_extension(name, format_names)
    sent = contract_extension(extension, real)
    extension = sent or extension
    return Recording(
        path=path,
        filename=plain_filename(name, extension),
        media_type=MEDIA_TYPES.get(extension, "application/octet-stream"),
        size_bytes=status.st_size,
        duration_ms=duration_ms,
        is_contract_container=sent is not None,
        has_video=has_video,
    )


def _is_still(video: VideoStream) -> bool:
    """Return whether a video stream is cover art; older versions of PyAV do not report this."""
    return video.codec_context.name in _PICTURE_CODECS and video.frames <= 1


def _contract_extensions(file: BinaryIO, container: InputContainer, stream: Stream) -> tuple[str, ...]:
    """Return the contract's names for the container, by its content."""
    doctype = ""
    if container.format.name.startswith("matroska"):
        # FFmpeg does not distinguish the two. The position is restored, because FFmpeg continues reading from it.
        position = file.tell()
        file.seek(0)
        found = _DOCTYPE.search(file.read(_EBML_HEADER_BYTES))
        file.seek(position)
        doctype = found[1].decode() if found else ""
    return contract_extensions(
        container.format.name,
        codec=stream.codec_context.name,
        brand=container.metadata.get("major_brand", "").strip(),
        doctype=doctype,
    )


def _duration_ms(container: InputContainer, stream: Stream) -> int | None:
    """Return the time from the recording's start to the end of its audio, as far as the container states it."""
    if stream.duration is None or stream.time_base is None:
        length = stated_length(container)
        return None if length is None else round(length * 1000 / av.time_base)
    late_ms = 0.0
    if stream.start_time is not None and container.start_time is not None:
        late_ms = float(stream.start_time * stream.time_base * 1000) - container.start_time * 1000 / av.time_base
    return round(float(stream.duration * stream.time_base * 1000) + max(0.0, late_ms))

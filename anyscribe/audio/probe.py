"""Inspect a recording before it is sent or decoded: whether it exists, is media and has audio, and its length."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

import av.error

from anyscribe.audio.containers import (
    MEDIA_TYPES,
    choose_extension,
    contract_extension,
    contract_extensions,
    plain_filename,
)
from anyscribe.audio.decode import cancels, decode, open_media
from anyscribe.audio.joined import FilePart, find_parts
from anyscribe.audio.lengths import sound_end_ms, stated_end_ms
from anyscribe.audio.media_errors import translated_faults, translated_os_errors
from anyscribe.audio.selection import BEST_MIX, Selection, name_tracks, select_track
from anyscribe.audio.truncation import check_whole
from anyscribe.errors import AudioError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream


_PICTURE_CODECS: Final = frozenset({"bmp", "gif", "mjpeg", "png", "tiff", "webp"})
_ROUNDED_MS: Final = 1_000
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
        duration_ms: End of the audio as the container states it, in milliseconds; None if it cannot be told.
        is_contract_container: Whether it is in one of the containers that the contract names, by its content and by
            the extension sent to servers.
        has_video: Whether it has video besides the audio; cover art does not count.
        selection: The track and the channel that are transcribed.
        channels: Number of the track's channels.
        track: Number of the track, from 1.
        tracks: Descriptions of all audio tracks.
        says_less: Whether its header says that it is shorter than it is.
        parts: The recordings that the file is made of; servers read the first one, as its header describes it.
    """

    path: Path
    filename: str
    media_type: str
    size_bytes: int
    duration_ms: int | None
    is_contract_container: bool = False
    has_video: bool = False
    selection: Selection = BEST_MIX
    channels: int = 1
    track: int = 1
    tracks: tuple[str, ...] = ()
    says_less: bool = False
    parts: tuple[FilePart, ...] = ()

    def open(self) -> BinaryIO:
        """Open the file, at the first byte."""
        with translated_os_errors():
            return self.path.open("rb")

    def pcm(self) -> Iterator[bytes]:
        """Decode to mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`; see `anyscribe.audio.decode.decode`."""
        with self.open() as file:
            for part in self._parts():
                yield from decode(part.view(file), self.selection)

    def cancels(self) -> bool:
        """Return whether its channels cancel each other if they are mixed as servers do; decodes the recording."""
        with self.open() as file:
            return any(cancels(part.view(file), self.selection) for part in self._parts())

    def of_channel(self, channel: int) -> Recording:
        """Return the recording with one of its channels alone.

        Args:
            channel: Its number, from 1.
        """
        return replace(self, selection=replace(self.selection, channel=channel))

    def _parts(self) -> tuple[FilePart, ...]:
        return self.parts or (FilePart(0, self.size_bytes),)


def probe(path: Path, *, name: str | None = None, selection: Selection = BEST_MIX) -> Recording:
    """Inspect a file by its content.

    Args:
        path: The file.
        name: The name sent to servers, which also supplies the extension; None means the path's own name.
        selection: The track and the channel to transcribe.

    Returns:
        The file's properties; no audio is decoded to find them.

    Raises:
        AudioError: The file is missing, unreadable, empty, cut off, not media, or has no such audio.
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
    with file, translated_faults():
        first, *others = find_parts(file, status.st_size)
        with open_media(first.view(file)) as container:
            format_names = container.format.name
            stream = select_track(container, selection)
            tracks = tuple(name_tracks(container))
            track = container.streams.audio.index(stream) + 1
            has_video = any(not _is_still(video) for video in container.streams.video)
            real = _contract_extensions(first.view(file), container, stream)
            channels = stream.codec_context.layout.nb_channels
            check_whole(first.view(file), container, stream, first.size_bytes)
            duration_ms = sound_end_ms(container, stream, first.size_bytes)
            stated_ms = stated_end_ms(container, stream)
        parts, duration_ms = _with_others(file, first, duration_ms, others, selection)
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
        selection=selection,
        channels=channels,
        track=track,
        tracks=tracks,
        parts=parts,
        says_less=bool(first.patches) or (duration_ms or 0) > (stated_ms or duration_ms or 0) + _ROUNDED_MS,
    )


def _with_others(
    file: BinaryIO, first: FilePart, duration_ms: int | None, others: Sequence[FilePart], selection: Selection
) -> tuple[tuple[FilePart, ...], int | None]:
    """Return the parts that can be read, and the length of all of them."""
    parts = [first]
    for part in others:
        try:
            with open_media(part.view(file)) as container:
                part_ms = sound_end_ms(container, select_track(container, selection), part.size_bytes)
        except (av.error.FFmpegError, ValueError, AudioError):
            # It only looks like the start of a recording.
            continue
        parts.append(part)
        duration_ms = None if duration_ms is None or part_ms is None else duration_ms + part_ms
    return tuple(parts), duration_ms


def _is_still(video: VideoStream) -> bool:
    """Return whether a video stream is cover art; older versions of PyAV do not report this."""
    return video.codec_context.name in _PICTURE_CODECS and video.frames <= 1


def _contract_extensions(file: BinaryIO, container: InputContainer, stream: Stream) -> tuple[str, ...]:
    """Return the contract's names for the container, by its content."""
    doctype = ""
    if container.format.name.startswith("matroska"):
        # FFmpeg does not distinguish the two.
        found = _DOCTYPE.search(file.read(_EBML_HEADER_BYTES))
        doctype = found[1].decode() if found else ""
    return contract_extensions(
        container.format.name,
        codec=stream.codec_context.name,
        brand=container.metadata.get("major_brand", "").strip(),
        doctype=doctype,
    )

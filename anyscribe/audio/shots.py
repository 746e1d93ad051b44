"""Find where the picture of a film changes from one shot to another, by FFmpeg's scene score."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import av
import av.error
import av.filter

from anyscribe.audio.decode import open_media
from anyscribe.audio.media_errors import translated_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.video.stream import VideoStream

_SCORE: Final = 0.3
"""A cut changes the picture by this much of what is possible; FFmpeg's manual recommends 0.3 to 0.5."""

_WIDTH: Final = 160
"""A cut is seen in a small picture too, and scores are computed faster."""

_MOST_STILLS: Final = 1


class Shots(NamedTuple):
    """The shots of a film.

    Args:
        cuts_ms: When each but the first one begins, in milliseconds on the clock that subtitles have.
        frame_rate: Pictures a second; None if it is not stated.
    """

    cuts_ms: tuple[int, ...]
    frame_rate: float | None


def find_shots(file: BinaryIO) -> Shots | None:
    """Find the cuts of a film.

    Args:
        file: The container's bytes, at its start.

    Returns:
        The shots; None if it has no picture, or only a still one.

    Raises:
        AudioError: The file is not media.
    """
    with translated_faults(), open_media(file) as container:
        stream = next((video for video in container.streams.video if video.frames != _MOST_STILLS), None)
        if stream is None or stream.codec_context.name in {"mjpeg", "png"}:
            return None
        start_s = (container.start_time or 0) / av.time_base
        cuts = tuple(round((time_s - start_s) * 1000) for time_s in _cuts_s(container, stream))
        return Shots(cuts, float(stream.average_rate) if stream.average_rate else None)


def _cuts_s(container: InputContainer, stream: VideoStream) -> Iterator[float]:
    stream.thread_type = "AUTO"
    graph = av.filter.Graph()
    source = graph.add_buffer(template=stream)
    chain = (("scale", f"{_WIDTH}:-2"), ("select", f"gt(scene\\,{_SCORE})"), ("buffersink", None))
    last = source
    for name, arguments in chain:
        node = graph.add(name, arguments)
        last.link_to(node)
        last = node
    graph.configure()
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            # Players skip what is damaged.
            continue
        for frame in frames:
            source.push(frame)
            yield from _pulled(last)
    source.push(None)
    yield from _pulled(last)


def _pulled(sink: av.filter.context.FilterContext) -> Iterator[float]:
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if frame.time is not None:
            yield frame.time

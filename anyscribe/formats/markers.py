"""``edl`` and ``otio``: a marker for each segment, for editors of pictures.

Source: the lists of markers that DaVinci Resolve writes and reads; https://opentimelineio.readthedocs.io
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.cue_text import one_line, parts_to_write
from anyscribe.formats.frames import exact_rate, frames_of, timecode
from anyscribe.formats.prose import running_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

_COLORS: Final = ("Blue", "Green", "Red", "Yellow", "Purple", "Cyan", "Pink")
_HOUR_S: Final = 3_600
"""Timelines begin at one hour."""


def render_edl(transcript: Transcript, metadata: Metadata) -> str:
    """Write each segment as a marker of a CMX 3600 list, as DaVinci Resolve reads them; a color for each speaker.

    Args:
        transcript: The transcript.
        metadata: The title, and the frame rate.

    Returns:
        The list with line feeds; without events if there are no segments.
    """
    rate = exact_rate(metadata.frame_rate)
    first = _HOUR_S * round(rate)
    events = [f"TITLE: {one_line(metadata.title) or 'Transcript'}\nFCM: NON-DROP FRAME\n\n"]
    for number, (text, color, start, frames) in enumerate(_marked(transcript, rate), 1):
        begin, end = timecode(first + start, rate), timecode(first + start + 1, rate)
        events.append(
            f"{number:03d}  001      V     C        {begin} {end} {begin} {end}\n"
            # A bar begins a field.
            f" |C:ResolveColor{color} |M:{text.replace('|', '/')} |D:{frames}\n\n"
        )
    return "".join(events)


def render_otio(transcript: Transcript, metadata: Metadata) -> str:
    """Write each segment as a marker of an OpenTimelineIO timeline.

    Args:
        transcript: The transcript.
        metadata: The title, the frame rate, and how the transcript was made.

    Returns:
        One line of JSON with its line feed.
    """
    from anyscribe.formats.json_writing import json_line  # noqa: PLC0415 - load msgspec only for JSON

    rate = exact_rate(metadata.frame_rate)
    marked = list(_marked(transcript, rate))
    markers = [
        {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {},
            "name": text,
            "color": color.upper(),
            "comment": "",
            "marked_range": _range(start, frames, rate),
        }
        for text, color, start, frames in marked
    ]
    ends = [start + frames for _, _, start, frames in marked]
    length = max([frames_of(transcript.duration_ms or 0, rate), *ends])
    gap = {"OTIO_SCHEMA": "Gap.1", **_item("", _range(0, length, rate)), "effects": [], "markers": []}
    track = {"OTIO_SCHEMA": "Track.1", **_item("", None), "kind": "Video", "children": [gap], "effects": []}
    tracks = {"OTIO_SCHEMA": "Stack.1", **_item("tracks", None), "children": [track], "markers": markers}
    made = metadata.provenance
    document = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"anyscribe": {"provenance": str(made)}} if made else {},
        "name": one_line(metadata.title),
        "global_start_time": _time(_HOUR_S * round(rate), rate),
        "tracks": {**tracks, "effects": []},
    }
    return json_line(document, {})


def _marked(transcript: Transcript, rate: Fraction) -> Iterator[tuple[str, str, int, int]]:
    """Yield for each segment its text with its speaker, the speaker's color, and its start and length in frames."""
    colors: dict[str | None, str] = {}
    for segment, text, end_ms in parts_to_write(transcript):
        color = colors.setdefault(segment.speaker, _COLORS[len(colors) % len(_COLORS)])
        name = one_line(segment.speaker or "")
        said = running_text([text])
        start = frames_of(segment.start_ms, rate)
        yield f"{name}: {said}" if name else said, color, start, max(1, frames_of(end_ms, rate) - start)


def _item(name: str, source_range: dict[str, Any] | None) -> dict[str, Any]:
    return {"metadata": {}, "name": name, "source_range": source_range, "enabled": True}


def _range(start: int, frames: int, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(frames, rate)}


def _time(frame: int, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frame)}

"""The transcripts of a recording's channels become one, in which each channel is a speaker."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from anyscribe.formats.prose import running_text
from anyscribe.recording.stitching import merge_extra
from anyscribe.result import Result
from anyscribe.subtitles.sentences import to_segments
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence


def name_channel(number: int) -> str:
    """Name a channel as a speaker.

    Args:
        number: Its number, from 1.
    """
    return f"channel {number}"


def merge_channels(results: Sequence[Result], *, duration_ms: int | None) -> Result:
    """Merge the results of a recording's channels.

    Args:
        results: The result of each channel, in order.
        duration_ms: The recording's length in milliseconds; None if unknown.

    Returns:
        One result whose segments are those of all channels in order of time, each with its channel as its speaker, or
        with channel and speaker if several speak in it. Without times, what was said in a channel is one segment.
    """
    named = [_with_speaker(result.transcript, name_channel(number)) for number, result in enumerate(results, start=1)]
    segments = sorted((segment for one in named for segment in one.segments), key=attrgetter("start_ms"))
    words = sorted((word for one in named for word in one.words), key=attrgetter("start_ms"))
    lengths_ms = [one.duration_ms for one in named if one.duration_ms is not None]
    return Result(
        Transcript(
            text=running_text(segment.text for segment in segments),
            language=next((one.language for one in named if one.language and one.text), None),
            duration_ms=max(lengths_ms, default=duration_ms),
            segments=tuple(segments),
            words=tuple(words),
            extra=merge_extra(named),
            findings=tuple(finding for one in named for finding in one.findings),
        ),
    )


def _with_speaker(transcript: Transcript, speaker: str) -> Transcript:
    segments = to_segments(transcript)
    if not segments and transcript.text:
        segments = (Segment(transcript.text, 0, transcript.duration_ms or 0),)
    several = len({*(one.speaker for one in segments), *(one.speaker for one in transcript.words)} - {None}) > 1

    def named(own: str | None) -> str:
        return f"{speaker}, {own}" if several and own else speaker

    return replace(
        transcript,
        segments=tuple(
            replace(segment, speaker=named(segment.speaker)) for segment in segments if segment.text.strip()
        ),
        words=tuple(replace(word, speaker=named(word.speaker)) for word in transcript.words),
        findings=tuple(replace(finding, message=f"{finding.message} ({speaker})") for finding in transcript.findings),
    )

"""Cues for formats in which the name of a speaker stands before the text, where it takes room of its own."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.turns import with_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.transcript import Segment, Transcript, Word

_JOINER: Final = "\u2060"
"""Stands for the spaces in and after a name, so that no line ends there."""


def to_named_cues(transcript: Transcript, profile: CueProfile) -> Transcript:
    """Return the transcript with cues that have room for a name where the speaker changes.

    Args:
        transcript: The transcript.
        profile: The limits of a cue, which hold for the text with the name.

    Returns:
        As `to_cues` does; the names are in `Segment.speaker` alone.
    """
    transcript = with_turns(transcript)
    if not any(segment.speaker for segment in transcript.segments):
        return to_cues(transcript, profile)
    made = to_cues(_with_names(transcript), profile)
    return replace(made, segments=tuple(replace(cue, text=cue.text.removeprefix(_name(cue))) for cue in made.segments))


def _with_names(transcript: Transcript) -> Transcript:
    """Put the names into the text, each as a part of the first word after it."""
    words = sorted(transcript.words, key=lambda word: word.start_ms)
    middles_ms = [word.start_ms + word.end_ms for word in words]
    segments = []
    speaker: str | None = None
    for segment in transcript.segments:
        name = _name(segment) if segment.speaker != speaker and segment.text.strip() else ""
        segments.append(replace(segment, text=f"{name}{segment.text.lstrip()}") if name else segment)
        speaker = segment.speaker
        at = _first(words, bisect_left(middles_ms, 2 * segment.start_ms), segment) if name else None
        if at is not None:
            words[at] = replace(words[at], text=f"{name}{words[at].text}")
    return replace(transcript, segments=tuple(segments), words=tuple(words))


def _first(words: Sequence[Word], begin: int, segment: Segment) -> int | None:
    """Return the index of the first word of a segment; None if it has none."""
    for at in range(begin, len(words)):
        if words[at].start_ms >= segment.end_ms:
            return None
        if words[at].speaker in (None, segment.speaker):
            return at
    return None


def _without_name(cue: Segment) -> Segment:
    return replace(cue, text=cue.text.removeprefix(_name(cue))) if _JOINER in cue.text else cue


def _name(segment: Segment) -> str:
    return f"{_JOINER.join((segment.speaker or '').split())}:{_JOINER}" if (segment.speaker or "").strip() else ""

"""Cues for formats in which the name of a speaker stands before the text, where it takes room of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.timed_tokens import words_in_segments
from anyscribe.subtitles.turns import with_turns

if TYPE_CHECKING:
    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.transcript import Segment, Transcript

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
    own = words_in_segments(transcript.segments, transcript.words) if transcript.words else {}
    renamed = {}
    segments = []
    speaker: str | None = None
    for segment in transcript.segments:
        if segment.speaker != speaker and segment.text.strip():
            name = _name(segment)
            if words := own.get(id(segment)):
                renamed[id(words[0])] = name
            segment = replace(segment, text=f"{name}{segment.text.lstrip()}")  # noqa: PLW2901 - the same one
        segments.append(segment)
        speaker = segment.speaker
    words_with_names = tuple(replace(word, text=renamed.get(id(word), "") + word.text) for word in transcript.words)
    return replace(transcript, segments=tuple(segments), words=words_with_names)


def _name(segment: Segment) -> str:
    return f"{_JOINER.join((segment.speaker or '').split())}:{_JOINER}" if (segment.speaker or "").strip() else ""

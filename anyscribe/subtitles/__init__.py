"""Subtitle cues out of a transcript: pure functions, from words and segments to what stands on the screen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.subtitles.placement import place
from anyscribe.subtitles.profile import DEFAULT_PROFILE, CueProfile
from anyscribe.subtitles.splitting import fitting_groups, sentence_groups
from anyscribe.subtitles.stretches import join_words, lay_words
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.subtitles.stretches import Stretch
    from anyscribe.transcript import Transcript, Word

__all__ = ["DEFAULT_PROFILE", "CueProfile", "to_cues"]

# 150 words a minute: how long a text takes to say when nothing is known of its recording.
_MS_PER_CHARACTER = 67


def to_cues(transcript: Transcript, profile: CueProfile = DEFAULT_PROFILE) -> Transcript:
    """Make cues of what is known of a recording.

    Segments become cues; one that is too long is divided between its words, if they are known and belong to its text.
    Where there are only words, cues end after sentences, at pauses and at the profile's limits. Where there is only
    text, it is one cue over the whole recording: the caller should warn. No character of the text is lost.

    Args:
        transcript: What was said.
        profile: The limits of a cue.

    Returns:
        The transcript with cues for segments: by start, not overlapping, at least a millisecond long, with text, and
        inside the recording if its duration is known and not 0.
    """
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    words = sorted((word for word in transcript.words if word.text.strip()), key=lambda word: word.start_ms)
    if segments:
        cues = _cues_of_segments(segments, words, profile)
    elif words:
        cues = _cues_of_words(transcript.text.strip(), words, profile)
    else:
        cues = _cue_of_text(transcript)
    return replace(transcript, segments=place(cues, duration_ms=transcript.duration_ms))


def _cues_of_segments(segments: Iterable[Segment], words: Sequence[Word], profile: CueProfile) -> Iterator[Segment]:
    middles_ms = sorted((word.start_ms + word.end_ms) // 2 for word in words)
    for segment in segments:
        text = segment.text.strip()
        is_too_long = len(text) > profile.max_chars or segment.end_ms - segment.start_ms > profile.max_cue_ms
        stretches: Sequence[Stretch] = ()
        if is_too_long:
            first = bisect_left(middles_ms, segment.start_ms)
            stretches = lay_words(text, words[first : bisect_right(middles_ms, segment.end_ms)])
        if stretches:
            groups = fitting_groups(text, stretches, profile)
            yield from (_cue(text, group, segment.speaker) for group in groups)
        else:
            yield segment if text == segment.text else replace(segment, text=text)


def _cues_of_words(text: str, words: Sequence[Word], profile: CueProfile) -> Iterator[Segment]:
    stretches = lay_words(text, words)
    if not stretches:
        # The text says something else, but the words are what was heard when: they are the cues' text then.
        text, stretches = join_words(words)
    for sentence in sentence_groups(text, stretches, profile):
        yield from (_cue(text, group) for group in fitting_groups(text, sentence, profile))


def _cue_of_text(transcript: Transcript) -> Iterator[Segment]:
    text = transcript.text.strip()
    if text:
        yield Segment(text, 0, transcript.duration_ms or len(text) * _MS_PER_CHARACTER)


def _cue(text: str, group: Sequence[Stretch], speaker: str | None = None) -> Segment:
    first, last = group[0], group[-1]
    return Segment(text[first.begin : last.end], first.start_ms, max(first.start_ms, last.end_ms), speaker=speaker)

"""Speakers who speak at the same time, as in calls whose channels were transcribed apart."""

from __future__ import annotations

from itertools import pairwise

from anyscribe.subtitles.cues import to_cues
from anyscribe.transcript import Segment, Transcript, Word


def said(text: str, start_ms: int, speaker: str) -> tuple[Segment, tuple[Word, ...]]:
    """Return a segment whose words take 300 ms each."""
    words = tuple(
        Word(word, start_ms + 300 * index, start_ms + 300 * index + 280, speaker=speaker)
        for index, word in enumerate(text.split())
    )
    return Segment(text, start_ms, words[-1].end_ms, speaker=speaker), words


def test_words_of_two_speakers_are_not_mixed() -> None:
    """What one says while the other speaks is a cue of its own, and divides no sentence of the other."""
    plans = "I would like to tell you about our plans for the summer, which we made in the spring when it rained."
    long, long_words = said(plans, 1_000, "channel 1")
    short, short_words = said("Yes please.", 2_500, "channel 2")
    words = tuple(sorted((*long_words, *short_words), key=lambda word: word.start_ms))
    transcript = Transcript(f"{long.text} {short.text}", "en", 10_000, (long, short), words)
    cues = to_cues(transcript).segments
    assert {cue.speaker for cue in cues} == {"channel 1", "channel 2"}
    for segment in (long, short):
        own = [cue for cue in cues if cue.speaker == segment.speaker]
        assert " ".join(" ".join(cue.text.split()) for cue in own) == segment.text
        starts_ms = {word.start_ms for word in words if word.speaker == segment.speaker}
        assert {cue.start_ms for cue in own} <= starts_ms
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(cues))

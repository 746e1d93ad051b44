"""A time for every word, for formats that write words: estimated where none is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.speaking_time import speaking_ms
from anyscribe.subtitles.timed_tokens import estimated, running
from anyscribe.subtitles.written_words import with_written_words
from anyscribe.transcript import Segment, Timing, Word

if TYPE_CHECKING:
    from anyscribe.transcript import Transcript


def with_all_words(transcript: Transcript) -> Transcript:
    """Return a transcript whose words are those of its segments' texts, all with a time.

    Args:
        transcript: A transcript with segments, with words, or with text alone.

    Returns:
        As `with_written_words` has it. Words are estimated within segments that have none, and over the whole recording
        if the text has no times at all.
    """
    if not any(segment.text.strip() for segment in transcript.segments):
        text = running(transcript.text)
        end_ms = transcript.duration_ms or max(1, round(speaking_ms(text)))
        transcript = replace(transcript, segments=(Segment(text, 0, end_ms),) if text else (), words=())
    if transcript.words:
        return with_written_words(transcript)
    words = (
        Word(
            text[token.begin : token.end],
            token.start_ms,
            token.end_ms,
            timing=Timing.ESTIMATED,
            speaker=segment.speaker,
        )
        for segment in transcript.segments
        if (text := running(segment.text))
        for token in estimated(text, segment.start_ms, segment.end_ms)
    )
    return replace(transcript, words=tuple(words))

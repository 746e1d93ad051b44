"""A time for every word, for formats that write words: estimated where none is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.speaking_time import speaking_ms
from anyscribe.subtitles.timed_tokens import estimated, running
from anyscribe.subtitles.written_words import with_written_words
from anyscribe.transcript import Segment, Timing, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterator


def with_all_words(transcript: Transcript) -> Transcript:
    """Return a transcript whose words are those of its segments' texts, all with a time.

    Args:
        transcript: A transcript with segments, with words, or with text alone.

    Returns:
        As `with_written_words` has it. Words are estimated within segments that have none of their own, and over the
        whole recording if the text has no times at all.
    """
    if not any(segment.text.strip() for segment in transcript.segments):
        text = running(transcript.text)
        end_ms = transcript.duration_ms or max(1, round(speaking_ms(text)))
        transcript = replace(transcript, segments=(Segment(text, 0, end_ms),) if text else (), words=())
    if not transcript.words:
        words = [Word(one.text, one.start_ms, one.end_ms, speaker=one.speaker) for one in transcript.segments]
        return replace(transcript, words=tuple(part for word in words for part in _estimated(word)))
    transcript = with_written_words(transcript)
    # What is not one word is the text of a segment whose words are not known.
    parts = (_estimated(word) if " " in word.text else (word,) for word in transcript.words)
    return replace(transcript, words=tuple(word for part in parts for word in part))


def _estimated(whole: Word) -> Iterator[Word]:
    text = running(whole.text)
    for token in estimated(text, whole.start_ms, whole.end_ms) if text else ():
        said = text[token.begin : token.end]
        yield Word(said, token.start_ms, token.end_ms, timing=Timing.ESTIMATED, speaker=whole.speaker)

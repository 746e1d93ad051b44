"""Turns of speakers in a transcript whose words name them."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from anyscribe.subtitles.timed_tokens import find_words
from anyscribe.timespan import hull
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.transcript import Transcript, Word


def with_turns(transcript: Transcript) -> Transcript:
    """Return the transcript with a segment for each turn, if its words name speakers and its segments do not.

    Args:
        transcript: The transcript.
    """
    is_named = any(segment.speaker for segment in transcript.segments)
    if is_named or not any(word.speaker for word in transcript.words):
        return transcript
    turns = _turns(transcript.text, sorted(transcript.words, key=lambda word: word.start_ms))
    return replace(transcript, segments=turns) if turns else transcript


def _turns(text: str, words: Sequence[Word]) -> tuple[Segment, ...]:
    speaker: str | None = None
    named = []
    for anchor in find_words(text, words):
        # A word without a speaker belongs to the turn that it is in.
        speaker = anchor.word.speaker or speaker
        named.append((speaker, anchor))
    runs = [(name, [anchor for _, anchor in run]) for name, run in groupby(named, key=lambda pair: pair[0])]
    begins = [0, *(_word_begin(text, run[0].begin) for _, run in runs[1:]), len(text)]
    turns = (
        (text[begin:end].strip(), hull([anchor.word for anchor in run]), name)
        for (name, run), begin, end in zip(runs, begins, begins[1:], strict=False)
    )
    return tuple(Segment(said, span.start_ms, span.end_ms, speaker=name) for said, span, name in turns if said)


def _word_begin(text: str, index: int) -> int:
    """Return where the word at an index begins, with the marks before it."""
    while index and not text[index - 1].isspace():
        index -= 1
    return index

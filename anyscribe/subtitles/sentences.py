"""Segments out of words: the sentences of a text with their times, as servers that segment a text give them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.subtitles.breaks import break_costs, ends_sentence
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.profile import CueProfile, limits_for
from anyscribe.subtitles.segmentation import find_cue_starts
from anyscribe.subtitles.timed_tokens import join_words, lay_words, refined, running
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.subtitles.timed_tokens import TimedToken
    from anyscribe.transcript import Transcript

# Whisper hears thirty seconds at a time, and so no segment of such servers is longer.
_SEGMENTS: Final = CueProfile(max_line_chars=10_000, max_lines=1, min_cue_ms=0, max_cue_ms=30_000, max_cps=1_000)


def to_segments(transcript: Transcript) -> tuple[Segment, ...]:
    """Make segments of words, for a transcript that has words but no segments.

    Args:
        transcript: What was said, and its words.

    Returns:
        The transcript's own segments where it has any. Else one for each sentence, and for each part of one that a
        pause of more than a second sets apart; one of more than 30 seconds is divided. They hold every character of the
        text but white space between them, by start, not overlapping. Where the words do not belong to the text, they
        say what the words say; without words there are none.
    """
    words = sorted((word for word in transcript.words if word.text.strip()), key=lambda word: word.start_ms)
    if transcript.segments or not words:
        return transcript.segments
    text = running(transcript.text)
    tokens = lay_words(text, words)
    if not tokens:
        text, tokens = join_words(words)
    limits = limits_for(text, _SEGMENTS)
    tokens = refined(text, tokens, max_line_chars=limits.max_line_chars)
    grammar = function_words_of(transcript.language, text.split())
    costs = break_costs(text, tokens, grammar=grammar, script=limits.script, pause_ms=limits.pause_ms)
    sentences = [index for index, cost in enumerate(costs) if ends_sentence(cost)]
    # Nothing is divided that need not be, however good a place it has for that.
    costs = [max(0.0, cost) for cost in costs]
    begins = find_cue_starts(tokens, costs, sentences, limits, end_ms=transcript.duration_ms)
    return tuple(_segments(text, tokens, begins))


def _segments(text: str, tokens: Sequence[TimedToken], begins: Sequence[int]) -> Iterator[Segment]:
    for begin, end in pairwise([*begins, len(tokens)]):
        first, last = tokens[begin], tokens[end - 1]
        yield Segment(text[first.begin : last.end], first.start_ms, last.end_ms)

"""Make segments from words: the sentences of a text with their times, as servers with segments return them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.subtitles.breaks import break_costs, ends_sentence
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.profile import CueProfile, limits_for
from anyscribe.subtitles.segmentation import find_cue_starts
from anyscribe.subtitles.timed_tokens import join_words, lay_words, refined, running
from anyscribe.subtitles.turns import with_turns
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.subtitles.timed_tokens import TimedToken
    from anyscribe.transcript import Transcript, Word

# Whisper transcribes thirty seconds at a time, so servers that use it return no longer segments.
_SEGMENTS: Final = CueProfile(max_line_chars=10_000, max_lines=1, min_cue_ms=0, max_cue_ms=30_000, max_cps=1_000)


def to_segments(transcript: Transcript) -> tuple[Segment, ...]:
    """Return segments for a transcript that has words but no segments.

    Args:
        transcript: The transcript with its words.

    Returns:
        The transcript's segments if it has any. Otherwise one segment per sentence; sentences are divided at pauses of
        more than a second, and into parts of at most 30 seconds. The segments hold every character of the text except
        whitespace between them, are ordered by start and do not overlap. If the words do not belong to the text, the
        segments hold the text of the words. Empty if there are no words.
    """
    words = sorted((word for word in transcript.words if word.text.strip()), key=lambda word: word.start_ms)
    if transcript.segments or not words:
        return transcript.segments
    turns = with_turns(transcript).segments
    if turns:
        return tuple(_sentences_of_turns(transcript, turns, words))
    text = running(transcript.text)
    tokens = lay_words(text, words)
    if not tokens:
        text, tokens = join_words(words)
    limits = limits_for(text, _SEGMENTS)
    tokens = refined(text, tokens, max_line_chars=limits.max_line_chars)
    grammar = function_words_of(transcript.language, text.split())
    costs = break_costs(text, tokens, grammar=grammar, limits=limits)
    sentences = [index for index, cost in enumerate(costs) if ends_sentence(cost)]
    # With non-negative costs, no sentence is divided unless it must be.
    costs = [max(0.0, cost) for cost in costs]
    begins = find_cue_starts(tokens, costs, sentences, limits, end_ms=transcript.duration_ms)
    return tuple(_segments(text, tokens, begins))


def _sentences_of_turns(transcript: Transcript, turns: Sequence[Segment], words: Sequence[Word]) -> Iterator[Segment]:
    starts_ms = [word.start_ms for word in words]
    for turn in turns:
        inside = words[bisect_left(starts_ms, turn.start_ms) : bisect_right(starts_ms, turn.end_ms)]
        own = tuple(replace(word, speaker=None) for word in inside if word.speaker in (turn.speaker, None))
        sentences = to_segments(replace(transcript, text=turn.text, words=own)) or (turn,)
        yield from (replace(sentence, speaker=turn.speaker) for sentence in sentences)


def _segments(text: str, tokens: Sequence[TimedToken], begins: Sequence[int]) -> Iterator[Segment]:
    for begin, end in pairwise([*begins, len(tokens)]):
        first, last = tokens[begin], tokens[end - 1]
        yield Segment(text[first.begin : last.end], first.start_ms, last.end_ms)

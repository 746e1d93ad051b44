"""The speakers of a transcript's words and segments, if it is known who speaks when."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from anyscribe.subtitles.timed_tokens import find_words, words_in_segments
from anyscribe.timespan import Span, overlap_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.speakers.diarizer import SpeakerTurn
    from anyscribe.timespan import Timed
    from anyscribe.transcript import Segment, Transcript, Word


def name_speaker(number: int) -> str:
    """Name a speaker of whom nothing is known.

    Args:
        number: The speaker's number, from 0, in the order in which they first speak.
    """
    return f"speaker {number + 1}"


def with_turns_of(transcript: Transcript, turns: Sequence[SpeakerTurn], *, keeps_segments: bool = False) -> Transcript:
    """Give a transcript's words and segments their speakers.

    Args:
        transcript: The transcript; speakers that it has are replaced.
        turns: Who speaks when, in order, not overlapping; at least one.
        keeps_segments: Whether segments stay whole; one in which two speak has no speaker then.

    Returns:
        The transcript; a segment in which the speaker changes is divided there, without losing a character.
    """
    starts_ms = [turn.span.start_ms for turn in turns]

    def speaker_of(one: Timed) -> str:
        return name_speaker(_main_turn(one, turns, starts_ms).speaker)

    words = tuple(replace(word, speaker=speaker_of(word)) for word in transcript.words)
    own = words_in_segments(transcript.segments, words) if transcript.segments else {}
    segments: list[Segment] = []
    for segment in transcript.segments:
        said = own[id(segment)]
        names = {word.speaker for word in said}
        if len(names) <= 1:
            segments.append(replace(segment, speaker=names.pop() if names else speaker_of(segment)))
        elif keeps_segments:
            segments.append(replace(segment, speaker=None))
        else:
            segments += _divided(segment, said)
    return replace(transcript, words=words, segments=tuple(segments))


def _main_turn(one: Timed, turns: Sequence[SpeakerTurn], starts_ms: Sequence[int]) -> SpeakerTurn:
    """Return the turn that has most of something, or else the nearest one."""
    first = max(0, bisect_right(starts_ms, one.start_ms) - 1)
    last = bisect_right(starts_ms, one.end_ms)
    span = Span(one.start_ms, max(one.end_ms, one.start_ms + 1))
    return max(turns[first : last + 1], key=lambda turn: overlap_ms(turn.span, span))


def _divided(segment: Segment, words: Sequence[Word]) -> Iterator[Segment]:
    """Divide a segment where the speaker of its words changes; words that are not found in it go with the others."""
    anchors = find_words(segment.text, words)
    runs = [(speaker, [*run]) for speaker, run in groupby(anchors, key=lambda anchor: anchor.word.speaker)]
    if not runs:
        # The words are of another text: the segment's own time decides.
        yield replace(segment, speaker=max(words, key=lambda word: word.end_ms - word.start_ms).speaker)
        return
    begins = [0, *(_word_begin(segment.text, run[0].begin) for _, run in runs[1:]), len(segment.text)]
    times_ms = [segment.start_ms, *(run[0].word.start_ms for _, run in runs[1:]), segment.end_ms]
    for index, ((speaker, run), (begin, end)) in enumerate(zip(runs, pairwise(begins), strict=True)):
        is_last = index == len(runs) - 1
        start_ms = times_ms[index]
        end_ms = segment.end_ms if is_last else min(run[-1].word.end_ms, times_ms[index + 1])
        yield replace(
            segment,
            text=segment.text[begin:end],
            start_ms=start_ms,
            end_ms=max(start_ms, end_ms),
            tokens=segment.tokens if len(runs) == 1 else None,
            speaker=speaker,
        )


def _word_begin(text: str, index: int) -> int:
    """Return where the word at an index begins, with the marks before it."""
    while index and not (text[index - 1].isspace() or text[index - 1].isalnum()):
        index -= 1
    return index

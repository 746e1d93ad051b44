"""Turns that may overlap, or be where nothing was said, become turns as they are wanted: apart, and in the speech."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.speakers.diarizer import SpeakerTurn
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_BRIDGED_MS: Final = 500
"""A turn goes on across a shorter pause."""


def fit_turns(found: Iterable[SpeakerTurn], speech: Iterable[Span]) -> list[SpeakerTurn]:
    """Fit turns into the speech.

    Args:
        found: The turns as they were heard. While two speak, it is the turn of who began first.
        speech: Words or spans of speech, in order of their starts. One in which nobody was heard is said by who has the
            nearest turn; if there are no turns at all, one speaker says everything.

    Returns:
        The turns, in order, not overlapping; speakers are numbered in the order in which they first speak.
    """
    heard = list(_apart(sorted(found)))
    numbers: dict[int, int] = {}
    turns: list[SpeakerTurn] = []
    for span, name in _parts(heard, speech):
        speaker = numbers.setdefault(name, len(numbers))
        last = turns[-1] if turns else None
        if last and last.speaker == speaker and span.start_ms - last.span.end_ms < _BRIDGED_MS:
            turns[-1] = SpeakerTurn(Span(last.span.start_ms, span.end_ms), speaker)
        else:
            turns.append(SpeakerTurn(span, speaker))
    return turns


def _apart(found: Iterable[SpeakerTurn]) -> Iterator[SpeakerTurn]:
    end_ms = 0
    for turn in found:
        start_ms = max(turn.span.start_ms, end_ms)
        if turn.span.end_ms > start_ms:
            yield SpeakerTurn(Span(start_ms, turn.span.end_ms), turn.speaker)
            end_ms = turn.span.end_ms


def _parts(heard: Sequence[SpeakerTurn], speech: Iterable[Span]) -> Iterator[tuple[Span, int]]:
    """Yield the parts of the speech with their speakers."""
    end_ms = 0
    first = 0
    for one in speech:
        span = Span(max(one.start_ms, end_ms), one.end_ms)
        if span.end_ms <= span.start_ms:
            continue
        end_ms = span.end_ms
        while first < len(heard) and heard[first].span.end_ms <= span.start_ms:
            first += 1
        index = first
        while index < len(heard) and heard[index].span.start_ms < span.end_ms:
            inside = heard[index].span
            part = Span(max(span.start_ms, inside.start_ms), min(span.end_ms, inside.end_ms))
            yield part, heard[index].speaker
            index += 1
        if index == first:
            yield span, _nearest(span, heard[max(0, first - 1) : first + 1])


def _nearest(span: Span, turns: Sequence[SpeakerTurn]) -> int:
    """Return the speaker of the turn that is nearest to a span which is in none."""

    def gap_ms(turn: SpeakerTurn) -> int:
        return max(turn.span.start_ms - span.end_ms, span.start_ms - turn.span.end_ms)

    return min(turns, key=gap_ms).speaker if turns else 0

"""Who speaks when, from voices that are made: vectors around a few directions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from anyscribe.speakers.turns import find_turns
from anyscribe.speakers.units import divide
from anyscribe.speakers.voices import Count, HeardVoices, Likeness
from anyscribe.timespan import Span

GENERATOR = np.random.default_rng(5)
VOICES = np.abs(GENERATOR.standard_normal((4, 256)))
"""Directions without negative numbers, as the model's are: their cosines are about 0.64, as those of two voices."""

LIKENESS = Likeness(together=0.82, alike=0.9, unlike=0.75)

ANY = Count()

Spoken = list[tuple[int, int]]
"""Who speaks, and for how many milliseconds."""


def heard(
    spoken: Spoken, *, pause_ms: int = 500, wavering: float = 0.6, voices: np.ndarray = VOICES
) -> tuple[np.ndarray, list[Span]]:
    """Return the voice of each unit, and the spans of speech."""
    spans: list[Span] = []
    for _, length_ms in spoken:
        begin_ms = spans[-1].end_ms + pause_ms if spans else 0
        spans.append(Span(begin_ms, begin_ms + length_ms))
    owners = np.array([spoken[unit.source][0] for unit in divide(spans)])
    vectors = np.maximum(voices[owners] + wavering * GENERATOR.standard_normal((len(owners), 256)), 0)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), spans


def turns_of(spoken: Spoken, count: Count = ANY, **how: float) -> list[tuple[int, int, int]]:
    """Return the turns that are found: start, end and speaker."""
    vectors, spans = heard(spoken, **how)  # type: ignore[arg-type]
    return [
        (*turn.span, turn.speaker) for turn in find_turns(HeardVoices(vectors, None, LIKENESS), divide(spans), count)
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_as_many_speakers_as_there_are(count: int) -> None:
    """Each voice is a speaker, and speakers are numbered in the order in which they speak."""
    spoken = [(index % count, 4_000 + 700 * (index % 5)) for index in range(12)]
    assert [speaker for *_, speaker in turns_of(spoken)] == [voice for voice, _ in spoken]


def test_at_most_as_many_as_wanted() -> None:
    """With a limit, the voices that are most alike are one."""
    spoken = [(index % 4, 5_000) for index in range(12)]
    assert {speaker for *_, speaker in turns_of(spoken, Count(most=2))} == {0, 1}


def test_at_least_as_many_as_wanted() -> None:
    """With a lower limit, voices that are taken for one are kept apart, also if each says little."""
    alike = VOICES[:1] + 0.3 * np.abs(GENERATOR.standard_normal((2, 256)))
    spoken = [(index % 2, 5_000) for index in range(8)]
    vectors, spans = heard(spoken, voices=alike, wavering=0.3)
    for count, expected in ((Count(), {0}), (Count(least=2), {0, 1}), (Count(least=2, most=2), {0, 1})):
        found = find_turns(HeardVoices(vectors, None, LIKENESS), divide(spans), count)
        assert {turn.speaker for turn in found} == expected
    assert [turn.speaker for turn in found] == [voice for voice, _ in spoken]


def test_more_wanted_than_there_are_words() -> None:
    """Who speaks for a moment only cannot be three."""
    assert {speaker for *_, speaker in turns_of([(0, 300), (1, 300)], Count(least=3))} == {0, 1}


def test_short_turns_and_changes_without_a_pause() -> None:
    """A word between pauses is a turn, and a change of voices needs no pause if it lasts for a second."""
    for pause_ms, short_ms in ((800, 300), (0, 1_000)):
        spoken = [(0, 6_000), (1, short_ms), (0, 6_000), (1, 6_000), (0, short_ms), (1, 4_000)]
        found = turns_of(spoken, pause_ms=pause_ms, wavering=0.3)
        assert [speaker for *_, speaker in found] == [voice for voice, _ in spoken]
        begins_ms = [begin_ms for begin_ms, *_ in found]
        _, spans = heard(spoken, pause_ms=pause_ms)
        assert begins_ms == [span.start_ms for span in spans]


def test_who_says_next_to_nothing_is_no_speaker() -> None:
    """A cough or a laugh of a second does not become a speaker."""
    assert {speaker for *_, speaker in turns_of([(0, 9_000), (2, 900), (1, 9_000)], wavering=0.3)} == {0, 1}


def test_hours() -> None:
    """An hour is clustered from a sample of it, and every unit gets its speaker."""
    spoken = [(index % 3, 9_000) for index in range(360)]
    assert [speaker for *_, speaker in turns_of(spoken)] == [voice for voice, _ in spoken]


def test_words_that_overlap_are_divided_once() -> None:
    """Units do not overlap, whatever the words do; a word without a length has none."""
    spans = [Span(0, 1_000), Span(500, 700), Span(900, 1_500), Span(1_500, 1_500), Span(5_000, 5_100)]
    units = divide(spans)
    assert [unit.span for unit in units if unit.source] == [Span(1_000, 1_250), Span(1_250, 1_500), Span(5_000, 5_100)]
    assert all(one.span.end_ms <= other.span.start_ms for one, other in pairwise(units))
    assert [unit.stretch for unit in units] == [0, 0, 0, 0, 0, 1]
    assert find_turns(HeardVoices(np.zeros((0, 256), np.float32), None, LIKENESS), [], Count()) == []

"""Who speaks when, if the voices are known: a change of speakers is assumed only where it is heard clearly."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.speakers.diarizer import SpeakerTurn
from anyscribe.speakers.voices import find_voices, voices_of
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.speakers.units import Unit
    from anyscribe.speakers.voices import Count, Floats, HeardVoices, Labels

_IN_SPAN: Final = 150
_IN_STRETCH: Final = 60
_AT_PAUSE: Final = 25
"""What a change of speakers costs within a word or an unbroken span of speech, between two of them, and at a pause: as
much as how much better the other voice fits, as cosine, times the milliseconds for which it does."""

_IN_NARROW: Final = np.float32(0.5)
"""When shorter windows decide at last, a change costs less: voices that differ in them differ less."""

_ROUNDS: Final = 2
_BRIDGED_MS: Final = 500
"""A turn goes on across a shorter pause."""


def find_turns(heard: HeardVoices, units: Sequence[Unit], count: Count) -> list[SpeakerTurn]:
    """Find the turns of a recording.

    Args:
        heard: The voice of each unit.
        units: The units, in order.
        count: How many speakers there may be.

    Returns:
        The turns, in order; speakers are numbered in the order in which they first speak.
    """
    if not units:
        return []
    vectors, narrow, likeness = heard
    lengths_ms = np.array([unit.span.length_ms for unit in units], np.float32)
    prices = np.array([_price(one, other) for one, other in pairwise(units)], np.float32)
    voices = find_voices(vectors, units, likeness, count)
    labels = _best_path((vectors @ voices.T) * lengths_ms[:, None], prices)
    for _ in range(_ROUNDS):
        found = voices_of(vectors, units, labels, likeness, count)
        if len(found) < count.least:
            break
        voices = found
        labels = _best_path((vectors @ voices.T) * lengths_ms[:, None], prices)
    if narrow is not None:
        labels = _best_path((narrow @ voices.T) * lengths_ms[:, None], _IN_NARROW * prices)
    numbers: dict[int, int] = {}
    turns: list[SpeakerTurn] = []
    for unit, label in zip(units, labels.tolist(), strict=True):
        speaker = numbers.setdefault(label, len(numbers))
        last = turns[-1] if turns else None
        if last and last.speaker == speaker and unit.span.start_ms - last.span.end_ms < _BRIDGED_MS:
            turns[-1] = SpeakerTurn(Span(last.span.start_ms, unit.span.end_ms), speaker)
        else:
            turns.append(SpeakerTurn(unit.span, speaker))
    return turns


def _price(one: Unit, other: Unit) -> float:
    if one.stretch != other.stretch:
        return _AT_PAUSE
    return _IN_SPAN if one.source == other.source else _IN_STRETCH


def _best_path(gains: Floats, prices: Floats) -> Labels:
    """Choose a voice for each unit, such that all gains less the prices of changes are most (Viterbi's algorithm)."""
    count, width = gains.shape
    came_from = np.empty((count, width), np.intp)
    totals = gains[0].copy()
    itself = np.arange(width)
    for index in range(1, count):
        leader = int(totals.argmax())
        changed = totals[leader] - prices[index - 1]
        stays = totals >= changed
        came_from[index] = np.where(stays, itself, leader)
        totals = np.where(stays, totals, changed) + gains[index]
    path = np.empty(count, np.intp)
    path[-1] = totals.argmax()
    for index in range(count - 1, 0, -1):
        path[index - 1] = came_from[index, path[index]]
    return path

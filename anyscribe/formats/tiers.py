"""Tiers for Praat and ELAN: words, speakers, and how each time was found. What is on one tier may not overlap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from anyscribe.formats.cue_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.transcript import Segment, Transcript


class Label(NamedTuple):
    """A text in its time, which is at least a millisecond long."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Labels in order of time, which do not overlap."""

    name: str
    labels: list[Label]


def tiers_of(transcript: Transcript) -> list[Tier]:
    """Return the tiers of a transcript.

    Args:
        transcript: The transcript with its words.

    Returns:
        Tiers ``words``, ``speakers`` and ``timing``; where several speak at the same time, there are further ones, such
        as ``words 2``.
    """
    words = [one for one in transcript.words if one_line(one.text)]
    spoken = [(one.speaker, one.start_ms, one.end_ms, (one_line(one.text), one.timing.value)) for one in words]
    lanes = _lanes(spoken)
    turns = _lanes((name, start_ms, end_ms, (name or "",)) for name, start_ms, end_ms in _turns(transcript.segments))
    return [
        *_tiers("words", ([Label(start, end, texts[0]) for start, end, texts in lane] for lane in lanes)),
        *_tiers("speakers", ([Label(start, end, texts[0]) for start, end, texts in lane] for lane in turns)),
        *_tiers("timing", ([Label(start, end, texts[1]) for start, end, texts in lane] for lane in lanes)),
    ]


def end_of(transcript: Transcript, tiers: Sequence[Tier]) -> int:
    """Return the time at which the tiers end, in milliseconds, at least 1.

    Args:
        transcript: The transcript, which may know the recording's length.
        tiers: Its tiers.
    """
    ends = [tier.labels[-1].end_ms for tier in tiers if tier.labels]
    return max(1, transcript.duration_ms or 0, *ends)


def _tiers(name: str, lanes: Iterable[list[Label]]) -> Iterator[Tier]:
    for number, labels in enumerate(lanes, 1):
        yield Tier(name if number == 1 else f"{name} {number}", labels)


def _turns(segments: Sequence[Segment]) -> Iterator[tuple[str | None, int, int]]:
    """Yield what a speaker says without another one between: the name, start and end."""
    named = sorted((one for one in segments if one_line(one.speaker or "")), key=lambda one: one.start_ms)
    for name, run in groupby(named, key=lambda one: one_line(one.speaker or "")):
        parts = list(run)
        yield name, parts[0].start_ms, max(part.end_ms for part in parts)


def _lanes(
    timed: Iterable[tuple[str | None, int, int, tuple[str, ...]]],
) -> list[list[tuple[int, int, tuple[str, ...]]]]:
    """Put what overlaps into lanes of its own if others say it; of one speaker, the earlier one ends sooner."""
    lanes: list[list[tuple[int, int, tuple[str, ...]]]] = [[]]
    speakers: list[str | None] = [None]
    for speaker, start_ms, end_ms, texts in sorted(timed, key=lambda one: one[1]):
        number = next((at for at, lane in enumerate(lanes) if not lane or lane[-1][1] <= start_ms), None)
        if number is None:
            number = next((at for at, name in enumerate(speakers) if name == speaker), len(lanes))
        if number == len(lanes):
            lanes.append([])
            speakers.append(speaker)
        lane = lanes[number]
        if lane and lane[-1][1] > start_ms:
            last_start_ms, _, last_texts = lane[-1]
            start_ms = max(start_ms, last_start_ms + 1)
            lane[-1] = last_start_ms, start_ms, last_texts
        lane.append((start_ms, max(end_ms, start_ms + 1), texts))
        speakers[number] = speaker
    return lanes

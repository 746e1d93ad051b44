"""Tiers for Praat and ELAN: words, speakers, and how each time was found. What is on one tier may not overlap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from anyscribe.formats.cue_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.transcript import Segment, Timing, Transcript


class Label(NamedTuple):
    """A text in its time, which is at least a millisecond long."""

    start_ms: int
    end_ms: int
    text: str
    timing: Timing | None = None
    """How the time was found; None for what is no word."""


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
    words = [(one.speaker, Label(one.start_ms, one.end_ms, one_line(one.text), one.timing)) for one in transcript.words]
    lanes = _lanes((speaker, label) for speaker, label in words if label.text)
    return [
        *_tiers("words", lanes),
        *_tiers("speakers", _lanes((turn.text, turn) for turn in _turns(transcript.segments))),
        *_tiers("timing", ([label._replace(text=label.timing or "") for label in lane] for lane in lanes)),
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


def _turns(segments: Sequence[Segment]) -> Iterator[Label]:
    """Yield what each speaker says without another one between, labelled with the name."""
    named = sorted((one for one in segments if one_line(one.speaker or "")), key=lambda one: one.start_ms)
    for name, run in groupby(named, key=lambda one: one_line(one.speaker or "")):
        parts = list(run)
        yield Label(parts[0].start_ms, max(part.end_ms for part in parts), name)


def _lanes(timed: Iterable[tuple[str | None, Label]]) -> list[list[Label]]:
    """Put labels that overlap on lanes of their own if others say them; of one speaker, the earlier one ends sooner."""
    lanes: list[list[Label]] = [[]]
    speakers: list[str | None] = [None]
    for speaker, label in sorted(timed, key=lambda one: one[1].start_ms):
        taken = [bool(lane) and lane[-1].end_ms > label.start_ms for lane in lanes]
        own = (at for at, name in enumerate(speakers) if taken[at] and name == speaker)
        number = next(own, taken.index(False) if False in taken else len(lanes))
        if number == len(lanes):
            lanes.append([])
            speakers.append(speaker)
        lane = lanes[number]
        start_ms = label.start_ms
        if lane and lane[-1].end_ms > start_ms:
            start_ms = max(start_ms, lane[-1].start_ms + 1)
            lane[-1] = lane[-1]._replace(end_ms=start_ms)
        lane.append(label._replace(start_ms=start_ms, end_ms=max(label.end_ms, start_ms + 1)))
        speakers[number] = speaker
    return lanes

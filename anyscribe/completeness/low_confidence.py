"""Find text with low confidence, as far as the model reports it."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeVar

from anyscribe.completeness.timed_text import quoted
from anyscribe.speaking_time import speaking_ms
from anyscribe.timespan import Span, Timed, hull, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.completeness.speech_map import SpeechMap
    from anyscribe.transcript import Segment, Transcript, Word

# Whisper decodes a window again below this mean over its tokens, and drops it if it is also above that probability.
# Source: `logprob_threshold` and `no_speech_threshold` in
# https://github.com/openai/whisper/blob/main/whisper/transcribe.py.
_LEAST_LOGPROB: Final = -1.0
_NO_SPEECH: Final = 0.6
# Alone, the second means little: it is above the threshold for many stretches of clear speech.
_LEAST_VOICED: Final = 0.2

_LEAST_SAID_MS: Final = 2_000
"""Shorter text, such as a murmured "mm-hm", may be uncertain."""

# The mean of 20 words in a row from the built-in engine is 0.79 in clear speech, 0.45 if noise makes every fifth word
# wrong, 0.16 if most are wrong. Its segments say less: some that are entirely correct are below Whisper's limit.
_RUN_WORDS: Final = 20
_LEAST_PROBABILITY: Final = 0.3

# With tiny.en, recordings in Czech, German, Spanish, French, Portuguese, Chinese and Japanese have means of -1 to -2,
# English ones -0.2 to -0.7, of a telephone with noise -0.2 to -0.5.
_LEAST_MEAN_LOGPROB: Final = -0.9
_LEAST_THROUGHOUT_MS: Final = 5_000
_NEIGHBOURS_MS: Final = 5_000

_Timed = TypeVar("_Timed", bound=Timed)


def find_unsure(transcript: Transcript, voiced: SpeechMap | None) -> Iterator[tuple[Span, str]]:
    """Find spans whose text the model made up, or nearly so, by its own figures.

    Args:
        transcript: Any transcript; missing figures are ignored.
        voiced: The detected speech; None if speech detection did not run.

    Yields:
        Spans, with a description of the problem; each kind in order of time.
    """

    def is_made_up(segment: Segment) -> bool:
        if not _is_above(segment.no_speech_prob, _NO_SPEECH):
            return False
        if voiced is None:
            return _is_unlikely(segment)
        length_ms = segment.end_ms - segment.start_ms
        return voiced.within(segment.start_ms, segment.end_ms) < _LEAST_VOICED * length_ms

    segments = [segment for segment in transcript.segments if speaking_ms(segment.text)]
    for run in neighbours(filter(is_made_up, segments)):
        said = quoted(" ".join(segment.text for segment in run))
        yield hull(run), f"has text where the model itself detected no speech: {said}"
    throughout = _improbable_throughout(transcript, segments)
    if throughout is not None:
        yield throughout
        return
    for run in neighbours(filter(_is_unlikely, segments)):
        if sum(speaking_ms(segment.text) for segment in run) >= _LEAST_SAID_MS:
            mean = sum(segment.avg_logprob or 0.0 for segment in run) / len(run)
            yield hull(run), f"is uncertain: the model gives its text a log probability of {mean:.1f}"
    words = [word for word in transcript.words if word.probability is not None and math.isfinite(word.probability)]
    for span, probability in _unlikely_words(words):
        yield span, f"is hardly more than guessed: the model gives its words a probability of {probability:.0%}"


def _improbable_throughout(transcript: Transcript, segments: Sequence[Segment]) -> tuple[Span, str] | None:
    """Tell of a text that is improbable as a whole, as it is if the model takes one language for another."""
    known = [segment for segment in segments if _is_whispers(segment)]
    said_ms = sum(speaking_ms(segment.text) for segment in known)
    if said_ms < _LEAST_THROUGHOUT_MS:
        return None
    mean = sum((segment.avg_logprob or 0.0) * speaking_ms(segment.text) for segment in known) / said_ms
    if mean >= _LEAST_MEAN_LOGPROB:
        return None
    question = f"; is {transcript.language} its language?" if transcript.language else ""
    return hull(known), f"is improbable throughout: the model gives its text a log probability of {mean:.1f}{question}"


def neighbours(parts: Iterable[_Timed], *, within_ms: int = _NEIGHBOURS_MS) -> Iterator[list[_Timed]]:
    """Group segments or words that are close to each other.

    Args:
        parts: Those that are doubtful for the same reason, in order of time.
        within_ms: The longest time from the end of one to the start of the next in its group, in milliseconds.

    Yields:
        The groups, not empty.
    """
    run: list[_Timed] = []
    for part in parts:
        if run and part.start_ms - run[-1].end_ms > within_ms:
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _is_above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _is_unlikely(segment: Segment) -> bool:
    """Return whether Whisper would decode the segment again; means from other engines are not comparable."""
    return _is_whispers(segment) and (segment.avg_logprob or 0.0) < _LEAST_LOGPROB


def _is_whispers(segment: Segment) -> bool:
    """Return whether a segment has a log probability that is Whisper's."""
    is_whispers = not (segment.seek is None and segment.tokens is None and segment.temperature is None)
    return is_whispers and segment.avg_logprob is not None and math.isfinite(segment.avg_logprob)


def _unlikely_words(words: Sequence[Word]) -> Iterator[tuple[Span, float]]:
    sums = [0.0, *accumulate(word.probability or 0.0 for word in words)]
    least = _RUN_WORDS * _LEAST_PROBABILITY
    doubtful = [first for first in range(len(words) - _RUN_WORDS + 1) if sums[first + _RUN_WORDS] - sums[first] < least]
    for span in union(hull(words[first : first + _RUN_WORDS]) for first in doubtful):
        own = [word.probability or 0.0 for word in words if span.start_ms <= word.start_ms < span.end_ms]
        yield span, sum(own) / len(own)

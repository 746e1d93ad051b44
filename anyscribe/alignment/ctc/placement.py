"""Turn the likeliest way through a text's sounds into the times of its words."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.alignment.aligner import Alignment
from anyscribe.alignment.ctc.network import FRAME_MS
from anyscribe.alignment.ctc.trellis import STATES_BETWEEN
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from anyscribe.alignment.ctc.trellis import Path

_LAG_MS: Final = 80
"""A sound is marked so long after it begins."""

_LAST_SOUND_MS: Final = 100
_BREATH_MS: Final = 150
_FADING_MS: Final = 400
_SWELLING_MS: Final = 250
_EARLY_MS: Final = 80


_LEAST_GAIN: Final = -1.0
_LEAST_GAIN_AROUND: Final = {"en": 0.3}
_LEAST_GAIN_IN_OTHERS: Final = -0.2
"""A word is certain if its sounds, and those of the words around it, fit so much better than any others, on average.
The model was trained on English more than on other languages."""

_CONFIDENCE: Final = (-0.176, 0.480, 2.792)
"""A logistic regression over 13,361 words: human recordings, and synthetic ones with wrong, missing and added words,
untranscribed speech, music and babble. Of the words with 0.9 to 0.95, 93 % were right, with 0.5 to 0.7 56 %."""

_LEAST_CONFIDENCE: Final = {"en": 0.35}
_LEAST_CONFIDENCE_IN_OTHERS: Final = 0.2
"""With less on average, a text fits nowhere. Texts of other recordings have 0.0 to 0.3; right English ones 0.56 or
more, right ones in seven other languages 0.4 to 0.8, on a telephone 0.2 to 0.6."""

_MOSTLY: Final = 0.6
_GOOD_GAIN: Final = 0.3
"""Where the search passes over more of the text, the words that it places are as likely somewhere else, or nowhere,
except those that fit so well."""

_AROUND: Final = 12
NOT_FOUND: Final = -1.5
"""What a sound that is passed over counts for in the average."""


class FoundWord(NamedTuple):
    """Where a word was heard.

    Args:
        first_frame: The frame of its first sound.
        last_frame: The frame of its last sound.
        sounds: How many sounds it has.
        gain: How much likelier the word is there than any other sound, as a natural logarithm.
    """

    first_frame: int
    last_frame: int
    sounds: int
    gain: float


def heard_words(path: Path, text: Sequence[Sequence[int]]) -> dict[int, FoundWord]:
    """Return where each word was heard.

    Args:
        path: The likeliest way.
        text: The sounds of each word.
    """
    befores = np.concatenate([[0], np.cumsum([STATES_BETWEEN + len(word) for word in text])])
    states, first_frames = np.unique(path.states, return_index=True)
    frame_of = dict(zip(states.tolist(), first_frames.tolist(), strict=True))
    words = np.searchsorted(befores, path.states, side="right") - 1
    in_word = path.states - befores[words] >= STATES_BETWEEN
    gains = np.bincount(words[in_word], weights=path.gains[in_word], minlength=len(befores))
    heard = {}
    for word in np.unique(words[in_word]).tolist():
        first, last = int(befores[word]) + STATES_BETWEEN, int(befores[word + 1]) - 1
        heard[word] = FoundWord(frame_of[first], frame_of[last], last - first + 1, float(gains[word]))
    return heard


def place_words(
    path: Path, text: Sequence[Sequence[int]], language: str, speech: Sequence[Span], length_ms: int
) -> Alignment:
    """Return the time of each word that was found.

    Args:
        path: The likeliest way.
        text: The sounds of each word.
        language: The ISO-639-1 code of the text's language.
        speech: The spans of speech, in order; empty if unknown.
        length_ms: The length of the audio, in milliseconds.
    """
    heard = heard_words(path, text)
    sounds = np.array([len(word) for word in text], np.float64)
    gains = sounds * NOT_FOUND
    for word, one in heard.items():
        gains[word] = one.gain
    around = _around(gains, sounds)
    share = _around(np.where([word in heard for word in range(len(text))], sounds, 0.0), sounds)
    is_certain = (gains > _LEAST_GAIN * sounds) & (around > _LEAST_GAIN_AROUND.get(language, _LEAST_GAIN_IN_OTHERS))
    is_placed = (share >= _MOSTLY) | (gains > _GOOD_GAIN * sounds)
    spans = {word: span for word, span in _spans(heard, speech, length_ms) if is_placed[word]}
    probable = _confidences(gains / sounds, around)
    confidences = {word: round(float(probable[word]), 3) for word in spans}
    least = _LEAST_CONFIDENCE.get(language, _LEAST_CONFIDENCE_IN_OTHERS)
    fits_nowhere = sum(confidences.values()) < least * len(text)
    return Alignment(
        spans,
        length_ms,
        frozenset(word for word in spans if not is_certain[word]),
        confidences,
        frozenset(word for word in range(len(text)) if fits_nowhere or word not in spans),
    )


def _confidences(gains: NDArray[np.float64], around: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how probable it is that words are right within 0.3 s, from their gain for a sound and that around them."""
    base, own, near = _CONFIDENCE
    confidences: NDArray[np.float64] = 1 / (
        1 + np.exp(-(base + own * np.clip(gains, -2, 2) + near * np.clip(around, -1, 2)))
    )
    return confidences


def _around(sums_of_words: NDArray[np.float64], sounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean for a sound in each word and those around it of what is given for each word."""
    sums = np.concatenate([[0.0], np.cumsum(sums_of_words)])
    counts = np.concatenate([[0.0], np.cumsum(sounds)])
    places = np.arange(len(sounds))
    first, end = np.maximum(places - _AROUND, 0), np.minimum(places + _AROUND + 1, len(sounds))
    means: NDArray[np.float64] = (sums[end] - sums[first]) / (counts[end] - counts[first])
    return means


def _spans(heard: Mapping[int, FoundWord], speech: Sequence[Span], length_ms: int) -> Iterator[tuple[int, Span]]:
    onsets_ms = [span.start_ms for span in speech]
    ends_ms = [span.end_ms for span in speech]
    starts = []
    before_ms = 0
    for one in heard.values():
        start_ms = max(one.first_frame * FRAME_MS - _LAG_MS, before_ms)
        place = bisect_right(onsets_ms, start_ms + _EARLY_MS) - 1
        if place >= 0 and before_ms <= onsets_ms[place] and start_ms - onsets_ms[place] <= _SWELLING_MS:
            start_ms = onsets_ms[place]
        starts.append(min(start_ms, length_ms))
        before_ms = max(one.last_frame * FRAME_MS - _LAG_MS, start_ms + FRAME_MS)
    for (word, one), start_ms, next_ms in zip(heard.items(), starts, [*starts[1:], length_ms], strict=False):
        last_ms = max(one.last_frame * FRAME_MS - _LAG_MS, start_ms)
        end_ms = min(last_ms + _LAST_SOUND_MS, next_ms)
        place = bisect_right(ends_ms, last_ms)
        if place < len(ends_ms) and ends_ms[place] <= min(next_ms, last_ms + _FADING_MS):
            end_ms = max(end_ms, ends_ms[place])
        elif next_ms - end_ms <= _BREATH_MS:
            end_ms = next_ms
        yield word, Span(start_ms, max(start_ms, end_ms))

"""Words with estimated times are in order, inside their span, and close to their true times."""

from __future__ import annotations

import json
import statistics
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.alignment.estimation import estimate_words
from anyscribe.audio import probe
from anyscribe.audio.voice_activity import find_speech
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span
from anyscribe.transcript import Timing
from anyscribe.words import split_words

SPOKEN = Path(__file__).parent.parent / "media" / "spoken"
WORDS = ["a", "word", "extraordinarily", "2026", "so,", "end.", "really?", "—", "...", "我", "好。", "สวั"]


@st.composite
def spans(draw, most=12, longest_ms=4000):
    """Draw ordered spans that do not overlap."""
    at, drawn = draw(st.integers(0, 500)), []
    for _ in range(draw(st.integers(0, most))):
        length_ms, pause_ms = draw(st.integers(1, longest_ms)), draw(st.integers(1, 2000))
        drawn.append(Span(at, at + length_ms))
        at += length_ms + pause_ms
    return drawn


@given(
    tokens=st.lists(st.sampled_from(WORDS), max_size=40),
    speech=spans(),
    begin_ms=st.integers(0, 10_000),
    length_ms=st.integers(1, 40_000),
)
def test_words_in_order_inside_the_span(tokens, speech, begin_ms, length_ms):
    """Each token becomes one word, in order, without overlap, inside the span."""
    span = Span(begin_ms, begin_ms + length_ms)
    words = estimate_words(tokens, speech, span)
    assert [word.text for word in words] == tokens
    assert all(word.timing is Timing.ESTIMATED for word in words)
    assert all(span.start_ms <= word.start_ms <= word.end_ms <= span.end_ms for word in words)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(words))


@given(tokens=st.lists(st.sampled_from(WORDS), min_size=1, max_size=20), speech=spans())
def test_words_begin_in_speech(tokens, speech):
    """If there is enough speech for the text, no spoken word begins in a long pause."""
    speech = [Span(2 * start_ms, 2 * end_ms) for start_ms, end_ms in speech]
    spoken_ms = sum(end_ms - start_ms for start_ms, end_ms in speech)
    words = estimate_words(tokens, speech, Span(0, 100_000))
    if spoken_ms < 25 * 25 * len(tokens):
        return
    for word in words:
        assert not any(
            end_ms < word.start_ms < next_ms
            for (_, end_ms), (next_ms, _) in pairwise(speech)
            if next_ms - end_ms > 400 and word.end_ms > word.start_ms
        )


@pytest.mark.parametrize("language", ["de", "cmn"])
def test_near_the_truth(language):
    """In a language that cannot be aligned, words begin within 0.12 s of the truth on average."""
    text = (SPOKEN / f"{language}.txt").read_text(encoding="utf-8")
    pcm = b"".join(probe(SPOKEN / f"{language}.opus").pcm())
    words = estimate_words(split_words(text), find_speech([pcm]), Span(0, len(pcm) // PCM_BYTES_PER_MS))
    begins, at = {}, 0
    for word in words:
        at = text.index(word.text, at)
        begins.update(dict.fromkeys(range(at, at + len(word.text)), word.start_ms))
        at += len(word.text)
    truth = json.loads((SPOKEN / f"{language}.onsets.json").read_text(encoding="utf-8"))
    assert len(truth) > 25
    assert statistics.mean(abs(begins[position] - onset_ms) for position, onset_ms in truth) <= 120


@given(count=st.integers(1, 9), start_ms=st.integers(0, 999), length_ms=st.integers(9, 9999))
def test_the_last_word_ends_with_the_speech(count, start_ms, length_ms):
    """Words that fill a span end exactly where it ends, whatever the rounding."""
    words = estimate_words(["hello"] * count, [Span(start_ms, start_ms + length_ms)], Span(0, 20_000))
    if 3 * length_ms > count * 1000:
        assert words[-1].end_ms == start_ms + length_ms


def test_clauses_end_at_pauses():
    """The comma decides which words come before the pause, even if the lengths alone would decide otherwise."""
    tokens = split_words("one two three, four five six seven")
    words = estimate_words(tokens, [Span(0, 1300), Span(1700, 2700)], Span(0, 3000))
    assert words[2].end_ms == 1300
    assert words[3].start_ms == 1700


def test_a_short_stop_does_not_end_a_word():
    """A gap as short as the closure of a plosive may be inside a word without a pause after it."""
    tokens = ["incomprehensibilities"]
    words = estimate_words(tokens, [Span(100, 700), Span(830, 1400)], Span(0, 2000))
    assert (words[0].start_ms, words[0].end_ms) == (100, 1400)


def test_sounds_that_are_no_words_get_none():
    """A cough before the text gets none of its words."""
    tokens = split_words("one two three four five six seven eight nine ten eleven twelve.")
    words = estimate_words(tokens, [Span(0, 120), Span(2000, 6000)], Span(0, 7000))
    assert words[0].start_ms == 2000


def test_longer_words_take_longer():
    """Within a span of speech, time is divided by word length."""
    short, long = estimate_words(["a", "considerably"], [Span(0, 1300)], Span(0, 1300))
    assert 5 * (short.end_ms - short.start_ms) < long.end_ms - long.start_ms


def test_no_speech_found():
    """Without detected speech, the words are spread over the whole span."""
    words = estimate_words(["one", "four"], [], Span(1000, 1700))
    assert [(word.start_ms, word.end_ms) for word in words] == [(1000, 1300), (1300, 1700)]


def test_too_little_speech_found():
    """If the detected speech is too short for the text, most of it was missed, and the whole span is used."""
    tokens = ["word"] * 50
    words = estimate_words(tokens, [Span(0, 500)], Span(0, 20_000))
    assert words[-1].end_ms == 20_000


def test_no_words():
    """Without words there are no times."""
    assert estimate_words([], [Span(0, 500)], Span(0, 500)) == []


def test_a_text_that_says_nothing():
    """Tokens of punctuation alone are spread evenly."""
    words = estimate_words(["—", "..."], [Span(0, 1000)], Span(0, 1000))
    assert [word.start_ms for word in words] == [0, 500]


def test_an_hour_of_text():
    """An hour of words and pauses is divided so that each clause gets its own words."""
    clauses = 1800
    tokens = split_words("this is one clause, and this is another.") * (clauses // 2)
    speech = [Span(2000 * index, 2000 * index + 1500) for index in range(clauses)]
    words = estimate_words(tokens, speech, Span(0, 2000 * clauses))
    firsts = [word.start_ms for word in words[::8]]
    assert firsts == [4000 * index for index in range(clauses // 2)]

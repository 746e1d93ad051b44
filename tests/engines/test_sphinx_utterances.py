"""Utterances follow speech, for any chunks of audio and any length of speech."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pocketsphinx")

from anyscribe.audio import probe
from anyscribe.engines.sphinx.utterances import find_utterances

if TYPE_CHECKING:
    from pathlib import Path

BYTES_PER_MS = 32
LONGEST_MS = 20_000
FRAME_MS = 30


@pytest.fixture(scope="module")
def speech(media: Path) -> bytes:
    """Return one sentence as samples."""
    return b"".join(probe(media / "hello.flac").pcm())


def test_two_sentences_with_a_pause_are_two_utterances(media: Path):
    """Each utterance holds the words of its sentence, by the synthesiser's own times, and no pause."""
    words = json.loads((media / "pause.words.json").read_text(encoding="utf-8"))
    pause = max(range(1, len(words)), key=lambda n: words[n]["start"] - words[n - 1]["end"])
    first, second = find_utterances(probe(media / "pause.flac").pcm())
    for utterance, sentence in ((first, words[:pause]), (second, words[pause:])):
        # Voice activity is decided per frame.
        assert utterance.start_ms <= sentence[0]["start"] * 1000 + FRAME_MS
        assert utterance.end_ms >= sentence[-1]["end"] * 1000 - FRAME_MS
        assert 0.5 < utterance.voiced <= 1
    assert second.start_ms - first.end_ms > 1000


def test_silence_has_no_utterance():
    """Silence has no utterance."""
    assert list(find_utterances([bytes(3000 * BYTES_PER_MS)])) == []


def test_no_sound_has_no_utterance():
    """A recording without samples has no utterance."""
    assert list(find_utterances([])) == []


def test_speech_that_never_pauses_is_cut_without_losing_a_sample(speech: bytes):
    """A minute of speech without a pause is cut into adjacent utterances of at most 20 s."""
    middle = speech[500 * BYTES_PER_MS : 1500 * BYTES_PER_MS]
    sound = middle * 60 + speech[:2]
    utterances = list(find_utterances([sound]))
    assert len(utterances) >= 3
    assert all(utterance.end_ms - utterance.start_ms <= LONGEST_MS + 300 for utterance in utterances)
    assert all(left.end_ms == right.start_ms for left, right in pairwise(utterances))
    together = b"".join(utterance.pcm for utterance in utterances)
    start = utterances[0].start_ms * BYTES_PER_MS
    assert together == sound[start : start + len(together)]
    assert utterances[-1].end_ms >= 59_000


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 36_000), max_size=6), frames=st.integers(30, 70))
def test_chunks_do_not_matter(speech: bytes, cuts: list[int], frames: int):
    """The same audio gives the same utterances in any chunks, even if it ends during speech on a whole frame."""
    sound = speech[: frames * 30 * BYTES_PER_MS]
    edges = sorted({0, *(2 * cut for cut in cuts if 2 * cut < len(sound)), len(sound)})
    chunks = [sound[left:right] for left, right in pairwise(edges)]
    assert list(find_utterances(chunks)) == list(find_utterances([sound]))

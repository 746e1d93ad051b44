"""The search for the likeliest way through a text's sounds."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy")

import numpy as np

from anyscribe.alignment.ctc import trellis as module
from anyscribe.alignment.ctc.coarse import BLOCK_FRAMES, CoarseSearch
from anyscribe.alignment.ctc.trellis import STATES_BETWEEN, Trellis

SOUNDS = 12
OTHER = SOUNDS
CERTAIN = np.log(0.97)
UNLIKELY = -7.0


def frames_of(said: list[list[int]], every: int = 4):
    """Return entries and blanks in which the sounds of words are heard one after the other; -1 is any other sound."""
    sequence = [sound for word in said for sound in word]
    blanks = np.full(len(sequence) * every + 10, CERTAIN, np.float32)
    entries = np.full((len(blanks), SOUNDS + 2), UNLIKELY, np.float32)
    for place, sound in enumerate(sequence):
        frame = place * every + 5
        blanks[frame] = UNLIKELY
        if sound >= 0:
            entries[frame, sound] = CERTAIN
    heard = np.where(blanks < -1, CERTAIN, blanks)
    entries[:, OTHER] = np.maximum(blanks, heard - 2)
    entries[:, OTHER + 1] = np.maximum(blanks, heard - 6)
    return entries, blanks


def words_at(path, text: list[list[int]]) -> dict[int, int]:
    """Return the first frame of each word that the path goes through."""
    befores = np.concatenate([[0], np.cumsum([STATES_BETWEEN + len(word) for word in text])])
    found: dict[int, int] = {}
    for frame, state in enumerate(path.states):
        word = int(np.searchsorted(befores, state, side="right")) - 1
        if state - befores[word] >= STATES_BETWEEN:
            found.setdefault(word, frame)
    return found


def searched(text: list[list[int]], entries, blanks, block: int = 25):
    trellis = Trellis(text, OTHER)
    for first in range(0, len(entries), block):
        trellis.advance(entries[first : first + block], blanks[first : first + block], 0, len(text))
    return trellis.finish()


def some_text(words: int, seed: int = 1) -> list[list[int]]:
    chance = np.random.default_rng(seed)
    return [chance.integers(0, SOUNDS, chance.integers(2, 6)).tolist() for _ in range(words)]


def test_each_word_is_where_its_first_sound_is_heard():
    """In clear speech, every sound is in its own frame."""
    text = some_text(30)
    found = words_at(searched(text, *frames_of(text)), text)
    starts = np.cumsum([0, *map(len, text)])[:-1] * 4 + 5
    assert found == dict(enumerate(starts.tolist()))


@pytest.mark.parametrize("unsaid", [1, 12, 50])
def test_words_that_are_not_said_are_passed_over(unsaid: int):
    """The others keep their places; a single word may be squeezed between them."""
    text = some_text(40)
    said = [*text[:20], *text[20 + unsaid :]]
    found = words_at(searched(text, *frames_of(said)), text)
    starts = (np.cumsum([0, *map(len, said)])[:-1] * 4 + 5).tolist()
    expected = dict(zip([*range(20), *range(20 + unsaid, 40)], starts, strict=True))
    wrong = [word for word, frame in expected.items() if abs(found[word] - frame) > 4]
    assert len(wrong) <= 1
    assert len(found.keys() - expected.keys()) <= 1


@pytest.mark.parametrize("others", [2, 30, 300])
def test_sounds_that_are_not_in_the_text_are_in_no_word(others: int):
    """Words around them stay together."""
    text = some_text(20)
    said = [*text[:10], [-1] * others, *text[10:]]
    found = words_at(searched(text, *frames_of(said)), text)
    starts = np.cumsum([0, *map(len, text)])[:-1] * 4 + 5
    assert found == {word: start + (word >= 10) * others * 4 for word, start in enumerate(starts.tolist())}


def test_deciding_early_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """With less memory, the way is decided piece by piece, seconds later, and is the same one."""
    text = some_text(400)
    entries, blanks = frames_of([*text[:150], [-1] * 20, *text[153:]])
    whole = searched(text, entries, blanks)
    monkeypatch.setattr(module, "_MOST_BYTES", 4_000_000)
    parts = searched(text, entries, blanks)
    assert (parts.states == whole.states).all()
    assert np.allclose(parts.gains, whole.gains)


def test_the_rough_place_is_found_behind_pages_that_are_not_said():
    """It follows the recording over untranscribed minutes and unsaid pages."""
    text = some_text(1_500)
    entries, blanks = frames_of([[-1] * 500, *text[800:1_000], [-1] * 400, *text[1_000:1_400]])
    coarse = CoarseSearch(text, OTHER)
    for first in range(0, len(entries), BLOCK_FRAMES):
        coarse.take(entries[first : first + BLOCK_FRAMES], blanks[first : first + BLOCK_FRAMES])
    said = coarse.finish()
    sounds = np.cumsum([0, *map(len, text)])
    for block, word in enumerate(said):
        frame = (block + 1) * BLOCK_FRAMES
        first = 500 * 4
        second = first + int(sounds[1_000] - sounds[800]) * 4
        third = second + 400 * 4
        if first + 200 < frame < second:
            true = np.searchsorted(sounds, sounds[800] + (frame - first) / 4)
        elif third + 200 < frame:
            true = min(1_400, np.searchsorted(sounds, sounds[1_000] + (frame - third) / 4))
        else:
            continue
        assert abs(word - true) <= 5, (block, word, true)


def test_a_way_is_whole_although_the_window_runs_ahead():
    """Words are passed over as a whole, or not at all, wherever the window is."""
    text = some_text(60)
    entries, blanks = frames_of(text[:30])
    trellis = Trellis(text, OTHER)
    for first in range(0, len(entries), 25):
        after = 60 if first else 5
        trellis.advance(entries[first : first + 25], blanks[first : first + 25], 50 if first else 0, after)
    path = trellis.finish()
    assert len(path.states) == len(entries)
    befores = np.concatenate([[0], np.cumsum([STATES_BETWEEN + len(word) for word in text])])
    # Each word that the way goes through is entered at its first sound, and left after its last one.
    for word in words_at(path, text):
        assert set(range(befores[word] + STATES_BETWEEN, befores[word + 1])) <= set(path.states.tolist())

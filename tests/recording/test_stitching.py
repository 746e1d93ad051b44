"""Transcripts of pieces become one, and simultaneous texts are emitted in order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.events import Delta
from anyscribe.formats.prose import joined_text
from anyscribe.recording.progress import OrderedText
from anyscribe.recording.stitching import Part, stitch
from anyscribe.timespan import Span
from anyscribe.transcript import Segment, Transcript, Word

TEXTS = st.lists(st.text(alphabet="ab \n\t.\u3042\u6f22\u0e01\u0301", max_size=12), min_size=1, max_size=6)


@given(TEXTS, st.integers(0, 2**32), st.data())
@settings(deadline=None, max_examples=200)
def test_live_text_is_the_whole_text(texts: list[str], seed: int, data: st.DataObject) -> None:
    """However the pieces' texts are divided and mixed, the output is in order and joined as the language joins it."""
    told: list[str] = []
    ordered = OrderedText(lambda event: told.append(event.text) if isinstance(event, Delta) else None)
    steps = []
    for number, text in enumerate(texts):
        cut = data.draw(st.integers(0, len(text)))
        steps.append([(number, text[:cut]), (number, text[cut:]), (number, None)])
    shuffled = random.Random(seed)  # noqa: S311 - an order, not a secret
    while any(steps):
        number, text = shuffled.choice([left for left in steps if left]).pop(0)
        if text is None:
            ordered.finish(number)
        elif text:
            ordered.add(number, text)
    assert "".join(told).strip() == joined_text(texts)
    assert all(told)


def test_text_is_told_as_soon_as_its_turn_comes() -> None:
    """The first piece's text is emitted at once, another piece's when all before it are complete."""
    told: list[str] = []
    ordered = OrderedText(lambda event: told.append(event.text) if isinstance(event, Delta) else None)
    ordered.add(1, "two")
    ordered.add(0, " one ")
    assert told == ["one"]
    ordered.finish(0)
    assert told == ["one", " two"]
    ordered.add(1, " more")
    assert told == ["one", " two", " more"]


def part(start_ms: int, end_ms: int, **told: object) -> Part:
    """Return a part."""
    return Part(Span(start_ms, end_ms), Transcript(**told))


def test_times_are_shifted_and_stay_inside() -> None:
    """Each time counts from the recording's start; times after a piece's end do not reach into the next piece."""
    words = (Word("a", 0, 400), Word("b", 900, 1_700))
    segments = (Segment("a b", 0, 1_700, seek=100),)
    whole = stitch(
        [part(0, 1_000, text="a b", words=words, segments=segments), part(1_000, 2_000, text="a b", words=words)],
        duration_ms=None,
    )
    assert [(word.start_ms, word.end_ms) for word in whole.words] == [
        (0, 400),
        (900, 1_000),
        (1_000, 1_400),
        (1_900, 2_000),
    ]
    assert whole.segments == (Segment("a b", 0, 1_000, seek=100),)
    assert (whole.text, whole.duration_ms) == ("a b a b", 2_000)


def test_most_of_the_speech_decides_the_language() -> None:
    """A short piece in another language, or a silent one with a guess, does not change the language."""
    parts = [
        part(0, 10_000, text="hola", language="es", words=(Word("hola", 0, 900),)),
        part(10_000, 20_000, text="one two", language="en", words=(Word("one", 0, 3_000), Word("two", 3_000, 5_000))),
        part(20_000, 90_000, text="", language="cy"),
    ]
    assert stitch(parts, duration_ms=90_000).language == "en"
    assert stitch(parts[2:], duration_ms=None).language == "cy"
    assert stitch([part(0, 1, text="")], duration_ms=None).language is None


def test_usage_is_summed_and_the_rest_kept() -> None:
    """Numbers of ``usage`` are added, lists are concatenated, and values that differ between pieces are dropped."""
    tokens = {"type": "tokens", "input_tokens": 3, "input_token_details": {"audio_tokens": 2}}
    extra = [
        {"usage": tokens, "logprobs": [{"token": "a"}], "model": "m", "id": 1},
        {"usage": tokens, "logprobs": [{"token": "b"}], "model": "m", "id": 2},
        {"usage": None, "model": "m"},
    ]
    parts = [part(at, at + 1, text="x", extra=one) for at, one in enumerate(extra)]
    assert stitch(parts, duration_ms=None).extra == {
        "usage": {"type": "tokens", "input_tokens": 6, "input_token_details": {"audio_tokens": 4}},
        "logprobs": [{"token": "a"}, {"token": "b"}],
        "model": "m",
    }


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["One.", "Two."], "One. Two."),
        (["\u4e00\u3002", "\u4e8c\u3002"], "\u4e00\u3002\u4e8c\u3002"),
        ([" One\n", "", "\n\nTwo\n\nlines "], "One Two\n\nlines"),
        (["\u4e00", "two"], "\u4e00 two"),
    ],
)
def test_texts_are_joined_as_the_language_joins_them(texts: list[str], whole: str) -> None:
    """Two pieces are joined by a space, except in Chinese and Japanese; within a piece nothing changes."""
    assert stitch([part(at, at + 1, text=text) for at, text in enumerate(texts)], duration_ms=None).text == whole

"""The guarantees for cues hold for any words, text, times and limits."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.profile import CueProfile, limits_for
from anyscribe.subtitles.sentences import to_segments
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

SNAGS = [
    "a",
    "I",
    "the",
    "of",
    "Hi,",
    "word",
    "Dr.",
    "end.",
    "(so)",
    "—",
    "-",
    "5%",
    "-->",
    "?",
    "«",
    "unbelievable" * 9,
]
SCRIPTS = ["今日", "は。", "「ラーメン", "한국", "ไทย", "เ", "שלום", "straße", "\u0130", "\u00a0", "👩\u200d🚀", "👍🏽"]
tokens = st.sampled_from([*SNAGS, *SCRIPTS]) | st.text(min_size=1, max_size=6)
times_ms = st.integers(0, 30_000)
texts_said = st.lists(tokens, max_size=40).map(" ".join)
profiles = st.builds(
    CueProfile,
    max_line_chars=st.none() | st.integers(1, 60),
    max_lines=st.integers(1, 4),
    min_cue_ms=st.integers(0, 2_000),
    max_cue_ms=st.integers(1, 9_000),
    max_cps=st.none() | st.floats(0.5, 100),
    pause_ms=st.integers(0, 2_000),
    frame_rate=st.sampled_from([24, 23.976, 60, 1]),
)


@st.composite
def heard_words(draw: st.DrawFn, text: str) -> tuple[Word, ...]:
    """Draw the words of a text with a few missing or replaced ones; sometimes they overlap."""
    changed = draw(st.lists(st.sampled_from(["keep", "keep", "keep", "bare", "drop", "other"]), max_size=10))
    words = []
    now_ms = 0
    for number, token in enumerate(text.split()):
        change = changed[number % len(changed)] if changed else "keep"
        now_ms = max(0, now_ms + draw(st.sampled_from([0, 20, 400, 1_500, -300])))
        length_ms = draw(st.sampled_from([0, 150, 600, 8_000]))
        if change != "drop":
            said = {"bare": token.strip(".,()%。"), "other": "other"}.get(change, token)
            words.append(Word(said, now_ms, now_ms + length_ms))
        now_ms += length_ms
    return tuple(words)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    text = draw(texts_said)
    words = draw(heard_words(text))
    end_ms = max((word.end_ms for word in words), default=0)
    kind = draw(st.sampled_from(["whole", "any", "none"]))
    segments: tuple[Segment, ...] = ()
    if kind == "whole":
        segments = (Segment(text, 0, end_ms),)
    elif kind == "any":
        made = st.builds(Segment, texts_said, times_ms, times_ms, speaker=st.sampled_from([None, "A", "B"]))
        segments = tuple(draw(st.lists(made, max_size=6)))
    duration_ms = draw(st.none() | st.just(end_ms) | st.integers(0, 300) | times_ms)
    return Transcript(text, draw(st.sampled_from([None, "en", "de", "ja"])), duration_ms, segments, words)


def squeezed(parts: Sequence[str]) -> str:
    return "".join("".join(parts).split())


@given(transcripts(), profiles)
@settings(deadline=None, max_examples=100)
def test_cues_keep_their_promises_for_any_transcript(transcript: Transcript, profile: CueProfile) -> None:
    """Cues are in order and separate, have a duration and text without empty lines, and are inside the recording."""
    made = to_cues(transcript, profile)
    cues = made.segments
    gap_ms = limits_for(transcript.text, profile).gap_ms
    assert all(line == line.strip() != "" for cue in cues for line in cue.text.split("\n"))
    assert all(0 <= cue.start_ms < cue.end_ms for cue in cues)
    assert all(left.end_ms + gap_ms <= right.start_ms for left, right in pairwise(cues))
    if transcript.duration_ms and cues:
        assert cues[-1].end_ms <= transcript.duration_ms
    assert (made.text, made.words, made.duration_ms) == (transcript.text, transcript.words, transcript.duration_ms)


@given(transcripts(), profiles)
@settings(deadline=None, max_examples=100)
def test_no_character_is_lost_or_added(transcript: Transcript, profile: CueProfile) -> None:
    """Cues contain the text of the segments, or else of the transcript, or else of the words, in order."""
    said = squeezed([cue.text for cue in to_cues(transcript, profile).segments])
    segments = sorted(transcript.segments, key=lambda segment: segment.start_ms)
    words = sorted(transcript.words, key=lambda word: word.start_ms)
    if any(segment.text.strip() for segment in segments):
        assert sorted(said) == sorted(squeezed([segment.text for segment in segments]))
    elif any(word.text.strip() for word in words):
        assert said in {squeezed([transcript.text]), squeezed([word.text for word in words])}
    else:
        assert said == squeezed([transcript.text])


@given(transcripts())
@settings(deadline=None, max_examples=100)
def test_segments_out_of_words_keep_every_character(transcript: Transcript) -> None:
    """Segments from words are in order, do not overlap and contain all text; existing segments are unchanged."""
    made = to_segments(transcript)
    if transcript.segments:
        assert made == transcript.segments
        return
    words = sorted((word for word in transcript.words if word.text.strip()), key=lambda word: word.start_ms)
    said = squeezed([segment.text for segment in made])
    assert said in ({squeezed([transcript.text]), squeezed([word.text for word in words])} if words else {""})
    assert all(segment.start_ms <= segment.end_ms for segment in made)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(made))


ORDINARY = ["a", "the", "of", "Paris", "word,", "then", "end.", "longer", "seventeen", "25", "(so)", "Mr.", "is"]


@st.composite
def ordinary_words(draw: st.DrawFn) -> tuple[Word, ...]:
    """Draw words in order, long enough that no two cues start together, with some silences between them."""
    said = draw(st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=60))
    lengths_ms = [draw(st.integers(200, 900)) for _ in said]
    silences_ms = [draw(st.sampled_from([0, 0, 0, 100, 700, 1_000, 1_001, 5_000])) for _ in said]
    starts_ms = accumulate(map(sum, zip(lengths_ms, silences_ms, strict=True)), initial=draw(times_ms))
    return tuple(
        Word(text, start_ms, start_ms + length_ms)
        for text, start_ms, length_ms in zip(said, starts_ms, lengths_ms, strict=False)
    )


allowing = st.builds(
    CueProfile,
    max_line_chars=st.integers(9, 60),
    max_lines=st.integers(1, 3),
    max_cue_ms=st.integers(900, 9_000),
    max_cps=st.floats(5, 30),
    pause_ms=st.sampled_from([300, 1_000]),
)


@given(ordinary_words(), allowing, st.integers(0, 3_000), st.sampled_from(["segments", "none"]))
@settings(deadline=None, max_examples=100)
def test_limits_are_kept_wherever_each_word_keeps_them(
    words: tuple[Word, ...], profile: CueProfile, rest_ms: int, given_segments: str
) -> None:
    """No cue exceeds a limit that each word keeps, and cues last as long as needed if there is room."""
    text = " ".join(word.text for word in words)
    duration_ms = words[-1].end_ms + rest_ms
    segments = (Segment(text, 0, duration_ms),) if given_segments == "segments" else ()
    limits = limits_for(text, profile)
    cues = to_cues(Transcript(text, "en", duration_ms, segments, words), profile).segments
    counts = [len(cue.text.split()) for cue in cues]
    firsts = list(accumulate(counts, initial=0))
    assert " ".join(cue.text for cue in cues).split() == text.split()
    following_ms = [cue.start_ms - limits.gap_ms for cue in cues[1:]] + [duration_ms]
    for cue, first, last, until_ms in zip(cues, firsts, firsts[1:], following_ms, strict=False):
        held = words[first:last]
        lines = cue.text.split("\n")
        assert len(lines) <= limits.max_lines
        assert max(map(len, lines)) <= limits.max_line_chars
        assert cue.end_ms - cue.start_ms <= limits.max_cue_ms
        assert all(right.start_ms - left.end_ms <= limits.pause_ms for left, right in pairwise(held))
        assert cue.start_ms == held[0].start_ms
        needed_ms = max(limits.reading_ms(len(cue.text)), held[-1].end_ms - cue.start_ms)
        assert cue.end_ms - cue.start_ms >= min(needed_ms, limits.max_cue_ms, until_ms - cue.start_ms)
        assert not limits.gap_ms < until_ms + limits.gap_ms - cue.end_ms <= limits.chain_ms or (
            cue is cues[-1] or cue.end_ms - cue.start_ms == limits.max_cue_ms
        )


@given(st.lists(st.sampled_from(["one,", "two", "three.", "four"]), min_size=1, max_size=8), allowing)
@settings(deadline=None)
def test_nothing_is_broken_that_fits(said: list[str], profile: CueProfile) -> None:
    """A cue has no more lines than its text needs."""
    text = " ".join(said)
    words = tuple(Word(token, number * 300, number * 300 + 300) for number, token in enumerate(said))
    for cue in to_cues(Transcript(text, words=words), profile).segments:
        if len(cue.text) <= profile.max_line_chars:
            assert "\n" not in cue.text


@given(
    st.text(alphabet="今日はカタァッー、。「」\uff08\uff0912%กเแาะ์Ab한", min_size=1, max_size=80), st.integers(1, 20)
)
@settings(deadline=None, max_examples=100)
def test_no_line_begins_or_ends_with_what_may_not(text: str, line_chars: int) -> None:
    """Without word times, punctuation, small kana and clusters stay in place for any limits."""
    transcript = Transcript("", segments=(Segment(text, 0, 20_000),))
    cues = to_cues(transcript, CueProfile(max_line_chars=line_chars)).segments
    lines = [line for cue in cues for line in cue.text.split("\n")]
    assert "".join(lines) == text
    for upper, lower in pairwise(lines):
        assert lower[0] not in "ァッー、。」\uff09%าะ์"
        assert upper[-1] not in "เแ「\uff08"

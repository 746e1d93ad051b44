"""Cues are made of whatever is known of a recording, keep every character, and never break their promises."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe import subtitles
from anyscribe.subtitles import CueProfile, to_cues
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

GETTYSBURG = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, "
    "and dedicated to the proposition that all men are created equal. Now we are engaged in a great civil war, testing "
    "whether that nation, or any nation so conceived and so dedicated, can long endure."
)


def spoken(
    tokens: Sequence[str], *, strip: str = "", first_ms: int = 0, word_ms: int = 250, gap_ms: int = 50
) -> tuple[Word, ...]:
    """Words one after another, each without the characters to strip."""
    starts_ms = range(first_ms, first_ms + len(tokens) * (word_ms + gap_ms), word_ms + gap_ms)
    return tuple(
        Word(token.strip(strip) if strip else token, start_ms, start_ms + word_ms)
        for token, start_ms in zip(tokens, starts_ms, strict=True)
    )


def one_segment(text: str, words: tuple[Word, ...], *, speaker: str | None = None) -> Transcript:
    """A transcript of a single segment that lasts as long as its words."""
    return Transcript(text, segments=(Segment(text, 0, words[-1].end_ms, speaker=speaker),), words=words)


def texts(transcript: Transcript, profile: CueProfile = subtitles.DEFAULT_PROFILE) -> list[str]:
    """The texts of the cues."""
    return [cue.text for cue in to_cues(transcript, profile).segments]


def test_the_room_exports_what_others_may_use() -> None:
    """The public names of the room are these."""
    assert subtitles.__all__ == ["DEFAULT_PROFILE", "CueProfile", "to_cues"]
    assert CueProfile() == CueProfile(max_cue_ms=7_000, max_chars=84, pause_ms=1_000) == subtitles.DEFAULT_PROFILE


def test_segments_that_fit_are_cues_as_they_are() -> None:
    """A segment within the limits keeps its text, times and speaker; all else of the transcript stays."""
    segments = (Segment(" Hi ", 0, 7_000, speaker="A"), Segment("Bye", 7_000, 8_000, no_speech_prob=0.5))
    transcript = Transcript("Hi Bye", "en", 9_000, segments, (Word("Hi", 0, 500),), {"usage": None})
    expected = Transcript(
        "Hi Bye", "en", 9_000, (Segment("Hi", 0, 7_000, speaker="A"), segments[1]), transcript.words, {"usage": None}
    )
    assert to_cues(transcript) == expected


@pytest.mark.parametrize("strip", ["", ".,"])
def test_a_long_segment_is_divided_after_sentences_and_clauses(strip: str) -> None:
    """Each cue ends where the sentence breathes, also where the words come without punctuation."""
    transcript = one_segment(GETTYSBURG, spoken(GETTYSBURG.split(), strip=strip), speaker="A")
    cues = to_cues(transcript).segments
    assert [cue.text for cue in cues] == [
        "Four score and seven years ago our fathers brought forth on this continent,",
        "a new nation, conceived in Liberty,",
        "and dedicated to the proposition that all men are created equal.",
        "Now we are engaged in a great civil war, testing whether that nation,",
        "or any nation so conceived and so dedicated, can long endure.",
    ]
    assert (cues[0].start_ms, cues[0].end_ms) == (0, 12 * 300 + 250)
    assert (cues[1].start_ms, cues[1].end_ms) == (13 * 300, 18 * 300 + 250)
    assert {cue.speaker for cue in cues} == {"A"}


def test_without_punctuation_the_longest_pause_divides() -> None:
    """Where no mark helps, the cue ends where the speaker paused."""
    tokens = [f"word{number}" for number in range(18)]
    words = [Word(token, number * 300, number * 300 + 250) for number, token in enumerate(tokens)]
    words[11:] = [Word(word.text, word.start_ms + 700, word.end_ms + 700) for word in words[11:]]
    assert texts(one_segment(" ".join(tokens), tuple(words))) == [" ".join(tokens[:11]), " ".join(tokens[11:])]


def test_without_punctuation_or_pause_cues_are_even() -> None:
    """A line and a half is not divided into a full cue and a rest."""
    tokens = [f"w{number:02d}" for number in range(24)]
    assert texts(one_segment(" ".join(tokens), spoken(tokens))) == [" ".join(tokens[:12]), " ".join(tokens[12:])]


def test_a_segment_that_is_only_too_slow_is_divided_by_time() -> None:
    """Few characters over a long time are several cues, none longer than the limit."""
    tokens = ["one", "two", "three", "four", "five", "six"]
    cues = to_cues(one_segment(" ".join(tokens), spoken(tokens, word_ms=1_000, gap_ms=1_000))).segments
    assert [cue.text for cue in cues] == ["one two three", "four five six"]
    assert max(cue.end_ms - cue.start_ms for cue in cues) <= 7_000


def test_titles_and_initials_end_no_sentence() -> None:
    """A full stop after a title does not divide, one before a small letter neither."""
    text = "We met Dr. Smith and J. R. Lee at 5 p.m. sharp. It rained."
    assert texts(Transcript(text, words=spoken(text.split()))) == [
        "We met Dr. Smith and J. R. Lee at 5 p.m. sharp.",
        "It rained.",
    ]


def test_parts_of_words_are_not_divided() -> None:
    """whisper.cpp gives parts of words; a cue still ends only where the text has a blank."""
    text = " ".join(["unbelievable"] * 8)
    parts = spoken(["un", "believ", "able"] * 8, word_ms=100)
    cues = texts(one_segment(text, parts))
    assert len(cues) > 1
    assert {token for cue in cues for token in cue.split()} == {"unbelievable"}


def test_japanese_is_divided_without_blanks() -> None:
    """Words of a script without blanks are divided between characters, marks stay with the word before."""
    text = "\u4eca\u65e5\u306f\u6674\u308c\u3002\u660e\u65e5\u306f\u96e8\u3002"
    words = spoken(["\u4eca\u65e5", "\u306f", "\u6674\u308c", "\u660e\u65e5", "\u306f", "\u96e8"])
    assert texts(one_segment(text, words), CueProfile(max_chars=6)) == [text[:6], text[6:]]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="no words"),
        pytest.param(spoken(["other"] * 40), id="words of another text"),
        pytest.param(spoken(GETTYSBURG.split(), first_ms=10**6), id="words of another time"),
    ],
)
def test_a_long_segment_whose_words_are_unknown_stays_whole(words: tuple[Word, ...]) -> None:
    """Times are not made up where the words do not belong to the text."""
    transcript = Transcript(GETTYSBURG, segments=(Segment(GETTYSBURG, 0, 20_000),), words=words)
    assert to_cues(transcript).segments == transcript.segments


def test_words_that_differ_here_and_there_still_lend_their_times() -> None:
    """A number that the words spell out does not cost the whole segment its times; the text stays as it is."""
    text = GETTYSBURG.replace("Four score and seven", "87")
    cues = to_cues(one_segment(text, spoken(GETTYSBURG.split()))).segments
    assert " ".join(cue.text for cue in cues) == text
    assert cues[0].start_ms == 0
    assert cues[1].text == "a new nation, conceived in Liberty,"
    assert (cues[1].start_ms, cues[1].end_ms) == (13 * 300, 18 * 300 + 250)


def test_as_many_words_as_tokens_are_taken_one_by_one() -> None:
    """Words in another spelling lend their times in order if there is one for each token."""
    tokens = [f"\u03b1{number}" for number in range(40)]
    cues = to_cues(one_segment(" ".join(tokens), spoken(["x"] * 40))).segments
    assert " ".join(cue.text for cue in cues) == " ".join(tokens)
    assert len(cues) > 1


def test_words_alone_become_cues_by_sentence_and_pause() -> None:
    """A cue ends after a sentence and before a pause of more than a second; the text has the punctuation."""
    words = (Word("Hi", 0, 500), Word("all", 600, 900), Word("so", 1_000, 1_500), Word("what", 2_501, 3_000))
    assert to_cues(Transcript("Hi all. So \u2026 what?", words=words)).segments == (
        Segment("Hi all.", 0, 900),
        Segment("So \u2026", 1_000, 1_500),
        Segment("what?", 2_501, 3_000),
    )


def test_words_alone_keep_to_the_limits() -> None:
    """A sentence that is too long for a cue is divided as a segment would be."""
    cues = to_cues(Transcript(GETTYSBURG, words=spoken(GETTYSBURG.split(), strip=".,"))).segments
    assert " ".join(cue.text for cue in cues) == GETTYSBURG
    assert all(len(cue.text) <= 84 and cue.end_ms - cue.start_ms <= 7_000 for cue in cues)


@pytest.mark.parametrize("text", ["", "Something else entirely was said here"])
def test_words_alone_speak_for_themselves_where_the_text_does_not(text: str) -> None:
    """Without a text, or with another one, the cues say what the words say."""
    assert texts(Transcript(text, words=(Word("Hi", 0, 500), Word("all.", 600, 900)))) == ["Hi all."]
    assert texts(Transcript(text, words=(Word("\u4eca", 0, 500), Word("\u65e5", 600, 900)))) == ["\u4eca\u65e5"]


def test_text_alone_is_one_cue_over_the_recording() -> None:
    """Bare text stands from start to end; where the end is unknown, for as long as it takes to say."""
    assert to_cues(Transcript("Hi all", duration_ms=60_000)).segments == (Segment("Hi all", 0, 60_000),)
    (cue,) = to_cues(Transcript("Hi all " * 20)).segments
    assert (cue.start_ms, cue.text) == (0, ("Hi all " * 20).strip())
    assert 5_000 < cue.end_ms < 15_000


@pytest.mark.parametrize(
    "transcript",
    [
        Transcript(""),
        Transcript("", duration_ms=5_000),
        Transcript("", segments=(Segment(" \n", 0, 1_000),), words=(Word(" ", 0, 10),)),
    ],
)
def test_silence_has_no_cues(transcript: Transcript) -> None:
    """Where nothing was said there is nothing to show."""
    assert to_cues(transcript).segments == ()


def test_segments_without_text_do_not_hide_the_words() -> None:
    """Empty segments are as good as none."""
    transcript = Transcript("Hi", segments=(Segment("", 0, 9_000),), words=(Word("Hi", 100, 500),))
    assert to_cues(transcript).segments == (Segment("Hi", 100, 500),)


def test_overlapping_segments_give_way_to_the_next() -> None:
    """A cue ends where the next one starts."""
    transcript = Transcript("", segments=(Segment("b", 3_000, 8_000), Segment("a", 0, 5_000)))
    assert to_cues(transcript).segments == (Segment("a", 0, 3_000), Segment("b", 3_000, 8_000))


def test_segments_that_start_together_share_their_time() -> None:
    """Two speakers at once are shown one after the other, each for its share, not for one millisecond."""
    transcript = Transcript(
        "", segments=(Segment("aaa", 1_000, 4_002, speaker="A"), Segment("b", 1_000, 5_002, speaker="B"))
    )
    assert to_cues(transcript).segments == (
        Segment("aaa", 1_000, 4_001, speaker="A"),
        Segment("b", 4_001, 5_002, speaker="B"),
    )


def test_cues_after_the_end_of_the_recording_are_brought_inside() -> None:
    """A segment that a server put after the end is shown for the last tenth of a second."""
    transcript = Transcript("", None, 6_000, (Segment("a", 0, 8_000), Segment("b", 9_000, 9_500)))
    assert to_cues(transcript).segments == (Segment("a", 0, 5_900), Segment("b", 5_900, 6_000))


def test_cues_before_the_start_of_the_recording_are_brought_inside() -> None:
    """No cue starts before 0, where no format could write it."""
    assert to_cues(Transcript("", segments=(Segment("a", -500, 500),))).segments == (Segment("a", 0, 500),)


def test_more_cues_than_milliseconds_are_one_cue() -> None:
    """No text is dropped where there is no time to show it."""
    transcript = Transcript("", None, 2, tuple(Segment(text, 0, 0, speaker="A") for text in "abc"))
    assert to_cues(transcript).segments == (Segment("a\nb\nc", 0, 2, speaker="A"),)


snags = ["a", "I", "Hi,", "word", "Dr.", "end.", "(so)", "\u2014", "5%", "-->", "unbelievable" * 9]
scripts = [
    "\u4eca\u65e5",
    "\u306f\u3002",
    "\ud55c\uad6d",
    "\u0e44\u0e17\u0e22",
    "\u05e9\u05dc\u05d5\u05dd",
    "stra\u00dfe",
    "\u0130",
]
tokens = st.sampled_from([*snags, *scripts, "\U0001f600"]) | st.text(min_size=1, max_size=6)
times_ms = st.integers(0, 30_000)
texts_said = st.lists(tokens, max_size=40).map(" ".join)
profiles = st.builds(
    CueProfile, max_cue_ms=st.integers(1, 9_000), max_chars=st.integers(1, 100), pause_ms=st.integers(0, 2_000)
)


@st.composite
def heard_words(draw: st.DrawFn, text: str) -> tuple[Word, ...]:
    """Words that are those of the text, but for a few that are missing or others."""
    changed = draw(st.lists(st.sampled_from(["keep", "keep", "keep", "bare", "drop", "other"]), max_size=10))
    words = []
    now_ms = 0
    for number, token in enumerate(text.split()):
        change = changed[number % len(changed)] if changed else "keep"
        now_ms += draw(st.sampled_from([0, 20, 400, 1_500]))
        length_ms = draw(st.sampled_from([0, 150, 600, 8_000]))
        if change != "drop":
            said = {"bare": token.strip(".,()%\u3002"), "other": "other"}.get(change, token)
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
        segments = tuple(draw(st.lists(st.builds(Segment, texts_said, times_ms, times_ms), max_size=6)))
    duration_ms = draw(st.none() | st.just(end_ms) | st.integers(0, 300) | times_ms)
    return Transcript(text, None, duration_ms, segments, words)


def squeezed(parts: Sequence[str]) -> str:
    return "".join("".join(parts).split())


@given(transcripts(), profiles)
@settings(deadline=None, max_examples=200)
def test_cues_keep_their_promises_whatever_comes(transcript: Transcript, profile: CueProfile) -> None:
    """Cues are in order, do not overlap, last, have text, are inside the recording, and are cues already."""
    made = to_cues(transcript, profile)
    cues = made.segments
    assert all(cue.text == cue.text.strip() != "" for cue in cues)
    assert all(0 <= cue.start_ms < cue.end_ms for cue in cues)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(cues))
    if transcript.duration_ms and cues:
        assert cues[-1].end_ms <= transcript.duration_ms
    assert (made.text, made.words, made.duration_ms) == (transcript.text, transcript.words, transcript.duration_ms)


@given(transcripts(), profiles)
@settings(deadline=None, max_examples=200)
def test_no_character_is_lost_or_added(transcript: Transcript, profile: CueProfile) -> None:
    """The cues say what the segments say; without segments, what the text says, or else the words."""
    said = squeezed([cue.text for cue in to_cues(transcript, profile).segments])
    segments = sorted(transcript.segments, key=lambda segment: segment.start_ms)
    if any(segment.text.strip() for segment in segments):
        assert sorted(said) == sorted(squeezed([segment.text for segment in segments]))
    elif any(word.text.strip() for word in transcript.words):
        assert said in {squeezed([transcript.text]), squeezed([word.text for word in transcript.words])}
    else:
        assert said == squeezed([transcript.text])


@given(st.lists(st.sampled_from(["a", "word,", "then", "end.", "longer"]), min_size=1, max_size=60), profiles)
@settings(deadline=None)
def test_only_single_words_exceed_the_limits(said: list[str], profile: CueProfile) -> None:
    """Where every word has its time, no cue of two words or more is too long."""
    words = spoken(said)
    for transcript in (one_segment(" ".join(said), words), Transcript(" ".join(said), words=words)):
        cues = to_cues(transcript, profile).segments
        assert [token for cue in cues for token in cue.text.split()] == said
        if len(cues) > 1:
            for cue in cues:
                is_single = len(cue.text.split()) == 1
                assert is_single or (
                    len(cue.text) <= profile.max_chars and cue.end_ms - cue.start_ms <= profile.max_cue_ms
                )

"""Cues are made from all available data of a recording."""

from __future__ import annotations

import pytest
from spoken import one_segment, read_out, spoken, texts

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.profile import DEFAULT_PROFILE, CueProfile
from anyscribe.transcript import Segment, Transcript, Word

GETTYSBURG = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, "
    "and dedicated to the proposition that all men are created equal. Now we are engaged in a great civil war, testing "
    "whether that nation, or any nation so conceived and so dedicated, can long endure."
)
GETTYSBURG_CUES = [
    "Four score and seven years ago our fathers\nbrought forth on this continent,",
    "a new nation, conceived in Liberty,",
    "and dedicated to the proposition\nthat all men are created equal.",
    "Now we are engaged in a great civil war,\ntesting whether that nation,",
    "or any nation so conceived\nand so dedicated, can long endure.",
]


def in_one_line(cues: list[str]) -> list[str]:
    """Return the texts of cues without their line breaks."""
    return [cue.replace("\n", " ") for cue in cues]


def test_default_profile() -> None:
    """The default profile is the one without options."""
    assert CueProfile() == DEFAULT_PROFILE


def test_all_else_of_a_transcript_stays() -> None:
    """Only the segments are changed."""
    words = (Word("Hi", 0, 500),)
    transcript = Transcript("Hi", "en", 9_000, (Segment("Hi", 0, 7_000, speaker="A"),), words, {"usage": None})
    made = to_cues(transcript)
    assert made.segments != transcript.segments
    assert (made.text, made.language, made.duration_ms, made.words, made.extra) == (
        ("Hi", "en", 9_000, words, {"usage": None})
    )


def test_segments_that_fit_are_cues() -> None:
    """Without words, a segment within the limits keeps its text, start and speaker."""
    segments = (Segment(" Hi ", 0, 3_000, speaker="A"), Segment("Bye", 5_000, 8_000, no_speech_prob=0.5))
    assert to_cues(Transcript("Hi Bye", "en", 9_000, segments)).segments == (
        Segment("Hi", 0, 3_000, speaker="A"),
        Segment("Bye", 5_000, 8_000),
    )


def test_lines_of_a_segment_that_fits_are_kept() -> None:
    """Subtitles keep their own lines; lines that are too long are broken anew."""
    assert texts(Transcript("", segments=(Segment("- Hi.\n- Hello.", 0, 3_000),))) == ["- Hi.\n- Hello."]
    lines = "one two\nthree four five six seven eight nine ten eleven"
    assert texts(Transcript("", segments=(Segment(lines, 0, 5_000),))) == [
        "one two three four five six\nseven eight nine ten eleven"
    ]


@pytest.mark.parametrize("strip", ["", ".,"])
def test_a_long_segment_is_divided_after_sentences_and_clauses(strip: str) -> None:
    """Each cue ends after a sentence or clause, even if the words come without punctuation."""
    cues = to_cues(one_segment(GETTYSBURG, spoken(GETTYSBURG.split(), strip=strip), speaker="A")).segments
    assert [cue.text for cue in cues] == GETTYSBURG_CUES
    assert (cues[0].start_ms, cues[0].end_ms) == (0, 13 * 300 - 84)
    assert (cues[1].start_ms, cues[1].end_ms) == (13 * 300, 19 * 300 - 84)
    assert {cue.speaker for cue in cues} == {"A"}


def test_words_alone_are_divided_as_those_of_segments() -> None:
    """If the words have times, the server's segments make no difference."""
    assert texts(Transcript(GETTYSBURG, words=spoken(GETTYSBURG.split()))) == GETTYSBURG_CUES


def test_segments_of_words_with_times_are_joined() -> None:
    """A sentence that a server split in three is one cue."""
    parts = ["He put the", "books on", "the table."]
    words = spoken(" ".join(parts).split())
    segments = tuple(Segment(part, at_ms, at_ms + 600) for part, at_ms in zip(parts, (0, 900, 1_500), strict=True))
    assert texts(Transcript(" ".join(parts), None, None, segments, words)) == ["He put the books on the table."]


def test_speakers_share_no_cue() -> None:
    """A change of speaker starts a new cue, and each cue names its speaker."""
    words = spoken(["Is", "it", "late?", "No,", "it", "is", "not."])
    segments = (
        Segment("Is it", 0, 600, speaker="A"),
        Segment("late?", 600, 900, speaker="A"),
        Segment("No, it is not.", 900, 2_100, speaker="B"),
    )
    cues = to_cues(Transcript("Is it late? No, it is not.", None, 5_000, segments, words)).segments
    assert [(cue.speaker, cue.text) for cue in cues] == [("A", "Is it late?"), ("B", "No, it is not.")]


def test_a_segment_that_is_only_too_slow_is_divided_by_time() -> None:
    """A short text over a long time becomes several cues, none longer than the limit."""
    tokens = ["one", "two", "three", "four", "five", "six"]
    cues = to_cues(one_segment(" ".join(tokens), spoken(tokens, word_ms=1_000, gap_ms=900))).segments
    assert " ".join(cue.text for cue in cues) == " ".join(tokens)
    assert len(cues) == 2
    assert max(cue.end_ms - cue.start_ms for cue in cues) <= 7_000


def test_parts_of_words_are_not_divided() -> None:
    """whisper.cpp returns parts of words; a cue still ends only at a space in the text."""
    text = " ".join(["unbelievable"] * 8)
    cues = texts(one_segment(text, spoken(["un", "believ", "able"] * 8, word_ms=100)))
    assert len(cues) > 1
    assert {token for cue in cues for token in cue.split()} == {"unbelievable"}


def test_japanese_is_divided_without_blanks() -> None:
    """Scripts without spaces are split between characters, and punctuation stays with the word before."""
    text = "\u4eca\u65e5\u306f\u6674\u308c\u3002\u660e\u65e5\u306f\u96e8\u3002"
    words = spoken(["\u4eca\u65e5", "\u306f", "\u6674\u308c", "\u660e\u65e5", "\u306f", "\u96e8"])
    assert texts(one_segment(text, words), CueProfile(max_line_chars=6, max_lines=1)) == [text[:6], text[6:]]


def test_segments_of_japanese_are_joined_without_blanks() -> None:
    """In a Japanese cue across two segments, no space is inserted."""
    words = spoken(["\u4eca\u65e5\u306f", "\u6674\u308c"])
    segments = (Segment("\u4eca\u65e5\u306f", 0, 300), Segment("\u6674\u308c\u3002", 300, 600))
    assert texts(Transcript("", None, None, segments, words)) == ["\u4eca\u65e5\u306f\u6674\u308c\u3002"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="no words"),
        pytest.param(spoken(["other"] * 40), id="words of another text"),
        pytest.param(spoken(["x"] * 3, first_ms=10**6), id="words of another time"),
    ],
)
def test_a_long_segment_whose_words_are_unknown_is_divided_by_length(words: tuple[Word, ...]) -> None:
    """The words are spread over the segment's own time by length, and the limits are kept."""
    cues = to_cues(Transcript(GETTYSBURG, segments=(Segment(GETTYSBURG, 1_000, 21_000),), words=words)).segments
    assert " ".join(in_one_line([cue.text for cue in cues])) == GETTYSBURG
    assert (cues[0].start_ms, cues[-1].end_ms) == (1_000, 21_000)
    assert max(cue.end_ms - cue.start_ms for cue in cues) <= 7_000
    assert all(len(line) <= 42 for cue in cues for line in cue.text.split("\n"))
    assert cues[1].start_ms == pytest.approx(
        1_000 + 20_000 * GETTYSBURG.index(cues[1].text[:6]) // len(GETTYSBURG), abs=9
    )


def test_where_words_are_missing_segments_tell_the_times() -> None:
    """A segment without word times keeps its own time, and the others keep theirs."""
    first = " ".join(["Hello there."] * 10)
    middle = "This part of what was said in the recording came back from the server without the time of a single word."
    words = (*spoken(first.split()), *spoken(["Good", "bye."], first_ms=30_000))
    segments = (Segment(first, 0, 6_000), Segment(middle, 10_000, 16_000), Segment("Good bye.", 30_000, 30_600))
    cues = to_cues(Transcript(f"{first} {middle} Good bye.", "en", 40_000, segments, words)).segments
    held = [cue for cue in cues if 7_000 < cue.start_ms < 20_000]
    assert " ".join(in_one_line([cue.text for cue in held])) == middle
    assert (held[0].start_ms, held[-1].end_ms) == (10_000, 16_000)
    assert (cues[-1].text, cues[-1].start_ms) == ("Good bye.", 30_000)


def test_words_that_differ_here_and_there_still_lend_their_times() -> None:
    """A number that the words spell out affects only its own times; the text is unchanged."""
    text = GETTYSBURG.replace("Four score and seven", "87")
    cues = to_cues(one_segment(text, spoken(GETTYSBURG.split()))).segments
    assert " ".join(in_one_line([cue.text for cue in cues])) == text
    assert cues[0].start_ms == 0
    assert (cues[1].text, cues[1].start_ms) == ("a new nation, conceived in Liberty,", 13 * 300)


def test_as_many_words_as_tokens_are_taken_one_by_one() -> None:
    """Words in another spelling give their times in order if there is one per token."""
    tokens = [f"\u03b1{number}" for number in range(40)]
    cues = texts(one_segment(" ".join(tokens), spoken(["x"] * 40)))
    assert " ".join(in_one_line(cues)) == " ".join(tokens)
    assert len(cues) > 1


@pytest.mark.parametrize(("pause_ms", "expected"), [(1_000, ["We want to go."]), (1_001, ["We want to", "go."])])
def test_a_pause_ends_a_cue(pause_ms: int, expected: list[str]) -> None:
    """A cue spans at most a second of silence, even within a clause."""
    words = (*spoken(["We", "want", "to"]), Word("go.", 850 + pause_ms, 1_300 + pause_ms))
    assert texts(Transcript("We want to go.", "en", words=words)) == expected


def test_how_long_a_pause_is_can_be_set() -> None:
    """A profile for fast speech splits at shorter pauses."""
    words = (*spoken(["We", "want", "to"]), Word("go.", 1_250, 1_700))
    transcript = Transcript("We want to go.", "en", words=words)
    assert texts(transcript, CueProfile(pause_ms=399)) == ["We want to", "go."]
    assert texts(transcript, CueProfile(pause_ms=400)) == ["We want to go."]


def test_sentences_of_a_word_or_two_share_a_cue() -> None:
    """A sentence too short to be read comfortably is not shown alone; a longer one is."""
    assert texts(read_out("Yes. No. Never.")) == ["Yes. No. Never."]
    assert texts(read_out("Nobody has ever seen that before. And nobody will see it again.")) == [
        "Nobody has ever seen that before.",
        "And nobody will see it again.",
    ]


@pytest.mark.parametrize("text", ["", "Something else entirely was said here"])
def test_words_alone_speak_for_themselves_where_the_text_does_not(text: str) -> None:
    """Without a text, or with a different one, the cues use the text of the words."""
    assert texts(Transcript(text, words=(Word("Hi", 0, 500), Word("all.", 600, 900)))) == ["Hi all."]
    assert texts(Transcript(text, words=(Word("\u4eca", 0, 500), Word("\u65e5", 600, 900)))) == ["\u4eca\u65e5"]


def test_text_alone_is_one_cue_over_the_recording() -> None:
    """Text alone lasts for the whole recording; if the duration is unknown, for an estimated speaking time."""
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
    """Without text there are no cues."""
    assert to_cues(transcript).segments == ()


def test_segments_without_text_do_not_hide_the_words() -> None:
    """Segments without text are ignored."""
    transcript = Transcript("Hi", None, 1_500, (Segment("", 0, 9_000),), (Word("Hi", 100, 500),))
    assert to_cues(transcript).segments == (Segment("Hi", 100, 933),)


def test_blanks_that_allow_no_break_are_kept() -> None:
    """French has a no-break space before some punctuation: it is kept, and no line starts with that punctuation."""
    text = "Vous \u00eates vraiment s\u00fbr de cela,\u00a0monsieur\u00a0? Bien s\u00fbr que oui\u00a0!"
    lines = "\n".join(texts(Transcript(text, "fr", words=spoken(text.split(" "))))).split("\n")
    assert " ".join(lines) == text


def test_odd_white_space_becomes_a_blank() -> None:
    """Line feeds, tabs and separators inside a text become spaces in the cue."""
    text = "one\u2028two\tthree\n\nfour  five"
    assert texts(Transcript(text, words=spoken(["one", "two", "three", "four", "five"]))) == ["one two three four five"]

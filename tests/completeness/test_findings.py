"""Likely errors of a transcript are reported with their place, and a correct transcript raises no finding."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.completeness import find_problems
from anyscribe.timespan import Span
from anyscribe.transcript import Doubt, Finding, Segment, Timing, Transcript, Word

SAMPLE = Path(__file__).parents[2] / "samples" / "library.words.json"
TRUE_WORDS = tuple(
    Word(word["word"], round(word["start"] * 1000), round(word["end"] * 1000))
    for word in json.loads(SAMPLE.read_text(encoding="utf-8"))
)
LENGTH_MS = 34_500
DASH = "\N{EN DASH}"
EMPTY = "sounds like speech, but the transcript is empty"

# Nine minutes of talk without immediate repetition.
COPIES = 16
TALK = tuple(
    replace(word, start_ms=word.start_ms + copy * LENGTH_MS, end_ms=word.end_ms + copy * LENGTH_MS)
    for copy in range(COPIES)
    for word in TRUE_WORDS
)
TALK_MS = COPIES * LENGTH_MS


def speech_of(words: tuple[Word, ...]) -> tuple[Span, ...]:
    """Return the speech spans of these words, with gaps at the pauses."""
    spans: list[Span] = []
    for word in words:
        if spans and word.start_ms - spans[-1].end_ms < 250:
            spans[-1] = Span(spans[-1].start_ms, word.end_ms)
        else:
            spans.append(Span(word.start_ms, word.end_ms))
    return tuple(spans)


TALK_SPEECH = speech_of(TALK)


def transcript_of(words: tuple[Word, ...], **members: object) -> Transcript:
    """Return a transcript of words."""
    return Transcript(" ".join(word.text for word in words), words=words, **members)  # type: ignore[arg-type]


def in_segments(words: tuple[Word, ...], count: int, **members: object) -> tuple[Segment, ...]:
    """Return segments of this many words each, with times for segments only."""
    groups = [words[first : first + count] for first in range(0, len(words), count)]
    return tuple(
        Segment(" ".join(word.text for word in group), group[0].start_ms, group[-1].end_ms, **members)  # type: ignore[arg-type]
        for group in groups
    )


def found(
    transcript: Transcript, speech: tuple[Span, ...] | None = TALK_SPEECH, duration_ms: int = TALK_MS
) -> list[str]:
    """Return the findings as text, with a plain dash."""
    return [str(doubt).replace(DASH, "-") for doubt in find_problems(transcript, speech, duration_ms=duration_ms)]


def said(text: str, start_ms: int, *, each_ms: int = 300) -> tuple[Word, ...]:
    """Return consecutive words."""
    return tuple(
        Word(token, start_ms + n * each_ms, start_ms + (n + 1) * each_ms) for n, token in enumerate(text.split())
    )


def test_a_doubt_says_its_place_in_whole_seconds() -> None:
    """The place covers the whole finding, and hours continue beyond a day."""
    assert str(Finding(Span(845_900, 939_100), EMPTY)) == f"00:14:05{DASH}00:15:40 {EMPTY}"
    assert str(Finding(Span(0, 1), "x")) == f"00:00:00{DASH}00:00:01 x"
    assert str(Finding(Span(360_000_000, 360_001_000), "x")) == f"100:00:00{DASH}100:00:01 x"
    assert str(Finding(None, "says “no” 40 times in a row")) == "says “no” 40 times in a row"


@pytest.mark.parametrize(
    "transcript",
    [
        pytest.param(transcript_of(TALK), id="words"),
        pytest.param(Transcript("", segments=in_segments(TALK, 12)), id="segments"),
        pytest.param(Transcript("", segments=in_segments(TALK, 80)), id="long segments"),
        pytest.param(transcript_of(TALK, segments=in_segments(TALK, 12)), id="words and segments"),
        pytest.param(transcript_of(tuple(replace(word, timing=Timing.ALIGNED) for word in TALK)), id="aligned"),
        pytest.param(transcript_of(tuple(replace(word, timing=Timing.ESTIMATED) for word in TALK)), id="estimated"),
        pytest.param(Transcript(" ".join(word.text for word in TALK)), id="text alone"),
        pytest.param(transcript_of(tuple(replace(word, start_ms=0, end_ms=0) for word in TALK)), id="useless times"),
    ],
)
def test_a_right_transcript_is_not_doubted(transcript: Transcript) -> None:
    """A complete transcript with correct times raises no finding in any form."""
    assert found(transcript) == []


@pytest.mark.parametrize(
    "transcript",
    [
        pytest.param(transcript_of((*TALK[:100], *TALK[200:])), id="words"),
        pytest.param(Transcript("", segments=in_segments((*TALK[:100], *TALK[200:]), 10)), id="segments"),
        pytest.param(
            transcript_of((*TALK[:100], *TALK[200:]), segments=in_segments((*TALK[:100], *TALK[200:]), 10)), id="both"
        ),
    ],
)
def test_speech_without_text_is_told_with_its_place(transcript: Transcript) -> None:
    """The place extends from the first missing word to the last."""
    start_s, end_s = TALK[100].start_ms // 1000, -(-TALK[199].end_ms // 1000)
    assert found(transcript) == [f"00:00:{start_s}-00:01:{end_s - 60} {EMPTY}"]


def test_times_that_prove_nothing_raise_nothing() -> None:
    """Estimated times are too inexact for findings, and times of a few words say nothing about the rest of the text."""
    estimated = tuple(replace(word, timing=Timing.ESTIMATED) for word in TALK)
    assert found(transcript_of((*estimated[:100], *estimated[200:]))) == []
    assert found(Transcript(" ".join(word.text for word in TALK), words=TALK[:10])) == []


def test_speech_that_is_told_twice_counts_once() -> None:
    """Spans of speech may be in any order, overlap or be empty, and count once."""
    speech = (Span(30_000, 31_500), Span(5_000, 8_000), Span(9, 9), Span(0, 20_000), Span(30_000, 31_000))
    assert found(Transcript(""), speech) == [f"00:00:00-00:00:20 {EMPTY}"]


def test_an_empty_transcript_of_speech_is_doubted_but_not_one_of_a_cough() -> None:
    """For an empty transcript, a few seconds of speech are a finding; less may be a noise."""
    assert found(Transcript(""), (Span(2_000, 5_000),)) == [f"00:00:02-00:00:05 {EMPTY}"]
    assert found(Transcript(" \n"), (Span(2_000, 4_900),)) == []
    assert found(Transcript(""), tuple(Span(at, at + 900) for at in range(0, TALK_MS, 8_000))) == []


def test_pauses_do_not_hide_what_is_missing_and_silence_divides_it() -> None:
    """Sentences with short pauses are one place; a long silence starts another."""
    sentences = [Span(at, at + 2_000) for at in (*range(10_000, 30_000, 4_000), *range(60_000, 80_000, 4_000))]
    assert found(Transcript(""), tuple(sentences)) == [f"00:00:10-00:00:28 {EMPTY}", f"00:01:00-00:01:18 {EMPTY}"]


def test_a_word_that_lasts_too_long_hides_nothing() -> None:
    """A word stretched over half a minute of speech does not hide missing text."""
    stretched = replace(TALK[100], end_ms=TALK[199].end_ms)
    assert [doubt[18:] for doubt in found(transcript_of((*TALK[:100], stretched, *TALK[200:])))] == [EMPTY]


def test_a_long_segment_with_little_text_is_doubted() -> None:
    """A segment with three words for half a minute of speech is a finding."""
    segments = in_segments(TALK, 80)
    spoilt = (*segments[:3], replace(segments[3], text="Our old library"), *segments[4:])
    (doubt,) = found(Transcript("", segments=spoilt))
    assert doubt.endswith(" of speech, but only 3 words")


def test_stray_words_do_not_hide_what_is_missing() -> None:
    """A few words spread over minutes of speech are a finding."""
    stray = tuple(replace(word, end_ms=word.start_ms + 100) for word in TALK[200:600:18])
    doubts = found(transcript_of((*TALK[:200], *stray, *TALK[600:])))
    assert doubts
    assert all("of speech, but only" in doubt and doubt.endswith("words") for doubt in doubts)


def test_text_without_times_is_judged_by_its_amount() -> None:
    """A tenth of the words is too little for the speech, and ten times as many are too much."""
    text = [word.text for word in TALK]
    assert found(Transcript(" ".join(text[:140]))) == ["00:00:00-00:09:12 has 8 min 5 s of speech, but only 140 words"]
    (doubt,) = found(Transcript(" ".join(text)), (Span(1_000, 30_000),), 31_000)
    assert doubt == "00:00:01-00:00:31 has 1,440 words, more than can be said in that time"


@pytest.mark.parametrize(
    ("text", "speech_s"),
    [
        pytest.param("今天天气很好我们一起去公园看花然后在湖边吃午饭", 5, id="Chinese"),
        pytest.param("きょうはてんきがいいのでこうえんへいきました", 3, id="Japanese"),
        pytest.param("오늘은 날씨가 좋아서 우리는 공원에 갔습니다", 3, id="Korean"),
        pytest.param("आज मौसम अच्छा है इसलिए हम पार्क गए", 3, id="Hindi"),
        pytest.param("วันนี้อากาศดีเราจึงไปสวนสาธารณะ", 3, id="Thai"),
        pytest.param("اليوم الطقس جميل لذلك ذهبنا إلى الحديقة", 3, id="Arabic"),
        pytest.param("Сегодня хорошая погода, и мы пошли в парк", 3, id="Russian"),
        pytest.param("1984, 2001 und 2024", 6, id="numbers"),
    ],
)
def test_the_amount_of_text_is_measured_as_its_script_is_spoken(text: str, speech_s: int) -> None:
    """Half or twice the usual speed is no finding, but a whole minute of speech for the text is, in any script."""
    for factor in (0.5, 1, 2):
        assert found(Transcript(text), (Span(0, round(factor * speech_s * 1000)),), 60_000) == []
    assert len(found(Transcript(text), (Span(0, 60_000),), 60_000)) == 1


def test_an_unspoken_note_is_not_speech() -> None:
    """If the model transcribes music, speech detected in its place is ignored."""
    music = Segment("[Music]", 60_000, 90_000)
    assert found(Transcript("[Music]", segments=(music,)), (Span(60_000, 90_000),)) == []
    assert found(Transcript("♪ ♪"), (Span(60_000, 90_000),)) == []
    assert len(found(Transcript("..."), (Span(60_000, 90_000),))) == 1
    assert found(transcript_of((*TALK[:100], Word("(singing)", 40_000, 70_000), *TALK[200:]))) == []


def test_text_after_the_end_is_doubted() -> None:
    """Words that start after the recording's end are a finding, even if they were moved to the end with no length."""
    late = said("See you next week", TALK_MS + 2_000)
    assert found(transcript_of(TALK + late)) == [
        "00:09:14-00:09:16 has text after the recording's end: “See you next week”"
    ]
    squeezed = tuple(replace(word, start_ms=TALK_MS, end_ms=TALK_MS) for word in late)
    assert len(found(transcript_of(TALK + squeezed))) == 1
    assert found(transcript_of((*TALK, Word("ok", TALK_MS, TALK_MS)))) == []
    assert found(transcript_of((*TALK, Word("goodbye", TALK_MS - 100, TALK_MS + 3_000)))) == []


def test_text_in_the_silence_at_the_end_is_doubted() -> None:
    """Whisper's typical closing phrase is a finding, the fading last word of a sentence is not."""
    end_ms = TALK[-1].end_ms
    thanks = said("Thanks for watching!", end_ms + 2_500)
    (doubt,) = found(transcript_of(TALK + thanks), duration_ms=TALK_MS + 30_000)
    assert doubt.endswith("has text without speech: “Thanks for watching!”")
    assert found(transcript_of((*TALK, *said("indeed", end_ms + 1_500))), duration_ms=TALK_MS + 30_000) == []
    segments = (*in_segments(TALK, 12), Segment("Thanks for watching!", end_ms, end_ms + 28_000))
    assert len(found(Transcript("", segments=segments), duration_ms=TALK_MS + 30_000)) == 1


def test_text_in_the_middle_of_a_long_silence_is_doubted() -> None:
    """Text in a silence of half a minute is a finding."""
    speech = (Span(0, 3_600), Span(50_000, 53_000))
    around = (*said("one two three four five six", 0, each_ms=600), *said("and so on it goes", 50_000, each_ms=600))
    assert found(transcript_of(around), speech) == []
    assert found(transcript_of((*around[:6], *said("Thank you.", 30_000), *around[6:])), speech) == [
        "00:00:30-00:00:31 has text without speech: “Thank you.”"
    ]
    assert found(transcript_of((*around[:6], *said("Thank you.", 5_000), *around[6:])), speech) == []
    # In a shorter silence there may be speech too quiet for the detector.
    speech = (Span(0, 3_600), Span(23_000, 26_300))
    later = said("and so on it goes with what they say to each other", 23_000, each_ms=300)
    assert found(transcript_of((*around[:6], *said("Thank you.", 12_000), *later)), speech) == []


def test_text_of_a_silent_recording_is_doubted() -> None:
    """Text of a recording without speech is a finding; a note such as "(silence)" is not."""
    assert found(Transcript("you"), ()) == ["no speech was detected, but the transcript has text: “you”"]
    assert found(Transcript("(silence)"), ()) == []
    assert found(Transcript("you"), None) == []


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ("you", 40),
        ("Thank you.", 14),
        ("Thank you very much.", 9),
        ("I would like to say that we are very happy to be", 6),
        ("And then it goes on and on, as it did the day before, and the day after it will go on as well.", 5),
        ("ご視聴ありがとうございました。", 8),
        ("Спасибо за просмотр!", 9),
        ("धन्यवाद", 20),
        ("ขอบคุณที่รับชม", 8),
    ],
)
def test_a_loop_is_quoted_and_counted(unit: str, times: int) -> None:
    """A repeated phrase of one to fifty words is found in any script and form, without the text around it."""
    before, after = "At first all was well with it. ", " And so it ended for them."
    text = before + " ".join([unit] * times) + after
    (doubt,) = found(Transcript(text), None)
    assert doubt.startswith("says “")
    assert doubt.endswith(f" {times} times in a row")
    (timed,) = found(transcript_of(said(text, 60_000)), None)
    assert timed[:9] == "00:01:02-"
    assert timed[18:] == doubt


@pytest.mark.parametrize(
    "unit", ["ขอบคุณที่รับชม", "ご視聴ありがとうございました", "thank you very much", "धन्यवाद दोस्तों", "l'été d'après"]
)
def test_a_loop_is_quoted_as_it_is_written(unit: str) -> None:
    """Signs and marks inside words are kept, and no spaces are added in scripts without spaces."""
    assert found(Transcript(" ".join([f"«{unit}!»"] * 20)), None) == [f"says “{unit}” 20 times in a row"]


@pytest.mark.parametrize(
    "text",
    [
        "no " * 12,
        "ha " * 25,
        "bye " * 15,
        "哈" * 20,
        "one two three " * 7,
        "Lord have mercy. " * 6,
        "We will, we will rock you. " * 5,
        "Hail Mary, full of grace, the Lord is with thee; blessed art thou among women. " * 4,
        " ".join(str(number) for number in range(300)),
        "very " * 10 + "good",
    ],
)
def test_what_people_repeat_is_not_doubted(text: str) -> None:
    """Laughter, counting, prayers and choruses are not findings."""
    assert found(Transcript(text.strip()), None) == []


def test_a_loop_among_estimated_words_has_its_own_place() -> None:
    """Estimated times cannot prove missing text but are accurate enough for the place of a loop."""
    words = (*TALK[:200], *(replace(word, text="you") for word in TALK[200:300]), *TALK[300:])
    transcript = transcript_of(tuple(replace(word, timing=Timing.ESTIMATED) for word in words))
    (doubt,) = find_problems(transcript, TALK_SPEECH, duration_ms=TALK_MS)
    assert doubt == Finding(Span(TALK[200].start_ms, TALK[299].end_ms), "says “you” 100 times in a row", Doubt.LOOP)


def test_text_that_deflates_too_well_is_doubted() -> None:
    """A loop with small changes is found by its compression ratio."""
    text = " ".join(f"number {n} I am going to the market to buy some bread and" for n in range(20))
    (doubt,) = found(Transcript(text), None)
    assert doubt.startswith("repeats itself: the text is ")
    assert doubt.endswith(" times as long as compressed")


def test_an_engines_own_compression_ratio_is_believed_only_where_the_text_agrees() -> None:
    """Correct Hindi or Thai compresses well too: each character has two bytes that are always the same."""
    going = "we go to the market and then to the market of "
    looping = Segment("".join(f"{going}{name} " for name in ("Rome", "Bern", "Oslo", "Bonn", "Riga")), 0, 20_000)
    (doubt,) = found(Transcript("", segments=(replace(looping, compression_ratio=2.9),)), None)
    assert doubt.startswith("00:00:00-00:00:20 repeats itself")
    assert found(Transcript("", segments=(looping,)), None) == []
    plain = Segment(
        "आज मौसम अच्छा है इसलिए हम बाग में घूमने गए और वहाँ बहुत से फूल देखे "
        "फिर शाम को घर लौटकर चाय पी और देर तक पुरानी तस्वीरें देखते रहे",
        0,
        9_000,
        compression_ratio=2.5,
    )
    assert found(Transcript("", segments=(plain,)), None) == []


def test_neighbours_that_whisper_is_unsure_of_are_one_doubt() -> None:
    """Adjacent segments below Whisper's own threshold are one finding with its place; a murmur is none."""
    segments = list(in_segments(TALK, 10, seek=0, avg_logprob=-0.3))
    for index in range(20, 30):
        segments[index] = replace(segments[index], avg_logprob=-1.4)
    (doubt,) = found(Transcript("", segments=tuple(segments)))
    assert doubt.endswith("is uncertain: the model gives its text a log probability of -1.4")
    murmur = replace(segments[0], text="Mm-hm.", avg_logprob=-2.0)
    assert found(Transcript("", segments=(murmur,)), None) == []


@pytest.mark.parametrize(("logprob", "is_told"), [(-0.5, False), (-0.8, False), (-0.95, True), (-1.8, True)])
def test_text_that_is_improbable_throughout(logprob: float, is_told: bool):  # noqa: FBT001 - a case
    """A model that takes one language for another finds its own text improbable: that is told once, with a question."""
    segments = tuple(in_segments(TALK, 10, seek=0, avg_logprob=logprob))
    transcript = Transcript("", "en", TALK_MS, segments)
    told = [finding.message for finding in find_problems(transcript, speech_of(TALK), duration_ms=TALK_MS)]
    assert [message.endswith("; is en its language?") for message in told] == [True] * is_told


def test_another_engines_segments_are_not_judged_by_whispers_limit() -> None:
    """The built-in engine's mean is over whole words and may be as low for correct ones; its words are judged."""
    segments = in_segments(TALK, 10, avg_logprob=-1.3, no_speech_prob=0.0)
    words = tuple(replace(word, probability=0.45) for word in TALK)
    assert found(Transcript("", segments=segments, words=words)) == []
    wrong = tuple(replace(word, probability=0.15) for word in words[300:330])
    (doubt,) = found(transcript_of((*words[:300], *wrong, *words[330:])))
    assert doubt.endswith("is hardly more than guessed: the model gives its words a probability of 27%")


def with_word(index: int, **members: object) -> tuple[Word, ...]:
    """Return the talk with one word changed."""
    return (*TALK[:index], replace(TALK[index], **members), *TALK[index + 1 :])  # type: ignore[arg-type]


@pytest.mark.parametrize("timing", [Timing.SERVER, Timing.ALIGNED])
def test_a_word_without_a_length_is_told(timing: Timing) -> None:
    """A word that ends when it begins has no audio; words with estimated times are not judged."""
    word = TALK[100]
    second = word.start_ms // 1000
    assert found(transcript_of(with_word(100, end_ms=word.start_ms, timing=timing))) == [
        f"00:00:{second}-00:00:{second + 1} has a word without a length: “{word.text}”"
    ]
    assert found(transcript_of(with_word(100, end_ms=word.start_ms, timing=Timing.ESTIMATED))) == []


def test_words_without_a_length_that_are_close_are_one_finding() -> None:
    """A run is one finding, with its place and the number of its words; half a minute further is another place."""
    words = list(TALK)
    for index in (100, 103, 110, 400):
        words[index] = replace(words[index], end_ms=words[index].start_ms)
    first, second = found(transcript_of(tuple(words)))
    quote = " ".join(words[index].text for index in (100, 103, 110))
    assert first[:17] == str(Span(words[100].start_ms, words[110].end_ms)).replace(DASH, "-")
    assert first.endswith(f"has 3 words without a length: “{quote}”")
    assert second.endswith(f"has a word without a length: “{words[400].text}”")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(tuple(replace(word, end_ms=word.start_ms) for word in TALK), id="onsets only"),
        pytest.param(
            tuple(
                replace(word, start_ms=word.start_ms - number % 3 * 50, end_ms=word.start_ms + number % 9 * 60)
                for number, word in enumerate(TALK, 2)
            ),
            id="rough times",
        ),
        pytest.param(with_word(100, text="—", end_ms=TALK[100].start_ms), id="a mark"),
        pytest.param((*TALK, Word("ok", TALK_MS, TALK_MS)), id="moved to the end"),
        pytest.param(with_word(100, end_ms=TALK[100].start_ms + 1), id="a millisecond"),
        pytest.param(with_word(100, end_ms=TALK[100].start_ms + 6_000), id="long, probability unknown"),
        pytest.param(with_word(100, end_ms=TALK[100].start_ms + 6_000, probability=0.9), id="long, but sure"),
        pytest.param(with_word(100, end_ms=TALK[100].start_ms + 1_900, probability=0.05), id="unsure, but short"),
        pytest.param(with_word(100, end_ms=TALK[100].start_ms + 6_000, probability=math.nan), id="no number"),
        pytest.param(
            with_word(100, end_ms=TALK[100].start_ms + 6_000, probability=0.05, timing=Timing.ESTIMATED), id="estimated"
        ),
        pytest.param(
            with_word(100, text="[Musik]", end_ms=TALK[100].start_ms + 6_000, probability=0.05), id="a note"
        ),
        pytest.param(
            with_word(100, text="Donaudampfschifffahrtskapitän", end_ms=TALK[100].start_ms + 4_000, probability=0.1),
            id="a long word",
        ),
    ],
)  # fmt: skip
def test_odd_words_that_prove_nothing(words: tuple[Word, ...]) -> None:
    """Times that only look odd are no finding."""
    assert found(transcript_of(words)) == []


def test_an_improbable_word_of_seconds_is_told() -> None:
    """A word stretched over seconds with a low probability is a finding; several are one."""
    start_ms = TALK[100].start_ms
    words = with_word(100, text="the", end_ms=start_ms + 4_200, probability=0.08)
    place = str(Span(start_ms, start_ms + 4_200)).replace(DASH, "-")
    assert found(transcript_of(words)) == [f"{place} has a word of 4.2 s with a probability of 8%: “the”"]
    more = (
        *words[:130],
        replace(words[130], text="of", end_ms=words[130].start_ms + 2_500, probability=0.2),
        *words[131:],
    )
    (doubt,) = found(transcript_of(more))
    assert doubt.endswith("has 2 words of up to 4.2 s with a probability of 20% or less: “the of”")


def test_text_that_the_model_hears_no_speech_in_is_doubted() -> None:
    """The model's no-speech figure counts only if the detector agrees or, without one, with a low probability."""
    segment = Segment("Thank you.", 5_000, 9_000, seek=0, avg_logprob=-0.4, no_speech_prob=0.9)
    transcript = Transcript("Thank you.", segments=(segment,))
    speech = (Span(0, 4_900), Span(9_100, 12_000))
    assert found(transcript, speech) == [
        "00:00:05-00:00:09 has text where the model itself detected no speech: “Thank you.”"
    ]
    assert found(transcript, (Span(5_000, 9_000),)) == []
    assert found(transcript, None) == []
    assert len(found(Transcript("", segments=(replace(segment, avg_logprob=-1.2),)), None)) == 1


def test_one_place_has_one_finding() -> None:
    """A loop that is also improbable and compresses well is reported only as a loop."""
    words = said("thank you very much " * 40, 0)
    segments = tuple(
        replace(segment, seek=0, avg_logprob=-2.0, compression_ratio=9.0) for segment in in_segments(words, 40)
    )
    (doubt,) = found(Transcript("", segments=segments, words=words), (Span(0, 48_000),))
    assert doubt == "00:00:00-00:00:48 says “thank you very much” 40 times in a row"


def test_many_places_are_counted_beyond_twenty() -> None:
    """The longest findings are reported in order of time, with the number of the others."""
    speech = tuple(Span(at * 60_000, at * 60_000 + 20_000 + at) for at in range(50))
    doubts = find_problems(Transcript(""), speech, duration_ms=3_000_000)
    assert [doubt.span for doubt in doubts] == [*speech[30:], None]
    assert str(doubts[-1]) == "30 more places look wrong"


@given(st.integers(0, len(TALK) - 1), st.integers(0, 400), st.booleans())
def test_any_run_of_words_that_is_missing_is_found_at_its_place(first: int, count: int, in_spans: bool) -> None:  # noqa: FBT001
    """A missing run of at least ten seconds is found at its exact place; less than five seconds is no finding."""
    missing = TALK[first : first + count]
    words = (*TALK[:first], *TALK[first + count :])
    transcript = transcript_of(words) if not in_spans else Transcript("", segments=in_segments(words, 1))
    doubts = find_problems(transcript, TALK_SPEECH, duration_ms=TALK_MS)
    said_ms = sum(word.end_ms - word.start_ms for word in missing)
    if said_ms >= 10_000 and words:
        (doubt,) = doubts
        assert doubt.message == EMPTY
        assert doubt.span is not None
        assert abs(doubt.span.start_ms - missing[0].start_ms) <= 300
        assert abs(doubt.span.end_ms - missing[-1].end_ms) <= 300
    elif said_ms < 5_000:
        assert doubts == ()


SPANS = st.builds(Span, st.integers(-1_000, 600_000), st.integers(-1_000, 600_000))
TIMES = st.one_of(st.integers(-(10**12), 10**12), st.integers(0, 600_000))
NUMBERS = st.none() | st.floats()
SPOKEN = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["you", "no", "[Music]", "谢", "thank you very much", "\ud800", "", " ", "1984", "अच्छा"]),
)
WORDS = st.lists(st.builds(Word, SPOKEN, TIMES, TIMES, NUMBERS, st.sampled_from(Timing)), max_size=40)
SEGMENTS = st.lists(
    st.builds(
        Segment,
        SPOKEN,
        TIMES,
        TIMES,
        seek=st.none() | st.just(0),
        avg_logprob=NUMBERS,
        compression_ratio=NUMBERS,
        no_speech_prob=NUMBERS,
    ),
    max_size=20,
)
REPEATED = st.builds(lambda unit, times: unit * times, st.text(max_size=8), st.integers(0, 80))
TRANSCRIPTS = st.builds(
    lambda text, segments, words: Transcript(text, segments=tuple(segments), words=tuple(words)),
    st.one_of(SPOKEN, REPEATED),
    SEGMENTS,
    WORDS,
)


@settings(max_examples=300)
@given(TRANSCRIPTS, st.none() | st.lists(SPANS, max_size=30), st.none() | TIMES)
def test_nothing_that_a_server_may_send_is_too_much(
    transcript: Transcript, speech: list[Span] | None, duration_ms: int | None
) -> None:
    """Findings for any transcript are deterministic, ordered, one line each, and at most twenty plus a summary."""
    doubts = find_problems(transcript, speech, duration_ms=duration_ms)
    assert doubts == find_problems(transcript, speech, duration_ms=duration_ms)
    assert len(doubts) <= 21
    places = [doubt.span or (math.inf, math.inf) for doubt in doubts]
    assert all(left <= right for left, right in pairwise(places))
    assert all(len(str(doubt).splitlines()) == 1 for doubt in doubts)
    assert all(doubt.span is None or doubt.span.start_ms < doubt.span.end_ms for doubt in doubts)


@given(st.lists(st.tuples(TIMES, TIMES, NUMBERS), max_size=20), st.integers(0, 10**9))
def test_silence_without_text_is_never_doubted(empty: list[tuple[int, int, float | None]], duration_ms: int) -> None:
    """Silence of any length without text raises no finding, for any figures."""
    segments = tuple(
        Segment(" ", start, end, seek=0, avg_logprob=value, compression_ratio=value, no_speech_prob=value)
        for start, end, value in empty
    )
    words = tuple(Word("", start, end, value) for start, end, value in empty)
    assert find_problems(Transcript("", segments=segments, words=words), (), duration_ms=duration_ms) == ()


@given(st.lists(st.tuples(st.integers(3, 12), st.integers(0, 1_000)), min_size=1, max_size=300), st.floats(0.6, 1.9))
def test_no_speed_and_no_pauses_make_a_right_transcript_doubtful(sizes: list[tuple[int, int]], speed: float) -> None:
    """Words of realistic length, at any usual speed and with any pauses, raise no finding."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    at_ms, words = 0, []
    for index, (size, pause_ms) in enumerate(sizes):
        text = "".join(letters[(index * 7 + n * n * (index % 5 + 1)) % 26] for n in range(size)) + str(index)
        length_ms = round((size + 2) * 75 / speed)
        words.append(Word(text, at_ms, at_ms + length_ms))
        at_ms += length_ms + pause_ms
    spoken = tuple(words)
    assert found(transcript_of(spoken), speech_of(spoken), at_ms) == []

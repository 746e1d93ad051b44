"""Each word of a text gets its time in the audio, for any text and any audio."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("hama")

from anyscribe.alignment.passages import Passage
from anyscribe.alignment.registry import Aligners
from anyscribe.alignment.timing import time_words as time_with
from anyscribe.audio import find_speech, probe
from anyscribe.timespan import Span
from anyscribe.transcript import Timing
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from anyscribe.transcript import Word

BYTES_PER_MS = 32
CLOSE_MS = 100
SILENCE = bytes(3_000 * BYTES_PER_MS)
KHMER = "សួស្តី អ្នកទាំងអស់គ្នា ថ្ងៃនេះ អាកាសធាតុ ល្អណាស់"
ELSEWHERE = (
    "My grandmother grew enormous tomatoes behind her garage, and every August she gave baskets of them away to "
    "anybody who walked past. Nobody ever refused. We made soup, sauce, and something that she called jam."
)


@pytest.fixture(scope="module", params=["rms", "slt"])
def spoken(request: pytest.FixtureRequest, media: Path) -> tuple[bytes, list[tuple[str, int | None]]]:
    """Return a paragraph: its samples, and its tokens with the synthesiser's own onsets."""
    return load(media, request.param)


@pytest.fixture(scope="module")
def slt(media: Path) -> tuple[bytes, list[tuple[str, int | None]]]:
    """Return the paragraph of one voice, for tests in which the voice does not matter."""
    return load(media, "slt")


def time_words(
    passages: Sequence[Passage],
    sound: Iterable[bytes],
    speech: Sequence[Span],
    *,
    language: str | None,
) -> tuple[Word, ...]:
    """Time words with the aligner for their language."""
    text = " ".join(passage.text for passage in passages)
    return time_with(passages, sound, speech, aligner=Aligners().for_text(text, language)).words


def load(media: Path, voice: str) -> tuple[bytes, list[tuple[str, int | None]]]:
    folder = media / "aligned"
    truth = json.loads((folder / f"{voice}.json").read_text(encoding="utf-8"))
    return b"".join(probe(folder / f"{voice}.flac").pcm()), [(text, onset) for text, onset in truth]


def text_of(truth: Sequence[tuple[str, int | None]]) -> str:
    return " ".join(text for text, _ in truth)


def check(words: Sequence[Word], text: str, pcm: bytes) -> None:
    """Check what holds for any text and any audio."""
    assert [word.text for word in words] == split_words(text)
    before_ms = 0
    for word in words:
        assert before_ms <= word.start_ms <= word.end_ms
        assert word.timing in (Timing.ALIGNED, Timing.ESTIMATED)
        before_ms = word.end_ms
    assert before_ms <= len(pcm) // BYTES_PER_MS


def errors_ms(words: Sequence[Word], truth: Sequence[tuple[str, int | None]]) -> list[int]:
    return [
        abs(word.start_ms - onset_ms) for word, (_, onset_ms) in zip(words, truth, strict=True) if onset_ms is not None
    ]


def test_a_word_after_a_pause_begins_where_it_is_heard(slt):
    """A speech onset slightly before a word's aligned start becomes its start; other onsets are ignored."""
    pcm, truth = slt
    before = time_words([Passage(text_of(truth))], [pcm], (), language="en")
    place = max(range(1, len(before)), key=lambda index: before[index].start_ms - before[index - 1].end_ms)
    onset_ms = before[place].start_ms - 70
    assert onset_ms >= before[place - 1].end_ms
    length_ms = len(pcm) // BYTES_PER_MS
    far_ms = before[place - 1].start_ms + 1
    for heard_ms, starts_ms in ((onset_ms, onset_ms), (far_ms, before[place].start_ms)):
        speech = [Span(0, heard_ms - 1), Span(heard_ms, length_ms)]
        words = time_words([Passage(text_of(truth))], [pcm], speech, language="en")
        assert abs(words[place].start_ms - starts_ms) <= 20
        check(words, text_of(truth), pcm)


def test_each_word_starts_where_the_synthesiser_says(spoken):
    """Numbers, abbreviations and names are aligned like other words, to within a tenth of a second."""
    pcm, truth = spoken
    words = time_words([Passage(text_of(truth))], [pcm], (), language="en")
    check(words, text_of(truth), pcm)
    errors = errors_ms(words, truth)
    assert statistics.mean(errors) <= 30
    assert sum(error <= CLOSE_MS for error in errors) >= 0.95 * len(errors)
    aligned = [onset_ms for word, (_, onset_ms) in zip(words, truth, strict=True) if word.timing is Timing.ALIGNED]
    assert len(aligned) >= 0.9 * len(errors)
    # A dash is not spoken and cannot be aligned.
    assert None not in aligned


def test_chunks_of_sound_make_no_difference(slt):
    """The times are the same for audio in one chunk and in uneven chunks."""
    pcm, truth = slt
    passages = [Passage(text_of(truth))]
    chunks = [pcm[start : start + 1_998] for start in range(0, len(pcm), 1_998)]
    words = [time_words(passages, sound, (), language="en") for sound in ([pcm], chunks)]
    assert words[0] == words[1]


@pytest.mark.parametrize("kind", ["missing", "added", "wrong", "mixed"])
def test_words_around_an_error_in_the_text_keep_their_times(spoken, kind: str):
    """If every eighth word is missing, added or wrong, most of the others are still aligned."""
    pcm, truth = spoken
    text: list[tuple[str, int | None]] = []
    for place, token in enumerate(truth):
        error = ("missing", "added", "wrong")[place // 8 % 3] if kind == "mixed" else kind
        if place % 8 != 5:
            text.append(token)
            continue
        if error != "missing":
            text.append(("carpenter", None))
        if error == "added":
            text.append(token)
    words = time_words([Passage(text_of(text))], [pcm], (), language="en")
    check(words, text_of(text), pcm)
    errors = errors_ms(words, text)
    assert statistics.mean(errors) <= 70
    assert statistics.median(errors) <= 30


def test_a_word_that_is_said_quite_unlike_it_is_read_does_not_spoil_those_around_it(slt):
    """One unpronounceable token is not aligned, and all others are aligned as without it."""
    pcm, truth = slt
    place = len(truth) // 2
    text = [*truth[:place], ("Xylophonic-Wolverhampton", None), *truth[place + 1 :]]
    words = time_words([Passage(text_of(text))], [pcm], (), language="en")
    check(words, text_of(text), pcm)
    assert words[place].timing is Timing.ESTIMATED
    assert statistics.mean(errors_ms(words, text)) <= 30


@pytest.mark.parametrize("start_share", [0.3, 0.6])
def test_the_place_is_found_again_behind_ten_wrong_words(spoken, start_share: float):
    """Around ten wrong words in a row, the other words keep their times, and the ten are estimated."""
    pcm, truth = spoken
    start = round(start_share * len(truth))
    wrong = ["umbrella", "marmalade", "seventeen", "volcanic", "giraffe", "purple", "juggling", "sandwich", "up", "by"]
    text = [*truth[:start], *((word, None) for word in wrong), *truth[start + 10 :]]
    words = time_words([Passage(text_of(text))], [pcm], (), language="en")
    check(words, text_of(text), pcm)
    errors = errors_ms(words, text)
    assert statistics.mean(errors) <= 60
    assert statistics.median(errors) <= 30
    assert sum(word.timing is Timing.ESTIMATED for word in words[start : start + 10]) >= 7


def test_the_beginning_of_the_text_may_not_be_said_at_all(slt):
    """Unspoken words at the start, too many to be skipped one by one, do not affect the rest."""
    pcm, truth = slt
    invented = ["Thank", "you", "for", "watching", "and", "do", "not", "forget", "to", "subscribe"] * 3
    text = " ".join(invented) + " " + text_of(truth)
    words = time_words([Passage(text)], [pcm], (), language="en")
    check(words, text, pcm)
    assert statistics.median(errors_ms(words[len(invented) :], truth)) <= 25


def test_a_text_that_is_not_said_fits_nowhere_and_is_still_complete(slt):
    """For a text of which no word is spoken, all tokens are returned in order, inside the audio."""
    pcm, _ = slt
    text = "quantum elephants juggle seventeen purple umbrellas beneath volcanic marmalade " * 12
    check(time_words([Passage(text)], [pcm], (), language="en"), text, pcm)


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(100), SILENCE], ids=["none", "sample", "moment", "silence"])
@pytest.mark.parametrize("text", ["", " \n", "—", "Hello.", "It is the end of the day."])
def test_any_text_goes_with_a_sound_without_speech(pcm: bytes, text: str):
    """For silence or no audio at all, every token is returned."""
    check(time_words([Passage(text)], [pcm], (), language="en"), text, pcm)


def test_nothing_said_and_no_passage_is_no_word():
    """Without a text there are no words."""
    assert time_words([], [SILENCE], (), language=None) == ()


def test_one_word_is_found(media: Path):
    """A single word is aligned."""
    pcm, truth = load(media, "slt")
    said = pcm[: truth[2][1] * BYTES_PER_MS]
    (the, ferry) = time_words([Passage("The ferry")], [said], (), language="en")
    assert ferry.timing is the.timing is Timing.ALIGNED
    assert abs(ferry.start_ms - truth[1][1]) <= CLOSE_MS


def test_a_wrong_span_does_not_move_words_that_are_found(slt):
    """Spans of passages are hints: wrong ones change nothing if the audio is clear."""
    pcm, truth = slt
    passages = [Passage(text_of(truth[:20]), Span(15_000, 18_000)), Passage(text_of(truth[20:]), Span(0, 1_000))]
    words = time_words(passages, [pcm], (), language="en")
    check(words, text_of(truth), pcm)
    assert statistics.mean(errors_ms(words, truth)) <= 30


def test_a_script_that_nothing_can_read_is_estimated_where_its_passages_are(slt):
    """Words that cannot be aligned are spread inside their passage's span."""
    pcm, _ = slt
    passages = [Passage(KHMER, Span(1_000, 4_000)), Passage(KHMER, Span(6_000, 9_000))]
    words = time_words(passages, [pcm], (), language="km")
    check(words, f"{KHMER} {KHMER}", pcm)
    half = len(words) // 2
    assert {word.timing for word in words} == {Timing.ESTIMATED}
    assert words[0].start_ms >= 1_000
    assert words[half - 1].end_ms <= 4_000
    assert words[half].start_ms >= 6_000
    assert words[-1].end_ms <= 9_000


@pytest.mark.parametrize("language", ["de", "ru", "ko"])
@pytest.mark.parametrize("is_named", [True, False])
def test_other_languages_are_aligned_too(media: Path, language: str, *, is_named: bool):
    """Each word is near the synthesiser's own onset, whether the language is named or not."""
    pcm, truth = load(media, language)
    words = time_words([Passage(text_of(truth))], [pcm], find_speech([pcm]), language=language if is_named else None)
    check(words, text_of(truth), pcm)
    assert statistics.mean(errors_ms(words, truth)) <= 40
    assert sum(word.timing is Timing.ALIGNED for word in words) >= 0.7 * len(words)


def test_the_language_may_be_unknown(spoken):
    """Without a language, the text tells it, and the words get the same times."""
    pcm, truth = spoken
    named, unnamed = (time_words([Passage(text_of(truth))], [pcm], (), language=language) for language in ("en", None))
    assert named == unnamed


def test_two_languages_in_a_text_are_both_aligned(slt):
    """A text that is partly in another script and language keeps the times of the rest."""
    pcm, truth = slt
    half = len(truth) // 2
    foreign = [("Добрый", None), ("день", None), ("und", None), ("auf", None), ("Wiedersehen", None)]
    text = [*truth[:half], *foreign, *truth[half:]]
    words = time_words([Passage(text_of(text))], [pcm], (), language=None)
    check(words, text_of(text), pcm)
    assert statistics.mean(errors_ms(words, text)) <= 40


def test_minutes_without_text_are_no_words(slt):
    """Digital silence at the start, and the sound of another speech, are left without words."""
    pcm, truth = slt
    before = bytes(180_000 * BYTES_PER_MS)
    sound = [before, pcm, pcm[::-1][1:] + b"\0"]
    words = time_words([Passage(text_of(truth))], sound, (), language="en")
    late = [(text, None if onset is None else onset + 180_000) for text, onset in truth]
    assert statistics.mean(errors_ms(words, late)) <= 40


def test_confidence_is_how_often_a_time_is_right(spoken):
    """Words of a text that is said are near certain; words of another one are not."""
    pcm, truth = spoken
    said = time_words([Passage(text_of(truth))], [pcm], (), language="en")
    sure = [word.confidence for word in said if word.confidence is not None]
    assert len(sure) >= 0.9 * len(said)
    assert statistics.mean(sure) >= 0.95
    others = time_words([Passage(ELSEWHERE)], [pcm], (), language="en")
    assert all((word.confidence or 0) < 0.7 for word in others)


def test_a_short_text_of_another_recording_is_told_as_a_whole(spoken):
    """It is not said, although each of its words may sound like something that is; a text that is said is not told."""
    pcm, truth = spoken
    aligner = Aligners().for_text(ELSEWHERE, "en")
    (absent,) = time_with([Passage(ELSEWHERE)], [pcm], (), aligner=aligner).absent
    assert [word.text for word in absent] == ELSEWHERE.split()
    assert time_with([Passage(text_of(truth))], [pcm], (), aligner=aligner).absent == ()


def test_a_text_of_another_recording_is_not_called_aligned(slt):
    """Words that are nowhere in the recording are estimates, and spread over it."""
    pcm, _ = slt
    words = time_words([Passage(ELSEWHERE)], [pcm], (), language="en")
    check(words, ELSEWHERE, pcm)
    assert sum(word.timing is Timing.ALIGNED for word in words) <= 0.1 * len(words)
    assert len({word.start_ms for word in words}) >= 0.9 * len(words)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    passages=st.lists(
        st.builds(
            Passage,
            st.one_of(
                st.text(max_size=60), st.sampled_from(["The ferry leaves at 10:30 a.m.", "Children pay $5 — half."])
            ),
            st.none()
            | st.builds(
                lambda start, length: Span(start, start + length), st.integers(0, 20_000), st.integers(1, 9_000)
            ),
        ),
        max_size=4,
    ),
    cut_ms=st.integers(0, 6_000),
    language=st.sampled_from(["en", "ja", None]),
)
def test_all_tokens_come_back_in_order_inside_the_sound(slt, passages, cut_ms, language):
    """All tokens are returned in order for any text, hints and length of audio."""
    pcm = slt[0][: cut_ms * BYTES_PER_MS]
    words = time_words(passages, [pcm], [Span(200, 5_000)], language=language)
    check(words, " ".join(passage.text for passage in passages), pcm)


def test_several_recordings_are_aligned_at_once(slt):
    """The first words of a process may be wanted by several threads: nothing is loaded twice, and all get the same."""
    pcm, truth = slt
    code = (
        "import sys, json\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from anyscribe.alignment.ctc import make_aligner\n"
        "pcm, words = sys.stdin.buffer.read(), json.loads(sys.argv[1])\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    found = list(pool.map(lambda _: make_aligner('en').align(words, [pcm], ()), range(4)))\n"
        "assert all(one == found[0] for one in found)\n"
        "assert len(found[0].spans) > 0.9 * len(words)\n"
    )
    command = [sys.executable, "-c", code, json.dumps([text for text, _ in truth])]
    assert subprocess.run(command, input=pcm, check=False, timeout=60).returncode == 0

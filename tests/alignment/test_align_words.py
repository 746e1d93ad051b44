"""Each word of a text gets its time in the audio, for any text and any audio."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pocketsphinx")

from anyscribe.alignment.passages import Passage
from anyscribe.alignment.registry import Aligners
from anyscribe.alignment.sphinx import regions
from anyscribe.alignment.timing import time_words as time_with
from anyscribe.audio import probe
from anyscribe.timespan import Span
from anyscribe.transcript import Timing
from anyscribe.words import split_words
from anyscribe.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from anyscribe.transcript import Word

BYTES_PER_MS = 32
CLOSE_MS = 100
SILENCE = bytes(3_000 * BYTES_PER_MS)
GERMAN = "Der alte Hafen liegt neben dem Museum, und die Fähre fährt um halb elf ab."


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    """Yield two real worker processes."""
    with worker_pool(2) as pool:
        yield pool


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
    executor: Executor,
) -> tuple[Word, ...]:
    """Time words with the aligner for their language."""
    text = " ".join(passage.text for passage in passages)
    return time_with(passages, sound, speech, aligner=Aligners(executor).for_text(text, language))


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


def test_a_word_after_a_pause_begins_where_it_is_heard(slt, executor: Executor):
    """A speech onset slightly before a word's aligned start becomes its start; other onsets are ignored."""
    pcm, truth = slt
    before = time_words([Passage(text_of(truth))], [pcm], (), language="en", executor=executor)
    place = max(range(1, len(before)), key=lambda index: before[index].start_ms - before[index - 1].end_ms)
    onset_ms = before[place].start_ms - 70
    assert onset_ms >= before[place - 1].end_ms
    length_ms = len(pcm) // BYTES_PER_MS
    far_ms = before[place - 1].start_ms + 1
    for heard_ms, starts_ms in ((onset_ms, onset_ms), (far_ms, before[place].start_ms)):
        speech = [Span(0, heard_ms - 1), Span(heard_ms, length_ms)]
        words = time_words([Passage(text_of(truth))], [pcm], speech, language="en", executor=executor)
        assert abs(words[place].start_ms - starts_ms) <= 20
        check(words, text_of(truth), pcm)


def test_each_word_starts_where_the_synthesiser_says(spoken, executor: Executor):
    """Numbers, abbreviations and names are aligned like other words, to within a tenth of a second."""
    pcm, truth = spoken
    words = time_words([Passage(text_of(truth))], [pcm], (), language="en", executor=executor)
    check(words, text_of(truth), pcm)
    errors = errors_ms(words, truth)
    assert statistics.mean(errors) <= 25
    assert sum(error <= CLOSE_MS for error in errors) >= 0.95 * len(errors)
    for word, (text, onset_ms) in zip(words, truth, strict=True):
        # A dash is not spoken and cannot be aligned.
        assert (word.timing is Timing.ALIGNED) == (onset_ms is not None), text


def test_chunks_of_sound_make_no_difference(slt):
    """The times are the same for audio in one chunk and in uneven chunks."""
    pcm, truth = slt
    passages = [Passage(text_of(truth))]
    chunks = [pcm[start : start + 1_998] for start in range(0, len(pcm), 1_998)]
    words = []
    for sound in ([pcm], chunks):
        # A worker's earlier audio shifts boundaries by a frame or two: use a new worker.
        with worker_pool(1) as pool:
            words.append(time_words(passages, sound, (), language="en", executor=pool))
    assert words[0] == words[1]


@pytest.mark.parametrize("kind", ["missing", "added", "wrong", "mixed"])
def test_words_around_an_error_in_the_text_keep_their_times(spoken, executor: Executor, kind: str):
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
    words = time_words([Passage(text_of(text))], [pcm], (), language="en", executor=executor)
    check(words, text_of(text), pcm)
    errors = errors_ms(words, text)
    assert statistics.mean(errors) <= 60
    assert statistics.median(errors) <= 25


def test_a_word_that_is_said_quite_unlike_it_is_read_does_not_spoil_those_around_it(slt, executor: Executor):
    """One unpronounceable token is not aligned, and all others are aligned as without it."""
    pcm, truth = slt
    place = len(truth) // 2
    text = [*truth[:place], ("Xylophonic-Wolverhampton", None), *truth[place + 1 :]]
    words = time_words([Passage(text_of(text))], [pcm], (), language="en", executor=executor)
    check(words, text_of(text), pcm)
    assert words[place].timing is Timing.ESTIMATED
    assert statistics.mean(errors_ms(words, text)) <= 25


@pytest.mark.parametrize("start_share", [0.3, 0.6])
def test_the_place_is_found_again_behind_ten_wrong_words(spoken, executor: Executor, start_share: float):
    """Around ten wrong words in a row, the other words keep their times, and the ten are estimated."""
    pcm, truth = spoken
    start = round(start_share * len(truth))
    wrong = ["umbrella", "marmalade", "seventeen", "volcanic", "giraffe", "purple", "juggling", "sandwich", "up", "by"]
    text = [*truth[:start], *((word, None) for word in wrong), *truth[start + 10 :]]
    words = time_words([Passage(text_of(text))], [pcm], (), language="en", executor=executor)
    check(words, text_of(text), pcm)
    errors = errors_ms(words, text)
    assert statistics.mean(errors) <= 60
    assert statistics.median(errors) <= 25
    assert sum(word.timing is Timing.ESTIMATED for word in words[start : start + 10]) >= 7


def test_the_beginning_of_the_text_may_not_be_said_at_all(slt, executor: Executor):
    """Unspoken words at the start, too many to be skipped one by one, do not affect the rest."""
    pcm, truth = slt
    invented = ["Thank", "you", "for", "watching", "and", "do", "not", "forget", "to", "subscribe"] * 3
    text = " ".join(invented) + " " + text_of(truth)
    words = time_words([Passage(text)], [pcm], (), language="en", executor=executor)
    check(words, text, pcm)
    assert statistics.median(errors_ms(words[len(invented) :], truth)) <= 25


def test_a_text_that_is_not_said_fits_nowhere_and_is_still_complete(slt, executor: Executor):
    """For a text of which no word is spoken, all tokens are returned in order, inside the audio."""
    pcm, _ = slt
    text = "quantum elephants juggle seventeen purple umbrellas beneath volcanic marmalade " * 12
    check(time_words([Passage(text)], [pcm], (), language="en", executor=executor), text, pcm)


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(100), SILENCE], ids=["none", "sample", "moment", "silence"])
@pytest.mark.parametrize("text", ["", " \n", "—", "Hello.", "It is the end of the day."])
def test_any_text_goes_with_a_sound_without_speech(executor: Executor, pcm: bytes, text: str):
    """For silence or no audio at all, every token is returned."""
    check(time_words([Passage(text)], [pcm], (), language="en", executor=executor), text, pcm)


def test_nothing_said_and_no_passage_is_no_word(executor: Executor):
    """Without a text there are no words."""
    assert time_words([], [SILENCE], (), language=None, executor=executor) == ()


def test_one_word_is_found(media: Path, executor: Executor):
    """A single word is aligned."""
    pcm, truth = load(media, "slt")
    said = pcm[: truth[2][1] * BYTES_PER_MS]
    (the, ferry) = time_words([Passage("The ferry")], [said], (), language="en", executor=executor)
    assert ferry.timing is the.timing is Timing.ALIGNED
    assert abs(ferry.start_ms - truth[1][1]) <= CLOSE_MS


def test_a_wrong_span_does_not_move_words_that_are_found(slt, executor: Executor):
    """Spans of passages are hints: wrong ones change nothing if the audio is clear."""
    pcm, truth = slt
    passages = [Passage(text_of(truth[:20]), Span(15_000, 18_000)), Passage(text_of(truth[20:]), Span(0, 1_000))]
    words = time_words(passages, [pcm], (), language="en", executor=executor)
    check(words, text_of(truth), pcm)
    assert statistics.mean(errors_ms(words, truth)) <= 25


def test_another_language_is_estimated_where_its_passages_are(slt, executor: Executor):
    """Words that cannot be aligned are spread inside their passage's span."""
    pcm, _ = slt
    passages = [Passage(GERMAN, Span(1_000, 4_000)), Passage(GERMAN, Span(6_000, 9_000))]
    words = time_words(passages, [pcm], (), language="de", executor=executor)
    check(words, f"{GERMAN} {GERMAN}", pcm)
    half = len(words) // 2
    assert {word.timing for word in words} == {Timing.ESTIMATED}
    assert words[0].start_ms >= 1_000
    assert words[half - 1].end_ms <= 4_000
    assert words[half].start_ms >= 6_000
    assert words[-1].end_ms <= 9_000


class Dying(Executor):
    """Workers that die on their first job."""

    def submit(self, call, /, *args, **kwargs) -> Future:  # noqa: ARG002 - the base class's signature
        """Fail."""
        from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - only here

        future: Future = Future()
        future.set_exception(BrokenProcessPool("killed"))
        return future


def test_a_worker_that_dies_leaves_estimates(slt):
    """If a worker dies, its region gets estimated times, and no word is lost."""
    pcm, truth = slt
    words = time_words([Passage(text_of(truth))], [pcm], (), language="en", executor=Dying())
    check(words, text_of(truth), pcm)
    assert {word.timing for word in words} == {Timing.ESTIMATED}


def test_pocketsphinx_is_not_loaded_here(tmp_path: Path):
    """Importing the package loads no native library: only workers need it."""
    code = "import sys, anyscribe.alignment; sys.exit('pocketsphinx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path).returncode == 0


class Counting(Executor):
    """Finds no words, and counts the samples that it receives."""

    def __init__(self) -> None:
        self.submitted_bytes = 0
        self.longest_bytes = 0

    def submit(self, call, /, *args, **kwargs) -> Future:  # noqa: ARG002 - the base class's signature
        """Count the samples."""
        self.submitted_bytes += len(args[0])
        self.longest_bytes = max(self.longest_bytes, len(args[0]))
        future: Future = Future()
        future.set_result([])
        return future


def test_a_long_recording_is_worked_on_in_regions_that_hold_each_sample_once():
    """A recording of an hour is never held as a whole."""
    minute = bytes(60_000 * BYTES_PER_MS)
    counting = Counting()
    words = time_words(
        [Passage("It is the end of the day. " * 1_000)],
        (minute for _ in range(60)),
        (),
        language="en",
        executor=counting,
    )
    assert len(words) == 7_000
    assert counting.submitted_bytes == 60 * len(minute)
    assert counting.longest_bytes <= 3 * len(minute)


def test_regions_are_worked_on_at_once_where_the_place_in_the_text_can_be_guessed(
    slt, executor: Executor, monkeypatch: pytest.MonkeyPatch
):
    """Estimating a region's start in the text gives the same words as knowing it."""
    pcm, truth = slt
    truth = [
        (text, None if onset is None else onset + turn * (len(pcm) // BYTES_PER_MS))
        for turn in range(4)
        for text, onset in truth
    ]
    speech = [Span(turn * 60_000, turn * 60_000 + 59_000) for turn in range(2)]
    monkeypatch.setattr(regions, "_REGION_MS", 20_000)
    monkeypatch.setattr(regions, "_CUT_MS", 5_000)
    monkeypatch.setattr(regions, "usable_cores", lambda: 3)
    words = time_words([Passage(text_of(truth))], [pcm] * 4, speech, language="en", executor=executor)
    check(words, text_of(truth), pcm * 4)
    assert statistics.mean(errors_ms(words, truth)) <= 25


def test_wrong_words_at_a_regions_end_do_not_mislead_the_next(slt, executor: Executor, monkeypatch: pytest.MonkeyPatch):
    """Wrong words around the cut between two regions lose their own times but do not affect later words."""
    pcm, truth = slt
    length_ms = len(pcm) // BYTES_PER_MS
    doubled = [*truth, *((text, None if onset is None else onset + length_ms) for text, onset in truth)]
    around = range(len(truth) - 4, len(truth) + 4)
    text = [("marmalade", None) if place in around else one for place, one in enumerate(doubled)]
    monkeypatch.setattr(regions, "_REGION_MS", length_ms)
    monkeypatch.setattr(regions, "_CUT_MS", 2_000)
    monkeypatch.setattr(regions, "usable_cores", lambda: 2)
    words = time_words([Passage(text_of(text))], [pcm] * 2, [Span(0, 2 * length_ms)], language="en", executor=executor)
    check(words, text_of(text), pcm * 2)
    assert statistics.mean(errors_ms(words, text)) <= 60


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
def test_all_tokens_come_back_in_order_inside_the_sound(slt, executor: Executor, passages, cut_ms, language):
    """All tokens are returned in order for any text, hints and length of audio."""
    pcm = slt[0][: cut_ms * BYTES_PER_MS]
    words = time_words(passages, [pcm], [Span(200, 5_000)], language=language, executor=executor)
    check(words, " ".join(passage.text for passage in passages), pcm)

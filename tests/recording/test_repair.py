"""What the check doubts is asked for again with --repair: only a better text is taken, no word is lost or doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loopback import json_reply
from truthful import Spoken, SpokenWord, TruthfulServer, library

from anyscribe.recording.matching import find_joint
from anyscribe.recording.splicing import splice
from anyscribe.recording.tokens import tokens_of
from anyscribe.timespan import Span
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from loopback import Reply
    from programs import Program
    from truthful import Heard

    Words = Callable[[list[SpokenWord]], Sequence[SpokenWord]]

FLAGS = ("--repair", "--strict", "-f", "verbose_json", "-m", "whisper-1")
LOOP = ("thank", "you")
THANKS = "Thank you for watching."


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    """Return half a minute of speech, with a silence at its end."""
    return library(gap_ms=8_000)


class ForgetfulServer(TruthfulServer):
    """A server that says of the whole recording, and of a stretch of it, what it is told to say.

    Args:
        spoken: The recording.
        whole: Changes the words of the whole recording.
        again: Changes the words of a stretch.
    """

    def __init__(self, spoken: Spoken, whole: Words, again: Words = lambda words: words) -> None:
        super().__init__(spoken, formats=("verbose_json",))
        self.whole = whole
        self.again = again

    def _rendered(self, wanted: str, heard: Heard, duration_ms: int) -> Reply:  # noqa: ARG002 - as its base
        change = self.whole if duration_ms == self.spoken.duration_ms else self.again
        said = change(list(heard.words))
        offset_ms = heard.start_sample / 16
        words: list[dict[str, Any]] = [
            {"word": one.text, "start": (one.start_ms - offset_ms) / 1000, "end": (one.end_ms - offset_ms) / 1000}
            for one in said
        ]
        text = " ".join(one.text for one in said)
        return json_reply({"task": "transcribe", "duration": duration_ms / 1000, "text": text, "words": words})


def without_ten_seconds(words: list[SpokenWord]) -> list[SpokenWord]:
    """Leave out what is said between 10 and 20 s."""
    return [word for word in words if not 10_000 <= word.start_ms < 20_000]


def with_thanks(words: list[SpokenWord]) -> list[SpokenWord]:
    """Add words in the silence at the end."""
    at_ms = words[-1].end_ms + 3_500
    added = (SpokenWord(text, at_ms + 300 * n, at_ms + 300 * n + 250) for n, text in enumerate(THANKS.split()))
    return [*words, *added]


def looped(words: list[SpokenWord]) -> list[SpokenWord]:
    """Say a phrase again and again between 10 and 20 s."""
    return [
        SpokenWord(LOOP[n % 2], word.start_ms, word.end_ms) if 10_000 <= word.start_ms < 20_000 else word
        for n, word in enumerate(words)
    ]


def test_a_hole_is_filled_once_and_kept(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """The words that were missing are there; a second run pays nothing, nor does a run without --repair see them."""
    anyscribe.keeps_answers = True
    with ForgetfulServer(spoken, without_ten_seconds) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
        assert (run.code, run.json["text"]) == (0, spoken.text), run.err
        assert " ".join(segment["text"] for segment in run.json["segments"]) == spoken.text
        assert "was asked for again and filled with" in run.err
        (_, again) = server.heard
        assert again.end_sample - again.start_sample < 16 * 16_000
        assert anyscribe(recording, *FLAGS, base_url=server.url).json == run.json
        plain = anyscribe(recording, *FLAGS[1:], base_url=server.url)
        assert (plain.code, len(server.heard)) == (7, 2)
        assert plain.json["text"] == " ".join(word.text for word in without_ten_seconds(list(spoken.words)))


@pytest.mark.parametrize(
    ("again", "reason"),
    [
        (lambda _: [], "does not agree with the text around it"),
        (without_ten_seconds, "is empty, although there is speech"),
        (lambda words: [word for word in words if not 11_500 <= word.start_ms < 20_000], "has too little text too"),
        (lambda words: [SpokenWord("so", word.start_ms, word.end_ms) for word in words], "does not agree"),
        (looped, "the new answer repeats itself"),
    ],
)
def test_an_answer_that_is_no_better_changes_nothing(
    anyscribe: Program, spoken: Spoken, recording: Path, again: Words, reason: str
) -> None:
    """It is asked for twice, and then the old text stays, the reason is told, and --strict counts the finding."""
    with ForgetfulServer(spoken, without_ten_seconds, again) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
        assert run.code == 7
        assert run.json["text"] == " ".join(word.text for word in without_ten_seconds(list(spoken.words)))
        assert "asked for again twice and stays as it was" in run.err
        assert reason in run.err
        assert len(server.heard) == 3


def test_loops_and_text_in_silence_give_way(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """A loop is replaced by what is said; text in silence is removed, and told whole."""
    with ForgetfulServer(spoken, lambda words: with_thanks(looped(words))) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
    assert (run.code, run.json["text"]) == (0, spoken.text), run.err
    assert "replaced by" in run.err
    assert f"removed: \N{LEFT DOUBLE QUOTATION MARK}{THANKS}\N{RIGHT DOUBLE QUOTATION MARK}" in run.err


def test_text_is_not_removed_by_an_answer_that_says_nothing(
    anyscribe: Program, spoken: Spoken, recording: Path
) -> None:
    """A lazy answer does not confirm the text around the silence, so nothing is removed."""
    with ForgetfulServer(spoken, with_thanks, lambda _: []) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
    assert (run.code, run.json["text"]) == (7, f"{spoken.text} {THANKS}")


def test_a_repair_that_fails_costs_nothing_else(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """A limit, or an error, leaves the transcript that is paid for as it was."""
    with ForgetfulServer(spoken, without_ten_seconds) as server:
        run = anyscribe(recording, *FLAGS, "--max-minutes", "0.75", base_url=server.url)
    assert (run.code, len(server.heard)) == (7, 1)
    assert run.json["text"]
    assert "was not repaired: it would take the run beyond --max-minutes" in run.err


@pytest.mark.parametrize("other", ["--no-check", "--stream"])
def test_what_cannot_be_repaired(anyscribe: Program, recording: Path, other: str) -> None:
    """Without the check nothing is doubted, and what was shown cannot be changed."""
    run = anyscribe(recording, "--repair", other, base_url="http://127.0.0.1:9/v1")
    assert run.code == 2
    assert f"--repair and {other} exclude each other" in run.err


def text_of(words: Sequence[str], first_ms: int = 0) -> Transcript:
    """Return words that are said one a second, in segments of four words."""
    timed = [Word(word, first_ms + 1_000 * n, first_ms + 1_000 * n + 800) for n, word in enumerate(words)]
    groups = [timed[at : at + 4] for at in range(0, len(timed), 4)]
    segments = [Segment(" ".join(one.text for one in group), group[0].start_ms, group[-1].end_ms) for group in groups]
    return Transcript(" ".join(words), "en", 60_000, tuple(segments), tuple(timed))


@pytest.mark.parametrize("parts", ["words", "segments", "both"])
@pytest.mark.parametrize(
    ("hole", "heard"), [((5, 12), (2, 15)), ((0, 7), (0, 11)), ((14, 20), (9, 20)), ((6, 7), (0, 20))]
)
def test_text_words_and_segments_agree(parts: str, hole: tuple[int, int], heard: tuple[int, int]) -> None:
    """Whatever a transcript has is whole afterwards, in order, and what is outside of the hole keeps its time."""
    said = [f"w{n}," if n % 3 else "the" for n in range(20)]
    whole, part = text_of(said), text_of(said[slice(*heard)], 1_000 * heard[0])
    kept = [word for n, word in enumerate(whole.words) if not hole[0] <= n < hole[1]]
    groups = [[word for word in kept if word in whole.words[at : at + 4]] for at in range(0, 20, 4)]
    segments = tuple(
        Segment(" ".join(word.text for word in group), group[0].start_ms, group[-1].end_ms) for group in groups if group
    )
    old = Transcript(" ".join(word.text for word in kept), "en", 60_000, segments, tuple(kept))
    if parts == "words":
        old = Transcript(old.text, "en", 60_000, words=old.words)
    elif parts == "segments":
        old = Transcript(old.text, "en", 60_000, segments=old.segments)
    stretch = Span(1_000 * hole[0], 1_000 * hole[1] - 200)
    old_tokens, new_tokens = tokens_of(old), tokens_of(part)
    joint = find_joint(old_tokens, new_tokens, stretch, Span(1_000 * heard[0] - 200, 1_000 * heard[1] + 200))
    assert joint is not None
    spliced = splice(old, old_tokens, part, new_tokens, joint)
    assert spliced.text.split() == said
    assert [word.text for word in spliced.words] == (said if old.words else [])
    assert spliced.words == (whole.words if old.words else ())
    assert " ".join(segment.text for segment in spliced.segments).split() == (said if old.segments else [])
    assert [one.start_ms for one in spliced.segments] == sorted(one.start_ms for one in spliced.segments)

"""What the check doubts is asked for again with --repair: only a better text is taken, and no word is lost or doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loopback import json_reply
from truthful import Spoken, SpokenWord, TruthfulServer, library, write_wav

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
LOOP = "and thank you very much".split()


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
    return [*words, *(SpokenWord(text, at_ms + 300 * n, at_ms + 300 * n + 250) for n, text in enumerate(LOOP[1:]))]


def looped(words: list[SpokenWord]) -> list[SpokenWord]:
    """Replace all but the edges by a phrase."""
    return [
        SpokenWord(LOOP[n % 5], word.start_ms, word.end_ms) if 12 <= n < len(words) - 12 else word
        for n, word in enumerate(words)
    ]


def test_a_hole_is_filled_once_and_kept(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """The words that were missing are there; a second run pays nothing, nor does a run without --repair see them."""
    anyscribe.keeps_answers = True
    with ForgetfulServer(spoken, without_ten_seconds) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
        assert (run.code, run.json["text"]) == (0, spoken.text), run.err
        assert [word["word"] for word in run.json["words"]] == spoken.text.split()
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
        (lambda words: words[:5] + words[-5:], "is empty, although there is speech"),
        (lambda words: words[:5] + [words[5]] * 2 + words[-5:], "has too little text too"),
        (lambda words: [SpokenWord(f"x{n}", *word[1:]) for n, word in enumerate(map(astuple, words))], "does not agree"),
        (lambda words: words[:5] + looped([*words[:12], *words[5:-5], *words[-12:]])[12:-12] + words[-5:], "repeats"),
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

"""The small built-in engine emits its text as it is decoded, and callbacks can cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pocketsphinx")

from anyscribe.audio import probe
from anyscribe.engines.sphinx import SphinxEngine
from anyscribe.events import Delta, Transcribed
from anyscribe.request import PCM_BYTES_PER_MS, ResponseFormat, TranscriptionRequest
from anyscribe.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from anyscribe.events import Event


class GivenUpError(BaseException):
    """Raised by a callback to cancel."""


class LongSilence:
    """A recording of a hundred minutes of silence, as an `AudioSource`."""

    filename, media_type, size_bytes, duration_ms = "silence.wav", "audio/wav", 1, 6_000_000

    def __init__(self) -> None:
        self.heard_ms = 0

    def pcm(self) -> Iterator[bytes]:
        """Yield silence, a second at a time, and count it."""
        for _ in range(6000):
            self.heard_ms += 1000
            yield bytes(1000 * PCM_BYTES_PER_MS)


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Yield two workers shared by all tests here: loading the model takes a second."""
    with worker_pool(2) as workers:
        yield workers


def ask(pool: Executor, path: Path, **fields) -> tuple[list[Event], str]:
    """Transcribe a recording and return the events and its text."""
    events: list[Event] = []
    request = TranscriptionRequest(ResponseFormat.TEXT, **fields)
    answer = SphinxEngine(pool, 2).transcribe(request, probe(path), events.append)
    return events, answer.transcript.text


def test_deltas_are_the_text(pool: Executor, media: Path):
    """Each utterance is emitted when it is decoded, before later audio; joined, the deltas are the text."""
    events, text = ask(pool, media / "pause.flac", stream=True)
    deltas = [event.text for event in events if isinstance(event, Delta)]
    assert len(deltas) > 1
    assert "".join(deltas) == text != ""
    last = max(position for position, event in enumerate(events) if isinstance(event, Delta))
    assert events.index(Delta(deltas[0])) < last
    assert isinstance(events[last + 1], Transcribed)


def test_without_a_stream_there_are_no_deltas(pool: Executor, media: Path):
    """Without a stream, progress is emitted but no text."""
    events, text = ask(pool, media / "pause.flac")
    assert text
    assert {type(event) for event in events} == {Transcribed}


def test_logprobs_are_those_of_the_words(pool: Executor, media: Path):
    """With logprobs requested, each word has one, and the words with their spaces are the text."""
    request = TranscriptionRequest(ResponseFormat.JSON, include=("logprobs",))
    transcript = SphinxEngine(pool, 2).transcribe(request, probe(media / "pause.flac"), lambda _: None).transcript
    tokens = transcript.extra["logprobs"]
    assert "".join(token["token"] for token in tokens) == transcript.text
    assert [bytes(token["bytes"]).decode() for token in tokens] == [token["token"] for token in tokens]
    assert len(tokens) == len(transcript.words)
    assert all(-25 < token["logprob"] <= 0 for token in tokens)


def test_work_can_be_given_up_in_a_long_silence(pool: Executor):
    """A callback can cancel during a long silence."""
    audio = LongSilence()

    def emit(_event: Event) -> None:
        if audio.heard_ms > 0:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        SphinxEngine(pool, 2).transcribe(TranscriptionRequest(ResponseFormat.TEXT), audio, emit)
    assert audio.heard_ms <= 60_000


def test_work_given_up_leaves_nothing_to_decode(pool: Executor, media: Path):
    """After a cancel, waiting utterances are not decoded: the next recording gets the workers at once."""

    def emit(event: Event) -> None:
        if isinstance(event, Delta):
            raise GivenUpError

    with pytest.raises(GivenUpError):
        SphinxEngine(pool, 2).transcribe(
            TranscriptionRequest(ResponseFormat.TEXT, stream=True), probe(media / "pause.flac"), emit
        )
    assert ask(pool, media / "hello.wav")[1]

"""What the store holds about a recording becomes a transcript again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from anyscribe.recording.answers import question_of
from anyscribe.recording.kept import kept_transcripts
from anyscribe.request import PCM_RATE_HZ, ResponseFormat, TranscriptionRequest
from anyscribe.result import Result
from anyscribe.store import WHOLE, KeptAnswer, Store, Stretch
from anyscribe.timespan import Span
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED = (ResponseFormat.VERBOSE_JSON, ())


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    path.write_bytes(b"any bytes")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    seconds = iter(range(1_000, 2_000))
    with contextlib.closing(Store(tmp_path / "store.sqlite", print, clock=lambda: next(seconds))) as opened:
        yield opened


def piece(start_s: int, length_s: int, text: str) -> KeptAnswer:
    transcript = Transcript(text, segments=(Segment(text, 0, 500),))
    return KeptAnswer(Stretch(start_s * PCM_RATE_HZ, length_s * PCM_RATE_HZ, b"x"), Result(transcript))


def test_pieces_are_stitched(store: Store, recording: Path):
    """Pieces stand where they were said; overlapping ones, and those of a repair, are not said twice."""
    digest = store.digest_of_file(recording)
    request = TranscriptionRequest(response_format=ResponseFormat.JSON, model="m")
    question = question_of("http://server/v1", request)
    for kept in (piece(0, 10, "One."), piece(10, 10, "Two."), piece(5, 10, "Again."), piece(40, 10, "Five.")):
        store.keep(digest, question, ASKED, kept, 10_000)
    repair = question_of("http://server/v1", request, is_repair=True)
    store.keep(digest, repair, ASKED, piece(10, 5, "Repaired."), 5_000)
    (found,) = kept_transcripts(store, digest)
    assert [(segment.text, segment.start_ms) for segment in found.transcript.segments] == [
        ("One.", 0),
        ("Two.", 10_000),
        ("Five.", 40_000),
    ]
    assert (found.model, found.server) == ("m", "http://server/v1")
    assert found.spans == (Span(0, 20_000), Span(40_000, 50_000))


def test_last_answer_is_first(store: Store, recording: Path):
    """The model that was asked last comes first; an answer about one channel is not about the recording."""
    digest = store.digest_of_file(recording)
    for model in ("first", "second"):
        question = question_of("http://server/v1", TranscriptionRequest(ResponseFormat.JSON, model=model))
        store.keep(digest, question, ASKED, KeptAnswer(WHOLE, Result(Transcript(model))), 1_000)
    channel = question_of("http://server/v1", TranscriptionRequest(ResponseFormat.JSON, model="channel"))
    store.keep(digest + b"channel", channel, ASKED, KeptAnswer(WHOLE, Result(Transcript("left"))), 1_000)
    found, *others = kept_transcripts(store, digest)
    assert (found.transcript.text, found.model, found.spans) == ("second", "second", ())
    assert [other.model for other in others] == ["first"]
    assert kept_transcripts(store, b"other bytes") == []

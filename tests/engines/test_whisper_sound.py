"""How Whisper's engine splits audio and reads the library's results; in this process."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import faster_whisper
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tqdm import tqdm
from whisper_model import USUAL

from anyscribe.audio import probe
from anyscribe.engines.whisper.blocks import LONGEST_MS, split_blocks
from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.engines.whisper.libraries import whisper_library
from anyscribe.engines.whisper.segments import Clock
from anyscribe.errors import AudioError
from anyscribe.events import Delta, Event, Transcribed
from anyscribe.request import PCM_RATE_HZ, ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

pytest_plugins = ["whispering"]


def noise(milliseconds: int, *pauses_ms: int) -> bytes:
    """Return loud noise with pauses of 0.4 s at these times."""
    generator = np.random.default_rng(1)
    samples = generator.integers(-20_000, 20_000, milliseconds * PCM_RATE_HZ // 1000, dtype=np.int16)
    for pause_ms in pauses_ms:
        start = pause_ms * PCM_RATE_HZ // 1000
        samples[start : start + PCM_RATE_HZ * 2 // 5] //= 1000
    return samples.tobytes()


def chunks(pcm: bytes, size: int) -> Iterator[bytes]:
    """Split audio into chunks."""
    return (pcm[start : start + size] for start in range(0, len(pcm), size))


def joined(blocks: Sequence[NDArray[np.float32]]) -> bytes:
    """Convert blocks back to audio."""
    return (np.concatenate(blocks) * (1 << 15)).astype(np.int16).tobytes() if blocks else b""


@pytest.mark.parametrize(
    ("minutes", "size"),
    [(0, 4096), (0.001, 2), (0.1, 2), (1, 4096), (5, 4096), (5, 1 << 22), (5.001, 4096), (11, 4096), (11, 1 << 26)],
)
def test_blocks_are_the_sound(minutes: float, size: int):
    """For any chunks, the blocks together are the audio, in order, and each is neither too long nor empty."""
    pcm = noise(int(minutes * 60_000))
    blocks = list(split_blocks(chunks(pcm, size)))
    assert joined(blocks) == pcm
    assert all(0 < len(block) * 1000 <= LONGEST_MS * PCM_RATE_HZ for block in blocks)
    assert len(blocks) == {0: 0, 5.001: 2, 11: 3}.get(minutes, 1)
    assert all(block.dtype == np.float32 for block in blocks)
    assert all(np.abs(block).max() <= 1 for block in blocks)


def test_sound_is_cut_in_a_pause():
    """A block ends in the last half minute before its limit, in the middle of a pause."""
    pause_ms = LONGEST_MS - 12_340
    first, _ = split_blocks([noise(LONGEST_MS + 60_000, 100_000, pause_ms)])
    assert len(first) * 1000 / PCM_RATE_HZ == pytest.approx(pause_ms + 200, abs=100)


def test_long_sound_takes_little_memory():
    """For an hour of audio, at most two blocks are in memory."""
    minute = noise(60_000)
    tracemalloc.start()
    heard = sum(len(block) for block in split_blocks(minute for _ in range(60)))
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert heard == 3600 * PCM_RATE_HZ
    assert most_bytes < 2.5 * 4 * LONGEST_MS * PCM_RATE_HZ / 1000


TIMES = st.floats(-5, 400, allow_nan=False)


def found(start: float, end: float, words: list[tuple[float, float, str]]) -> SimpleNamespace:
    """Return a segment as the library returns it."""
    heard = [SimpleNamespace(start=at, end=to, word=word, probability=np.float64(0.5)) for at, to, word in words]
    return SimpleNamespace(
        start=start, end=end, text=" a", words=heard, seek=100, tokens=[1, 2], temperature=0.0,
        avg_logprob=np.float64(-0.0), compression_ratio=1.0, no_speech_prob=0.123456,
    )  # fmt: skip


@given(
    st.integers(0, 10**7),
    st.lists(
        st.tuples(TIMES, TIMES, st.lists(st.tuples(TIMES, TIMES, st.sampled_from([" a", "b ", " "])))), max_size=5
    ),
)
@settings(max_examples=200)
def test_times_never_run_backwards(start_ms: int, segments: list[tuple[float, float, list[tuple[float, float, str]]]]):
    """For any times from the library, segments are in order within the block, and words within their segment."""
    end_ms = start_ms + LONGEST_MS
    clock = Clock(start_ms, end_ms, max(start_ms - 1000, 0))
    latest_ms = max(start_ms - 1000, 0)
    for start, end, words in segments:
        segment, told = clock.read(found(start, end, words))
        assert latest_ms <= segment.start_ms <= segment.end_ms <= end_ms
        latest_ms = segment.end_ms
        times = [time for word in told for time in (word.start_ms, word.end_ms)]
        assert [segment.start_ms, *times, segment.end_ms] == sorted([segment.start_ms, *times, segment.end_ms])
        assert all(word.text == word.text.strip() != "" for word in told)
        assert segment.seek == start_ms // 10 + 100
        assert str(segment.avg_logprob) == "0.0"
        assert type(segment.no_speech_prob) is float


class Sound:
    """A recording that consists of audio only.

    Args:
        chunks: Returns the audio.
        duration_ms: The length that it states; None if unknown.
    """

    def __init__(self, chunks: Callable[[], Iterator[bytes]], duration_ms: int | None = None) -> None:
        self._chunks = chunks
        self.duration_ms = duration_ms

    def pcm(self) -> Iterator[bytes]:
        """Return the audio."""
        return self._chunks()


def asking(model: Path, **fields: object) -> TranscriptionRequest:
    """Return a request for the text, without the speech filter."""
    unfiltered = (("vad_filter", "false"),)
    return TranscriptionRequest(ResponseFormat.JSON, model=str(model), fields=unfiltered, **fields)


@pytest.fixture(scope="module")
def engine() -> Iterator[WhisperEngine]:
    """Yield an engine, which keeps its model loaded."""
    engine = WhisperEngine(2)
    yield engine
    engine.close()


def test_deltas_are_the_text(engine: WhisperEngine, whisper_model: Path, media: Path):
    """Joined and stripped, the deltas are the text, and progress grows to the whole recording."""
    events: list[Event] = []
    answer = engine.transcribe(asking(whisper_model, stream=True), probe(media / "pause.flac"), events.append)
    deltas = [event.text for event in events if isinstance(event, Delta)]
    assert deltas == [f" {USUAL.first}", f" {USUAL.second}"]
    assert "".join(deltas).strip() == answer.transcript.text == USUAL.text
    told = [(event.done_ms, event.total_ms) for event in events if isinstance(event, Transcribed)]
    assert told == sorted(told)
    assert told[0] == (0, 6090)
    assert told[-1] == (6090, 6090)
    assert (800, 6090) in told


def test_no_deltas_unless_a_stream_is_wanted(engine: WhisperEngine, whisper_model: Path, media: Path):
    """Without a stream, no text is emitted."""
    events: list[Event] = []
    engine.transcribe(asking(whisper_model), probe(media / "hello.wav"), events.append)
    assert not [event for event in events if isinstance(event, Delta)]


def test_blocks_are_one_recording(engine: WhisperEngine, whisper_model: Path):
    """Times continue from block to block, and the text of one block is context for the next."""
    sound = noise(LONGEST_MS + 20_000, LONGEST_MS - 10_000)
    answer = engine.transcribe(
        asking(whisper_model, temperature="0", prompt="About boats"),
        Sound(lambda: chunks(sound, 1 << 16)),
        lambda _: None,
    )
    segments = answer.transcript.segments
    assert answer.transcript.duration_ms == LONGEST_MS + 20_000
    starts = [segment.start_ms for segment in segments]
    assert starts == sorted(starts)
    assert starts[-2] == pytest.approx(LONGEST_MS - 9_800, abs=200)
    assert segments[-2].seek == starts[-2] // 10
    # The cue of the prompt is in the context of the second block, since it is in the text of the first.
    assert {segment.text for segment in segments} == {"Three boats", "came home late"}


class EnoughError(Exception):
    """Raised by a callback."""


@pytest.mark.parametrize("kind", [Transcribed, Delta])
def test_listener_that_has_enough(engine: WhisperEngine, whisper_model: Path, media: Path, kind: type[Event]):
    """What a callback raises propagates unchanged, and the next recording is not affected."""

    def emit(event: Event) -> None:
        if isinstance(event, kind):
            raise EnoughError

    request = asking(whisper_model, stream=True)
    with pytest.raises(EnoughError):
        engine.transcribe(request, probe(media / "hello.wav"), emit)
    answer = engine.transcribe(request, probe(media / "hello.wav"), lambda _: None)
    assert answer.transcript.text == USUAL.text


def test_recording_that_breaks_off(engine: WhisperEngine, whisper_model: Path):
    """An error of the recording propagates and is not reported as Whisper's."""

    def broken() -> Iterator[bytes]:
        yield noise(1000)
        raise AudioError("it breaks off")

    with pytest.raises(AudioError, match="it breaks off"):
        engine.transcribe(asking(whisper_model), Sound(broken), lambda _: None)


def test_several_threads_share_one_model(whisper_model: Path, media: Path, monkeypatch: pytest.MonkeyPatch):
    """Concurrent requests load the model once and do not mix their results."""
    loaded = []
    load = faster_whisper.WhisperModel

    def count(*arguments: object, **options: object) -> object:
        loaded.append(arguments)
        return load(*arguments, **options)

    monkeypatch.setattr(faster_whisper, "WhisperModel", count)
    engine = WhisperEngine(1)
    start = threading.Barrier(4)

    def hear(language: str) -> str:
        start.wait()
        return engine.transcribe(
            asking(whisper_model, language=language), probe(media / "hello.wav"), lambda _: None
        ).transcript.text

    with ThreadPoolExecutor(4) as threads:
        texts = list(threads.map(hear, ["en", "de", "en", "de"]))
    assert texts == [USUAL.text, "Der Fluss fließt vorbei"] * 2
    assert loaded == [(str(whisper_model.resolve()),)]


def test_sound_without_a_length(engine: WhisperEngine, whisper_model: Path):
    """A recording without a stated length is as long as its audio."""
    events: list[Event] = []
    answer = engine.transcribe(asking(whisper_model), Sound(lambda: chunks(noise(2500), 1000)), events.append)
    assert answer.transcript.duration_ms == 2500
    assert max(segment.end_ms for segment in answer.transcript.segments) <= 2500
    assert events[0] == Transcribed(0, 0)
    assert events[-1] == Transcribed(2500, 2500)


@pytest.mark.parametrize(("hotwords", "shown"), [("", 223), ("boats", 223), ("boats " * 100, 123), ("boats " * 300, 0)])
def test_room_for_the_answer(
    whisper_model: Path, media: Path, monkeypatch: pytest.MonkeyPatch, hotwords: str, shown: int
):
    """Prompt and hotwords of any length take little more than half of the model's context."""
    asked: list[dict[str, Any]] = []
    hear = faster_whisper.WhisperModel.transcribe

    def listen(model: object, sound: object, **options: Any) -> object:
        asked.append(options)
        return hear(model, sound, **options)

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", listen)
    request = asking(whisper_model, prompt="word " * 400, temperature="0")
    request = replace(request, fields=(*request.fields, ("hotwords", hotwords)))
    WhisperEngine(1).transcribe(request, probe(media / "hello.wav"), lambda _: None)
    (options,) = asked
    assert options["condition_on_previous_text"] == (shown == 223)
    assert len(options["initial_prompt"] or ()) == shown


def test_bars_leave_nothing_behind():
    """The lock of the libraries' progress bars is not a multiprocessing lock, which the system would keep."""
    whisper_library()
    assert not hasattr(tqdm.get_lock(), "mp_lock")

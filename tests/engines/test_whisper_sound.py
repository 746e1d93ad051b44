"""How Whisper's engine divides audio, reads chunks in threads, and puts the text together; in this process."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import faster_whisper
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tqdm import tqdm
from whisper_model import USUAL

from anyscribe.audio import probe
from anyscribe.engines.whisper.chunks import LONGEST_SAMPLES, Chunk, SampleRange, split_chunks
from anyscribe.engines.whisper.decoding import WindowText
from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.engines.whisper.libraries import whisper_library
from anyscribe.engines.whisper.reading import read_chunks
from anyscribe.errors import AudioError
from anyscribe.events import Delta, Event, Transcribed
from anyscribe.request import PCM_RATE_HZ, ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytest_plugins = ["whispering"]


def noise(milliseconds: int, *pauses_ms: int) -> bytes:
    """Return loud noise with pauses of 0.4 s at these times."""
    generator = np.random.default_rng(1)
    samples = generator.integers(-20_000, 20_000, milliseconds * PCM_RATE_HZ // 1000, dtype=np.int16)
    for pause_ms in pauses_ms:
        start = pause_ms * PCM_RATE_HZ // 1000
        samples[start : start + PCM_RATE_HZ * 2 // 5] //= 1000
    return samples.tobytes()


def pieces(pcm: bytes, size: int) -> Iterator[bytes]:
    """Split audio into pieces."""
    return (pcm[start : start + size] for start in range(0, len(pcm), size))


@pytest.mark.parametrize(
    ("minutes", "size"),
    [(0, 4096), (0.001, 2), (0.1, 2), (1, 4096), (2, 1 << 22), (2.001, 4096), (5, 4096), (5, 1 << 26)],
)
def test_chunks_are_the_sound(minutes: float, size: int):
    """For any pieces, the chunks together are the audio, in order, and each is neither too long nor empty."""
    pcm = noise(int(minutes * 60_000))
    chunks = list(split_chunks(pieces(pcm, size), finds_speech=False))
    sound = np.concatenate([np.empty(0, np.float32), *(chunk.samples for chunk in chunks)])
    assert (sound * (1 << 15)).astype(np.int16).tobytes() == pcm
    assert all(0 < len(chunk.samples) <= LONGEST_SAMPLES for chunk in chunks)
    ranges = [part for chunk in chunks for part in chunk.kept]
    assert all(left.end == right.begin for left, right in pairwise(ranges))


def test_chunks_are_cut_in_pauses():
    """A chunk ends in the middle of the quietest stretch."""
    pauses_ms = (20_000, 43_000, 60_000)
    chunks = split_chunks([noise(80_000, *pauses_ms)], finds_speech=False)
    ends_ms = [chunk.kept[-1].end * 1000 // PCM_RATE_HZ for chunk in chunks]
    assert ends_ms[:-1] == [pytest.approx(pause_ms + 200, abs=60) for pause_ms in pauses_ms]


def test_long_silences_are_left_out(media: Path):
    """Of a long silence, a second on each side of speech is left; what is left knows its place."""
    speech = b"".join(probe(media / "hello.wav").pcm())
    speech_s = len(speech) / 2 / PCM_RATE_HZ

    def kept_s(*pauses_s: float) -> float:
        before, between, after = (bytes(2 * int(pause_s * PCM_RATE_HZ)) for pause_s in pauses_s)
        chunks = list(split_chunks([before, speech, between, speech, after], finds_speech=True))
        for chunk in chunks:
            for begin, end in chunk.kept:
                middle = chunk.sample((begin + end) // 2)
                assert chunk.position(middle) == (begin + end) // 2
        return sum(len(chunk.samples) for chunk in chunks) / PCM_RATE_HZ - 2 * speech_s

    assert kept_s(0, 0, 0) == pytest.approx(0)
    assert kept_s(1.3, 2, 1.3) == pytest.approx(4.6, abs=0.001)
    assert kept_s(10, 1, 1) == pytest.approx(3, abs=0.5)
    assert kept_s(1, 20, 1) == pytest.approx(4, abs=0.7)
    assert kept_s(1, 1, 20) == pytest.approx(3, abs=0.5)
    assert list(split_chunks([bytes(20 * 2 * PCM_RATE_HZ)], finds_speech=True)) == []


def test_hours_take_little_memory(media: Path):
    """Speech that comes once in minutes, and silence for hours, are held a few minutes at a time."""
    speech = b"".join(probe(media / "hello.wav").pcm())
    minute = speech + bytes(60 * 2 * PCM_RATE_HZ - len(speech))

    def sound() -> Iterator[bytes]:
        for number in range(60):
            yield minute if number % 7 == 0 else bytes(len(minute))

    tracemalloc.start()
    chunks = list(split_chunks(sound(), finds_speech=True))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 70 << 20  # all of it would be 230
    starts_s = [chunk.position(chunk.speech[0].begin) / PCM_RATE_HZ for chunk in chunks]
    assert starts_s == [pytest.approx(7 * 60 * number, abs=1) for number in range(9)]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 40)), min_size=1, max_size=8), st.integers(0, 300))
def test_positions_are_those_of_the_recording(parts: list[tuple[int, int]], at: int):
    """Samples and positions are inverse to each other, also in what is left of a chunk."""
    kept, place = [], 0
    for gap, length in parts:
        kept.append(SampleRange(place + gap, place + gap + length))
        place += gap + length
    chunk = Chunk(np.zeros(sum(length for _, length in parts), np.float32), tuple(kept), (SampleRange(0, 1),))
    at = min(at, len(chunk.samples) - 1)
    inside = {position for begin, end in kept for position in range(begin, end)}
    assert chunk.position(0) == kept[0].begin or chunk.position(0) in inside
    rest = chunk.rest(at) if at else chunk
    assert len(rest.samples) == len(chunk.samples) - at
    assert rest.position(len(rest.samples)) == chunk.position(len(chunk.samples)) == kept[-1].end
    assert chunk.sample(chunk.position(at)) == at


class SlowDecoder:
    """Says each chunk's number, one sample a window, and takes longer for some of them."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self._lock = threading.Lock()
        self.is_cancelled = False

    def cancel(self) -> None:
        """Note that nothing more is wanted."""
        self.is_cancelled = True

    def read(self, chunks: Sequence[Chunk]) -> list[WindowText]:
        """Return the number of each chunk's first sample."""
        with self._lock:
            self.batches.append(len(chunks))
        threading.Event().wait(0.01 * (int(chunks[0].samples[0]) % 3))
        return [
            WindowText([int(chunk.samples[0])], chunk.rest(1) if len(chunk.samples) > 1 else None) for chunk in chunks
        ]


@pytest.mark.parametrize(("threads", "size"), [(1, 1), (2, 3), (4, 8)])
def test_text_comes_in_order(threads: int, size: int):
    """Chunks are returned in order with all that is left of them, whichever thread is faster."""
    decoder = SlowDecoder()
    numbers = [[10 * number + window for window in range(1 + number % 4)] for number in range(40)]
    chunks = (Chunk(np.array(own, np.float32), (SampleRange(0, len(own)),), ()) for own in numbers)
    with ThreadPoolExecutor(threads) as executor:
        read = list(read_chunks(chunks, decoder, executor, threads=threads, batch_sizes=repeat(size)))
    assert [number for found in read for number in found] == [number for own in numbers for number in own]
    assert max(decoder.batches) <= size
    assert decoder.is_cancelled


def test_reading_that_is_given_up():
    """Batches that have not begun are not read when nobody wants the text any more."""
    decoder = SlowDecoder()
    chunks = (Chunk(np.array([2], np.float32), (SampleRange(0, 1),), ()) for _ in range(100))
    with ThreadPoolExecutor(1) as executor:
        read = read_chunks(chunks, decoder, executor, threads=1, batch_sizes=repeat(1))
        next(read)
        read.close()
    assert decoder.is_cancelled
    assert len(decoder.batches) <= 4


def test_humans():
    """Real people are understood: a recording of an actor, from the wheel of another program."""
    moonshine_voice = pytest.importorskip("moonshine_voice")
    folder = next(iter(moonshine_voice.__path__))
    request = TranscriptionRequest(ResponseFormat.TEXT, model="tiny.en")
    engine = WhisperEngine(2)
    beckett = engine.transcribe(request, probe(Path(folder, "assets", "beckett.wav")), lambda _: None)
    assert beckett.transcript.text == "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
    cities = engine.transcribe(request, probe(Path(folder, "assets", "two_cities.wav")), lambda _: None)
    assert cities.transcript.text.startswith("It was the best of times, it was the worst of times")
    assert cities.transcript.text.endswith("in the superlative degree of comparison only.")
    assert "In short, the period was so far like the present period" in cities.transcript.text


class Sound:
    """A recording that consists of audio only.

    Args:
        pieces: Returns the audio.
        duration_ms: The length that it states; None if unknown.
    """

    def __init__(self, pieces: Callable[[], Iterator[bytes]], duration_ms: int | None = None) -> None:
        self._pieces = pieces
        self.duration_ms = duration_ms

    def pcm(self) -> Iterator[bytes]:
        """Return the audio."""
        return self._pieces()


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
    answer = engine.transcribe(asking(whisper_model, stream=True), probe(media / "hello.wav"), events.append)
    deltas = [event.text for event in events if isinstance(event, Delta)]
    assert deltas == [USUAL.first, f" {USUAL.second}"]
    assert "".join(deltas) == answer.transcript.text == USUAL.text
    told = [(event.done_ms, event.total_ms) for event in events if isinstance(event, Transcribed)]
    assert told == sorted(told)
    assert told[0] == (0, 2270)
    assert told[-1] == (2270, 2270)
    assert (2000, 2270) in told


def test_no_deltas_unless_a_stream_is_wanted(engine: WhisperEngine, whisper_model: Path, media: Path):
    """Without a stream, no text is emitted."""
    events: list[Event] = []
    engine.transcribe(asking(whisper_model), probe(media / "hello.wav"), events.append)
    assert not [event for event in events if isinstance(event, Delta)]


def test_chunks_are_one_recording(engine: WhisperEngine, whisper_model: Path):
    """Times continue from chunk to chunk."""
    sound = noise(70_000, 25_000)
    answer = engine.transcribe(
        asking(whisper_model, temperature="0"), Sound(lambda: pieces(sound, 1 << 16)), lambda _: None
    )
    segments = answer.transcript.segments
    assert answer.transcript.duration_ms == 70_000
    starts = [segment.start_ms for segment in segments]
    assert starts == sorted(starts)
    assert any(abs(start - 25_200) < 200 for start in starts)
    assert 70_000 - segments[-1].end_ms < 2_000


def test_times_after_a_silence_that_was_left_out(engine: WhisperEngine, whisper_model: Path, media: Path):
    """Times are those of the recording, with its silences."""
    speech = b"".join(probe(media / "hello.wav").pcm())
    silence = bytes(2 * 20 * PCM_RATE_HZ)
    request = replace(asking(whisper_model), fields=())
    transcript = engine.transcribe(request, Sound(lambda: iter([silence, speech])), lambda _: None).transcript
    assert 18_500 <= transcript.segments[0].start_ms <= 20_000


def test_text_that_does_not_fit_is_read_on(whisper_model: Path, media: Path):
    """If there is no room for all of a window's text, its last unfinished segment is read again in the next window."""
    engine = WhisperEngine(1)
    request = asking(whisper_model, temperature="0")
    sound = probe(media / "hello.wav")
    model = engine._models.load(request.model or "", lambda _: None).model  # noqa: SLF001 - no model is so small
    # The prompt, the first segment with its timestamps, and one word of the second one.
    model.max_length = 3 + len(USUAL.first.split()) + 4
    text = engine.transcribe(request, sound, lambda _: None).transcript.text
    assert text.startswith(f"{USUAL.first} {USUAL.first}")
    assert USUAL.second.split()[0] not in text


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
    answer = engine.transcribe(asking(whisper_model), Sound(lambda: pieces(noise(2500), 1000)), events.append)
    assert answer.transcript.duration_ms == 2500
    assert max(segment.end_ms for segment in answer.transcript.segments) <= 2500
    assert events[0] == Transcribed(0, 0)
    assert events[-1] == Transcribed(2500, 2500)


def test_bars_leave_nothing_behind():
    """The lock of the libraries' progress bars is not a multiprocessing lock, which the system would keep."""
    whisper_library()
    assert not hasattr(tqdm.get_lock(), "mp_lock")

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
from anyscribe.engines.whisper.word_lengths import with_lengths
from anyscribe.errors import AudioError
from anyscribe.events import Delta, Event, Transcribed
from anyscribe.request import PCM_RATE_HZ, ResponseFormat, TranscriptionRequest
from anyscribe.transcript import Word

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


@pytest.mark.parametrize("squeezed", [["A", "river", "runs"], ["A"], ["the"], ["mill."], USUAL.text.split()])
def test_words_without_a_length_are_kept(
    engine: WhisperEngine,
    whisper_model: Path,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
    squeezed: list[str],
):
    """A word, or a whole segment, to which the alignment gives no time stays in the text and gets a length."""
    align = faster_whisper.WhisperModel.find_alignment

    def squeeze(*arguments: Any, **options: Any) -> Any:
        alignments = align(*arguments, **options)
        for word in alignments[0]:
            if word["word"].strip() in squeezed:
                word["end"] = word["start"]
        return alignments

    monkeypatch.setattr(faster_whisper.WhisperModel, "find_alignment", squeeze)
    request = replace(asking(whisper_model), response_format=ResponseFormat.VERBOSE_JSON)
    transcript = engine.transcribe(request, probe(media / "pause.flac"), lambda _: None).transcript
    assert transcript.text == USUAL.text
    assert [segment.text for segment in transcript.segments] == [USUAL.first, USUAL.second]
    assert [word.text for word in transcript.words] == USUAL.text.split()
    assert all(word.start_ms + 20 <= word.end_ms for word in transcript.words)
    times = [time for word in transcript.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    starts = [segment.start_ms for segment in transcript.segments]
    assert starts == [transcript.words[0].start_ms, transcript.words[3].start_ms]


def test_long_silences_are_shortened(
    engine: WhisperEngine, whisper_model: Path, media: Path, monkeypatch: pytest.MonkeyPatch
):
    """Of a long silence, a second on each side of speech is left; without one, the model gets all of the audio."""
    told_s: list[float] = []
    hear = faster_whisper.WhisperModel.transcribe

    def listen(model: object, sound: Any, **options: Any) -> Any:
        told_s.append(len(sound) / PCM_RATE_HZ)
        return hear(model, sound, **options)

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", listen)
    speech = b"".join(probe(media / "hello.wav").pcm())
    speech_s = len(speech) / 2 / PCM_RATE_HZ
    request = replace(asking(whisper_model), fields=())

    def told(*pauses_s: float) -> float:
        before, between, after = (bytes(2 * int(pause_s * PCM_RATE_HZ)) for pause_s in pauses_s)
        sound = [before, speech, between, speech, after]
        engine.transcribe(request, Sound(lambda: iter(sound)), lambda _: None)
        return told_s.pop() - 2 * speech_s

    assert told(0, 0, 0) == pytest.approx(0)
    assert told(1.3, 2, 1.3) == pytest.approx(4.6, abs=0.001)
    assert told(10, 1, 1) == pytest.approx(3, abs=0.5)
    assert told(1, 20, 1) == pytest.approx(4, abs=0.7)
    assert told(1, 1, 20) == pytest.approx(3, abs=0.5)
    assert told_s == []
    silent = Sound(lambda: iter([bytes(20 * 2 * PCM_RATE_HZ)]))
    assert engine.transcribe(request, silent, lambda _: None).transcript.text == ""
    assert told_s == []


def test_times_after_a_shortened_silence(engine: WhisperEngine, whisper_model: Path, media: Path):
    """Times are those of the recording, with its silences."""
    speech = b"".join(probe(media / "hello.wav").pcm())
    silence = bytes(2 * 20 * PCM_RATE_HZ)
    request = replace(asking(whisper_model), fields=(), response_format=ResponseFormat.VERBOSE_JSON)
    sound = Sound(lambda: iter([silence, speech]))
    transcript = engine.transcribe(request, sound, lambda _: None).transcript
    assert 18_500 <= transcript.words[0].start_ms <= 20_000
    assert transcript.segments[0].start_ms == transcript.words[0].start_ms
    assert transcript.text == USUAL.text


def timed(*times: tuple[str, int, int]) -> list[Word]:
    """Return words with these texts and times."""
    return [Word(*time, probability=0.5) for time in times]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([("so", 0, 900), ("it", 1_500, 1_500), ("was", 1_500, 1_800)], (1_350, 1_500), id="pause before"),
        pytest.param([("so", 0, 900), ("it", 1_000, 1_000), ("was", 1_000, 1_800)], (900, 1_000), id="short pause"),
        pytest.param([("so", 0, 900), ("it", 900, 900), ("was", 1_500, 1_800)], (900, 1_050), id="pause after"),
        pytest.param([("so", 0, 100), ("it", 100, 100), ("was", 100, 600)], (100, 300), id="with the next word"),
        pytest.param([("so", 0, 600), ("it", 600, 600), ("was", 600, 700)], (300, 600), id="with the word before"),
        pytest.param([("it", 1_500, 1_500), ("was", 1_500, 1_800)], (1_350, 1_500), id="first"),
        pytest.param([("so", 0, 900), ("it", 2_000, 2_000)], (1_850, 2_000), id="last"),
        pytest.param([("so", 0, 2_000), ("it", 2_000, 2_000)], (1_000, 2_000), id="last, at the end"),
        pytest.param([("it", 2_000, 2_000)], (1_850, 2_000), id="alone"),
        pytest.param([("it", 1_500, 1_519)], (1_350, 1_519), id="shorter than the resolution"),
        pytest.param([("it", 1_500, 1_520)], (1_500, 1_520), id="short, but measured"),
    ],
)  # fmt: skip
def test_where_a_word_without_a_length_is_placed(given: list[tuple[str, int, int]], expected: tuple[int, int]):
    """It lies in the pause before it, else in the pause after it, else it shares the time of a neighbour."""
    words = with_lengths(timed(*given), 2_000)
    (word,) = (word for word in words if word.text == "it")
    assert (word.start_ms, word.end_ms) == expected
    assert [word.probability for word in words] == [0.5] * len(given)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "it", "was", "foolishness", "…", "時"]), st.sampled_from([0, 0, 20, 300]),
                       st.sampled_from([0, 0, 10, 2_000])), max_size=60),
    st.sampled_from([0, 10_000]),
)  # fmt: skip
def test_each_word_has_a_length_between_its_neighbours(spoken: list[tuple[str, int, int]], rest_ms: int):
    """For any times, words stay in order within the recording, and each has a length if there is time for it."""
    words, at_ms = [], 0
    for text, length_ms, pause_ms in spoken:
        words.append(Word(text, at_ms, at_ms + length_ms))
        at_ms += length_ms + pause_ms
    end_ms = (words[-1].end_ms if words else 0) + rest_ms
    placed = with_lengths(words, end_ms)
    assert [word.text for word in placed] == [word.text for word in words]
    times = [0, *(time for word in placed for time in (word.start_ms, word.end_ms)), end_ms]
    assert times == sorted(times)
    if end_ms >= 20 * len(words) and all(length_ms for _, length_ms, _ in spoken):
        assert placed == words
    if rest_ms:
        assert all(word.start_ms < word.end_ms for word in placed)


def test_many_words_without_a_length_take_little_time():
    """A day of words without a length is placed in one pass."""
    words = [Word("it", at_ms, at_ms) for at_ms in range(0, 500_000, 5)]
    assert all(word.start_ms < word.end_ms for word in with_lengths(words, 10**7))


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

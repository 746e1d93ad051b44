"""Speakers that servers name: asked for, kept across the pieces of a recording, and written in every format."""

from __future__ import annotations

import base64
import io
import json
import wave
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from loopback import Reply, json_reply
from truthful import TruthfulServer

from anyscribe.errors import MissingExtraError
from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.formats.json_reading import parse_json_reply
from anyscribe.recording.speakers import with_named_words
from anyscribe.speakers import registry
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program
    from truthful import Heard, Spoken


MODEL = "gpt-4o-transcribe-diarize"
FOUND_BYTES = 8_000


def voice_at(time_ms: float) -> str:
    """Return who speaks at a time of the recording: two by turns, and a third one late."""
    turn = int(time_ms) // 3_000
    return "cyd" if turn in {7, 8, 11} else ("ann", "bob")[turn % 2]


class DiarizingServer(TruthfulServer):
    """A server that names the voices of a piece: as it is told, by the sample of each, and otherwise from A on."""

    def __init__(self, spoken: Spoken, **limits: int) -> None:
        super().__init__(spoken, formats=("diarized_json", "json"), **limits)

    def _rendered(self, wanted: str, heard: Heard, duration_ms: int) -> Reply:
        assert heard.fields["chunking_strategy"] == ["auto"]
        if wanted == "json":
            return super()._rendered(wanted, heard, duration_ms)
        fields = heard.fields
        names = fields.get("known_speaker_names[]", [])
        samples = fields.get("known_speaker_references[]", [])
        labels = {self._whose(sample): name for name, sample in zip(names, samples, strict=True)}
        free = iter("ABC")
        segments = []
        for voice, group in groupby(heard.words, key=lambda word: voice_at((word.start_ms + word.end_ms) / 2)):
            words = list(group)
            if voice not in labels:
                labels[voice] = next(free)
            start, end = (
                time_ms / 1000 - heard.start_sample / 16_000 for time_ms in (words[0].start_ms, words[-1].end_ms)
            )
            segment = {"type": "transcript.text.segment", "id": "seg", "start": start, "end": end}
            segments.append({**segment, "text": " ".join(word.text for word in words), "speaker": labels[voice]})
        text = "\n".join(f"{one['speaker']}: {one['text']}" for one in segments)
        return json_reply({"task": "transcribe", "duration": duration_ms / 1000, "text": text, "segments": segments})

    def _whose(self, sample: str) -> str:
        """Return whose voice is in a sample."""
        kind, _, data = sample.partition(",")
        assert kind == "data:audio/wav;base64"
        with wave.open(io.BytesIO(base64.b64decode(data))) as sound:
            assert 2 <= sound.getnframes() / sound.getframerate() <= 10
            pcm = sound.readframes(sound.getnframes())
        found = self.spoken.pcm.find(pcm[:FOUND_BYTES])
        assert found >= 0
        return voice_at((found + FOUND_BYTES / 2) / 32)


def names_by_voice(segments: Sequence[dict[str, object]]) -> dict[str, set[object]]:
    """Return what each voice is called."""
    names: dict[str, set[object]] = {}
    for one in segments:
        names.setdefault(voice_at(500 * (one["start"] + one["end"])), set()).add(one["speaker"])
    return names


def test_a_voice_keeps_its_name_across_pieces(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Samples of voices go along with the next piece, also after a failure; a later voice gets the next name."""
    anyscribe.keeps_answers = True
    flags = ("-m", MODEL, "--no-align")
    with DiarizingServer(spoken, max_ms=11_000) as server:
        server.answer(server.truth, server.truth, Reply(400, b"no"), server.truth)
        assert anyscribe(recording, *flags, "--max-seconds", "11", base_url=server.url).code == 1
        run = anyscribe(recording, *flags, "--max-seconds", "11", "-f", "verbose_json", base_url=server.url)
        assert len(server.requests) == len(server.heard) + 1
        asked = len(server.heard)
        again = anyscribe(recording, *flags, "--speakers", "no", "-f", "srt", base_url=server.url)
        assert (again.code, len(server.heard)) == (0, asked), "another form of the same words is another question"
    assert asked >= 4
    assert names_by_voice(run.json["segments"]) == {"ann": {"A"}, "bob": {"B"}, "cyd": {"C"}}, run.err
    assert run.json["text"] == spoken.text
    assert "part" not in run.err


class Alike:
    """A diarizer that knows who speaks in samples by what it hears in the recording."""

    def __init__(self, spoken: Spoken) -> None:
        self._pcm = spoken.pcm

    def group_samples(self, samples: Sequence[bytes], sources: Sequence[int]) -> list[int]:
        """Return the voice of each sample."""
        assert len(samples) == len(sources)
        # The first word of a turn may begin in the turn before.
        voices = [voice_at(self._pcm.find(sample[:FOUND_BYTES]) / 32 + 700) for sample in samples]
        return [voices.index(voice) for voice in voices]


@pytest.mark.parametrize("can_hear", [True, False])
def test_voices_without_samples(
    anyscribe: Program, spoken: Spoken, recording: Path, monkeypatch: pytest.MonkeyPatch, *, can_hear: bool
) -> None:
    """Where a server takes no samples, voices are told apart here; without that no A is said to be another A."""

    def make(_folder: str | None) -> Alike:
        if can_hear:
            return Alike(spoken)
        raise MissingExtraError("voices cannot be told apart", extra="local")

    monkeypatch.setattr(registry, "make_diarizer", make)
    flags = ("--speakers", "server", "-f", "diarized_json", "--max-seconds", "11")
    with DiarizingServer(spoken, max_ms=11_000) as server:
        run = anyscribe(recording, "-m", "crispasr", *flags, base_url=server.url)
        assert not any("known_speaker_names[]" in heard.fields for heard in server.heard)
    names = names_by_voice(run.json["segments"])
    if can_hear:
        # Of less than two seconds no voice is known.
        known = {voice: {name for name in named if "(part" not in str(name)} for voice, named in names.items()}
        assert known == {"ann": {"A"}, "bob": {"B"}, "cyd": {"C"}}, run.err
    else:
        (one,) = [name for name in names["ann"] if "part" not in str(name)]
        assert (one, "A (part 2)" in set.union(*names.values())) == ("A", True)
        assert "A (part 2) may be A" in run.err


@pytest.mark.parametrize("model", [MODEL, "crispasr"])
def test_no_name_is_two_voices(
    anyscribe: Program, spoken: Spoken, recording: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """Also if pieces turn out as too long, and nobody can compare the voices, no name stands for two of them."""
    monkeypatch.setattr(registry, "DIARIZERS", (replace(registry.DIARIZERS[0], packages=("no_such_package",)),))
    with DiarizingServer(spoken, max_ms=7_000) as server:
        flags = ("--speakers", "server", "--max-seconds", "11", "-f", "diarized_json")
        run = anyscribe(recording, "-m", model, *flags, base_url=server.url)
        assert len(server.requests) > len(server.heard) > 4
    voices: dict[object, set[str]] = {}
    for one in run.json["segments"]:
        voices.setdefault(one["speaker"], set()).add(voice_at(500 * (one["start"] + one["end"])))
    assert all(len(those) == 1 for those in voices.values()), voices


def answer_without(field: str, value: str | None, request: Request) -> Reply:
    """Answer in verbose_json, and refuse a field."""
    if value in request.fields.get(field, []):
        error = {"message": f"{field}={value} is not supported", "param": field}
        return json_reply({"error": error}, 400)
    segments = [{"id": 0, "start": 0, "end": 2, "text": "Hello."}]
    return json_reply({"text": "Hello.", "duration": 2.27, "segments": segments})


@pytest.mark.parametrize(
    ("model", "refused"),
    [("whisper-1", ("response_format", "diarized_json")), ("voxtral-mini-latest", ("diarize", "true"))],
)
def test_a_server_that_knows_no_speakers(
    anyscribe: Program, server: LoopbackServer, media: Path, model: str, refused: tuple[str, str]
) -> None:
    """The next form is asked for, one line says that there are no speakers, and the answer is not paid for again."""
    field, value = refused
    anyscribe.keeps_answers = True
    server.answer(lambda request: answer_without(field, value, request))
    flags = ("-m", model, "--speakers", "server", "-f", "vtt", "--no-align")
    for count in (2, 2):
        run = anyscribe(media / "hello.wav", *flags, "-o", "-", base_url=server.url)
        assert (run.code, len(server.requests)) == (0, count), run.err
        assert run.err.count("the server does not say who speaks") == 1
        assert "Hello." in run.text
    first = server.requests[0].fields
    assert (first[field], first.get("timestamp_granularities", [])) == ([value], ["segment"] * (field == "diarize"))


def test_mistrals_speakers(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Names are read wherever they stand; an answer without them is no answer to who speaks, but the reverse holds."""
    anyscribe.keeps_answers = True
    said = [("speaker_1", "Hello.", 0, 1), ("speaker_1", "You there.", 1, 1.5), (2, "Yes?", 1.5, 2)]
    segments = [{"start": start, "end": end, "text": text, "speaker_id": who} for who, text, start, end in said]
    text = " ".join(text for _, text, *_ in said)
    server.answer(json_reply({"text": text}), json_reply({"text": text, "segments": segments, "model": "voxtral"}))
    for flags, expected, count in (
        ((), f"{text}\n", 1),
        (("--speakers", "server"), "speaker_1: Hello. You there.\n\n2: Yes?\n", 2),
        (("-f", "text,md", "-d", "out"), "", 2),
    ):
        run = anyscribe(media / "hello.wav", "-m", "voxtral-mini-latest", *flags, base_url=server.url)
        assert (run.text, len(server.requests)) == (expected, count), run.err
    fields = server.requests[1].fields
    assert (fields["diarize"], fields["timestamp_granularities"]) == (["true"], ["segment"])


def test_streamed_speakers(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """The segments of a stream name speakers."""
    segment = {"type": "transcript.text.segment", "id": "a", "start": 0, "end": 2, "text": "Hello.", "speaker": "A"}
    events = ({"type": "transcript.text.delta", "delta": "Hello."}, segment, {"type": "transcript.text.done"})
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in events).encode()
    server.answer(Reply(body=body, content_type="text/event-stream"))
    run = anyscribe(media / "hello.wav", "-m", MODEL, "--stream", "-f", "vtt", "-o", "-", base_url=server.url)
    assert "<v A>Hello." in run.text, run.err
    assert server.requests[0].fields["response_format"] == ["diarized_json"]


def test_words_have_the_speaker_of_their_segment() -> None:
    """Words that were timed here are said by whoever speaks at their middle, also beside a segment."""
    segments = (Segment("Hi there.", 0, 1_000, speaker="A"), Segment("Yes.", 1_200, 2_000, speaker="B"))
    words = (Word("Hi", 0, 400), Word("there.", 400, 1_250), Word("Yes.", 1_190, 2_100))
    named = with_named_words(Transcript("Hi there. Yes.", segments=segments, words=words))
    assert [word.speaker for word in named.words] == ["A", "A", "B"]


def test_diarized_json_is_read_as_it_is_written() -> None:
    """The names at the starts of lines, which OpenAI's examples have, are no words; all is the same after reading."""
    segments = [
        {"type": "transcript.text.segment", "id": "a", "start": 0, "end": 1, "text": "Hi.", "speaker": "agent"},
        {"type": "transcript.text.segment", "id": "b", "start": 1, "end": 2, "text": "A: no.", "speaker": ""},
    ]
    read = parse_json_reply(json.dumps({"text": "Agent: Hi.\nA: no.", "duration": 2, "segments": segments})).transcript
    assert (read.text, read.speakers) == ("Hi. A: no.", ("agent",))
    written = OUTPUT_FORMATS["diarized_json"].render(read, None)
    assert [one["speaker"] for one in json.loads(written)["segments"]] == ["agent", ""]
    assert parse_json_reply(written).transcript.segments == read.segments

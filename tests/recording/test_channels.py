"""Channels and tracks on the command line: mixed, one alone, or each as a speaker."""

from __future__ import annotations

import io
from array import array
from typing import TYPE_CHECKING

import av
import pytest
from audio.waves import level, samples_of, write_wav
from failures import the_error
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program

QUIET_MS = 1500
SAID = ["Hello", "there.", "Good", "morning."]


@pytest.fixture
def speech(media: Path) -> array[int]:
    """Return two seconds of speech."""
    return samples_of(media / "hello.wav")


@pytest.fixture
def call(tmp_path: Path, speech: array[int]) -> Path:
    """Return a call: its second channel answers after the first one has ended."""
    silence = array("h", bytes(2 * (len(speech) + 16 * QUIET_MS)))
    padding = array("h", bytes(2 * 16 * QUIET_MS))
    return write_wav(tmp_path / "call.wav", [speech + padding + silence, silence + padding + speech])


def heard_by(request: Request) -> list[array[int]]:
    """Return the channels that a server was sent, as it decodes them."""
    with av.open(io.BytesIO(request.part("file").body)) as container:
        stream = container.streams.audio[0]
        channels = [array("h") for _ in range(stream.codec_context.layout.nb_channels)]
        resampler = av.AudioResampler(format="s16p", layout=stream.codec_context.layout, rate=16_000)
        for frame in [*container.decode(stream), None]:
            for resampled in resampler.resample(frame):
                for channel, plane in zip(channels, resampled.planes, strict=True):
                    channel.frombytes(bytes(plane)[: 2 * resampled.samples])
    return channels


def test_opposite_polarity_is_heard_by_the_server(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, speech: array[int]
) -> None:
    """A recording whose channels cancel is not sent as it is, since servers mix with a plain mean."""
    path = write_wav(tmp_path / "a.wav", [speech, array("h", [-one for one in speech])])
    run = anyscribe(path, "-v", base_url=server.url)
    (request,) = server.requests
    (channel,) = heard_by(request)
    assert level(channel) == pytest.approx(level(speech), rel=0.01)
    assert "its channels cancel each other" in run.err


def test_stereo_is_sent_as_it_is(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, speech: array[int]
) -> None:
    """Ordinary stereo is sent byte for byte."""
    path = write_wav(tmp_path / "a.wav", [speech, speech[100:] + speech[:100]])
    assert anyscribe(path, base_url=server.url).code == 0
    assert server.requests[0].part("file").body == path.read_bytes()


@pytest.mark.parametrize("number", [1, 2])
def test_one_channel(anyscribe: Program, server: LoopbackServer, call: Path, speech: array[int], number: int) -> None:
    """The channel that is chosen is all that is sent."""
    assert anyscribe(call, "--channels", str(number), base_url=server.url).code == 0
    (channel,) = heard_by(server.requests[0])
    half = len(channel) // 2
    loud, quiet = (channel[:half], channel[half:]) if number == 1 else (channel[half:], channel[:half])
    assert level(loud[: len(speech)] if number == 1 else loud[-len(speech) :]) == pytest.approx(level(speech), rel=0.02)
    assert level(quiet) == 0


def answer_by_channel(request: Request) -> Reply:
    """Answer with what the channel that is loud says."""
    (channel,) = heard_by(request)
    half = len(channel) // 2
    is_first = level(channel[:half]) > level(channel[half:])
    text, start_s = ("Hello there.", 0.2) if is_first else ("Good morning.", 5.4)
    if request.fields["response_format"] != ["verbose_json"]:
        return json_reply({"text": text})
    segment = {"id": 0, "start": start_s, "end": start_s + 1.8, "text": text}
    return json_reply({"text": text, "language": "english", "duration": 6.0, "segments": [segment]})


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe"])
def test_each_channel_is_a_speaker(anyscribe: Program, server: LoopbackServer, call: Path, model: str) -> None:
    """Each channel is one request, and all segments are in order of time, with or without a server's times."""
    server.answer(answer_by_channel)
    run = anyscribe(call, "--channels", "split", "-f", "verbose_json", "-m", model, base_url=server.url)
    assert len(server.requests) == 2, run.err
    segments = [(segment["speaker"], segment["text"]) for segment in run.json["segments"]]
    assert segments == [("channel 1", "Hello there."), ("channel 2", "Good morning.")]
    first, second = (segment["start"] for segment in run.json["segments"])
    assert 0 < first < 2.3
    assert 5.2 < second < 7.6
    assert run.json["text"] == "Hello there. Good morning."


def test_speakers_in_every_format(anyscribe: Program, server: LoopbackServer, call: Path, tmp_path: Path) -> None:
    """One run writes the speakers into each format that has a place for them."""
    server.answer(answer_by_channel)
    formats = [argument for name in ("text", "srt", "vtt", "md") for argument in ("-f", name)]
    run = anyscribe(call, "--channels", "split", *formats, "-m", "whisper-1", base_url=server.url)
    assert run.code == 0, run.err
    assert "<v channel 2>Good morning." in (tmp_path / "call.vtt").read_text()
    assert "channel 2:" in (tmp_path / "call.md").read_text()
    assert (tmp_path / "call.txt").read_text() == "channel 1: Hello there.\n\nchannel 2: Good morning.\n"
    assert (tmp_path / "call.srt").read_text().index("Hello") < (tmp_path / "call.srt").read_text().index("Good")


def test_a_channel_that_fails(anyscribe: Program, server: LoopbackServer, tmp_path: Path, speech: array[int]) -> None:
    """If the last channel fails, what was paid for all others is kept, and not sent again."""
    anyscribe.keeps_answers = True
    silence = array("h", bytes(2 * len(speech)))
    call = write_wav(tmp_path / "call.wav", [speech + silence, silence + speech, speech + speech])
    answers = [json_reply({"text": text}) for text in ("One.", "Two.", "Three.")]
    server.answer(answers[0], answers[1], Reply(status=400, body=b"no"), answers[2])
    first = anyscribe(call, "--channels", "split", base_url=server.url)
    assert (first.code, first.out) == (1, b"")
    second = anyscribe(call, "--channels", "split", base_url=server.url)
    said = ["channel 1: One.", "channel 2: Two.", "channel 3: Three."]
    assert (second.code, sorted(filter(None, second.text.splitlines()))) == (0, sorted(said))
    assert len(server.requests) == 4


@pytest.mark.parametrize(("flags", "message"), [
    (["--channels", "both"], "--channels both: no such channels"),
    (["--channels", "0"], "--channels 0: no such channels"),
    (["--track", "0"], "--track 0: no such track"),
    (["--channels", "split", "--stream"], "exclude each other"),
    (["--channels", "2", "--upload", "original"], "exclude each other"),
])  # fmt: skip
def test_what_cannot_be_chosen(
    anyscribe: Program, server: LoopbackServer, call: Path, flags: list[str], message: str
) -> None:
    """Wrong choices are refused before anything is sent."""
    run = anyscribe(call, *flags, base_url=server.url)
    assert message in the_error(run, 2)
    assert not server.requests


def test_a_channel_that_is_not_there(anyscribe: Program, server: LoopbackServer, call: Path) -> None:
    """A recording with fewer channels is an input that cannot be read."""
    run = anyscribe(call, "--channels", "3", base_url=server.url)
    assert "it has no channel 3, only 2" in the_error(run, 6)
    assert not server.requests


def test_a_codec_that_is_not_known(anyscribe: Program, server: LoopbackServer, tmp_path: Path) -> None:
    """It is refused as an input that cannot be read, and nothing is sent."""
    run = anyscribe(write_wav(tmp_path / "a.wav", [[0] * 1000], tag=0x1234), base_url=server.url)
    assert "codec is not known" in the_error(run, 6)
    assert not server.requests


def test_recordings_joined_together_are_sent_whole(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, media: Path
) -> None:
    """Servers hear two recordings in one file, although their readers would stop after the first."""
    path = tmp_path / "a.wav"
    path.write_bytes((media / "hello.wav").read_bytes() * 2)
    assert anyscribe(path, base_url=server.url).code == 0
    (channel,) = heard_by(server.requests[0])
    assert len(channel) / 16_000 == pytest.approx(2 * 2.27, abs=0.05)


def test_a_header_that_says_less_is_not_sent(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, media: Path
) -> None:
    """Servers hear all of a recording whose header, which their readers believe, speaks of a part of it."""
    content = bytearray((media / "hello.wav").read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = (8_000).to_bytes(4, "little")
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert anyscribe(path, base_url=server.url).code == 0
    (channel,) = heard_by(server.requests[0])
    assert len(channel) / 16_000 == pytest.approx(2.27, abs=0.05)

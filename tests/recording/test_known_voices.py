"""Speakers who are known by a sample of their voice: told to a server that takes samples, or found again here."""

from __future__ import annotations

import wave
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from audio.waves import samples_of, write_wav
from failures import the_error
from loopback import json_reply
from recording.test_piece_voices import MODEL, Alike, DiarizingServer, names_by_voice, voice_at

from anyscribe.errors import MissingExtraError
from anyscribe.optional import is_installed
from anyscribe.speakers import registry
from anyscribe.speakers.dvector import weights

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Reply
    from programs import Program
    from truthful import Spoken

PER_MS = 16


@pytest.fixture(scope="module")
def voices(spoken: Spoken, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a sample of each voice: its second turn in the recording, or its first."""
    folder = tmp_path_factory.mktemp("voices")
    files = {}
    for voice, begin_ms in (("ann", 6_000), ("bob", 9_000), ("cyd", 21_000)):
        assert voice_at(begin_ms) == voice
        files[voice] = folder / f"{voice}.wav"
        with wave.open(str(files[voice]), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(spoken.pcm[begin_ms * 32 : (begin_ms + 3_000) * 32])
    return files


def test_nobody_compares_voices_that_a_server_has_looked_for(
    anyscribe: Program, spoken: Spoken, recording: Path, voices: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is known and does not speak is nobody's name, and nothing is needed here: the answer is paid for."""
    monkeypatch.setattr(registry, "DIARIZERS", (replace(registry.DIARIZERS[0], packages=("no_such_package",)),))
    monkeypatch.setattr(DiarizingServer, "_whose", lambda *_: "dan")
    with DiarizingServer(spoken) as server:
        known = ("--voice", f"Dan={voices['ann']}", "-m", MODEL, "--no-align", "-f", "verbose_json")
        run = anyscribe(recording, *known, base_url=server.url)
    assert run.code == 0, run.err
    assert names_by_voice(run.json["segments"]) == {"ann": {"A"}, "bob": {"B"}, "cyd": {"C"}}


def test_a_server_is_told_of_them(anyscribe: Program, spoken: Spoken, recording: Path, voices: dict[str, Path]) -> None:
    """A server that takes samples gets each voice's, with every piece; later voices get the names that it chooses."""
    flags = ("-m", MODEL, "--no-align", "--max-seconds", "11", "-f", "verbose_json")
    known = ("--voice", f"Ann={voices['ann']}", "--voice", f"Cyd={voices['cyd']}")
    with DiarizingServer(spoken, max_ms=11_000) as server:
        run = anyscribe(recording, *flags, *known, base_url=server.url)
        told = [heard.fields["known_speaker_names[]"] for heard in server.heard]
    assert all(names[:2] == ["Ann", "Cyd"] for names in told), told
    assert names_by_voice(run.json["segments"]) == {"ann": {"Ann"}, "bob": {"A"}, "cyd": {"Cyd"}}, run.err


def test_they_are_found_here(
    anyscribe: Program, spoken: Spoken, recording: Path, voices: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a server names speakers and takes no samples, they are found by what they sound like."""
    monkeypatch.setattr(registry, "make_diarizer", lambda _: Alike(spoken))
    flags = ("-m", "crispasr", "--speakers", "server", "-f", "verbose_json", "--no-align")
    known = ("--voice", f"Bob={voices['bob']}", "--speaker", "A=Anna")
    with DiarizingServer(spoken) as server:
        run = anyscribe(recording, *flags, *known, base_url=server.url)
    assert run.code == 0, run.err
    assert names_by_voice(run.json["segments"]) == {"ann": {"Anna"}, "bob": {"Bob"}, "cyd": {"C"}}, run.err


def test_a_sample_in_the_home_folder(
    anyscribe: Program, spoken: Spoken, recording: Path, voices: dict[str, Path]
) -> None:
    """A path may begin with a tilde, which not every shell replaces after an equals sign."""
    home = {"HOME": str(voices["ann"].parent)}
    flags = ("-m", MODEL, "--no-align", "-f", "verbose_json", "--voice", "Ann=~/ann.wav")
    with DiarizingServer(spoken) as server:
        run = anyscribe(recording, *flags, base_url=server.url, env=home)
    assert names_by_voice(run.json["segments"])["ann"] == {"Ann"}, run.err


def reply(said: str = "Hello.") -> Reply:
    """Return an answer that names nobody."""
    return json_reply({"text": said, "duration": 2.27, "segments": [{"id": 0, "start": 0, "end": 2, "text": said}]})


def test_nobody_says_who_speaks(
    anyscribe: Program, server: LoopbackServer, media: Path, voices: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what would tell voices apart."""
    monkeypatch.setattr(registry, "make_diarizer", lambda model: model)
    server.answer(reply())
    run = anyscribe(media / "hello.wav", "-f", "vtt", "--voice", f"Ann={voices['ann']}", base_url=server.url)
    assert run.code == 0
    assert "no speakers are known; --speakers local tells voices apart here" in run.err


@pytest.mark.parametrize(("flags", "message"), [
    (["--voice", "Ann"], "--voice Ann: not of the form NAME=FILE: such as Maria=maria.wav"),
    (["--voice", "Ann=nowhere.wav"], "--voice Ann=nowhere.wav: no such file"),
    (["--voice", "Ann=silence.flac"], "there are less than 2 seconds of speech in it"),
    (["--voice", "Ann=text.mp3"], "it is not a readable audio file"),
    (["--voice", "Ann=ann.wav", "--speakers", "no"], "--speakers no and --voice exclude each other"),
    (["--voice", "Ann=ann.wav"], "voices cannot be told apart"),
])  # fmt: skip
def test_what_cannot_be_said_of_voices(  # noqa: PLR0913, PLR0917 - fixtures
    anyscribe: Program,
    server: LoopbackServer,
    media: Path,
    voices: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    flags: list[str],
    message: str,
) -> None:
    """What is no sample of a voice, and what nobody can compare, is refused before anything is sent."""

    def make(_: str | None) -> object:
        raise MissingExtraError("voices cannot be told apart", extra="local")

    monkeypatch.setattr(registry, "make_diarizer", make)
    paths = {"Ann=ann.wav": voices["ann"], **{f"Ann={name}": media / name for name in ("silence.flac", "text.mp3")}}
    given = [f"Ann={paths[flag]}" if flag in paths else flag for flag in flags]
    assert message in the_error(anyscribe(media / "hello.wav", *given, base_url=server.url), 2)
    assert not server.requests


@pytest.mark.skipif(not is_installed(weights.PACKAGE), reason="the voice model is not installed")
def test_a_real_voice_is_known_again(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """Of two voices that are told apart here, each is known by what it said elsewhere; a third one is nobody's."""
    sound, segments = [], []
    for voice, begin_ms in (("slt", 0), ("rms", 0), ("slt", 7_000), ("rms", 7_000)):
        own = samples_of(media / "aligned" / f"{voice}.flac")
        at_s = sum(map(len, sound)) / 16_000
        sound.append(own[begin_ms * PER_MS : (begin_ms + 6_000) * PER_MS])
        segments.append({"id": len(segments), "start": at_s, "end": at_s + 6, "text": f" It is {voice}."})
    talk = write_wav(tmp_path / "talk.wav", [sum(sound[1:], sound[0])])
    samples = {}
    for voice in ("slt", "rms", "awb"):
        if (media / "aligned" / f"{voice}.flac").exists():
            own = samples_of(media / "aligned" / f"{voice}.flac")
            samples[voice] = write_wav(tmp_path / f"{voice}.wav", [own[13_500 * PER_MS : 19_500 * PER_MS]])
    text = "".join(one["text"] for one in segments).strip()
    server.answer(json_reply({"text": text, "language": "english", "duration": 24.0, "segments": segments}))
    known = [flag for voice, path in samples.items() for flag in ("--voice", f"{voice.upper()}={path}")]
    flags = ("--speakers", "local", "-f", "verbose_json", "--align")
    run = anyscribe(talk, *flags, *known, base_url=server.url)
    assert run.code == 0, run.err
    said = [(one["speaker"], one["text"].split()[-1]) for one in run.json["segments"]]
    assert {voice for voice, _ in said} == {"SLT", "RMS"}, said

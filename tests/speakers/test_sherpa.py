"""Voices told apart by sherpa-onnx: models of a few kilobytes that know three tones, and folders with wrong ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from array import array
from math import pi, sin
from typing import TYPE_CHECKING

import pytest
from audio.waves import write_wav
from failures import the_error
from loopback import json_reply
from missing import without

from anyscribe import transcribe
from anyscribe.errors import DiarizerUnavailableError
from anyscribe.optional import is_installed
from anyscribe.speakers import registry
from anyscribe.speakers.diarizer import SpeakerTurn
from anyscribe.speakers.sherpa.fitting import fit_turns
from anyscribe.speakers.sherpa.metadata import read_metadata
from anyscribe.speakers.sherpa.models import find_models
from anyscribe.speakers.sherpa.task import Task
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

LOW, MIDDLE, HIGH = 300, 1_000, 2_500
RATE_HZ = 16_000
NEAR_MS = 100
TALK = [(LOW, 3_000), (0, 700), (HIGH, 3_000), (LOW, 2_000), (0, 1_000), (HIGH, 4_000)]
SPEECH = [Span(0, 3_000), Span(3_700, 6_700), Span(6_700, 8_700), Span(9_700, 13_700)]

with_sherpa = pytest.mark.skipif(not is_installed("sherpa_onnx"), reason="sherpa-onnx is not installed")


def samples(talk: Sequence[tuple[int, int]]) -> array[int]:
    """Return tones of so many hertz and milliseconds, one after the other."""
    return array("h", (
        round(8_000 * sin(2 * pi * hertz * index / RATE_HZ))
        for hertz, length_ms in talk
        for index in range(length_ms * RATE_HZ // 1_000)
    ))  # fmt: skip


@pytest.fixture
def models(media: Path, tmp_path: Path) -> Path:
    """Return a folder with both models, as they are unpacked."""
    folder = tmp_path / "models"
    (folder / "sherpa-onnx-pyannote-segmentation-3-0").mkdir(parents=True)
    shutil.copy(media / "sherpa" / "segmentation.onnx", segmentation_in(folder))
    shutil.copy(media / "sherpa" / "embedding.onnx", folder / "any name.onnx")
    return folder


def segmentation_in(folder: Path) -> Path:
    return folder / "sherpa-onnx-pyannote-segmentation-3-0" / "model.onnx"


def speakers_of(folder: Path, most: int | None = None, least: int = 1) -> list[int]:
    """Return the speakers of a talk of two."""
    found = registry.make_diarizer(str(folder)).find_turns([samples(TALK).tobytes()], SPEECH, most, least)
    return [turn.speaker for turn in found]


def error_of(folder: Path) -> str:
    """Return what is said about a folder."""
    with pytest.raises(DiarizerUnavailableError) as caught:
        registry.make_diarizer(str(folder))
    text = str(caught.value)
    assert "\n" not in text
    return text


@with_sherpa
def test_who_speaks_when(models: Path) -> None:
    """Each voice is a speaker, in the order in which they speak, and turns begin where the voice does."""
    found = registry.make_diarizer(str(models)).find_turns([samples(TALK).tobytes()], SPEECH)
    assert [turn.speaker for turn in found] == [0, 1, 0, 1]
    for turn, span in zip(found, SPEECH, strict=True):
        assert abs(turn.span.start_ms - span.start_ms) < NEAR_MS
        assert abs(turn.span.end_ms - span.end_ms) < NEAR_MS


@with_sherpa
@pytest.mark.parametrize(("most", "least", "speakers"), [
    (1, 1, {0}), (2, 2, {0, 1}), (3, 1, {0, 1}), (4, 3, {0, 1}), (None, 40, {0, 1}),
])  # fmt: skip
def test_how_many_speakers(models: Path, most: int | None, least: int, speakers: set[int]) -> None:
    """There are as many as wanted; more than there are voices cannot be had, and do not make it fewer."""
    assert set(speakers_of(models, most, least)) >= speakers
    if most is not None:
        assert len(set(speakers_of(models, most, least))) <= most


@with_sherpa
def test_no_voice_and_no_sound(models: Path) -> None:
    """Words in which no voice is heard, or that are beyond the sound, are said by one speaker; no words by nobody."""
    diarizer = registry.make_diarizer(str(models))
    for sound in (b"", bytes(64_000)):
        assert {turn.speaker for turn in diarizer.find_turns([sound], SPEECH)} == {0}
    assert diarizer.find_turns([b""], []) == []


def test_turns_are_fitted_into_the_speech() -> None:
    """Who began first keeps the time of both, words without a voice go to the nearest, short pauses are bridged."""
    heard = [SpeakerTurn(Span(*span), name) for *span, name in ((0, 5_000, 4), (2_000, 3_000, 1), (4_500, 8_000, 2))]
    words = [Span(100, 400), Span(2_100, 2_400), Span(2_700, 4_000), Span(4_900, 5_600), Span(8_300, 8_500)]
    found = [(*turn.span, turn.speaker) for turn in fit_turns(heard, words)]
    assert found == [(100, 400, 0), (2_100, 4_000, 0), (4_900, 5_000, 0), (5_000, 5_600, 1), (8_300, 8_500, 1)]
    assert fit_turns([], words) == [SpeakerTurn(Span(100, 400), 0), SpeakerTurn(Span(2_100, 4_000), 0), *(
        SpeakerTurn(span, 0) for span in words[3:]
    )]  # fmt: skip
    # Words may overlap, or be within others.
    assert fit_turns([], [Span(0, 900), Span(100, 400), Span(800, 1_000)]) == [SpeakerTurn(Span(0, 1_000), 0)]


def test_the_full_model_is_preferred(models: Path) -> None:
    """Of a full model and one of 8 bits, the full one is used, and the other if it is alone."""
    small = segmentation_in(models).with_name("model.int8.onnx")
    shutil.copy(segmentation_in(models), small)
    assert find_models(models).segmentation == segmentation_in(models)
    segmentation_in(models).unlink()
    assert find_models(models).segmentation == small


@with_sherpa
def test_folders_without_what_is_needed(models: Path, tmp_path: Path) -> None:
    """The error says which model is missing, and where to get it."""
    assert f"there is no folder {tmp_path / 'elsewhere'}" in error_of(tmp_path / "elsewhere")
    shutil.copy(models / "any name.onnx", models / "other.onnx")
    found = error_of(models)
    assert f"{models / 'any name.onnx'} and {models / 'other.onnx'} are both speaker embedding models" in found
    (models / "any name.onnx").unlink()
    segmentation_in(models).unlink()
    found = error_of(models)
    assert f"no speaker segmentation model is in {models}: other.onnx is something else" in found
    assert "put sherpa-onnx-pyannote-segmentation-3-0 there, unpacked, from speaker-segmentation-models" in found
    (models / "other.onnx").unlink()
    assert f"no speaker segmentation model is in {models}: put " in error_of(models)


@with_sherpa
@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html>\n<p>Not found</p>", b"version https://git-lfs", None])
def test_damaged_models(models: Path, content: bytes | None) -> None:
    """A file that is cut off, or no model at all, is named."""
    path = segmentation_in(models)
    path.write_bytes(path.read_bytes()[:700] if content is None else content)
    assert f"{path} cannot be read" in error_of(models)


@with_sherpa
@pytest.mark.parametrize(("old", "new", "told"), [
    (b"num_classes\x12\x017", b"num_classes\x12\x019", "another kind of segmentation model"),
    (b"sample_rate\x12\x0516000", b"sample_rate\x12\x0508000", "another kind of segmentation model"),
    # sherpa-onnx would end its process.
    (b"receptive_field_size", b"receptive_field_sise", "'receptive_field_size' does not exist"),
    (b"AveragePool", b"AveragePoox", "cannot work with"),
])  # fmt: skip
def test_models_that_sherpa_onnx_cannot_use(models: Path, old: bytes, new: bytes, told: str) -> None:
    """What would end a process, or read beyond its memory, is an error of one line."""
    path = segmentation_in(models)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    assert told in error_of(models)


def test_a_model_describes_itself(media: Path) -> None:
    """The description is read without the package `onnx`."""
    found = read_metadata(media / "sherpa" / "embedding.onnx")
    assert (found["framework"], found["output_dim"]) == ("3d-speaker", "8")


@with_sherpa
def test_the_process_ends_with_the_one_that_started_it(models: Path) -> None:
    """If its input ends before the sound does, there is nobody who waits for an answer."""
    found = find_models(models)
    command = [sys.executable, "-m", "anyscribe.speakers.sherpa.process"]
    task = Task(str(found.segmentation), str(found.embedding)).text()
    run = subprocess.run([*command, task], input=b"\x02\0\0\0", capture_output=True, timeout=60, check=False)
    assert (run.returncode, run.stdout) == (1, b"")


REPLY = json_reply({
    "text": "Low. High. Low. High.", "language": "english", "duration": 14.0,
    "segments": [{"id": 0, "start": 0.0, "end": 13.7, "text": "Low. High. Low. High."}],
    "words": [
        {"word": word, "start": span.start_ms / 1_000, "end": span.end_ms / 1_000}
        for word, span in zip(("Low.", "High.") * 2, SPEECH, strict=True)
    ],
})  # fmt: skip


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Return a recording of two voices."""
    return write_wav(tmp_path / "talk.wav", [samples(TALK)])


@with_sherpa
def test_models_on_the_command_line(anyscribe: Program, server: LoopbackServer, talk: Path, models: Path) -> None:
    """Whoever names models wants voices told apart by them; in the environment, they are what `local` means."""
    server.answer(REPLY)
    flags = ("-f", "vtt", "--min-speakers", "2", "--max-speakers", "3", "--no-store")
    told = "<v speaker 1>Low.\n", "<v speaker 2>High.\n"
    run = anyscribe(talk, *flags, "--speakers-model", str(models), base_url=server.url)
    assert (run.code, run.text.count(told[0]), run.text.count(told[1])) == (0, 2, 2), run.err
    run = anyscribe(talk, *flags, base_url=server.url, env={"ANYSCRIBE_SPEAKERS_MODEL": str(models)})
    assert (run.code, "<v" in run.text) == (0, False), run.err


def test_models_without_the_extra(anyscribe: Program, server: LoopbackServer, talk: Path, models: Path) -> None:
    """Before anything is sent, the error names the extra."""
    hidden = models.parent / "hidden"
    hidden.mkdir()
    program = anyscribe.as_process()
    env = without(hidden, "sherpa_onnx")
    run = program(talk, "--speakers-model", str(models), base_url=server.url, env=env)
    assert "[sherpa]" in the_error(run, 2)
    assert not server.requests


@with_sherpa
def test_models_for_a_python_program(server: LoopbackServer, talk: Path, models: Path) -> None:
    """The folder is a keyword, and names of speakers are too."""
    server.answer(REPLY)
    keywords = {"speakers_model": models, "min_speakers": 2, "speaker_names": {"2": "Maria"}}
    heard = transcribe(talk, base_url=server.url, api_key="k", store=False, **keywords)
    assert heard.speakers == ("speaker 1", "Maria")


def test_a_server_without_its_models(anyscribe: Program, tmp_path: Path) -> None:
    """A server that cannot tell voices apart as it was told does not begin."""
    pytest.importorskip("sherpa_onnx")
    run = anyscribe("serve", "--model", "tiny.en", "--speakers-model", str(tmp_path / "none"))
    assert f"there is no folder {tmp_path / 'none'}" in the_error(run, 2)


def test_more_speakers_at_least_than_at_most(anyscribe: Program, server: LoopbackServer, talk: Path) -> None:
    """The error names both numbers."""
    run = anyscribe(talk, "--min-speakers", "3", "--max-speakers", "2", base_url=server.url)
    assert "--min-speakers 3 is more than --max-speakers 2" in the_error(run, 2)
    assert not server.requests

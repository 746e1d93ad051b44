"""The program on both ends: through `anyscribe serve`, it writes the same as on this machine."""

from __future__ import annotations

import json
import wave
from typing import TYPE_CHECKING

import pytest
from scripted_engine import HELLO
from served import MEDIA, new_program, serving, steady

from anyscribe.formats import OUTPUT_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from programs import Program
    from served import Served

KEY = "sk-secret-0123456789"
SAMPLES = ["pause.flac", "hello.m4a", "silence.flac"]
FORMATS = ["text", "json", "verbose_json", "srt", "vtt"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server with a key."""
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(f"{KEY}\n", encoding="ascii")
    key.chmod(0o600)
    with serving(new_program(tmp_path_factory), "--api-key-file", key, "--max-upload", "1MB") as running:
        yield running
        assert running.leftovers() == []
    assert len(running.err_lines) == 1, running.err_lines


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the files written on this machine, each named by its sample and its format."""
    folder = tmp_path_factory.mktemp("here")
    program = new_program(tmp_path_factory)
    # Two of the formats have the same extension.
    for formats in (FORMATS[:2], FORMATS[2:]):
        flags = [flag for response_format in formats for flag in ("-f", response_format)]
        samples = [MEDIA / sample for sample in SAMPLES]
        run = program("--local", "-m", "tiny.en", *samples, *flags, "-d", folder / formats[0], "--suffix", "full", "-q")
        assert run.code == 0, run.err
        for sample in SAMPLES:
            for name in formats:
                written = folder / formats[0] / f"{sample}.{OUTPUT_FORMATS[name].extension}"
                written.rename(folder / f"{sample}.{name}")
    return folder


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("response_format", FORMATS)
def test_same_bytes(served: Served, anyscribe: Program, here: Path, sample: str, response_format: str):
    """Each format is the same, byte for byte, from the server and from this machine."""
    run = anyscribe(MEDIA / sample, "-m", "tiny.en", "-f", response_format, base_url=served.url, api_key=KEY)
    # The program retries an empty reply once, and reports it.
    assert (run.code, "error: " in run.err) == (0, False)
    written = (here / f"{sample}.{response_format}").read_bytes()
    if response_format == "verbose_json":
        assert steady(run.json) == steady(json.loads(written))
    else:
        assert run.out == written


def test_several_recordings_in_several_formats(served: Served, anyscribe: Program, tmp_path: Path):
    """A batch works as well, four recordings at a time."""
    formats = [flag for response_format in FORMATS[:1] + FORMATS[3:] for flag in ("-f", response_format)]
    samples = [MEDIA / name for name in ("hello.mp3", "hello.webm", "pause.flac", "hello.ogg")]
    asked = [*samples, *formats, "-m", "tiny.en", "--suffix", "full", "-q"]
    here = anyscribe("--local", *asked, "-d", "here")
    there = anyscribe(*asked, "-d", "there", base_url=served.url, api_key=KEY)
    assert (here.code, there.code, there.err) == (0, 0, "")
    written = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "there").iterdir()}
    assert len(written) == 12


def test_standard_input(served: Served, anyscribe: Program):
    """A recording from a pipe is sent to the server too."""
    run = anyscribe("-", "-m", "tiny.en", stdin=(MEDIA / "hello.mkv").read_bytes(), base_url=served.url, api_key=KEY)
    assert (run.code, run.text) == (0, f"{HELLO}\n")


@pytest.mark.parametrize(
    ("arguments", "key", "told"),
    [
        (["-m", "tiny.en"], "wrong", (4, ["401", "key"])),
        (["-m", "whisper-1"], KEY, (1, ['no model "whisper-1"', "it offers tiny.en", "--model"])),
        (["-m", "tiny.en", "-l", "fr"], KEY, (1, ["400", "English", "--language"])),
        (["-m", "tiny.en", "--include", "x"], KEY, (1, ["400", "logprobs", "--include"])),
    ],
)
def test_refusals(served: Served, anyscribe: Program, arguments: list[str], key: str, told: tuple[int, list[str]]):
    """The program shows a refusal of the server in one line, with the flag and the request id."""
    code, named = told
    run = anyscribe(MEDIA / "hello.wav", *arguments, base_url=served.url, api_key=key)
    assert (run.code, run.out, len(run.err_lines)) == (code, b"", 1)
    assert all(word in run.err for word in [*named, "request id req_"])


def write_with_silence(path: Path, silent_bytes: int) -> None:
    """Write a recording that is silent after its words."""
    with wave.open(str(MEDIA / "hello.wav"), "rb") as words, wave.open(str(path), "wb") as file:
        file.setparams(words.getparams())
        file.writeframes(words.readframes(words.getnframes()) + bytes(silent_bytes))


def test_recording_that_is_too_long(served: Served, anyscribe: Program, tmp_path: Path):
    """A recording above the server's limit is refused as too large, not by a broken connection, and sent in pieces."""
    write_with_silence(tmp_path / "long.wav", 3_000_000)
    run = anyscribe("long.wav", "-m", "tiny.en", base_url=served.url, api_key=KEY)
    assert (run.code, run.text) == (0, f"{HELLO}\n"), run.err
    assert "it is cut to what the server takes" in run.err
    # More than the network buffers hold, so that the refusal comes during the upload.
    write_with_silence(tmp_path / "long.wav", 20_000_000)
    run = anyscribe("long.wav", "-m", "tiny.en", "--upload", "original", "--no-check", base_url=served.url, api_key=KEY)
    assert (run.code, run.out) == (1, b"")
    assert "413" in run.err
    assert "1,000,000 bytes" in run.err

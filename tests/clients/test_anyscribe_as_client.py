"""The program on both ends: asked through `anyscribe serve`, it writes what it writes on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from served import HELLO, MEDIA, new_program, serving, steady

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from programs import Program
    from served import Served

KEY = "sk-secret-0123456789"
FORMATS = ["text", "json", "verbose_json", "srt", "vtt"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a server with a key."""
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(f"{KEY}\n", encoding="ascii")
    with serving(new_program(tmp_path_factory), "--api-key-file", key, "--max-upload", "1MB") as running:
        yield running
        assert running.leftovers() == []
    assert len(running.err_lines) == 1, running.err_lines


@pytest.mark.parametrize("sample", ["pause.flac", "hello.m4a", "silence.flac"])
@pytest.mark.parametrize("response_format", FORMATS)
def test_same_bytes(served: Served, anyscribe: Program, sample: str, response_format: str):
    """Each format is the same, byte for byte, from the server and from this machine."""
    asked = [MEDIA / sample, "-m", "sphinx", "-f", response_format]
    here = anyscribe("--local", *asked)
    there = anyscribe(*asked, base_url=served.url, api_key=KEY)
    # An empty answer is asked for once more by the program, which says so.
    assert (here.code, there.code, "error" in there.err) == (0, 0, False)
    if response_format == "verbose_json":
        assert steady(there.json) == steady(here.json)
    else:
        assert there.out == here.out


def test_several_recordings_in_several_formats(served: Served, anyscribe: Program, tmp_path: Path):
    """A batch goes through as well, four at a time."""
    formats = [flag for response_format in FORMATS[:1] + FORMATS[3:] for flag in ("-f", response_format)]
    samples = [MEDIA / name for name in ("hello.mp3", "hello.webm", "pause.flac", "hello.ogg")]
    asked = [*samples, *formats, "-m", "sphinx", "--suffix", "full", "-q"]
    here = anyscribe("--local", *asked, "-d", "here")
    there = anyscribe(*asked, "-d", "there", base_url=served.url, api_key=KEY)
    assert (here.code, there.code, there.err) == (0, 0, "")
    written = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "there").iterdir()}
    assert len(written) == 12


def test_standard_input(served: Served, anyscribe: Program):
    """What comes through a pipe goes to the server too."""
    run = anyscribe("-", "-m", "sphinx", stdin=(MEDIA / "hello.mkv").read_bytes(), base_url=served.url, api_key=KEY)
    assert (run.code, run.text) == (0, f"{HELLO}\n")


@pytest.mark.parametrize(
    ("arguments", "key", "told"),
    [
        (["-m", "sphinx"], "wrong", (4, ["401", "key"])),
        (["-m", "whisper-1"], KEY, (1, ["404", "whisper-1", "there is sphinx", "--model"])),
        (["-m", "sphinx", "-l", "fr"], KEY, (1, ["400", "English", "--language"])),
        (["-m", "sphinx", "--include", "x"], KEY, (1, ["400", "logprobs", "--include"])),
    ],
)
def test_refusals(served: Served, anyscribe: Program, arguments: list[str], key: str, told: tuple[int, list[str]]):
    """What the server refuses, the program shows in one line, with the flag and the request's name."""
    code, named = told
    run = anyscribe(MEDIA / "hello.wav", *arguments, base_url=served.url, api_key=key)
    assert (run.code, run.out, len(run.err_lines)) == (code, b"", 1)
    assert all(word in run.err for word in [*named, "request id req_"])


def test_recording_that_is_too_long(served: Served, anyscribe: Program, tmp_path: Path):
    """What is larger than the server takes is refused as that, not as a broken connection, and then sent in pieces."""
    sound = (MEDIA / "hello.wav").read_bytes()
    (tmp_path / "long.wav").write_bytes(sound + bytes(3_000_000))
    run = anyscribe("long.wav", "-m", "sphinx", base_url=served.url, api_key=KEY)
    assert (run.code, run.text) == (0, f"{HELLO}\n"), run.err
    assert "it is cut to what the server takes" in run.err
    # More than lies on the way, so that the refusal comes while it is being sent.
    (tmp_path / "long.wav").write_bytes(sound + bytes(20_000_000))
    run = anyscribe("long.wav", "-m", "sphinx", "--upload", "original", base_url=served.url, api_key=KEY)
    assert (run.code, run.out) == (1, b"")
    assert "413" in run.err
    assert "1,000,000 bytes" in run.err

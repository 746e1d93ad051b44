"""What people type out of habit is understood, or answered with what was meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place, sent_names
from failures import the_error
from loopback import json_reply

from anyscribe.formats import OUTPUT_FORMATS, format_called

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

SEGMENTED = {"text": "hello", "segments": [{"id": 0, "start": 0.5, "end": 2.0, "text": "hello"}]}


@pytest.mark.parametrize(
    ("flags", "files"),
    [
        (["-f", "srt,vtt"], ["a.srt", "a.vtt"]),
        (["-f", "srt, vtt"], ["a.srt", "a.vtt"]),
        (["-f", "srt vtt"], ["a.srt", "a.vtt"]),
        (["-f", "srt,vtt,"], ["a.srt", "a.vtt"]),
        (["-f", "SRT,subrip", "-f", "WebVTT", "--format=txt"], ["a.srt", "a.txt", "a.vtt"]),
        (["-f", "Markdown,verbose-json"], ["a.json", "a.md"]),
    ],
)
def test_formats_together_and_by_other_names(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, flags: list[str], files: list[str]
):
    """Formats are separated by commas or given one by one, in any case, and by the names that people know."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply(SEGMENTED))
    assert anyscribe("a.ogg", *flags, base_url=server.url).code == 0
    assert listing(tmp_path) == sorted(["a.ogg", *files])


def test_formats_of_the_environment(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """The variable takes formats in the same ways."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply(SEGMENTED))
    assert anyscribe("a.ogg", base_url=server.url, env={"ANYSCRIBE_FORMAT": "SRT,txt vtt"}).code == 0
    assert listing(tmp_path) == ["a.ogg", "a.srt", "a.txt", "a.vtt"]


def test_names_of_formats_mean_one_format():
    """No alias is the name or extension of another format."""
    for known in OUTPUT_FORMATS.values():
        assert {format_called(name.upper()) for name in (known.name, *known.aliases)} == {known}


def test_other_lists(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Granularities and additional data are read in the same ways."""
    place(tmp_path, "a.ogg")
    flags = ["-m", "m", "-f", "verbose_json", "--timestamp-granularities", "Words,segment", "--include", "logprobs,x"]
    assert anyscribe("a.ogg", *flags, base_url=server.url).code == 0
    fields = server.requests[0].fields
    assert fields["timestamp_granularities[]"] == ["word", "segment"]
    assert fields["include[]"] == ["logprobs", "x"]


def test_choices_in_any_case(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Values of a fixed set are understood in any case."""
    place(tmp_path, "a.ogg")
    assert anyscribe("a.ogg", "--suffix", "FULL", "--upload", "Original", "-d", ".", base_url=server.url).code == 0
    assert listing(tmp_path) == ["a.ogg", "a.ogg.txt"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [("English", "en"), ("en-US", "en"), ("zh_Hans", "zh"), ("deu", "de"), ("yue", "yue"), ("AUTO", "")],
)
def test_language_is_sent_as_its_code(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, given: str, sent: str
):
    """The server gets the code that the contract wants, however the language is given."""
    place(tmp_path, "a.ogg")
    assert anyscribe("a.ogg", "-l", given, base_url=server.url).code == 0
    assert server.requests[0].fields.get("language", [""]) == [sent]


def test_prompt_that_begins_with_an_at_sign(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Two at signs stand for one; a single one without a file says so."""
    place(tmp_path, "a.ogg")
    assert anyscribe("a.ogg", "--prompt", "@@anna and @ben", base_url=server.url).code == 0
    assert server.requests[0].fields["prompt"] == ["@anna and @ben"]
    assert "@@" in the_error(anyscribe("a.ogg", "--prompt", "@anna", base_url=server.url), 2)


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("--output_format", "--format"),
        ("--output_dir", "--output-dir"),
        ("--output-format", "--format"),
        ("--OUTPUT_DIR", "--output-dir"),
        ("--response_format", "--format"),
        ("--max_upload", "--max-upload"),
        ("--initial_prompt", "--prompt"),
        ("--word_timestamps", "--timestamp-granularities word"),
        ("--timestamp_granularities", "--timestamp-granularities"),
        ("--output-srt", "--format srt"),
        ("--vtt", "--format vtt"),
        ("--max_line_width", "--max-line-chars"),
        ("--lang", "--language"),
        ("--langauge", "--language"),
        ("--api-base", "--base-url"),
    ],
)
def test_options_of_other_programs(anyscribe: Program, server: LoopbackServer, option: str, meant: str):
    """An option that another program has, or that is misspelt, is answered with ours."""
    error = the_error(anyscribe("a.ogg", option, "x", base_url=server.url), 2)
    assert error == f"No such option: {option}: did you mean {meant}?"


def test_key_as_an_option(anyscribe: Program, server: LoopbackServer):
    """There is no option for the key; the message names the variable, and does not show the key."""
    for arguments in (["--api-key", "sk-secret"], ["--api_key=sk-secret"], ["--token=sk-secret"]):
        error = the_error(anyscribe("a.ogg", *arguments, base_url=server.url), 2)
        assert "set ANYSCRIBE_API_KEY" in error
        assert "secret" not in error


def test_option_that_nothing_resembles(anyscribe: Program):
    """Other unknown options lead to the help; so does one that only another command has."""
    assert the_error(anyscribe("a.ogg", "--xyzzy"), 2) == "No such option: --xyzzy: see anyscribe --help"
    assert the_error(anyscribe("models", "--output_format"), 2) == (
        "No such option: --output_format: see anyscribe --help"
    )


def test_help_as_a_word(anyscribe: Program):
    """``help`` is the help, of the program or of a command."""
    assert anyscribe("help").text == anyscribe("--help").text
    assert anyscribe("help", "transcribe").text == anyscribe("--help").text
    assert anyscribe("help", "--quiet").text == anyscribe("--help").text
    for name in ("serve", "models", "completion"):
        run = anyscribe("help", name)
        assert (run.code, run.text) == (0, anyscribe(name, "--help").text)
        assert run.text.startswith(f"Usage: anyscribe {name} ")
    error = the_error(anyscribe("help", "sevre"), 2)
    assert re.fullmatch("there is no command sevre: the commands are transcribe, .*serve.*", error)


def test_main_command_by_its_name(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """``transcribe`` before the inputs is the main command; after it, no word names a command."""
    place(tmp_path, "a.ogg", "serve", "transcribe", "help")
    assert anyscribe("transcribe", "a.ogg", base_url=server.url).text == "hello\n"
    assert anyscribe("transcribe", "-f", "json", "serve", base_url=server.url).json == {"text": "hello"}
    assert anyscribe("./transcribe", base_url=server.url).text == "hello\n"
    assert anyscribe("a.ogg", "transcribe", "help", "-o", "-", "-j1", base_url=server.url).code == 0
    assert sent_names(server)[3:] == ["a.ogg", "recording.ogg", "recording.ogg"]
    assert "INPUT is missing" in the_error(anyscribe("transcribe"), 2)
    assert anyscribe("transcribe", "--help").text == anyscribe("--help").text

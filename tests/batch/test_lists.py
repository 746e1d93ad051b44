"""Recordings that a list names, each perhaps with fields of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import SAMPLE, listing, place
from loopback import json_reply

from anyscribe.batch.input_set import InputSet, read_list_file
from anyscribe.batch.recording_list import read_recordings

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

FLAGS = ("--no-check", "-j", "1")


def fill(folder: Path, *names: str) -> None:
    """Place recordings, each with a content of its own."""
    for path in place(folder, *names):
        path.write_bytes(SAMPLE.read_bytes() + path.name.encode())


def lines(*given: str | dict[str, Any]) -> bytes:
    """Write a list."""
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in given).encode()


def asked(server: LoopbackServer) -> list[tuple[str | None, str | None, str | None]]:
    """Return the file's name, the language and the prompt of each request."""
    found = []
    for request in server.requests:
        fields = {part.name: part.body.decode() for part in request.parts if part.filename is None}
        found.append((request.part("file").filename, fields.get("language"), fields.get("prompt")))
    return found


def test_list_from_end_to_end(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Each recording is asked about in its own words, its result goes where its line says, and again costs nothing."""
    anyscribe.keeps_answers = True
    fill(tmp_path, "in/a.ogg", "in/b [1].ogg", "in/c.ogg", "#d.ogg", "x.ogg")
    (tmp_path / "list").write_bytes(
        b"\xef\xbb\xbf# recordings\r\n"
        + lines(
            "  in/a.ogg \r",
            "",
            "in/b [1].ogg",
            {"file": "in/c.ogg", "language": "German", "vocabulary": ["Ada", "Babbage"], "output": "deep/named.txt"},
            {"file": "#d.ogg", "prompt": "@Anne", "language": "auto", "output": None},
            "in/a.ogg",
        )
    )
    command = ("x.ogg", "--from", "list", "-l", "fr", "--prompt", "Bonjour", "-d", "out", *FLAGS)
    run = anyscribe(*command, base_url=server.url)
    assert (run.code, run.out) == (0, b"")
    assert listing(tmp_path / "out") == ["#d.txt", "deep/named.txt", "in/a.txt", "in/b [1].txt", "x.txt"]
    assert asked(server) == [
        ("x.ogg", "fr", "Bonjour"),
        ("a.ogg", "fr", "Bonjour"),
        ("b [1].ogg", "fr", "Bonjour"),
        ("c.ogg", "de", "Bonjour Ada, Babbage."),
        ("#d.ogg", None, "@Anne"),
    ]
    again = anyscribe(*command, base_url=server.url)
    assert (again.code, len(server.requests)) == (0, 5)
    assert "5 already there" in again.err
    # The store knows each question by its own fields.
    (tmp_path / "list").write_bytes(lines({"file": "in/c.ogg", "language": "de", "vocabulary": "Ada,Babbage"}, "x.ogg"))
    other = anyscribe("--from", "list", "-l", "fr", "--prompt", "Bonjour", "-f", "json", *FLAGS, base_url=server.url)
    assert (other.code, len(server.requests)) == (0, 5)
    (tmp_path / "list").write_bytes(lines({"file": "x.ogg", "language": "fr"}))
    assert anyscribe("--from", "list", "-f", "json", "-o", "-", *FLAGS, base_url=server.url).json == {"text": "hello"}
    assert asked(server)[5:] == [("x.ogg", "fr", None)]


def test_list_in_a_pipe(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A list comes through standard input; its outputs say the format; a changed result is written again for it."""
    anyscribe.keeps_answers = True
    fill(tmp_path, "a.ogg", "b.ogg")
    server.answer(*(json_reply({"text": "hello", "segments": [{"start": 0, "end": 1, "text": "hello"}]}),) * 2)
    given = lines({"file": "a.ogg", "language": "en", "output": "x/"}, {"file": "b.ogg", "output": "b.srt"})
    assert anyscribe("--from", "-", *FLAGS, stdin=given, base_url=server.url).code == 0
    assert listing(tmp_path) == ["a.ogg", "b.ogg", "b.srt", "x/a.srt"]
    again = anyscribe("--from", "-", "--suffix", "lang", *FLAGS, stdin=given, base_url=server.url)
    assert (again.code, len(server.requests)) == (0, 2)
    assert listing(tmp_path / "x") == ["a.en.srt", "a.srt"]
    closed = anyscribe("--from", "-", base_url=server.url)
    assert (closed.code, closed.err_lines) == (2, ["anyscribe: error: --from - names no recording: write one a line"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lines("a.ogg", {"file": "b.ogg", "speaker": 1}), "line 2: Object contains unknown field `speaker`"),
        (lines("a.ogg", '{"file": "b.ogg"'), "line 2: Input data was truncated"),
        (lines({"language": "de"}), "line 1: Object missing required field `file`"),
        (lines({"file": 3}), "line 1: Expected `str`, got `int`"),
        (lines({"file": ""}), "line 1: file is empty"),
        (lines("", {"file": "a.ogg", "language": "klingon"}), "line 2: --language klingon: not a language"),
        (lines({"file": "a.ogg", "temperature": 2}), "line 1: --temperature 2.0: not a number from 0 to 1"),
        (lines("a.ogg", "-"), "line 2: standard input is no line of a list: give - as INPUT"),
        (lines("a.ogg", "s3://"), "s3:///: no bucket or host is named"),
        (b"a.ogg\nb\0.ogg\n", "line 2: that is no line of text"),
        (b"x" * 1_000_001, "line 1: that is no line of text"),
        (b"# nothing\n\n", "--from list names no recording"),
        (lines("a.ogg", "a.wav"), "a.ogg (line 1) and a.wav (line 2) would both be written to a.txt"),
        (lines("a.ogg", {"file": "a.ogg", "prompt": "x"}), "a.ogg (line 1) and a.ogg (line 2) would both be written"),
        (lines({"file": "a.ogg", "output": "a.wav"}, "a.wav"), "a.wav is an input"),
        (
            lines({"file": "a.ogg", "output": "a.srt"}, {"file": "a.wav", "output": "b.vtt"}),
            "line 2: b.vtt is not the name of a file for --format srt",
        ),
    ],
)
def test_what_is_wrong_in_a_list(anyscribe: Program, server: LoopbackServer, tmp_path: Path, given: bytes, told: str):
    """It is told in one line with the line's number, and nothing is sent."""
    place(tmp_path, "a.ogg", "a.wav")
    (tmp_path / "list").write_bytes(given)
    run = anyscribe("--from", "list", base_url=server.url)
    assert (run.code, len(run.err_lines), server.requests) == (2, 1, [])
    assert told in run.err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--from", "list", "--watch"], "--from and --watch exclude each other"),
        (["--from", "nowhere"], "--from nowhere cannot be read (No such file or directory)"),
        (["--from", "-", "-"], "--from - and INPUT - would both be read from standard input"),
        (["--from", "list", "-o", "-"], "line 1 names an output, and so does --output"),
        (["--from", "list", "-f", "text,srt"], "line 1: an output is a file of one format"),
        (["--from", "list", "--since", "today"], "--since chooses among the episodes of a feed"),
        (["a.ogg", "--limit", "3"], "--limit chooses among the episodes of a feed"),
        (["--feed", "talks.xml"], "--feed talks.xml is no address of a feed"),
        (["--feed", "https://x/", "--since", "soon"], "--since soon: not a date"),
        (["--local", "-m", "tiny.en", "--from", "german"], "line 1: --language de: this model knows English only"),
    ],
)
def test_what_contradicts_a_list(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, flags: list[str], told: str
):
    """Contradictions are told before anything is read or sent."""
    if "--local" in flags:
        pytest.importorskip("faster_whisper")
    place(tmp_path, "a.ogg")
    (tmp_path / "list").write_bytes(lines({"file": "a.ogg", "output": "b.txt"}))
    (tmp_path / "german").write_bytes(lines({"file": "a.ogg", "language": "de"}))
    run = anyscribe(*flags, base_url=server.url)
    assert (run.code, server.requests) == (2, [])
    assert told in run.err


def test_lines_that_name_nothing(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """They fail by themselves; the others are done."""
    place(tmp_path, "a.ogg", "folder/b.ogg")
    given = lines("folder", "none.ogg", "a.ogg", "ftp://x/y.mp3")
    run = anyscribe("--from", "-", *FLAGS, stdin=given, base_url=server.url)
    assert (run.code, len(server.requests)) == (3, 1)
    assert "folder: it is a folder: list its recordings, or give it as INPUT" in run.err
    assert "ftp://x/y.mp3: that is an address, not a file" in run.err
    assert "1 done, 3 failed" in run.err


def test_addresses_are_not_asked_about(tmp_path: Path):
    """Nothing is loaded that could ask a bucket; folders are mirrored, and nothing leads out of them."""
    pytest.importorskip("fsspec")
    names = ["s3://calls/2026/a*.mp3", "https://x/a%20b/c.mp3?token=t", "../x/a.mp3", "/y/b.mp3", "s3://calls/../c.mp3"]
    (tmp_path / "list").write_bytes(lines(*names, {"file": names[0], "language": "de"}))
    sources = InputSet(listed=read_list_file(str(tmp_path / "list"), None), has_list=True).find(None, str)
    relative = ["2026/a*.mp3", "a b/c.mp3", "x/a.mp3", "y/b.mp3", "c.mp3", "2026/a*.mp3"]
    assert [source.relative.as_posix() for source in sources] == relative
    assert [str(source.path) for source in sources[:2]] == ["s3://calls/2026/a*.mp3", "https://x/a%20b/c.mp3"]


def test_same_fields_are_kept_once():
    """A hundred thousand recordings in two languages have two records of fields."""
    listed = [*read_recordings((b'{"file": "a", "language": "%s"}' % code for code in (b"de", b"en") * 9), "list")]
    assert len({id(one.own) for one in listed}) == 2

"""Where results go, what is refused before anything is sent, and that files are written whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import (
    SAMPLE,
    held_to_permissions,
    listing,
    place,
    sent_names,
    with_shell,
)
from loopback import Fault, Reply, json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
VERBOSE = {
    "task": "transcribe",
    "language": "en",
    "duration": 2.3,
    "text": "hello",
    "segments": [{"id": 0, "start": 0.5, "end": 2.0, "text": "hello"}],
}
SRT = b"1\n00:00:00,500 --> 00:00:02,000\nhello\n\n"


def text_of_name(request: Request) -> Reply:
    """Answer with the name of the recording."""
    return json_reply({"text": request.part("file").filename})


def test_one_input_one_format_is_standard_output(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A single recording in one format goes to standard output, and no file is created."""
    place(tmp_path, "a.ogg")
    run = anyscribe("a.ogg", "-f", "json", base_url=server.url)
    assert (run.code, run.json, run.err, listing(tmp_path)) == (0, {"text": "hello"}, "", ["a.ogg"])


def test_a_language_in_names(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """The language that was heard is in the name; a file in any language counts as there, unless one is named."""
    place(tmp_path, "a.ogg", "b.ogg")
    server.answer(json_reply(VERBOSE | {"language": "german"}))
    flags = ("a.ogg", "b.ogg", "-f", "srt", "--suffix", "lang")
    assert "anyscribe: 2 done" in anyscribe(*flags, base_url=server.url).err_lines
    assert (listing(tmp_path), len(server.requests)) == (["a.de.srt", "a.ogg", "b.de.srt", "b.ogg"], 2)
    (tmp_path / "b.de.srt").unlink()
    assert "anyscribe: 1 done, 1 already there" in anyscribe(*flags, base_url=server.url).err_lines
    assert "anyscribe: 2 done" in anyscribe(*flags, "-l", "fr", base_url=server.url).err_lines
    assert "anyscribe: 0 done, 2 already there" in anyscribe(*flags, "-l", "fr", base_url=server.url).err_lines
    assert (sorted(set(listing(tmp_path)) - {"a.ogg", "b.ogg"}), len(server.requests)) == (
        ["a.de.srt", "a.fr.srt", "b.de.srt", "b.fr.srt"],
        5,
    )


def test_no_language_in_names(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A text that is too short to tell its language gets no language in its name, and the user is told."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"text": "hm"}))
    run = anyscribe("a.ogg", "-d", ".", "--suffix", "lang", base_url=server.url)
    assert (run.code, listing(tmp_path), len(run.err_lines)) == (0, ["a.ogg", "a.txt"], 2)
    assert "--language names it" in run.err_lines[0]


def test_several_formats_are_sidecars(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Several formats go to files beside the recording, with one request, and standard error names the files."""
    place(tmp_path, "sub/talk.tape.ogg")
    server.answer(json_reply(VERBOSE))
    run = anyscribe("sub/talk.tape.ogg", "-f", "srt", "-f", "text", "-f", "json", base_url=server.url)
    assert (run.code, run.out, len(server.requests)) == (0, b"", 1)
    assert run.err_lines == [
        f"anyscribe: sub/talk.tape.ogg → sub/talk.tape.{extension}" for extension in ("srt", "txt", "json")
    ]
    assert (tmp_path / "sub" / "talk.tape.srt").read_bytes() == SRT
    assert (tmp_path / "sub" / "talk.tape.txt").read_bytes() == b"hello\n"
    assert json.loads((tmp_path / "sub" / "talk.tape.json").read_bytes()) == {"text": "hello"}


def test_output_names_one_file(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """-o writes to that file, and creates its folders."""
    place(tmp_path, "a.ogg")
    run = anyscribe("a.ogg", "-o", "deep/er/result", "-q", base_url=server.url)
    assert (run.code, run.out, run.err, listing(tmp_path)) == (0, b"", "", ["a.ogg", "deep/er/result"])
    assert (tmp_path / "deep" / "er" / "result").read_bytes() == b"hello\n"


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (["-o", "talk.srt"], SRT),
        (["-o", "TALK.SRT"], SRT),
        (["-o", "talk.en.srt"], SRT),
        (["-o", "deep/talk.txt"], b"hello\n"),
        (["-o", "talk.md"], b"# a\n\n"),
        (["-o", "talk.markdown"], b"# a\n\n"),
        (["-o", "talk.txt", "-f", "TXT"], b"hello\n"),
        (["-o", "talk.vtt", "-f", "vtt"], b"WEBVTT\n"),
        (["-o", "talk.pdf"], b"hello\n"),
        (["-o", "talk.pdf", "-f", "srt"], SRT),
        (["-o", "talk"], b"hello\n"),
        (["-o", ".srt"], b"hello\n"),
        (["-o", "talk 1.1", "-f", "srt"], SRT),
    ],
)
def test_format_follows_the_name_of_the_file(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, arguments: list[str], written: bytes
):
    """The extension of --output chooses the format if none is named; an extension that is not known says nothing."""
    place(tmp_path, "in/a.ogg")
    server.answer(json_reply(VERBOSE))
    run = anyscribe("in/a.ogg", *arguments, "-q", base_url=server.url)
    assert (run.code, run.out, run.err, listing(tmp_path)) == (0, b"", "", sorted(["in/a.ogg", arguments[1]]))
    assert (tmp_path / arguments[1]).read_bytes().startswith(written)


@pytest.mark.parametrize(
    ("flags", "asked"), [([], "json"), (["-f", "json"], "json"), (["-f", "verbose_json"], "verbose_json")]
)
def test_json_files_are_of_either_kind(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, flags: list[str], asked: str
):
    """The extension json stands for json, and goes with verbose_json too."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply(VERBOSE))
    run = anyscribe("a.ogg", "-m", "m", "-o", "a.json", *flags, base_url=server.url)
    assert (run.code, server.requests[0].fields["response_format"]) == (0, [asked])


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("talk.srt", "vtt"),
        ("talk.txt", "json"),
        ("talk.JSON", "text"),
        ("talk.md", "srt"),
        ("talk.vtt", "verbose_json"),
    ],
)
def test_name_of_a_file_for_another_format(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, file: str, named: str
):
    """A file name that stands for another format than --format is refused before anything is sent."""
    place(tmp_path, "a.ogg")
    run = anyscribe("a.ogg", "-o", file, "-f", named, base_url=server.url)
    message = f"--output {file} is not the name of a file for --format {named}: change one of them"
    assert (run.code, run.err_lines, server.requests) == (2, [f"anyscribe: error: {message}"], [])
    by_environment = {"ANYSCRIBE_OUTPUT": file, "ANYSCRIBE_FORMAT": named}
    assert anyscribe("a.ogg", base_url=server.url, env=by_environment).code == 2
    assert server.requests == []


def test_usual_format_gives_way_to_a_file_named_now(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """The format of the environment gives way to the extension of a file that is named on the command line."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply(VERBOSE))
    for usual in ("json", "vtt,text", "json,srt"):
        run = anyscribe("a.ogg", "-o", "a.srt", "--overwrite", base_url=server.url, env={"ANYSCRIBE_FORMAT": usual})
        assert (run.code, (tmp_path / "a.srt").read_bytes()) == (0, SRT)
    kept = anyscribe("a.ogg", "-m", "m", "-o", "a.json", base_url=server.url, env={"ANYSCRIBE_FORMAT": "verbose_json"})
    assert (kept.code, server.requests[-1].fields["response_format"]) == (0, ["verbose_json"])


@pytest.mark.parametrize("folder", ["new/", "new//", "./new/deep/../", "new/."])
def test_output_that_can_only_be_a_folder(anyscribe: Program, server: LoopbackServer, tmp_path: Path, folder: str):
    """An --output that ends with a slash is a folder for any number of results, existing or not."""
    place(tmp_path, "a.ogg", "in/b.ogg")
    (tmp_path / "new" / "deep").mkdir(parents=True) if ".." in folder else None
    run = anyscribe("a.ogg", "in", "-f", "text,json", "-o", folder, base_url=server.url)
    assert run.code == 0
    assert listing(tmp_path / "new") == ["a.json", "a.txt", "b.json", "b.txt"]
    both = anyscribe("a.ogg", "-o", folder, "-d", "x", base_url=server.url)
    assert (both.code, "--output and --output-dir exclude each other" in both.err) == (2, True)
    alone = anyscribe("a.ogg", "-o", folder, "-f", "md", base_url=server.url)
    assert (alone.code, (tmp_path / "new" / "a.md").exists()) == (0, True)


NAMES = {
    "Talk 1.1": "Talk 1.1",
    "Talk 1.1.mp3": "Talk 1.1",
    "Mr. Smith": "Mr. Smith",
    "Mr. Smith.WAV": "Mr. Smith",
    "v2.final": "v2.final",
    "2024.05.01": "2024.05.01",
    "talk.xyz": "talk.xyz",
    "talk.m4b": "talk",
    ".ogg": ".ogg",
    "archive.tar.flac": "archive.tar",
    "Interview Nr.5": "Interview Nr.5",
}


def test_names_without_an_extension(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Only a known extension is cut off a recording's name; what follows another dot belongs to the name."""
    place(tmp_path, *NAMES, sample=SAMPLE)
    run = anyscribe(
        *(name for name in NAMES if name not in {"Talk 1.1", "Mr. Smith"}), "-f", "srt", base_url=server.url
    )
    assert run.code == 0
    apart = [stem for name, stem in NAMES.items() if name not in {"Talk 1.1", "Mr. Smith"}]
    assert sorted(name for name in listing(tmp_path) if name.endswith(".srt")) == sorted(
        f"{stem}.srt" for stem in apart
    )
    titled = anyscribe("2024.05.01", "-f", "md", base_url=server.url)
    assert titled.text.startswith("# 2024.05.01\n")


@pytest.mark.parametrize("names", [("a.mp3", "a"), ("Talk 1.1", "Talk 1.1.mp3")])
def test_names_that_differ_by_the_extension(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, names: tuple[str, str]
):
    """A recording without an extension and its namesake with one never share a result."""
    place(tmp_path, *names)
    run = anyscribe(*names, base_url=server.url)
    assert (run.code, server.requests) == (2, [])
    assert f"{names[0]} and {names[1]} would both be written to" in run.err
    apart = anyscribe(*names, "--suffix", "full", base_url=server.url)
    assert (apart.code, listing(tmp_path)) == (0, sorted([*names, *(f"{name}.txt" for name in names)]))


def test_standard_output_in_the_order_of_the_inputs(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """-o - writes results in the order of the inputs, even if they finish in the opposite order, each with its name."""
    names = ["a.ogg", "b.ogg", "c.ogg"]
    place(tmp_path, *names)
    others = threading.Barrier(3)

    def last_first(request: Request) -> Reply:
        name = request.part("file").filename or ""
        others.wait(20)
        return Reply(body=f"text of {name}".encode(), content_type="text/plain", delay_s=0.2 * (2 - names.index(name)))

    server.answer(last_first)
    run = anyscribe("a.ogg", "gone.ogg", "b.ogg", "c.ogg", "-o", "-", base_url=server.url)
    headed = [f"==> {name} <==\ntext of {name}" for name in names]
    assert (run.code, run.text) == (3, "\n\n".join(headed))
    assert listing(tmp_path) == names


def test_output_folder_mirrors_the_inputs(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """-d writes sidecars to a folder with their paths below the input's root, so that equal names stay apart."""
    place(tmp_path, "in/a.ogg", "in/x/a.ogg", "in/x/y/a.ogg", "talks/z/b.ogg", "lone/c.ogg")
    server.answer(text_of_name)
    run = anyscribe("-r", "in", "talks/**/*.ogg", "lone/c.ogg", "-d", "out/put", base_url=server.url)
    assert run.code == 0
    assert listing(tmp_path / "out" / "put") == ["a.txt", "c.txt", "x/a.txt", "x/y/a.txt", "z/b.txt"]
    assert [name for name in listing(tmp_path) if name.endswith(".txt") and not name.startswith("out")] == []


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (
            ["a.mp3", "a.wav"],
            "a.mp3 and a.wav would both be written to a.txt: --suffix full keeps a.mp3 ",
        ),
        (["."], "a.mp3 and a.wav would both be written to a.txt: --suffix full keeps"),
        (["x/b.ogg", "y/b.ogg", "-d", "out"], "x/b.ogg and y/b.ogg would both be written to out/b.txt: --suffix full "),
        (
            ["x/b.ogg", "-f", "json", "-f", "verbose_json"],
            "json and verbose_json would both be written to x/b.json: ",
        ),
        (["lecture.txt", "x/b.ogg", "--overwrite"], "lecture.txt is an input: "),
        (["x/b.ogg", "-o", "x/b.ogg", "--overwrite"], "x/b.ogg is an input: a result is not written over a recording"),
        (["x/b.ogg", "-o", "link", "--overwrite"], "link is an input: a result is not written over a recording"),
        (["x/b.ogg", "-o", "x"], "x is a folder: --output-dir writes into a folder"),
        (["x/b.ogg", "-d", "a.mp3"], "--output-dir a.mp3: it is not a folder: name another one"),
        (["x/b.ogg", "-o", "b", "-d", "out"], "--output and --output-dir exclude each other: give one of them"),
        (["x", "-o", "b"], "--output names one file, for one recording: use --output-dir for several"),
        (["x/b.ogg", "-o", "b", "-f", "srt", "-f", "vtt"], "--output takes one format: use --output-dir for several"),
    ],
)
@needs_posix
def test_refused_before_anything_is_sent(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, inputs: list[str], reason: str
):
    """Harmful outputs are refused with the remedy, before a request is sent or a file is created."""
    place(tmp_path, "a.mp3", "a.wav", "x/b.ogg", "y/b.ogg", "lecture.txt")
    (tmp_path / "link").symlink_to("x/b.ogg")
    before = listing(tmp_path)
    run = anyscribe(*inputs, base_url=server.url)
    assert (run.code, len(run.err_lines), server.requests, listing(tmp_path)) == (2, 1, [], before)
    assert run.err.startswith(f"anyscribe: error: {reason}")
    assert (tmp_path / "x" / "b.ogg").read_bytes() == SAMPLE.read_bytes()


def test_full_suffix_keeps_apart(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """With --suffix full, a sidecar keeps its recording's extension."""
    place(tmp_path, "a.mp3", "a.wav")
    server.answer(text_of_name)
    run = anyscribe(".", "--suffix", "full", base_url=server.url)
    assert run.code == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.txt")} == {
        "a.mp3.txt": "a.mp3\n",
        "a.wav.txt": "a.wav\n",
    }


def test_existing_file_is_kept(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """An existing sidecar is kept and reported, and its recording is not sent again; the others are done."""
    place(tmp_path, "a.ogg", "b.ogg")
    (tmp_path / "a.txt").write_text("mine", encoding="utf-8")
    run = anyscribe("a.ogg", "b.ogg", base_url=server.url)
    assert (run.code, sent_names(server)) == (0, ["b.ogg"])
    assert run.err_lines[0] == "anyscribe: a.txt exists and is kept; --overwrite replaces it"
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "mine"
    again = anyscribe("a.ogg", "-o", "b.txt", "-q", base_url=server.url)
    assert (again.code, again.out, again.err, len(server.requests)) == (0, b"", "", 1)


def test_only_the_missing_format_is_made(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Of several formats, existing files are kept, and only the missing ones are made."""
    place(tmp_path, "a.ogg")
    (tmp_path / "a.txt").write_text("mine", encoding="utf-8")
    server.answer(json_reply(VERBOSE))
    run = anyscribe("a.ogg", "-f", "text", "-f", "srt", base_url=server.url)
    assert (run.code, listing(tmp_path)) == (0, ["a.ogg", "a.srt", "a.txt"])
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "mine"


@needs_posix
def test_overwrite_replaces(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """With --overwrite, a file is replaced and keeps its mode; a link is replaced, but its target is not."""
    place(tmp_path, "a.ogg", "b.ogg")
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    (tmp_path / "a.txt").chmod(0o600)
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / "b.txt").symlink_to("precious")
    run = anyscribe("a.ogg", "b.ogg", "--overwrite", base_url=server.url)
    assert run.code == 0
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes() == b"hello\n"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"


def test_file_that_appears_meanwhile_is_kept(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A sidecar that another program creates while the server works is not overwritten either."""
    place(tmp_path, "a.ogg")

    def meddle(_: Request) -> Reply:
        (tmp_path / "a.srt").write_text("theirs", encoding="utf-8")
        return json_reply(VERBOSE)

    server.answer(meddle)
    run = anyscribe("a.ogg", "-d", ".", "-f", "srt", base_url=server.url)
    assert (run.code, listing(tmp_path)) == (0, ["a.ogg", "a.srt"])
    assert (tmp_path / "a.srt").read_text(encoding="utf-8") == "theirs"
    assert run.err_lines == ["anyscribe: a.srt exists and is kept; --overwrite replaces it"]


@needs_posix
@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
def test_pipe_is_written_to(anyscribe: Program, server: LoopbackServer, tmp_path: Path, flags: list[str]):
    """A target that is not a file, such as a named pipe, gets the result and is neither kept nor replaced."""
    place(tmp_path, "a.ogg")
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()), daemon=True)
    reader.start()
    run = anyscribe("a.ogg", "-o", "pipe", *flags, base_url=server.url)
    reader.join(20)
    assert (run.code, got, (tmp_path / "pipe").is_fifo()) == (0, [b"hello\n"], True)


@needs_posix
@pytest.mark.parametrize("overwrite", [False, True])
def test_write_that_fails_leaves_nothing(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, *, overwrite: bool
):
    """If a file cannot be written completely, no part of it is left under any name, and an old file is not harmed."""
    place(tmp_path, "a.ogg", "b.ogg")
    long = "x" * 100_000
    server.answer(lambda request: json_reply({"text": long if request.part("file").filename == "a.ogg" else "short"}))
    if overwrite:
        (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    before = set(listing(tmp_path))
    # A limit of the process stands in for a full disk; shells count in units of 512 or 1024 bytes.
    arguments = ["a.ogg", "b.ogg", "--overwrite"] if overwrite else ["a.ogg", "b.ogg"]
    run = with_shell(anyscribe, "ulimit -f 32")(*arguments, base_url=server.url)
    assert (run.code, set(listing(tmp_path)) - before) == (3, {"b.txt"})
    assert (
        "anyscribe: error: a.ogg: cannot write a.txt (File too large): --output and --output-dir name another place"
        in run.err_lines
    )
    if overwrite:
        assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"


def test_folder_that_cannot_be_written(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If results cannot be written, their recordings are not sent and not paid for; the others are done."""
    place(tmp_path, "shut/a.ogg", "open/b.ogg")
    (tmp_path / "shut").chmod(0o500)
    program = held_to_permissions(anyscribe)
    try:
        run = program("shut", "open", base_url=server.url)
        alone = program("open/b.ogg", "-o", "shut/new/b.txt", base_url=server.url)
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert (run.code, sent_names(server)) == (3, ["b.ogg"])
    hint = "--output and --output-dir name another place"
    assert f"anyscribe: error: shut/a.ogg: cannot write shut (Permission denied): {hint}" in run.err_lines
    assert (alone.code, len(alone.err_lines)) == (1, 1)
    assert listing(tmp_path) == ["open/b.ogg", "open/b.txt", "shut/a.ogg"]


@needs_posix
def test_name_that_would_be_too_long(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A sidecar whose name is too long for the file system is refused before its recording is sent."""
    place(tmp_path, "x" * 250 + ".ogg", "a.ogg")
    run = anyscribe(".", "--suffix", "full", base_url=server.url)
    assert (run.code, sent_names(server)) == (3, ["a.ogg"])
    assert "(File name too long)" in run.err


def test_no_folder_is_made_for_nothing(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path):
    """An output folder is created only when there is something to put into it."""
    run = anyscribe(media / "empty.wav", media / "text.mp3", "gone.mp3", "-d", "out", base_url=server.url)
    assert (run.code, list(tmp_path.iterdir())) == (6, [])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110 - no path
@pytest.mark.parametrize(
    ("setting", "reason"), [("exec >/dev/full", "No space left on device"), ("exec >&-", None)], ids=["full", "closed"]
)
def test_standard_output_that_cannot_be_written(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, setting: str, reason: str | None
):
    """A full disk behind standard output, or a closed one, is a failure that names the remedy."""
    place(tmp_path, "a.ogg", "b.ogg")
    run = with_shell(anyscribe, setting)("a.ogg", "b.ogg", "-o", "-", base_url=server.url)
    what = f"cannot write to standard output ({reason})" if reason else "standard output is closed"
    assert (run.code, run.err_lines) == (1, [f"anyscribe: error: {what}: --output writes to a file"])
    # A closed one is detected before anything is paid for.
    assert reason is not None or server.requests == []


@needs_posix
def test_mode_follows_the_umask(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A new file gets the mode that the user's umask gives any file."""
    place(tmp_path, "a.ogg")
    assert with_shell(anyscribe, "umask 026")("a.ogg", "-d", ".", base_url=server.url).code == 0
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


LOCALES: list[dict[str, str]] = [
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@needs_posix
@pytest.mark.parametrize("locale", LOCALES, ids=["C", "ASCII"])
def test_text_survives_any_locale(anyscribe: Program, server: LoopbackServer, tmp_path: Path, locale: dict[str, str]):
    """Results are UTF-8, on standard output and in files, in any locale."""
    place(tmp_path, "gr\u00fc\u00df \U0001f600.ogg")
    text = "Gr\u00fc\u00dfe \u4f60\u597d \U0001f600"
    server.answer(json_reply(VERBOSE | {"text": text, "segments": [{"start": 0, "end": 2, "text": text}]}))
    out = anyscribe("gr\u00fc\u00df \U0001f600.ogg", "-f", "verbose_json", base_url=server.url, env=locale)
    assert (out.code, out.json["text"]) == (0, text)
    # A folder, not a name: an argument that the locale cannot hold would be changed.
    files = anyscribe(".", "-f", "srt", "-f", "text", base_url=server.url, env=locale)
    assert files.code == 0
    assert (tmp_path / "gr\u00fc\u00df \U0001f600.txt").read_text(encoding="utf-8") == f"{text}\n"
    assert text in (tmp_path / "gr\u00fc\u00df \U0001f600.srt").read_text(encoding="utf-8")


ODD_NAMES = [
    b"with spaces.ogg",
    b"'single' \"double\" `back`.ogg",
    b"new\nline.ogg",
    b"tab\tand\rreturn.ogg",
    "emoji \U0001f3a4.ogg".encode(),
    b"bytes \xff\xfe.ogg",
    b"escape \x1b[31m.ogg",
    b"[red]markup[reset].ogg",
    b"-f.ogg",
    b"50%s {0} $HOME.ogg",
    b"a;filename=b.ogg",
]


@needs_posix
@pytest.mark.parametrize("locale", [{}, *LOCALES], ids=["UTF-8", "C", "ASCII"])
def test_names_of_every_kind(anyscribe: Program, server: LoopbackServer, tmp_path: Path, locale: dict[str, str]):
    """Recordings of any name are sent and get sidecars of the same name, and each message about them is one line."""
    place(tmp_path, *ODD_NAMES)
    run = anyscribe(*[b"./" + name for name in ODD_NAMES], base_url=server.url, env=locale)
    assert (run.code, len(server.requests)) == (0, len(ODD_NAMES))
    assert {os.fsencode(path.name) for path in tmp_path.glob("*.txt")} == {
        name.replace(b".ogg", b".txt") for name in ODD_NAMES
    }
    assert len(run.err_lines) == len(ODD_NAMES) + 2
    assert all(line.startswith("anyscribe: ") and "\x1b" not in line for line in run.err_lines)
    # Nothing that could confuse a parser of multipart forms.
    assert all(name and name.isascii() and name.isprintable() and name.endswith(".ogg") for name in sent_names(server))


@needs_posix
def test_failure_names_odd_files(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """An error about a file with any name is one line too, without control characters."""
    for name in ODD_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(b"")
    run = anyscribe(".", base_url=server.url)
    assert (run.code, len(run.err_lines)) == (6, len(ODD_NAMES) + 2)
    for shown in ("new\\nline.ogg", "bytes \ufffd\ufffd.ogg", "escape \\x1b[31m.ogg", "[red]markup[reset].ogg"):
        assert f"anyscribe: error: {shown}: the file is empty: check how it was made or copied" in run.err_lines


@needs_posix
def test_killed_process_leaves_nothing(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A process killed while the server works leaves no file and no temporary file, and harms no old one."""
    place(tmp_path, "a.ogg")
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    server.answer(Reply(fault=Fault.HANG))
    options: dict[str, Any] = {"base_url": server.url}
    with anyscribe.start("a.ogg", "-f", "text", "-f", "srt", "-d", ".", "--overwrite", **options) as process:
        server.wait_for_requests(1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert listing(tmp_path) == ["a.ogg", "a.txt"]
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"

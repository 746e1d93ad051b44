"""The recordings that an input names: files, folders, globs, standard input, and invalid inputs."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from circumstances import SAMPLE, held_to_permissions, listing, place, sent_names, with_shell

from anyscribe.batch.inputs import find_sources, is_single
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program, Terminal

needs_links = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, made the current one, with recordings and other files at several depths."""
    place(tmp_path, "b.mp3", "a.ogg", "c.WAV", "sub/d.mp3", "sub/deep/e.mp3")
    place(tmp_path, ".hidden.mp3", ".git/f.mp3", "sub/.g/h.mp3")
    for name in ("notes.txt", "sub/notes", "sub/deep/list.m3u"):
        (tmp_path / name).write_text("text", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*inputs: str, recursive: bool = False) -> list[str]:
    """Return the recordings found, in order, as paths with slashes; inputs that name nothing are in brackets."""
    sources = find_sources(inputs, recursive=recursive)
    return [f"[{source.path.as_posix()}]" if source.error else source.path.as_posix() for source in sources]


def test_folder_gives_its_own_recordings(anyscribe: Program, server: LoopbackServer, tree: Path):
    """A folder means the media files directly in it, by name, regardless of the case of their extension."""
    run = anyscribe(tree, "-j1", base_url=server.url)
    assert (run.code, sent_names(server)) == (0, ["a.ogg", "b.mp3", "c.WAV"])
    assert {"a.txt", "b.txt", "c.txt"} < set(listing(tree))


def test_recursive_folder_gives_all_below(anyscribe: Program, server: LoopbackServer, tree: Path):
    """With --recursive, subfolders are searched at every depth, except hidden folders and hidden files."""
    run = anyscribe("-r", ".", "-j1", base_url=server.url)
    assert (run.code, sent_names(server)) == (0, ["a.ogg", "b.mp3", "c.WAV", "d.mp3", "e.mp3"])
    assert (tree / "sub" / "deep" / "e.txt").exists()


def test_hidden_folder_can_be_named(tree: Path):
    """Hidden files and folders are skipped in a search, but not if the user names them."""
    assert tree
    assert found(".git", ".hidden.mp3") == [".git/f.mp3", ".hidden.mp3"]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*.mp3", ["b.mp3"]),
        ("?.mp3", ["b.mp3"]),
        ("[ac].*", ["a.ogg", "c.WAV"]),
        ("*", ["a.ogg", "b.mp3", "c.WAV"]),
        ("*.*", ["a.ogg", "b.mp3", "c.WAV"]),
        ("**", ["a.ogg", "b.mp3", "c.WAV", "sub/d.mp3", "sub/deep/e.mp3"]),
        ("**/*.mp3", ["b.mp3", "sub/d.mp3", "sub/deep/e.mp3"]),
        ("sub/**", ["sub/d.mp3", "sub/deep/e.mp3"]),
        ("sub/**/*.mp3", ["sub/d.mp3", "sub/deep/e.mp3"]),
        ("**/deep/*", ["sub/deep/e.mp3"]),
        ("*/*/../*.mp3", ["sub/deep/../d.mp3"]),
        ("*.txt", ["notes.txt"]),
        ("*/notes", ["sub/notes"]),
        (".h*", []),
        (".*.mp3", [".hidden.mp3"]),
        (".*/*.mp3", [".git/f.mp3"]),
    ],
)
def test_glob_is_expanded(tree: Path, pattern: str, matches: list[str]):
    """A pattern means what it means to a shell; without an extension it stands for the media files that it matches."""
    assert found(pattern) == (matches or [f"[{pattern}]"])
    absolute = [(tree / match).as_posix() for match in matches]
    assert found(str(tree / pattern)) == (absolute or [f"[{(tree / pattern).as_posix()}]"])


def test_quoted_glob_reaches_the_program(anyscribe: Program, server: LoopbackServer, tree: Path):
    """The program expands a pattern itself, since not every shell does, and writes sidecars also for a single match."""
    run = anyscribe("sub/**/e.*", base_url=server.url)
    assert (run.code, run.out, sent_names(server)) == (0, b"", ["e.mp3"])
    assert (tree / "sub" / "deep" / "e.txt").read_text(encoding="utf-8") == "hello\n"


def test_file_that_is_called_like_a_glob(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A file whose name holds glob characters is that file, not a pattern."""
    place(tmp_path, "talk [1].ogg", "talk 1.ogg")
    run = anyscribe("talk [1].ogg", base_url=server.url)
    assert (run.code, run.text, sent_names(server)) == (0, "hello\n", ["talk [1].ogg"])


def test_standard_input(anyscribe: Program, server: LoopbackServer):
    """A recording can come through a pipe; the server gets all of it, under a name with the right extension."""
    run = anyscribe("-", stdin=SAMPLE.read_bytes(), base_url=server.url)
    assert (run.code, run.text, run.err) == (0, "hello\n", "")
    part = server.requests[0].part("file")
    assert (part.filename, part.body) == ("recording.ogg", SAMPLE.read_bytes())


def test_standard_input_beside_files(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Standard input among other inputs gets a sidecar named stdin in the current folder."""
    place(tmp_path, "sub/a.ogg")
    run = anyscribe("sub/a.ogg", "-", stdin=SAMPLE.read_bytes(), base_url=server.url)
    assert (run.code, run.out) == (0, b"")
    assert listing(tmp_path) == ["stdin.txt", "sub/a.ogg", "sub/a.txt"]


def test_standard_input_only_once(anyscribe: Program, server: LoopbackServer):
    """Standard input cannot be read twice, which is reported before it is read."""
    run = anyscribe("-", "a.mp3", "-", stdin=SAMPLE.read_bytes(), base_url=server.url)
    assert (run.code, run.err_lines) == (
        2,
        ["anyscribe: error: standard input (-) can be read only once: give - once"],
    )


def test_standard_input_on_a_terminal(terminal: Terminal, server: LoopbackServer):
    """On a terminal, - is refused, and the message shows the intended use."""
    run = terminal("-", keys=b"x\n", base_url=server.url)
    assert run.code == 2
    assert "standard input (-) is a terminal: pipe a recording into anyscribe -" in run.text


@pytest.mark.parametrize(
    ("setting", "code", "message"),
    [
        ("exec 0>written", 6, "standard input cannot be read (Bad file descriptor): "),
        ("exec 0<&-", 2, "standard input (-) is closed: "),
    ],
)
def test_standard_input_that_cannot_be_read(
    anyscribe: Program, server: LoopbackServer, setting: str, code: int, message: str
):
    """If reading standard input fails, the message is about that, not about the temporary file."""
    run = with_shell(anyscribe, setting)("-", base_url=server.url)
    assert (run.code, run.err_lines) == (
        code,
        [f"anyscribe: error: {message}pipe a recording into anyscribe -"],
    )


def test_standard_input_that_cannot_be_kept(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If the temporary folder cannot hold the piped input, the remedy is named and nothing is left."""
    program = with_shell(anyscribe, "ulimit -f 8")
    run = program("-", stdin=SAMPLE.read_bytes(), base_url=server.url, env={"TMPDIR": str(tmp_path)})
    assert (run.code, len(run.err_lines), listing(tmp_path), server.requests) == (1, 1, [], [])
    assert run.err.startswith(f"anyscribe: error: standard input cannot be stored in {tmp_path}")
    assert "(File too large): set TMPDIR to another folder for temporary files" in run.err


@needs_links
def test_recording_named_twice_is_done_once(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A recording that is given several times, under any of its names, is sent once, under the first of them."""
    place(tmp_path, "a.ogg", "b.ogg")
    (tmp_path / "link.ogg").symlink_to("a.ogg")
    run = anyscribe("a.ogg", "./a.ogg", tmp_path / "a.ogg", "link.ogg", ".", "*.ogg", "-j1", base_url=server.url)
    assert (run.code, sent_names(server)) == (0, ["a.ogg", "b.ogg"])
    assert listing(tmp_path) == ["a.ogg", "a.txt", "b.ogg", "b.txt", "link.ogg"]


def test_missing_file_among_good_ones(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A missing file does not affect the others; it is named, and nothing is created in its place."""
    place(tmp_path, "a.ogg", "b.ogg")
    run = anyscribe("a.ogg", "nowhere/gone.ogg", "b.ogg", base_url=server.url)
    assert (run.code, listing(tmp_path)) == (3, ["a.ogg", "a.txt", "b.ogg", "b.txt"])
    assert not (tmp_path / "nowhere").exists()
    assert "anyscribe: error: nowhere/gone.ogg: no such file: check the path" in run.err_lines
    assert run.err_lines[-1] == "anyscribe: failed: nowhere/gone.ogg"


def test_inputs_that_name_nothing(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Patterns and folders without a recording are failures, regardless of the names of their results."""
    for name in ("x/notes.txt", "y/z/a.ogg"):
        place(tmp_path, name)
    run = anyscribe("*.mp3", "*.wav", "x", "y", "-d", ".", base_url=server.url)
    assert (run.code, server.requests) == (6, [])
    hint = "recordings are found by their file extension; --recursive searches subfolders too"
    assert run.err_lines[:4] == [
        "anyscribe: error: *.mp3: no recording matches: check the pattern",
        "anyscribe: error: *.wav: no recording matches: check the pattern",
        f"anyscribe: error: x: no recordings in this folder: {hint}",
        f"anyscribe: error: y: no recordings in this folder: {hint}",
    ]


def test_empty_input_is_refused(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """An empty argument, as from an unset variable, does not mean the current folder."""
    place(tmp_path, "a.ogg")
    run = anyscribe("", base_url=server.url)
    assert (run.code, server.requests) == (2, [])
    assert "an INPUT is empty" in run.err


def test_unreadable_files_and_folders(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Unreadable files and folders are named with the reason; the rest is done."""
    good, secret, _, _ = place(tmp_path, "good.ogg", "secret.ogg", "closed/a.ogg", "deep/closed/b.ogg")
    secret.chmod(0)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "deep" / "closed").chmod(0)
    try:
        arguments = ("-r", good.name, secret.name, "closed", "closed/a.ogg", "deep")
        run = held_to_permissions(anyscribe)(*arguments, base_url=server.url)
    finally:
        (tmp_path / "closed").chmod(0o700)
        (tmp_path / "deep" / "closed").chmod(0o700)
    assert (run.code, sent_names(server)) == (3, ["good.ogg"])
    assert sorted(line for line in run.err_lines if "error: " in line) == [
        "anyscribe: error: closed/a.ogg: no permission to read it: check the file's permissions",
        "anyscribe: error: closed: the folder cannot be read (Permission denied): check its permissions",
        "anyscribe: error: deep/closed: the folder cannot be read (Permission denied): check its permissions",
        "anyscribe: error: secret.ogg: no permission to read it: check the file's permissions",
    ]


@needs_links
@pytest.mark.parametrize("inputs", [[".", "-r"], ["**/*.ogg"]], ids=["folder", "glob"])
def test_links_that_lead_up(anyscribe: Program, server: LoopbackServer, tmp_path: Path, inputs: list[str]):
    """Folders that are linked into themselves, more than once, are not searched in circles."""
    place(tmp_path, "a.ogg", "sub/b.ogg")
    for name in ("up", "again", "more"):
        (tmp_path / "sub" / name).symlink_to("..", target_is_directory=True)
    (tmp_path / "self.ogg").symlink_to("self.ogg")
    run = anyscribe(*inputs, "-j1", base_url=server.url, timeout_s=20)
    assert sent_names(server) == ["a.ogg", "b.ogg"]
    # In a folder, the broken link is a recording that cannot be read; a pattern matches only files.
    assert run.code == (3 if inputs[0] == "." else 0)


def test_order_is_the_order_of_the_inputs(tree: Path):
    """Recordings come in the order of their inputs, those of a folder by name with its subfolders after its files."""
    assert tree
    assert found("sub", "b.mp3", "*.ogg", "gone.mp3") == ["sub/d.mp3", "b.mp3", "a.ogg", "[gone.mp3]"]
    assert found(".", recursive=True) == ["a.ogg", "b.mp3", "c.WAV", "sub/d.mp3", "sub/deep/e.mp3"]


def test_relative_is_below_the_root_of_the_input(tree: Path):
    """The path that an output folder mirrors begins below the named folder, or at a pattern's first wildcard."""
    assert tree
    inputs = ["sub/deep/e.mp3", "./sub/*.mp3", str(tree)]
    assert [source.relative.as_posix() for source in find_sources(inputs, recursive=True)] == [
        "e.mp3",
        "d.mp3",
        "a.ogg",
        "b.mp3",
        "c.WAV",
    ]


def test_single_is_one_recording_by_itself(tree: Path):
    """Only a file or standard input by itself is a single recording, not the only match of a folder or pattern."""
    shutil.rmtree(tree / "sub")
    place(tree, "odd [x].mp3")
    singles = [["a.ogg"], ["-"], ["gone.mp3"], ["odd [x].mp3"]]
    assert [is_single(inputs) for inputs in singles] == [True] * 4
    assert [is_single(inputs) for inputs in (["."], ["*.mp3"], ["a.ogg", "b.mp3"])] == [False] * 3


def test_address_is_no_file(tmp_path: Path):
    """An address is not looked up on the disk, unless a file has that name, and the message says how to get it."""
    (source,) = find_sources(["ftp://example.com/talk.mp3"], recursive=False)
    assert str(source.error) == "that is an address, not a file: download it, or pipe it into standard_input"
    place(tmp_path, "http:/example.com/a.mp3")
    (local,) = find_sources([f"{tmp_path}/http:/example.com/a.mp3"], recursive=False)
    assert local.error is None


def test_address_of_a_file_is_that_file(tmp_path: Path):
    """A ``file:`` address, as file managers give it when a file is dragged into a terminal, names the file."""
    place(tmp_path, "a talk é.mp3")
    address = (tmp_path / "a talk é.mp3").as_uri()
    for given in (address, address.replace("file://", "FILE://localhost")):
        (source,) = find_sources([given], recursive=False)
        assert (source.path, source.error) == (tmp_path / "a talk é.mp3", None)
        assert is_single([given])
    folder = tmp_path.as_uri()
    assert [source.relative.as_posix() for source in find_sources([folder], recursive=False)] == ["a talk é.mp3"]
    assert not is_single([folder])


NOT_RECORDINGS = ["cover.jpg", "notes.pdf", "odd.xyz", "sub/Mr. Smith", "sub/list.m3u"]
OF_RECORDINGS = ["a.srt", "a.en.vtt", "a.mp3.txt", "a.info.json", "Talk 1.1.md", "a.mp3.part", "sub/b.description"]
OF_SYSTEMS = ["._a.mp3", ".DS_Store", "Thumbs.db", "DESKTOP.INI", ".hidden.xyz", "sub/._b.wav"]
RECORDINGS = ["Talk 1.1.mp3", "a.mp3", "sub/b.WAV", "sub/c.OPUS"]


@pytest.mark.parametrize("given", [".", "**", "**/*.*"])
def test_what_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str):
    """Files without a recording's extension are reported, but not those that belong to a recording or the system."""
    monkeypatch.chdir(tmp_path)
    place(tmp_path, *RECORDINGS, *NOT_RECORDINGS, *OF_RECORDINGS, *OF_SYSTEMS)
    passed: list[Path] = []
    sources = find_sources([given], recursive=True, pass_over=passed.append)
    assert sorted(source.path.as_posix() for source in sources) == RECORDINGS
    assert sorted(path.as_posix() for path in passed) == NOT_RECORDINGS


def test_passed_over_files_are_counted_and_named(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """One notice counts them, -v names them, and a file that is named as an input is not among them."""
    place(tmp_path, "in/a.ogg", "in/odd.xyz", "in/cover.jpg", "in/a.srt")
    run = anyscribe("in", base_url=server.url)
    assert run.code == 0
    assert run.err_lines[0] == ("anyscribe: 2 files passed over, without a recording's extension; --verbose names them")
    named = anyscribe("in", "in/odd.xyz", "--overwrite", "-v", "-j1", base_url=server.url)
    assert (named.code, sent_names(server)) == (0, ["a.ogg", "a.ogg", "recording.ogg"])
    assert [line for line in named.err_lines if "passed over" in line] == [
        "anyscribe: 1 file passed over, without a recording's extension; --verbose names them",
        "anyscribe: in/cover.jpg: passed over",
    ]
    assert "passed over" not in anyscribe("in", "--overwrite", "-q", base_url=server.url).err


@pytest.mark.parametrize("pattern", ["*.mp3", ".*.mp3", "._*.mp3", "**/.*"])
def test_resource_forks_are_never_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str):
    """The attributes that macOS keeps in ``._a.mp3`` are no recording, whatever the pattern."""
    monkeypatch.chdir(tmp_path)
    place(tmp_path, "a.mp3", "._a.mp3", ".b.mp3")
    assert not any("._" in source.path.name for source in find_sources([pattern], recursive=True) if not source.error)


def test_name_that_no_file_can_have(tmp_path: Path):
    """A name that the system refuses is a recording that cannot be read, not a crash."""
    (source,) = find_sources([str(tmp_path / ("x" * 5000))], recursive=False)
    assert isinstance(source.error, AudioError)
    assert "cannot be read (" in str(source.error)

"""``anyscribe store``: what was paid for can be seen, taken out and deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from failures import the_error
from loopback import json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program


@pytest.fixture
def program(anyscribe: Program, server: LoopbackServer, tmp_path: Path) -> Program:
    """Return the program, after it has transcribed two recordings and failed with a third."""
    anyscribe.keeps_answers = True
    (tmp_path / "talks").mkdir()
    a, b = place(tmp_path / "talks", "a.ogg", "b.wav")
    server.answer(json_reply({"text": "first"}))
    assert anyscribe(a, "-m", "one", base_url=server.url).code == 0
    server.answer(json_reply({"text": "second"}))
    assert anyscribe(b, "-m", "two", base_url=server.url).code == 0
    server.answer(json_reply({"error": {"message": "no such thing"}}, 400))
    (c,) = place(tmp_path, "c.flac")
    assert anyscribe(c, base_url=server.url).code == 1
    return anyscribe


def lines(program: Program, *arguments: str) -> list[list[str]]:
    """Return the fields of what is listed."""
    run = program("store", *arguments)
    assert (run.code, run.err) == (0, ""), run.err
    return [line.split("\t") for line in run.text.splitlines()]


def test_list(program: Program, server: LoopbackServer, tmp_path: Path) -> None:
    """The last answer first; filters choose."""
    listed = lines(program, "list")
    assert {(fields[5], fields[7]) for fields in listed} == {
        ("one", str(tmp_path / "talks" / "a.ogg")),
        ("two", str(tmp_path / "talks" / "b.wav")),
    }
    assert all(fields[6].startswith(server.url) for fields in listed)
    assert [fields[5] for fields in lines(program, "list", "--model", "two")] == ["two"]
    assert lines(program, "list", "--older-than", "1") == []
    assert len(lines(program, "list", "--folder", "talks")) == 2
    assert lines(program, "list", "--folder", "elsewhere") == []
    assert [fields[5] for fields in lines(program, "list", "talks/a.ogg")] == ["one"]


def test_failures(program: Program, tmp_path: Path) -> None:
    """Each with its reason."""
    ((_, path, reason),) = lines(program, "list", "--failed")
    assert path == str(tmp_path / "c.flac")
    assert "no such thing" in reason


def test_show_and_export(program: Program) -> None:
    """The text, and all that is known; by ID or file."""
    number = lines(program, "list", "--model", "one")[0][0]
    assert program("store", "show", number).text.splitlines()[1:] == ["first", ""]
    (line,) = program("store", "export", "talks/b.wav").text.splitlines()
    exported = json.loads(line)
    assert (exported["model"], exported["answers"][0]["transcript"]["text"]) == ("two", "second")


def test_prune(program: Program, server: LoopbackServer) -> None:
    """What is pruned is gone, also its bytes; it would be asked for again."""
    assert len(lines(program, "prune", "--model", "two", "--dry-run")) == 1
    assert len(lines(program, "list")) == 2
    assert len(lines(program, "prune", "--model", "two")) == 1
    assert [fields[5] for fields in lines(program, "list")] == ["one"]
    left = b"".join(path.read_bytes() for path in program.store.parent.iterdir())
    assert b"first" in left
    assert b"second" not in left
    assert len(lines(program, "prune", "--max-size", "1GB")) == 0
    assert len(lines(program, "prune", "--older-than", "0")) == 1
    asked = len(server.requests)
    server.answer(json_reply({"text": "again"}))
    assert program("talks/a.ogg", "-m", "one", base_url=server.url).text == "again\n"
    assert len(server.requests) == asked + 1


def test_variables_of_other_commands_choose_nothing(program: Program) -> None:
    """A model that is set for transcribing does not say what to delete."""
    env = {"ANYSCRIBE_MODEL": "one"}
    assert "nothing says what to prune" in the_error(program("store", "prune", env=env), 2)
    assert len(program("store", "list", env=env).text.splitlines()) == 2


def test_a_damaged_store_is_told_beside_the_list(anyscribe: Program) -> None:
    """What is exported holds answers alone."""
    anyscribe.store.parent.mkdir(parents=True)
    anyscribe.store.write_bytes(b"no database " * 1000)
    run = anyscribe("store", "export")
    assert (run.code, run.out) == (0, b"")
    assert "set aside" in run.err


def test_path(anyscribe: Program, tmp_path: Path) -> None:
    """It is told although there is none yet, and none is made."""
    assert anyscribe("store", "path").text == f"{anyscribe.store}\n"
    assert anyscribe("store", "path", "--store", "x.db").text == "x.db\n"
    assert (anyscribe("store", "list").code, anyscribe("store", "list").out) == (0, b"")
    assert not anyscribe.store.exists()
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prune"], "nothing says what to prune"),
        (["prune", "--failed", "--older-than", "0"], "--failed goes with list"),
        (["show", "zzz"], "no such answer"),
        (["prune", "--max-size", "big"], "--max-size"),
        (["list", "--store", "talks"], "cannot be used"),
    ],
)
def test_errors(program: Program, arguments: list[str], words: str) -> None:
    """One line each."""
    assert words in the_error(program("store", *arguments), 2)

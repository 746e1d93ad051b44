"""``--cues``: the limits of cues by name or from a file, with single flags over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import json_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

TEXT = "It is a good day for the three of us to walk along the river with nothing to do"


@pytest.fixture
def lines(anyscribe: Program, server: LoopbackServer, media: Path) -> Callable[..., list[str]]:
    """Return what makes cues with some flags, and returns their lines."""
    segments = [{"id": 0, "start": 0.0, "end": 20.0, "text": TEXT}]
    reply = {"task": "transcribe", "language": "english", "duration": 20.0, "text": TEXT, "segments": segments}
    server.answer(json_reply(reply))

    def made(*flags: str, **variables: str) -> list[str]:
        command = (media / "hello.flac", "-f", "vtt", "-m", "whisper-1", "--no-check", *flags)
        run = anyscribe(*command, base_url=server.url, env=variables)
        assert run.code == 0, run.err
        return [line for line in run.text.splitlines()[1:] if line and "-->" not in line]

    return made


def test_a_profile_limits_lines_and_a_flag_overrides_it(lines: Callable[..., list[str]]) -> None:
    assert " ".join(lines("--cues", "bbc")) == TEXT
    assert max(map(len, lines("--cues", "bbc"))) <= 37
    assert max(map(len, lines("--cues", "bbc", "--max-line-chars", "12"))) <= 12
    assert max(map(len, lines(ANYSCRIBE_CUES="bbc"))) <= 37


def test_a_profile_of_the_users_own_is_found_by_name_and_by_path(
    lines: Callable[..., list[str]], anyscribe: Program
) -> None:
    """Those in the folder of the settings have names: one of theirs may be based on one of ours."""
    folder = anyscribe.cwd / "settings"
    (folder / "cues").mkdir(parents=True)
    (folder / "config.toml").touch()
    (folder / "cues" / "house.toml").write_text('based_on = "netflix"\nmax_line_chars = 15\n', encoding="utf-8")
    (anyscribe.cwd / "own.toml").write_text("max_line_chars = 40\n[languages.en]\nmax_line_chars = 11\n")
    variables = {"ANYSCRIBE_CONFIG": str(folder / "config.toml")}
    assert 11 < max(map(len, lines("--cues", "house", **variables))) <= 15
    assert max(map(len, lines("--cues", "own.toml"))) <= 11


@pytest.mark.parametrize(
    ("given", "content", "message"),
    [
        ("netflx", "", "netflx: there is no such profile: one of anyscribe, netflix,"),
        ("a.toml", None, "a.toml cannot be read"),
        ("a.toml", "max_lines = 0", "a.toml: max_lines: not a sensible value: a whole number from 1 to 20"),
        ("a.toml", "max_line_char = 3", "a.toml: max_line_char: there is no such limit: did you mean max_line_chars"),
        ("a.toml", "[languages.ja]\nmax_lines = 3", "a.toml: languages.ja.max_lines: there is no such limit"),
        ("a.toml", 'based_on = "ntflx"', "a.toml: based_on: there is no such profile: one of"),
        ("a.toml", "min_cue_seconds = 9", "a.toml: min_cue_seconds: longer than max_cue_seconds"),
        ("a.toml", "dash = 3", "a.toml: dash: not a text in one line"),
    ],
)
def test_a_wrong_profile_is_refused_before_anything_is_sent(
    anyscribe: Program, server: LoopbackServer, given: str, content: str | None, message: str
) -> None:
    """One line says what is wrong and what to do."""
    if content is not None:
        (anyscribe.cwd / "a.toml").write_text(content, encoding="utf-8")
    run = anyscribe("talk.mp3", "-f", "srt", "--cues", given, base_url=server.url)
    assert message in the_error(run, 2)
    assert server.requests == []

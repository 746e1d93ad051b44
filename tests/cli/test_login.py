"""Keys that are stored: tried first, kept from others, found for their server alone, deleted again."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
from loopback import LoopbackServer, Reply, json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from programs import Program, Terminal

KEY = "sk-stored-0123456789abcdef"
MODELS = json_reply({"data": [{"id": "a"}]})


def stored(program: Program) -> dict[str, object]:
    """Return what the file of keys holds."""
    path = program.home / "data" / "anyscribe" / "keys.json"
    return json.loads(path.read_bytes()) if path.exists() else {}


@pytest.fixture(autouse=True)
def listings_like_any_request(server: LoopbackServer):
    """Have the list of models answered by the script."""
    server.models = None


def test_a_key_is_stored_for_its_server(anyscribe: Program, server: LoopbackServer, media: Path):
    """A key that works is kept in a file of the user's own, sent to its server alone, and can be deleted."""
    server.answer(MODELS)
    login = anyscribe("login", stdin=f" '{KEY}'\n".encode(), base_url=server.url)
    assert (login.code, login.text) == (0, "")
    assert f"the key works, and is stored for 127.0.0.1:{server.port}: " in login.err
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert stored(anyscribe) == {f"http://127.0.0.1:{server.port}": KEY}
    folder = anyscribe.home / "data" / "anyscribe"
    assert [path.name for path in folder.iterdir()] == ["keys.json"]
    if os.name == "posix":
        assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "keys.json")] == [0o700, 0o600]
    server.answer(json_reply({"text": "hello"}))
    run = anyscribe(media / "hello.ogg", "-vv", base_url=server.url)
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    anyscribe(media / "hello.ogg", base_url=server.url, api_key="of-the-environment")
    assert server.requests[-1].headers["authorization"] == "Bearer of-the-environment"
    with LoopbackServer() as other:
        anyscribe(media / "hello.ogg", base_url=other.url)
        assert "authorization" not in other.requests[-1].headers
    deleted = anyscribe("login", "--delete", base_url=server.url)
    assert (deleted.code, stored(anyscribe)) == (0, {})
    assert KEY[:8] not in login.err + run.err + run.text + deleted.err


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (json_reply({"error": KEY}, 401), 4, "the server does not accept the key (401): [key]"),
        (json_reply({"error": "no"}, 403), 4, "the key is not allowed to do this (403)"),
        (json_reply({"error": "busy"}, 503), 5, "the server answered 503"),
        (json_reply({"error": "bad"}, 400), 1, "(400)"),
        (Reply(404), 0, "the key could not be tried, since the server lists no models, and is stored for "),
        (Reply(body=b"<html>", content_type="text/html"), 0, "the key could not be tried"),
        (json_reply({"error": "broke"}, 402), 0, "the key works, although the account is out of credit, and is stored"),
    ],
)
def test_a_key_is_tried_first(anyscribe: Program, server: LoopbackServer, reply: Reply, code: int, said: str):
    """A key that the server refuses is not stored; one that cannot be tried is, and that is told."""
    server.answer(reply)
    run = anyscribe("login", stdin=KEY.encode(), base_url=server.url)
    assert (run.code, len(run.err_lines)) == (code, 1)
    assert said in run.err
    assert bool(stored(anyscribe)) == (code == 0)
    assert KEY[:8] not in run.err


def test_a_profile_s_key_is_tried_at_the_profile_s_server(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """The address in the environment does not get a key that is entered for a profile."""
    server.answer(MODELS)
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.x]\nbase_url = "{server.url}"\nkey_env = "MY_KEY"\n', encoding="utf-8")
    with LoopbackServer() as other:
        env = {"ANYSCRIBE_CONFIG": str(config), "ANYSCRIBE_BASE_URL": other.url, "MY_KEY": "an-old-key"}
        run = anyscribe("login", "x", stdin=KEY.encode(), env=env)
        assert (run.code, other.requests) == (0, [])
    assert "MY_KEY has another key, which is used first" in run.err
    assert list(stored(anyscribe)) == [f"http://127.0.0.1:{server.port}"]


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["local"], KEY, "the profile local is this machine, which needs no key"),
        (["grok"], KEY, "there is no profile grok: did you mean groq?"),
        (["groq", "--base-url", "https://example.com/v1"], KEY, "PROFILE and --base-url exclude each other"),
        (["--base-url", "nowhere"], KEY, "--base-url nowhere: not an address"),
        (["--base-url", "http://192.0.2.1/v1"], KEY, "it would send the key in what was entered over the network"),
        (["groq"], " \n", "no key was entered"),
        (["groq"], "two words", "what was entered holds characters that no key has"),
    ],
)
def test_what_cannot_be_stored(anyscribe: Program, arguments: list[str], given: str, said: str):
    """Nothing is sent or stored if the server or the key makes no sense."""
    run = anyscribe("login", *arguments, stdin=given.encode())
    assert (run.code, len(run.err_lines)) == (2, 1)
    assert said in run.err
    assert stored(anyscribe) == {}


def test_a_key_is_asked_for_without_echo(terminal: Terminal, anyscribe: Program, server: LoopbackServer):
    """On a terminal the key is asked for, and what is typed is not shown."""
    server.answer(MODELS)
    prompt = f"Key for 127.0.0.1:{server.port}: "
    run = terminal("login", keys=f"{KEY}\n".encode(), prompt=prompt.encode(), base_url=server.url)
    assert (run.code, run.text.startswith(prompt)) == (0, True)
    assert list(stored(anyscribe).values()) == [KEY]
    assert KEY not in run.text


def test_the_keyring_is_used_if_there_is_one(anyscribe: Program, server: LoopbackServer, media: Path):
    """With the extra and a keyring that protects what it has, the key is kept there, and not in the file."""
    keyring = pytest.importorskip("keyring")
    kept: dict[tuple[str, str], str] = {}

    class Ring(keyring.backend.KeyringBackend):
        priority = 5

        def get_password(self, service: str, username: str) -> str | None:
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    server.answer(MODELS)
    address = f"http://127.0.0.1:{server.port}"
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        run = anyscribe("login", stdin=KEY.encode(), base_url=server.url)
        assert run.err.endswith(": the keyring\n")
        assert (kept, stored(anyscribe)) == ({("anyscribe", address): KEY}, {address: {"keyring": True}})
        server.answer(json_reply({"text": "hello"}))
        anyscribe(media / "hello.ogg", base_url=server.url)
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        # What a profile says counts, also for keys that were put there by hand.
        profile = f'[profiles.x]\nbase_url = "{server.url}"\nkey_keyring = true\n'
        anyscribe.config.parent.mkdir(parents=True)
        anyscribe.config.write_text(profile, encoding="utf-8")
        kept["anyscribe", address] = "another-key"
        anyscribe(media / "hello.ogg", "--profile", "x")
        assert server.requests[-1].headers["authorization"] == "Bearer another-key"
        assert anyscribe("login", "--delete", base_url=server.url).code == 0
        assert (kept, stored(anyscribe)) == ({}, {})
    finally:
        keyring.set_keyring(before)

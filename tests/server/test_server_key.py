"""Access to `anyscribe serve`: only with the key, and without a key only from this machine."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from served import MEDIA, field, form, new_program, recording, request, serving

from anyscribe.cli.serve_command import exposure_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from programs import Program
    from served import Served
    from whispering import Reciter

pytest_plugins = ["whispering"]

EVERYWHERE = "0.0.0.0"  # noqa: S104 - which is what the key is for
KEY = "sk-secret-0123456789"
FILE = ("file", MEDIA / "hello.wav")
MODEL = ("model", "tiny.en")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, reciter: Reciter) -> Iterator[Served]:
    """Yield a server with a key and all its messages turned on; they must not show the key."""
    file = tmp_path_factory.mktemp("key") / "key"
    file.write_text(f"  {KEY}\nwhat follows is a note\n", encoding="utf-8")
    file.chmod(0o600)
    with serving(
        new_program(tmp_path_factory), "--api-key-file", file, "--host", EVERYWHERE, "-vv", **reciter
    ) as running:
        yield running
        assert running.leftovers() == []
    assert running.process.returncode == 0
    assert KEY not in "\n".join(running.err_lines)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_key_lets_in(served: Served, scheme: str):
    """With the key, every request is accepted."""
    headers = {"Authorization": f"{scheme} {KEY}"}
    assert served.get("/v1/models", headers=headers).status_code == 200
    assert served.post(MODEL, FILE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY}x",
        f"Bearer {KEY.upper()}",
        f"Basic {KEY}",
        KEY,
        f"Bearer {KEY} {KEY}",
        "Bearer ü",
        "Bearer " + "x" * 10_000,
    ],
)
def test_wrong_keys_are_refused(served: Served, given: str | None):
    """Without the key, with another one, or with a part of it, nothing works, and the reply says what is needed."""
    headers = {} if given is None else {"Authorization": given.encode()}
    for reply in (
        served.post(MODEL, FILE, headers=headers),
        served.get("/v1/models", headers=headers),
        served.get("/v1/models/tiny.en", headers=headers),
        served.get("/nowhere", headers=headers),
    ):
        error = reply.json()["error"]
        assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
        assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_api_key")
        assert "Authorization: Bearer" in error["message"]
        assert KEY not in reply.text


def test_health_is_open(served: Served):
    """Monitoring needs no key."""
    assert served.get("/health").status_code == 200


def test_refused_before_anything_is_read(served: Served):
    """Without the key, no part of the request is waited for or kept."""
    whole = request(form(field(*MODEL), recording()))
    with served.connect() as connection:
        connection.sendall(whole[:300])
        began_s = time.monotonic()
        assert b" 401 " in connection.recv(1 << 16)
        assert time.monotonic() - began_s < 5
        assert served.leftovers() == []


def test_long_upload_gets_its_refusal(served: Served):
    """A client that sends a long upload before it reads still finds the refusal."""
    for _ in range(10):
        assert served.post(MODEL, ("file", ("a.wav", bytes(20_000_000)))).status_code == 401


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"   \nkey\n", b"two words\n", "schlüssel\n".encode(), b"a\0b\n", None]
)
def test_file_without_a_key(anyscribe: Program, tmp_path: Path, content: bytes | None):
    """A key file that is missing, or whose first line is not a key, is a usage error."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    run = anyscribe("serve", "--model", "tiny.en", "--port", "0", "--api-key-file", file)
    assert (run.code, run.out, len(run.err_lines)) == (2, b"", 1)
    assert run.err.startswith(f"anyscribe: error: --api-key-file {file}: ")
    assert "words" not in run.err


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "10.255.255.1"])
def test_other_machines_are_kept_out(installed: Program, host: str):
    """Without a key, the server does not open itself to other machines."""
    run = installed("serve", "--model", "tiny.en", "--port", "0", "--host", host)
    assert (run.code, run.out, len(run.err_lines)) == (2, b"", 1)
    assert f"--host {host}" in run.err
    assert "--api-key-file" in run.err


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions")
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o604, 0o644, 0o660, 0o602])
def test_key_that_others_can_read(anyscribe: Program, reciter: Reciter, tmp_path: Path, mode: int):
    """A key file that other users can read or change is used, with a warning, which does not show the key."""
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="ascii")
    file.chmod(mode)
    with serving(anyscribe, "--api-key-file", file, **reciter) as served:
        assert served.get("/v1/models", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
    *warnings, _ = served.err_lines
    warning = f"anyscribe: other users of this machine can read or change {file}, which holds the key; use chmod 600"
    assert warnings == ([] if mode in (0o600, 0o400) else [warning])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_key_of_another_user(tmp_path: Path):
    """If the file belongs to another user, its group may read it: a service has no other way to its key."""
    file = tmp_path / "key"
    file.touch()
    os.chown(file, 12345, 12345)
    for mode, is_exposed in ((0o640, False), (0o660, True), (0o644, True)):
        file.chmod(mode)
        assert bool(exposure_of(file)) == is_exposed


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
def test_key_from_a_pipe(tmp_path: Path):
    """What is not a file, such as a pipe of the shell, has no permissions to speak of; nor has one that is gone."""
    os.mkfifo(tmp_path / "key", 0o666)
    assert exposure_of(tmp_path / "key") == ""
    assert exposure_of(tmp_path / "gone") == ""

"""A model's weights are downloaded at first use, through the library, from a hub on this machine."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from whisper_model import USUAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hub import Hub
    from programs import Program, Run, Terminal
    from whispering import Whisper

pytest_plugins = ["whispering"]

NOTICE = "anyscribe: downloading the model tiny (30 MB) from 127.0.0.1:"


class Tiny:
    """Runs the program with the model `tiny`, which the hub has.

    Args:
        whisper: The program, and the cache folder.
        recording: The recording to transcribe.
    """

    def __init__(self, whisper: Whisper, recording: Path) -> None:
        self.whisper = whisper
        self.recording = recording

    def __call__(self, endpoint: str, **env: str) -> Run:
        """Run it to completion."""
        env = {**self.whisper.environment(endpoint), **env}
        return self.whisper(self.recording, "--model", "tiny", env=env)

    @property
    def kept(self) -> dict[str, int]:
        """The cached files: size in bytes by name, without the library's own metadata."""
        folder = self.whisper.cache / "hub" / "models--Systran--faster-whisper-tiny"
        return {path.name: path.stat().st_size for path in (folder / "snapshots").glob("*/*")}

    @property
    def of_no_use(self) -> list[Path]:
        """Partial downloads that will not be resumed; older versions of the library resume, under other names."""
        return list(self.whisper.cache.rglob("*.*.incomplete"))


@pytest.fixture
def tiny(whisper: Whisper, media: Path) -> Tiny:
    """Return the program with the hub's model."""
    return Tiny(whisper, media / "hello.wav")


def test_fetched_once(tiny: Tiny, hub: Hub):
    """The first run downloads the weights and reports source and folder; the next one needs no network."""
    first = tiny(hub.url)
    assert (first.code, first.text) == (0, f"{USUAL.text}\n")
    (notice,) = first.err_lines
    assert notice == f"{NOTICE}{hub.server_address[1]}, once; it is kept in {tiny.whisper.cache / 'hub'}"
    assert set(tiny.kept) == {
        "config.json", "model.bin", "preprocessor_config.json", "tokenizer.json", "vocabulary.json",
    }  # fmt: skip
    # The weights come last and imply a complete model.
    fetched = [one for one in hub.requests if one.startswith("GET") and "/resolve/" in one]
    assert [one.endswith("model.bin") for one in fetched] == [False] * 4 + [True]
    # Only the model is requested; by default the library would report the programs around it.
    assert all("faster-whisper-tiny" in request for request in hub.requests)
    hub.requests.clear()
    for endpoint in (hub.url, "http://127.0.0.1:9"):
        again = tiny(endpoint)
        assert (again.code, again.text, again.err) == (0, f"{USUAL.text}\n", "")
    assert hub.requests == []


def test_part_of_a_model(tiny: Tiny, hub: Hub):
    """A model partly downloaded by another program does not count as complete, and is completed."""
    assert tiny(hub.url).code == 0
    (tokenizer,) = tiny.whisper.cache.rglob("snapshots/*/tokenizer.json")
    tokenizer.unlink()
    assert "the model tiny is not on this machine" in the_error(tiny("http://127.0.0.1:9"), 1)
    assert tiny(hub.url).text == f"{USUAL.text}\n"


def test_bar_while_it_is_fetched(terminal: Terminal, tiny: Tiny, hub: Hub):
    """The bar shows the progress of the download; libraries draw no bars and print nothing."""
    hub.chunk_delay_s = 0.01
    run = terminal("--local", "--model", "tiny", tiny.recording, env=tiny.whisper.environment(hub.url))
    assert run.code == 0
    assert re.search(r"downloading tiny: +[0-9]+%", run.text)
    assert "Fetching" not in run.text
    assert "model.bin" not in run.text
    assert "HF_TOKEN" not in run.text
    assert run.text.rstrip().endswith(USUAL.text)


@pytest.fixture
def silent_host() -> Iterator[str]:
    """Yield the address of a host that accepts connections and never replies."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_hub_that_cannot_be_reached(tiny: Tiny):
    """Without a network, the error is one line, comes soon, and names the local models."""
    run = tiny("http://127.0.0.1:9")
    assert the_error(run, 1) == (
        f"{tiny.recording}: the model tiny is not on this machine and cannot be downloaded (cannot reach 127.0.0.1:9: "
        "connection refused): --model also takes a folder with a model"
    )
    assert len(run.err_lines) == 1
    assert run.seconds < 10
    assert tiny.kept == {}


def test_library_that_is_told_to_stay_offline(tiny: Tiny, hub: Hub):
    """HF_HUB_OFFLINE is respected."""
    error = the_error(tiny(hub.url, HF_HUB_OFFLINE="1"), 1)
    assert "the model tiny is not on this machine and cannot be downloaded (HF_HUB_OFFLINE is set): " in error
    assert hub.requests == []


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "401; HF_TOKEN may be wrong"), (404, "404"), (429, "429"), (503, "503")]
)
def test_hub_that_refuses(tiny: Tiny, hub: Hub, status: int, reason: str):
    """An error from the hub is reported with its status."""
    hub.status = status
    run = tiny(hub.url)
    assert f"cannot be downloaded (127.0.0.1:{hub.server_address[1]} answered {reason}): " in the_error(run, 1)
    assert len(run.err_lines) == 1


def test_hub_that_says_nothing(tiny: Tiny, silent_host: str):
    """A hub that does not reply is waited for as long as the library's timeout says."""
    run = tiny(silent_host, HF_HUB_ETAG_TIMEOUT="1")
    assert "cannot be downloaded (no answer from 127.0.0.1:" in the_error(run, 1)
    assert run.seconds < 10


def test_connection_that_breaks(tiny: Tiny, hub: Hub):
    """A partial download does not count as a model, and the next run completes it."""
    hub.cut_bytes = 1 << 20
    run = tiny(hub.url)
    assert "cannot be downloaded (127.0.0.1:" in the_error(run, 1)
    assert "broke off the connection" in run.err
    assert run.err_lines[0].startswith(NOTICE)
    assert len(run.err_lines) == 2
    assert "model.bin" not in tiny.kept
    offline = tiny("http://127.0.0.1:9")
    assert "the model tiny is not on this machine" in the_error(offline, 1)
    hub.cut_bytes = None
    assert tiny(hub.url).text == f"{USUAL.text}\n"


@pytest.mark.skipif(os.name == "nt", reason="there is no way to send Ctrl-C to one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "TERM"])
def test_interrupted_while_it_is_fetched(tiny: Tiny, hub: Hub, number: int):
    """Ctrl-C ends the download, and no partial file is left or taken for a model."""
    hub.hold_bytes = 12 << 20  # the library checks every 10 MB
    environment = tiny.whisper.environment(hub.url)
    with tiny.whisper.start(tiny.recording, "--model", "tiny", env=environment) as process:
        assert hub.held.wait(20)
        ends = time.monotonic() + 20
        while not any(path.stat().st_size for path in tiny.whisper.cache.rglob("*.incomplete")):
            assert time.monotonic() < ends
            time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (128 + number, b"")
    lines = err.decode().splitlines()
    assert lines[0].startswith(NOTICE)
    assert lines[1:] == ["anyscribe: interrupted"]
    assert "model.bin" not in tiny.kept
    assert tiny.of_no_use == []
    hub.hold_bytes = None
    assert tiny(hub.url).text == f"{USUAL.text}\n"


def test_several_want_it_at_once(tiny: Tiny, hub: Hub, media: Path):
    """Concurrent recordings share one download, and so do two programs."""
    environment = tiny.whisper.environment(hub.url)
    names = [media / f"hello.{extension}" for extension in ("wav", "mp3", "ogg")]

    def run(_: int) -> Run:
        return tiny.whisper(*names, "--model", "tiny", "-j3", "-o", "-", "--no-headings", env=environment)

    with ThreadPoolExecutor(2) as programs:
        runs = list(programs.map(run, range(2)))
    for done in runs:
        assert (done.code, done.text) == (0, f"{USUAL.text}\n" * 3)
        assert len([line for line in done.err_lines if line.startswith(NOTICE)]) <= 1
    assert len([one for one in hub.requests if one.startswith("GET") and one.endswith("model.bin")]) == 1


LISTENING = """
from contextlib import closing

from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.events import Fetched, Notice

told = []
with closing(WhisperEngine(1)) as engine:
    engine.prepare("tiny", told.append)
    engine.prepare("tiny", told.append)
fetched = [event for event in told if isinstance(event, Fetched)]
assert {event.model for event in fetched} == {"tiny"}
counts = [(event.done_bytes, event.total_bytes) for event in fetched if event.total_bytes]
assert counts == sorted(counts), counts
assert all(0 <= done <= total for done, total in counts), counts
assert counts[-1][0] == counts[-1][1] > 29_000_000, counts
assert len({done for done, _ in counts}) > 2, counts
assert len([event for event in told if isinstance(event, Notice)]) == 1
"""

GIVING_UP = """
from contextlib import closing

from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.events import Fetched

class EnoughError(Exception):
    pass

def emit(event):
    if isinstance(event, Fetched) and event.done_bytes:
        raise EnoughError

with closing(WhisperEngine(1)) as engine:
    try:
        engine.prepare("tiny", emit)
    except EnoughError:
        engine.prepare("tiny", lambda _: None)
    else:
        raise AssertionError
"""


@pytest.mark.parametrize("script", [LISTENING, GIVING_UP], ids=["listening", "giving up"])
def test_prepared_before_it_is_needed(anyscribe: Program, tiny: Tiny, hub: Hub, script: str):
    """Progress of one download grows to the total; a callback that cancels does not prevent a later download."""
    hub.chunk_delay_s = 0.01
    environment = anyscribe.environment(env=tiny.whisper.environment(hub.url))
    command = [sys.executable, "-W", "error", "-c", script]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert hub.requests.count("GET /api/models/Systran/faster-whisper-tiny") == 1
    assert len([one for one in hub.requests if one.startswith("GET") and one.endswith("model.bin")]) == 1

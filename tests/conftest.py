"""Shared fixtures: a loopback server, recordings, and the installed program, with or without a terminal."""

from __future__ import annotations

import hashlib
import importlib.util
import ipaddress
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from loopback import LoopbackServer
from programs import InstalledProgram, Program, Terminal

from anyscribe.workers import usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read when the library is imported. A test that names no model must neither download one nor find one of the user's.
os.environ |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": "/nowhere/anyscribe-tests"}

# An installation has its bytecode: programs that tests start would compile the program's source each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Read when NumPy is loaded: the tests themselves use all cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# No deadline: the duration of an example depends on the load of the machine.
hypothesis.settings.register_profile("anyscribe", deadline=None)
hypothesis.settings.load_profile("anyscribe")


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores, since some tests only wait."""
    return usable_cores() + 1


class LoopbackGuard:
    """A guard that refuses, while on, every connection and name look-up that leaves this machine.

    An audit hook sees all of them, whichever library makes them, so nothing needs patching; but it cannot be removed.
    """

    LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
    SENDINGS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})

    def __init__(self) -> None:
        self.on = False
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on or event not in self.LOOK_UPS | self.SENDINGS:
            return
        host = arguments[0]
        if event in self.SENDINGS:  # a socket and an address, which is a tuple only for internet addresses
            host = arguments[1][0] if isinstance(arguments[1], tuple) else None
        if host and not is_loopback(host.decode() if isinstance(host, bytes) else str(host)):
            raise RuntimeError(f"a test reached for {host}: tests talk to loopback only")


def is_loopback(host: str) -> bool:
    """Return whether a host name or address belongs to this machine."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@pytest.fixture(scope="session")
def loopback_guard() -> LoopbackGuard:
    """Install the guard once per process."""
    return LoopbackGuard()


@pytest.fixture(autouse=True)
def loopback_only(loopback_guard: LoopbackGuard) -> Iterator[None]:
    """Keep every test's sockets on this machine."""
    loopback_guard.on = True
    yield
    loopback_guard.on = False


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> None:
    """Restore SIGINT and SIGHUP, which a background shell or nohup sets to be ignored: tests send both."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def sound_is_heard_once() -> Iterator[None]:
    """Keep what the aligner's network hears: many tests align the same recordings, in which it hears the same."""
    if importlib.util.find_spec("hama") is None:
        yield
        return
    from anyscribe.alignment.ctc.network import PhonemeNetwork  # noqa: PLC0415 - it needs the extra

    heard: dict[bytes, Any] = {}
    hear = PhonemeNetwork.log_probabilities

    def hear_once(network: PhonemeNetwork, samples: Any) -> Any:
        key = hashlib.sha256(samples).digest()
        if key not in heard:
            heard[key] = hear(network, samples)
        return heard[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PhonemeNetwork, "log_probabilities", hear_once)
        yield


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """Yield a running server that replies `hello` unless its script is changed."""
    with LoopbackServer() as running:
        yield running


@pytest.fixture(scope="session")
def media() -> Path:
    """Return the folder of recordings, valid and broken."""
    return Path(__file__).parent / "media"


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the data of all tests."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def own_store(data: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Keep what Python programs pay for in a store of the test's own; its folder is made when it is needed.

    No test reads a developer's settings, stored keys or keyring.
    """
    folder = data / f"{id(request):x}-{time.monotonic_ns():x}"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("ANYSCRIBE_CONFIG", "")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def anyscribe(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return the program, run in the test's temporary folder with an empty home folder."""
    return Program(tmp_path, tmp_path_factory.mktemp("home"))


@pytest.fixture
def installed(anyscribe: Program) -> InstalledProgram:
    """Return the program, run as a separate process."""
    return anyscribe.as_process()


@pytest.fixture
def terminal(anyscribe: Program) -> Terminal:
    """Return the installed program on a terminal; skip the test on Windows, which has none."""
    return Terminal(anyscribe, pytest.importorskip("termios"))

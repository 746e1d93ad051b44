"""What tests stand on: a loopback server, recordings, and the installed program, on a terminal or not."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from loopback import LoopbackServer
from programs import InstalledProgram, Program, Terminal

from anyscribe.workers import usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read when the library is imported. A test that names no model must neither fetch one nor find one of the user's.
os.environ |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": "/nowhere/anyscribe-tests"}

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("anyscribe", deadline=None)
hypothesis.settings.load_profile("anyscribe")


def pytest_xdist_auto_num_workers() -> int:
    """Use one worker more than there are cores: some tests do nothing but wait."""
    return usable_cores() + 1


class LoopbackGuard:
    """Refuses, while it is on, every connection and look-up of a name that leaves this machine.

    An audit hook sees them all, whatever library makes them, and nothing has to be patched; but it stays for good.
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
        if event in self.SENDINGS:  # a socket, and an address that is a tuple only in the internet's families
            host = arguments[1][0] if isinstance(arguments[1], tuple) else None
        if host and not is_loopback(host.decode() if isinstance(host, bytes) else str(host)):
            raise RuntimeError(f"a test reached for {host}: tests talk to loopback only")


def is_loopback(host: str) -> bool:
    """Say whether a host's name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@pytest.fixture(scope="session")
def loopback_guard() -> LoopbackGuard:
    """Install the guard, once for the process."""
    return LoopbackGuard()


@pytest.fixture(autouse=True)
def loopback_only(loopback_guard: LoopbackGuard) -> Iterator[None]:
    """Keep every test's sockets on this machine."""
    loopback_guard.on = True
    yield
    loopback_guard.on = False


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> None:
    """Undo what the program would inherit from a shell's background or from nohup: tests interrupt it, and hang up."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """Give a running server that answers `hello` until it is told otherwise."""
    with LoopbackServer() as running:
        yield running


@pytest.fixture(scope="session")
def media() -> Path:
    """Give the folder of recordings, good and broken."""
    return Path(__file__).parent / "media"


@pytest.fixture
def anyscribe(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Give the program, run in the test's temporary folder with a home folder that is empty."""
    return Program(tmp_path, tmp_path_factory.mktemp("home"))


@pytest.fixture
def installed(anyscribe: Program) -> InstalledProgram:
    """Give the program as a process of its own."""
    return anyscribe.as_process()


@pytest.fixture
def terminal(anyscribe: Program) -> Terminal:
    """Give the installed program on a terminal; there is none to be had on Windows."""
    return Terminal(anyscribe, pytest.importorskip("termios"))

"""The program in a window that the test observes while it runs: words appear, keys are pressed, the size changes."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Final, Self, TypedDict, Unpack

import pytest
from circumstances import Under
from emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from programs import Program

_PATIENCE_S: Final = 20.0

_LEAD_SESSION: Final = """
import fcntl, os, sys, termios
fcntl.ioctl(1 if os.isatty(1) else 2, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the window the controlling terminal, so that its Ctrl-C reaches the program, and becomes the program."""


class Circumstances(TypedDict, total=False):
    """How a window differs from the default.

    Args:
        size: The columns and lines, by default 80 and 24.
        pipe_out: Whether standard output goes elsewhere.
        pipe_err: Whether standard error goes elsewhere and only standard output to the window.
        base_url: The value of `ANYSCRIBE_BASE_URL`.
        env: Additional environment variables.
    """

    size: tuple[int, int]
    pipe_out: bool
    pipe_err: bool
    base_url: str
    env: Mapping[str, str]


class Window:
    """A run of the program in a window; use it by `with`.

    Args:
        program: The program.
        arguments: The command line.
        circumstances: Differences from the default.
    """

    def __init__(
        self, program: Program, *arguments: str | bytes | Path, **circumstances: Unpack[Circumstances]
    ) -> None:
        termios = pytest.importorskip("termios")
        self.screen = Emulator(*circumstances.get("size", (80, 24)))
        self.raw = b""
        self._set_size = termios.tcsetwinsize
        self._elsewhere = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the window
        self._told = ""
        self._master, slave = os.openpty()
        self._set_size(slave, (self.screen.lines, self.screen.columns))
        env = {"TERM": "xterm-256color", **circumstances.get("env", {})}
        options = {"base_url": circumstances["base_url"]} if "base_url" in circumstances else {}
        self.process = subprocess.Popen(
            [*Under(program, sys.executable, "-c", _LEAD_SESSION).command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._elsewhere if circumstances.get("pipe_out") else slave,
            stderr=self._elsewhere if circumstances.get("pipe_err") else slave,
            cwd=program.cwd,
            env=program.environment(env=env, **options),  # type: ignore[arg-type] # both are options of a run
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._told = self.elsewhere
        self._elsewhere.close()
        os.close(self._master)

    @property
    def elsewhere(self) -> str:
        """The output that did not go to the window so far."""
        return self._told if self._elsewhere.closed else os.pread(self._elsewhere.fileno(), 1 << 24, 0).decode()

    @property
    def lines(self) -> list[str]:
        """The lines from the first one, without trailing spaces, which a bar leaves, and without an empty last line."""
        lines = [line.rstrip() for line in self.screen.shown]
        return lines[:-1] if lines[-1:] == [""] else lines

    @property
    def joined(self) -> str:
        """All text that is or was on the screen, with nothing between lines."""
        return "".join(self.screen.shown)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Read output until a condition holds; fail the test after a timeout."""
        ends = time.monotonic() + _PATIENCE_S
        while not condition():
            if not select.select([self._master], [], [], max(ends - time.monotonic(), 0))[0] or not self._look():
                pytest.fail(
                    f"it has not come to be; the window shows {self.screen.shown!r}, elsewhere {self.elsewhere!r}"
                )

    def wait_for(self, text: str) -> None:
        """Read output until a text is on the screen, in any number of lines."""
        self.wait_until(lambda: text in self.joined)

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size."""
        self.screen.resize(columns, lines)
        self._set_size(self._master, (lines, columns))

    def end(self) -> int:
        """Read output until the program has ended, and return its exit code."""
        ends = time.monotonic() + _PATIENCE_S
        while select.select([self._master], [], [], max(ends - time.monotonic(), 0))[0]:
            if not self._look():
                return self.process.wait(_PATIENCE_S)
        return pytest.fail(f"the program has not ended; the window shows {self.screen.shown!r}")

    def _look(self) -> bool:
        """Read new output; return False if no more will come."""
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # Linux raises this where other systems return an empty read
            return False
        self.raw += data
        self.screen.feed(data)
        return bool(data)

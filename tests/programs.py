"""The installed program, run as a process with an environment that is the test's alone, on a terminal or not."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

# What could change a run: this program's settings, keys, proxies, certificates, and what terminals are asked.
FOREIGN_VARIABLES = re.compile(
    r"_?ANYSCRIBE_.*|ANYAPI_.*|OPENAI_.*|.*_PROXY|NO_COLOR|FORCE_COLOR|CLICOLOR.*|COLUMNS|LINES|TERM"
    r"|HF_.*|HUGGINGFACE_.*|CT2_.*|CUDA_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC|XDG_.*|TTY_.*|TQDM_.*|PYTHONIOENCODING|PYTHONUTF8",
    re.IGNORECASE,
)


class Options(TypedDict, total=False):
    """How a run of the program differs from the usual.

    Args:
        stdin: What it reads from standard input; without it, standard input is empty.
        base_url: The value of `ANYSCRIBE_BASE_URL`.
        api_key: The value of `ANYSCRIBE_API_KEY`.
        env: Further variables of the environment.
        cwd: Its working directory, by default the test's temporary one.
        timeout_s: When it has taken too long, by default 60 s.
    """

    stdin: bytes
    base_url: str
    api_key: str
    env: Mapping[str, str]
    cwd: Path
    timeout_s: float


@dataclass(frozen=True)
class Run:
    """A run of the program that has ended.

    Args:
        code: The exit code; negative is the signal that ended it.
        out: Standard output as bytes.
        err: Standard error.
        seconds: How long it took.
    """

    code: int
    out: bytes
    err: str
    seconds: float

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()

    @property
    def json(self) -> Any:
        """Standard output as the JSON value that it is."""
        return json.loads(self.out)

    @property
    def err_lines(self) -> list[str]:
        """The lines of standard error that are not empty."""
        return [line for line in self.err.splitlines() if line.strip()]


@dataclass(frozen=True)
class Screen:
    """A run of the program on a terminal.

    Args:
        code: The exit code; negative is the signal that ended it.
        screen: All bytes that reached the terminal, control sequences included; line ends are CR LF there.
        out: Standard output if it was piped elsewhere, else nothing.
    """

    code: int
    screen: bytes
    out: bytes

    @property
    def text(self) -> str:
        """What reached the terminal, as text with its control sequences."""
        return self.screen.decode(errors="backslashreplace").replace("\r\n", "\n")


class Program:
    """Runs the installed program as a process: call it with the arguments.

    Args:
        cwd: Where it runs.
        home: The home folder that it sees.
    """

    def __init__(self, cwd: Path, home: Path) -> None:
        self.cwd = cwd
        self.home = home
        self.model: str | None = None
        """What `ANYSCRIBE_MODEL` names, where it is not left out."""

    @property
    def command(self) -> list[str]:
        """What starts it: the console script of this environment, else the module."""
        script = Path(sys.executable).with_name("anyscribe.exe" if sys.platform == "win32" else "anyscribe")
        return [str(script)] if script.exists() else [sys.executable, "-m", "anyscribe"]

    def __call__(self, *arguments: str | bytes | Path, **options: Unpack[Options]) -> Run:
        """Run it to its end; a run that takes too long fails the test."""
        began = time.monotonic()
        with self.start(*arguments, **options) as process:
            try:
                out, err = process.communicate(options.get("stdin"), options.get("timeout_s", 60))
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                pytest.fail(f"{arguments} has not ended; standard error was:\n{err.decode(errors='backslashreplace')}")
        return Run(process.returncode, out, err.decode(errors="backslashreplace"), time.monotonic() - began)

    def start(self, *arguments: str | bytes | Path, **options: Unpack[Options]) -> subprocess.Popen[bytes]:
        """Start it and give the process, its three streams piped: for signals, closed pipes, slow readers.

        The caller leaves the process by `with`. Standard input is open if `stdin` is given, and the caller's to write.
        """
        return subprocess.Popen(
            [*self.command, *arguments],
            stdin=subprocess.PIPE if "stdin" in options else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=options.get("cwd", self.cwd),
            env=self.environment(**options),
        )

    @property
    def store(self) -> Path:
        """Where it keeps what was paid for."""
        return self.home / "state" / "anyscribe" / "store.sqlite"

    def environment(self, **options: Unpack[Options]) -> dict[str, str]:
        """Give the environment of a run: this process's, without what could change the run."""
        kept = {name: value for name, value in os.environ.items() if not FOREIGN_VARIABLES.fullmatch(name)}
        kept |= {"HOME": str(self.home), "USERPROFILE": str(self.home), "XDG_STATE_HOME": str(self.home / "state")}
        # A test that forgets to name a model must not fetch one.
        kept["HF_ENDPOINT"] = "http://127.0.0.1:9"
        if self.model is not None:
            kept["ANYSCRIBE_MODEL"] = self.model
        if "base_url" in options:
            kept["ANYSCRIBE_BASE_URL"] = options["base_url"]
        if "api_key" in options:
            kept["ANYSCRIBE_API_KEY"] = options["api_key"]
        return {**kept, **options.get("env", {})}


class Terminal:
    """Runs the program with standard error, and what else is wanted, on a terminal of its own."""

    def __init__(self, program: Program, termios: Any) -> None:
        self._program = program
        self._termios = termios

    def __call__(
        self,
        *arguments: str | bytes | Path,
        columns: int = 80,
        pipe_out: bool = False,
        keys: bytes | None = None,
        **options: Unpack[Options],
    ) -> Screen:
        """Run the program to its end.

        Args:
            arguments: The command line.
            columns: The terminal's width; its height is 24 lines.
            pipe_out: Standard output goes elsewhere and only standard error to the terminal.
            keys: What stands typed ahead on standard input; None gives an empty one that is no terminal.
            options: As for any run; `stdin` has no meaning here.
        """
        options["env"] = {"TERM": "xterm-256color", **options.get("env", {})}
        with tempfile.TemporaryFile() as out:
            master, slave = os.openpty()
            try:
                self._termios.tcsetwinsize(slave, (24, columns))
                process = subprocess.Popen(
                    [*self._program.command, *arguments],
                    stdin=subprocess.DEVNULL if keys is None else slave,
                    stdout=out if pipe_out else slave,
                    stderr=slave,
                    cwd=options.get("cwd", self._program.cwd),
                    env=self._program.environment(**options),
                )
            except BaseException:
                os.close(master)
                raise
            finally:
                os.close(slave)  # so that the terminal ends with the program
            with process:
                try:
                    if keys:
                        os.write(master, keys)
                    screen = read_to_end(master, options.get("timeout_s", 60))
                except BaseException:
                    process.kill()
                    raise
                finally:
                    os.close(master)
            out.seek(0)
            return Screen(process.returncode, screen, out.read())


def read_to_end(terminal: int, timeout_s: float) -> bytes:
    """Read all that a terminal gets until the last program has left it; a program that stays fails the test."""
    ends = time.monotonic() + timeout_s
    screen = b""
    while select.select([terminal], [], [], max(ends - time.monotonic(), 0))[0]:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to say what others say with an empty read
            return screen
        if not data:
            return screen
        screen += data
    return pytest.fail(f"the program has not ended; the terminal had:\n{screen!r}")

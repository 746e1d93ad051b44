"""The program, run in the test's own process or as a separate one, in an isolated environment."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pytest

from anyscribe.cli.command_line import run
from anyscribe.cli.exit_codes import ExitCode
from anyscribe.cli.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Variables that could change a run: the program's settings, keys, proxies, certificates, terminals, Python's streams.
FOREIGN_VARIABLES = re.compile(
    r"_?ANYSCRIBE_.*|ANYAPI_.*|OPENAI_.*|GROQ_.*|MISTRAL_.*|PYTHON_KEYRING_.*|.*_PROXY|NO_COLOR|FORCE_COLOR|CLICOLOR.*|COLUMNS|LINES|TERM(_.*)?|TMUX|STY|WT_SESSION|CONEMU.*|PTYXIS.*"
    r"|HF_.*|HUGGINGFACE_.*|CT2_.*|CUDA_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_.*|NETRC|XDG_.*|TTY_.*|TQDM_.*|PYTHONIOENCODING|PYTHONUTF8|PYTHONUNBUFFERED",
    re.IGNORECASE,
)

# Variables that Python or a library reads once at start: a run with another value needs a separate process.
READ_AT_START = re.compile(r"PYTHON.*|HF_.*|LANG|LC_.*|TQDM_.*|TTY_.*|SSL_.*")


class Options(TypedDict, total=False):
    """How a run of the program differs from the default.

    Args:
        stdin: The content of standard input; empty by default.
        base_url: The value of `ANYSCRIBE_BASE_URL`.
        api_key: The value of `ANYSCRIBE_API_KEY`.
        env: Additional environment variables.
        cwd: The working directory, by default the test's temporary folder.
        timeout_s: The time limit in seconds, by default 60.
    """

    stdin: bytes
    base_url: str
    api_key: str
    env: Mapping[str, str]
    cwd: Path
    timeout_s: float


@dataclass(frozen=True)
class Run:
    """A finished run of the program.

    Args:
        code: The exit code; negative is the signal that ended it.
        out: Standard output as bytes.
        err: Standard error.
        seconds: The duration in seconds.
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
        """Standard output, parsed as JSON."""
        return json.loads(self.out)

    @property
    def err_lines(self) -> list[str]:
        """The non-empty lines of standard error."""
        return [line for line in self.err.splitlines() if line.strip()]


@dataclass(frozen=True)
class Screen:
    """A run of the program on a terminal.

    Args:
        code: The exit code; negative is the signal that ended it.
        screen: All bytes that reached the terminal, including control sequences; lines end with CR LF.
        out: Standard output if it was piped elsewhere, else empty.
    """

    code: int
    screen: bytes
    out: bytes

    @property
    def text(self) -> str:
        """The text that reached the terminal, including control sequences."""
        return self.screen.decode(errors="backslashreplace").replace("\r\n", "\n")


class Program:
    """The program: a call runs it in the test's own process; `start` runs it as a separate process.

    Args:
        cwd: The working directory.
        home: The home folder.
    """

    def __init__(self, cwd: Path, home: Path) -> None:
        self.cwd = cwd
        self.home = home
        self.model: str | None = None
        """The value of `ANYSCRIBE_MODEL`; None leaves it unset."""
        self.keeps_answers = False
        """Whether it uses its store, and waits for answers when it is interrupted. Otherwise files with the same
        content are asked about one by one."""

    @property
    def command(self) -> list[str]:
        """The command that starts it as a process: the console script of this environment, else the module."""
        script = Path(sys.executable).with_name("anyscribe.exe" if sys.platform == "win32" else "anyscribe")
        return [str(script)] if script.exists() else [sys.executable, "-m", "anyscribe"]

    def __call__(self, *arguments: str | bytes | Path, **options: Unpack[Options]) -> Run:
        """Run the command line to its end, below the level that exits the process."""
        if any(map(READ_AT_START.fullmatch, options.get("env", {}))):
            return self.as_process()(*arguments, **options)
        began = time.monotonic()
        out, err = io.BytesIO(), io.BytesIO()
        streams = [
            io.TextIOWrapper(stream, encoding="utf-8") for stream in (io.BytesIO(options.get("stdin", b"")), out)
        ]
        error_stream = io.TextIOWrapper(err, encoding="utf-8", errors="backslashreplace")
        environment = self.environment(**options)
        with in_place(options.get("cwd", self.cwd), environment), time_limit(options.get("timeout_s", 60)):
            invocation = Invocation(*streams, error_stream, os.environ)
            try:
                code = run([os.fsdecode(argument) for argument in arguments], invocation)
            except KeyboardInterrupt:
                code = ExitCode.INTERRUPTED
            finally:
                if invocation.scratch is not None:
                    invocation.scratch.close()
        for stream in (streams[1], error_stream):
            stream.flush()
        return Run(int(code), out.getvalue(), err.getvalue().decode(), time.monotonic() - began)

    def as_process(self) -> InstalledProgram:
        """Return the same program, which runs as a separate process even when called."""
        other = InstalledProgram(self.cwd, self.home)
        other.model = self.model
        other.keeps_answers = self.keeps_answers
        return other

    def start(self, *arguments: str | bytes | Path, **options: Unpack[Options]) -> subprocess.Popen[bytes]:
        """Start it as a process with its three streams piped, for signals, closed pipes and slow readers.

        The caller closes the process by `with`. If `stdin` is given, standard input stays open for the caller to write.
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
        """The file in which it keeps paid answers."""
        return self.home / "data" / "anyscribe" / "store.sqlite"

    @property
    def config(self) -> Path:
        """The file of its settings; it does not exist unless the test writes it."""
        return self.home / "config" / "anyscribe" / "config.toml"

    def environment(self, **options: Unpack[Options]) -> dict[str, str]:
        """Return the environment of a run: this process's variables without those that could change the run."""
        kept = {name: value for name, value in os.environ.items() if not FOREIGN_VARIABLES.fullmatch(name)}
        kept |= {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        kept |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(self.home / "models")}
        if not self.keeps_answers:
            kept |= {"ANYSCRIBE_NO_STORE": "1", "ANYSCRIBE_GRACE": "0"}
        if self.model is not None:
            kept["ANYSCRIBE_MODEL"] = self.model
        if "base_url" in options:
            kept["ANYSCRIBE_BASE_URL"] = options["base_url"]
        if "api_key" in options:
            kept["ANYSCRIBE_API_KEY"] = options["api_key"]
        return {**kept, **options.get("env", {})}


class InstalledProgram(Program):
    """The program as a separate process even when called, for what only a process has or loses."""

    def __call__(self, *arguments: str | bytes | Path, **options: Unpack[Options]) -> Run:
        """Run it to its end; a run that exceeds its time limit fails the test."""
        began = time.monotonic()
        with self.start(*arguments, **options) as process:
            try:
                out, err = process.communicate(options.get("stdin"), options.get("timeout_s", 60))
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                pytest.fail(f"{arguments} has not ended; standard error was:\n{err.decode(errors='backslashreplace')}")
        return Run(process.returncode, out, err.decode(errors="backslashreplace"), time.monotonic() - began)


@contextlib.contextmanager
def killed_late(process: subprocess.Popen[bytes], *, seconds: float = 60) -> Iterator[None]:
    """Kill a program that does not get on, so that the test ends."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def in_place(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Give this process another working directory and environment, for code that reads them directly."""
    before, folder_before = dict(os.environ), tempfile.tempdir
    with contextlib.chdir(folder):
        os.environ.clear()
        os.environ.update(environment)
        # Cached from the previous environment.
        tempfile.tempdir = None
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            tempfile.tempdir = folder_before


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Fail the test if it takes longer, if the system can interrupt this thread."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def end(*_: object) -> None:
        pytest.fail(f"the run has not ended after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Terminal:
    """The program with standard error, and optionally other streams, on a new terminal."""

    def __init__(self, program: Program, termios: Any) -> None:
        self._program = program
        self._termios = termios

    def __call__(
        self,
        *arguments: str | bytes | Path,
        columns: int = 80,
        pipe_out: bool = False,
        keys: bytes | None = None,
        prompt: bytes = b"",
        **options: Unpack[Options],
    ) -> Screen:
        """Run the program to its end.

        Args:
            arguments: The command line.
            columns: The terminal's width; its height is 24 lines.
            pipe_out: Whether standard output goes elsewhere and only standard error to the terminal.
            keys: Keys typed ahead on standard input; None gives an empty input that is not a terminal.
            prompt: What the keys wait for; empty types them ahead.
            options: As for any run; `stdin` has no effect.
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
                os.close(slave)  # so that the terminal closes with the program
            with process:
                try:
                    screen = b""
                    while prompt not in screen:
                        assert select.select([master], [], [], options.get("timeout_s", 60))[0]
                        screen += os.read(master, 1 << 16)
                    if keys:
                        os.write(master, keys)
                    screen += read_to_end(master, options.get("timeout_s", 60))
                except BaseException:
                    process.kill()
                    raise
                finally:
                    os.close(master)
            out.seek(0)
            return Screen(process.returncode, screen, out.read())


def read_to_end(terminal: int, timeout_s: float) -> bytes:
    """Read a terminal's output until the last program has closed it; a program that stays fails the test."""
    ends = time.monotonic() + timeout_s
    screen = b""
    while select.select([terminal], [], [], max(ends - time.monotonic(), 0))[0]:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # Linux raises this where other systems return an empty read
            return screen
        if not data:
            return screen
        screen += data
    return pytest.fail(f"the program has not ended; the terminal had:\n{screen!r}")

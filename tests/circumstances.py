"""Helpers for the surroundings of a run: recordings in folders, permissions, limits, and leftovers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from programs import InstalledProgram, Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loopback import LoopbackServer

MEDIA = Path(__file__).parent / "media"
SAMPLE = MEDIA / "hello.ogg"
NO_OVERRIDE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


class Under(InstalledProgram):
    """The program, started by another one that sets the circumstances.

    Args:
        program: The program as normally started.
        prefix: The command that precedes its command line.
    """

    def __init__(self, program: Program, *prefix: str) -> None:
        super().__init__(program.cwd, program.home)
        self.keeps_answers = program.keeps_answers
        self._prefix = prefix

    @property
    def command(self) -> list[str]:
        """The command that starts the program."""
        return [*self._prefix, *super().command]


def with_shell(program: Program, setting: str) -> Program:
    """Return the program, started after a shell command such as `umask 077`."""
    if os.name != "posix":
        pytest.skip("needs a POSIX shell")
    return Under(program, "sh", "-c", f'{setting}; exec "$0" "$@"')


def held_to_permissions(program: Program) -> Program:
    """Return the program, bound by file permissions; root runs without the capabilities that override them."""
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    if os.geteuid() != 0:
        return program
    if not shutil.which(NO_OVERRIDE[0]) or subprocess.run([*NO_OVERRIDE, "true"], check=False).returncode:
        pytest.skip("root cannot be held to permissions here")
    return Under(program, *NO_OVERRIDE)


def place(folder: Path, *names: str | bytes, sample: Path | None = None) -> list[Path]:
    """Copy the same short recording into a folder under several names, each in the container of its extension.

    Args:
        folder: The folder.
        names: The names, which may include subfolders.
        sample: A file to copy instead, regardless of the names.
    """
    paths = [folder / os.fsdecode(name) for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        of_its_kind = MEDIA / f"hello{path.suffix.lower()}"
        shutil.copyfile(sample or (of_its_kind if path.suffix and of_its_kind.exists() else SAMPLE), path)
    return paths


def listing(folder: Path) -> list[str]:
    """Return all files below a folder, including hidden ones, in order."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def sent_names(server: LoopbackServer) -> list[str | None]:
    """Return the file names of the recordings that reached the server, in order of arrival."""
    return [request.part("file").filename for request in server.requests]


def interrupt(process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> None:
    """Send a signal to a process and its children, as Ctrl-C on a terminal does."""
    os.killpg(process.pid, number)


def start_group(
    program: Program, arguments: Sequence[str | Path], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start the program as the leader of its own process group, so that the whole group can be interrupted."""
    return subprocess.Popen(
        [*program.command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=program.cwd,
        env=environment,
        process_group=0,
    )


def living_in_group(group: int) -> list[int]:
    """Return the processes of a group that are still alive; zombies do not count."""
    living = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            living.append(int(stat.parent.name))
    return living

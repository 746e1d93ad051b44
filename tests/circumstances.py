"""What a run of the program finds around it: recordings in folders, permissions, limits, and what it leaves behind."""

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
        program: The program as it is started usually.
        prefix: What stands before its command line.
    """

    def __init__(self, program: Program, *prefix: str) -> None:
        super().__init__(program.cwd, program.home)
        self._prefix = prefix

    @property
    def command(self) -> list[str]:
        """What starts it."""
        return [*self._prefix, *super().command]


def with_shell(program: Program, setting: str) -> Program:
    """Run the program after a shell's own command, such as `umask 077`."""
    if os.name != "posix":
        pytest.skip("needs a POSIX shell")
    return Under(program, "sh", "-c", f'{setting}; exec "$0" "$@"')


def held_to_permissions(program: Program) -> Program:
    """Run the program as somebody whom permissions bind: root too, without the powers that set it above them."""
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    if os.geteuid() != 0:
        return program
    if not shutil.which(NO_OVERRIDE[0]) or subprocess.run([*NO_OVERRIDE, "true"], check=False).returncode:
        pytest.skip("root cannot be held to permissions here")
    return Under(program, *NO_OVERRIDE)


def place(folder: Path, *names: str | bytes, sample: Path | None = None) -> list[Path]:
    """Put the same short recording into a folder under several names, each in the container that its name tells.

    Args:
        folder: The folder.
        names: The names, which may have folders of their own.
        sample: What is put there instead, under whatever name.
    """
    paths = [folder / os.fsdecode(name) for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        of_its_kind = MEDIA / f"hello{path.suffix.lower()}"
        shutil.copyfile(sample or (of_its_kind if path.suffix and of_its_kind.exists() else SAMPLE), path)
    return paths


def listing(folder: Path) -> list[str]:
    """Name all files below a folder, hidden ones too, in order."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def sent_names(server: LoopbackServer) -> list[str | None]:
    """Name the recordings that reached the server, in the order of their arrival."""
    return [request.part("file").filename for request in server.requests]


def interrupt(process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> None:
    """Send a signal to a process and all that it started, as Ctrl-C on a terminal does."""
    os.killpg(process.pid, number)


def start_group(
    program: Program, arguments: Sequence[str | Path], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start the program as the leader of a process group of its own, so that it can be interrupted as a whole."""
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
    """Give the processes of a group that are still alive; one that only waits to be buried is not."""
    living = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            living.append(int(stat.parent.name))
    return living

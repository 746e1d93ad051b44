"""Voices told apart by sherpa-onnx, in a process of its own for each recording."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Final

from anyscribe.errors import DiarizerUnavailableError
from anyscribe.speakers.diarizer import SpeakerTurn
from anyscribe.speakers.samples import group_by_turns
from anyscribe.speakers.sherpa.fitting import fit_turns
from anyscribe.speakers.sherpa.models import find_models
from anyscribe.speakers.sherpa.task import LENGTH_BYTES, Task
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_PROGRAM: Final = "anyscribe.speakers.sherpa.process"
_LONGEST_REASON: Final = 200
_NEW_GROUP: Final = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""Windows' way not to pass on Ctrl-C; elsewhere a new session does it."""


class SherpaDiarizer:
    """Tells voices apart; see `anyscribe.speakers.diarizer.Diarizer`.

    Args:
        folder: Where the models are.

    Raises:
        DiarizerUnavailableError: One of the models is missing, damaged, or of another kind.
    """

    def __init__(self, folder: Path) -> None:
        models = find_models(folder)
        self._task = Task(str(models.segmentation.resolve()), str(models.embedding.resolve()))
        _try(self._task, *(path.stat().st_mtime_ns for path in models))

    def find_turns(
        self, audio: Iterable[bytes], speech: Sequence[Span], most: int | None = None, least: int = 1
    ) -> list[SpeakerTurn]:
        """Find out who speaks when.

        Args:
            audio: As of `Diarizer.find_turns`.
            speech: Likewise.
            most: Likewise.
            least: Likewise.

        Raises:
            DiarizerUnavailableError: The models failed.
        """
        if not speech:
            return []
        task = Task(self._task.segmentation, self._task.embedding, least, most)
        found = [SpeakerTurn(Span(start_ms, end_ms), speaker) for start_ms, end_ms, speaker in _run(task, audio)]
        return fit_turns(found, speech)

    def group_samples(self, samples: Sequence[bytes], sources: Sequence[int]) -> list[int]:
        """Find out which samples are of the same voice.

        Args:
            samples: As of `Diarizer.group_samples`.
            sources: Likewise.

        Raises:
            DiarizerUnavailableError: The models failed.
        """
        return group_by_turns(self, samples, sources)


@functools.cache
def _try(task: Task, *_times_ns: int) -> None:
    """Use the models once, unless these files were tried before."""
    _run(Task(task.segmentation, task.embedding, is_trial=True), ())


def _run(task: Task, audio: Iterable[bytes]) -> list[tuple[int, int, int]]:
    """Have a process do a task.

    Returns:
        For each turn its start and end in milliseconds, and its speaker.
    """
    # -P: what lies in the working folder is not imported.
    command = [sys.executable, "-P", "-m", _PROGRAM, task.text()]
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(  # noqa: S603 - this program's own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            start_new_session=os.name == "posix",
            creationflags=_NEW_GROUP,
        ) as process:
            try:
                answer = _asked(process, audio)
            except BaseException:
                process.kill()
                raise
        if process.returncode or not answer:
            told.seek(0)
            raise _failure(task, process.returncode, told.read().decode(errors="replace"))
    turns: list[tuple[int, int, int]] = json.loads(answer)
    return turns


def _asked(process: subprocess.Popen[bytes], audio: Iterable[bytes]) -> bytes:
    """Give a process the sound, and wait for its answer; its input stays open until then."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        for chunk in filter(None, audio):
            process.stdin.write(len(chunk).to_bytes(LENGTH_BYTES, "little") + chunk)
        process.stdin.write(bytes(LENGTH_BYTES))
        process.stdin.flush()
        answer = process.stdout.read()
        process.wait()
    except BrokenPipeError:
        # It has ended, and has told why elsewhere.
        return b""
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
    return answer


def _failure(task: Task, code: int, told: str) -> DiarizerUnavailableError:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    reason = lines[-1][:_LONGEST_REASON] if lines else f"its process ended with {code}"
    return DiarizerUnavailableError(
        f"sherpa-onnx cannot work with {task.segmentation} and {task.embedding} ({reason})",
        remedy="put models there from the releases of k2-fsa/sherpa-onnx",
    )

"""How much sound there is in all, and how much of it is done.

Recordings that were not opened yet are estimated from the sizes of their files and the lengths of the others: to open
thousands of files beforehand would take too long.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anyscribe.events import Opened, Sent, Transcribed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anyscribe.batch.outputs import Job
    from anyscribe.events import Event


@dataclass(slots=True)
class _Counted:
    """The sound of a recording.

    Args:
        size_bytes: Its file's size; 0 if unknown.
        is_opened: Whether its length was told.
        length_ms: How long it is, as far as that is known.
        done_ms: How much of it is done.
        is_asked: Whether it is asked about now, rather than taken from the store.
    """

    size_bytes: int
    is_opened: bool = False
    length_ms: int = 0
    done_ms: int = 0
    is_asked: bool = False


class SoundTotal:
    """Adds up the sound of recordings.

    Args:
        is_estimated: Whether the sizes of files are looked up; if not, only what was opened counts.
    """

    def __init__(self, *, is_estimated: bool) -> None:
        self._is_estimated = is_estimated
        self.done_ms = 0
        """How much is done, in milliseconds."""
        self.asked_ms = 0
        """How much of that was not in the store."""
        self._sounds: dict[Job, _Counted] = {}
        self._unopened = self._unopened_bytes = 0
        self._measured_bytes = self._measured_ms = self._known_ms = 0

    def add(self, jobs: Iterable[Job]) -> None:
        """Add recordings.

        Args:
            jobs: None of them was added before.
        """
        for job in jobs:
            sound = self._sounds[job] = _Counted(_size_of(job) if self._is_estimated else 0)
            self._unopened += 1
            self._unopened_bytes += sound.size_bytes

    @property
    def is_exact(self) -> bool:
        """Whether all lengths are known."""
        return not self._unopened

    @property
    def total_ms(self) -> float:
        """How much there is, in milliseconds; 0 if nothing is known yet."""
        ms_per_byte = self._measured_ms / self._measured_bytes if self._measured_bytes else 0
        return max(self._known_ms + self._unopened_bytes * ms_per_byte, self.done_ms)

    def note(self, job: Job, event: Event) -> None:
        """Take an event of the work on a recording.

        Args:
            job: The recording.
            event: Any event.
        """
        sound = self._sounds[job]
        match event:
            case Opened(length_ms):
                self._open(sound, length_ms)
            case Sent():
                sound.is_asked = True
            case Transcribed(done_ms, total_ms):
                sound.is_asked = True
                self._lengthen(sound, total_ms)
                self._move(sound, done_ms)
            case _:
                pass

    def end(self, job: Job, *, is_done: bool) -> None:
        """Note that the work on a recording has ended.

        Args:
            job: The recording.
            is_done: Whether it is done; if not, nothing of it is.
        """
        sound = self._sounds[job]
        self._move(sound, sound.length_ms if is_done else 0)

    def leave_out(self, job: Job) -> None:
        """Leave a recording out of the total.

        Args:
            job: A recording of which nothing is done.
        """
        sound = self._sounds[job]
        self._open(sound, None)
        self._known_ms -= sound.length_ms
        sound.length_ms = 0

    def _open(self, sound: _Counted, length_ms: int | None) -> None:
        if sound.is_opened:
            return
        sound.is_opened = True
        self._unopened -= 1
        self._unopened_bytes -= sound.size_bytes
        if length_ms and sound.size_bytes:
            self._measured_ms += length_ms
            self._measured_bytes += sound.size_bytes
        self._lengthen(sound, length_ms or 0)

    def _lengthen(self, sound: _Counted, length_ms: int) -> None:
        self._known_ms += max(length_ms - sound.length_ms, 0)
        sound.length_ms = max(length_ms, sound.length_ms)

    def _move(self, sound: _Counted, done_ms: int) -> None:
        step_ms = done_ms - sound.done_ms
        sound.done_ms = done_ms
        self.done_ms += step_ms
        if sound.is_asked:
            self.asked_ms += step_ms


def _size_of(job: Job) -> int:
    if job.source.stream:
        return 0
    if not isinstance(job.source.path, Path):
        return job.source.path.state.size or 0
    try:
        return os.stat(job.source.path).st_size  # noqa: PTH116 - there may be thousands
    except OSError:
        return 0

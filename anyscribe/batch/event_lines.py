"""The events of a run as lines of JSON, for programs that show or watch it; `docs/events.md` explains each."""

from __future__ import annotations

import json
import math
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from anyscribe.batch.job_events import (
    JobDone,
    JobEvent,
    JobFailed,
    JobsArrived,
    JobSkipped,
    JobStarted,
    JobTranscribed,
    Stopping,
)
from anyscribe.batch.outputs import STDOUT
from anyscribe.batch.sources import STDIN
from anyscribe.errors import AnyscribeError, ServerError
from anyscribe.events import Aligning, Fetched, FindingSpeakers, Notice, Opened, Retrying, Sent, Transcribed
from anyscribe.sentence import write
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anyscribe.batch.outputs import Job
    from anyscribe.events import Event
    from anyscribe.sentence import Term

    Record = tuple[str, dict[str, Any]]

VERSION: Final = 1
"""Changes when a reader of the lines would have to; new events and members do not change it."""

_INTERVAL_S: Final = 0.25
"""Progress of one kind is told no more often."""

_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(slots=True)
class _Course:
    """What is known of a recording so far."""

    length_ms: int | None = None
    began_s: float | None = None
    kept: list[str] = field(default_factory=list)
    # When progress of each kind was told last.
    told_s: dict[str, float] = field(default_factory=dict)


class EventLines:
    """Turns events into lines; safe to use from any thread.

    Args:
        jobs: The recordings; each, as those that arrive later, is numbered by its place, from 1.
        put: Takes a line, and returns at once.
        name_of: Returns the user-facing name of an option or extra.
        code_of: Returns the exit code that an error stands for.
        clock: Returns the time since any moment, in seconds.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        put: Callable[[str], None],
        *,
        name_of: Callable[[Term], str],
        code_of: Callable[[AnyscribeError], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._numbers = {job: number for number, job in enumerate(jobs, 1)}
        self._put = put
        self._name_of = name_of
        self._code_of = code_of
        self._clock = clock
        self._began_s = clock()
        self._lock = threading.Lock()
        self._is_over = False
        self._courses: dict[Job, _Course] = {}
        self._run = _Course()
        self._notices: set[str] = set()
        self._counts = dict.fromkeys(("recording_done", "recording_skipped", "recording_failed"), 0)

    def begin(self, place: str, model: str | None, formats: Sequence[str]) -> None:
        """Tell what the run is.

        Args:
            place: The server's address, without secrets, or ``local``.
            model: What is asked for; None for the engine's own choice.
            formats: What is made of each recording.
        """
        about = {"program": __version__, "recordings": len(self._numbers)}
        self._tell("run_started", {"version": VERSION, **about, "place": place, "model": model, "formats": [*formats]})

    def emit(self, event: Event) -> None:
        """Tell of an event, if other programs are told of its kind; it never raises and never waits."""
        with self._lock:
            if isinstance(event, JobsArrived):
                self._numbers |= {job: number for number, job in enumerate(event.jobs, len(self._numbers) + 1)}
            for name, members in self._records(event):
                if name in self._counts:
                    self._counts[name] += 1
                self._tell(name, members)

    def end(self, exit_code: int, *, asked_ms: int, cost: float | None, error: AnyscribeError | None = None) -> None:
        """Tell how the run ended; nothing is told after that.

        Args:
            exit_code: The process's.
            asked_ms: How much sound was asked about.
            cost: What that cost; None if no price is known.
            error: What ended the run as a whole; None if nothing did.
        """
        with self._lock:
            done, there, failed = self._counts.values()
            untried = len(self._numbers) - done - there - failed
            counts = {"done": done, "there": there, "failed": failed, "untried": untried}
            spent = {"asked_ms": asked_ms, "cost": cost, "seconds": self._seconds_since(self._began_s)}
            told = None if error is None else self._error(error)
            self._tell("run_ended", {**counts, **spent, "exit_code": exit_code, "error": told})
            self._is_over = True

    def _tell(self, name: str, members: dict[str, Any]) -> None:
        if self._is_over:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # ASCII: all readers agree where a line ends, no terminal obeys it, and names that are no UTF-8 survive.
        self._put(json.dumps({"event": name, "time": now, **members}, separators=(",", ":")) + "\n")

    def _records(self, event: Event) -> Iterator[Record]:
        match event:
            case JobStarted(job, worker):
                self._course(job).began_s = self._clock()
                yield "recording_started", {**self._name(job), **({"worker": worker} if worker else {})}
            case JobEvent(job, inner):
                yield from self._records_of_work(job, inner)
            case JobTranscribed(job, findings):
                for finding in findings:
                    start_ms, end_ms = finding.span or (None, None)
                    place = {"start_ms": start_ms, "end_ms": end_ms}
                    yield "finding", {**self._name(job), "kind": finding.kind, **place, "message": finding.message}
            case JobSkipped(job, kept):
                self._course(job).kept += map(str, kept)
            case JobDone(job, written):
                yield self._ended(job, [str(path) for path in written])
            case JobFailed(job, error):
                self._courses.pop(job, None)
                yield "recording_failed", {**self._name(job), "error": self._error(error)}
            case Stopping(under_way, longest_s):
                yield "stopping", {"under_way": under_way, "grace_s": longest_s}
            case Notice(message):
                yield from self._notice(write(message, self._name_of))
            case _:
                pass

    def _records_of_work(self, job: Job, event: Event) -> Iterator[Record]:
        name = self._name(job)
        match event:
            case Opened(length_ms):
                self._course(job).length_ms = length_ms
                yield "recording_opened", {**name, "length_ms": length_ms}
            case Sent() | Transcribed() | Fetched():
                yield from self._progress(name, self._course(job), event)
            case Retrying(reason, wait_s, attempt):
                told = {"reason": write(reason, self._name_of), "wait_s": round(wait_s, 3), "attempt": attempt}
                yield "retrying", {**name, **told}
            case Notice(message, of_recording=True):
                yield "notice", {**name, "message": write(message, self._name_of)}
            case Notice(message):
                yield from self._notice(write(message, self._name_of))
            case Aligning():
                yield "aligning", name
            case FindingSpeakers():
                yield "finding_speakers", name
            case _:
                # Neither text nor traces.
                pass

    def _progress(self, name: dict[str, Any], course: _Course, event: Sent | Transcribed | Fetched) -> Iterator[Record]:
        """Tell of progress now and then, and of its end."""
        match event:
            case Sent(done, total):
                if self._is_due(course, "sending", is_end=done >= total):
                    yield "sending", {**name, "done_bytes": done, "total_bytes": total}
            case Transcribed(done, total):
                # Of a recording of unknown length, all that is known is always done.
                is_end = done >= total and course.length_ms is not None
                if self._is_due(course, "transcribed", is_end=is_end):
                    yield "transcribed", {**name, "done_ms": done, "total_ms": total}
            case Fetched(model, done, total):
                if self._is_due(self._run, model, is_end=done >= total):
                    yield "downloading", {"model": model, "done_bytes": done, "total_bytes": total}

    def _is_due(self, course: _Course, kind: str, *, is_end: bool) -> bool:
        now_s = self._clock()
        if not is_end and now_s - course.told_s.get(kind, -math.inf) < _INTERVAL_S:
            return False
        course.told_s[kind] = now_s
        return True

    def _notice(self, message: str) -> Iterator[Record]:
        """Tell once what would be the same for any recording."""
        if message not in self._notices:
            self._notices.add(message)
            yield "notice", {"message": message}

    def _ended(self, job: Job, written: list[str]) -> Record:
        course = self._course(job)
        del self._courses[job]
        if job.stdout_format is not None:
            written.append(STDOUT)
        if not written:
            return "recording_skipped", {**self._name(job), "kept": course.kept}
        seconds = None if course.began_s is None else self._seconds_since(course.began_s)
        made = {"written": written, "kept": course.kept, "length_ms": course.length_ms, "seconds": seconds}
        return "recording_done", {**self._name(job), **made}

    def _course(self, job: Job) -> _Course:
        return self._courses.setdefault(job, _Course())

    def _name(self, job: Job) -> dict[str, Any]:
        return {"recording": self._numbers[job], "path": STDIN if job.source.is_stdin else job.source.shown}

    def _error(self, error: AnyscribeError) -> dict[str, Any]:
        return {
            "kind": kind_of(error),
            "message": error.summary(self._name_of),
            "remedy": write(error.remedy, self._name_of),
            "exit_code": int(self._code_of(error)),
            "status": error.status if isinstance(error, ServerError) else None,
        }

    def _seconds_since(self, began_s: float) -> float:
        return round(self._clock() - began_s, 3)


def kind_of(error: AnyscribeError) -> str:
    """Return the name of an error's class for other programs, such as ``access_denied``.

    Args:
        error: The error; one of a class outside the tree counts as the nearest one above it.
    """
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == AnyscribeError.__module__)
    name = "Other" if kind is AnyscribeError else kind.__name__.removesuffix("Error")
    return _CAPITAL.sub("_", name).lower()

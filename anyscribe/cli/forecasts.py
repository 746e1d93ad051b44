"""What a run would take: a line for each recording, and one for all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.cli.exit_codes import ExitCode, code_of
from anyscribe.cli.messages import name_of
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.batch.outputs import Job
    from anyscribe.recording.budget import Forecast, Limits
    from anyscribe.recording.transcriber import Transcriber
    from anyscribe.terminal.output import StandardOutput

_MINUTE_MS: Final = 60_000
_MEGABYTE: Final = 1_000_000


def show_forecast(jobs: Sequence[Job], transcriber: Transcriber, limits: Limits, output: StandardOutput) -> int:
    """Show what each recording and all of them would take; nothing is sent or written.

    Args:
        jobs: The recordings.
        transcriber: Knows how they would be asked about.
        limits: The price.
        output: Takes the lines.

    Returns:
        The exit code: 0, or that of a recording that cannot be read.
    """
    code: int = ExitCode.DONE
    asked_ms = requests = upload_bytes = there = elsewhere = 0
    for job in jobs:
        name = job.source.shown
        try:
            if job.source.error is not None:
                raise job.source.error
            if not job.targets:
                there += 1
                _write(output, f"{name}: already there")
                continue
            if job.source.stream:
                _write(output, f"{name}: not known before it is read")
                continue
            if not isinstance(job.source.path, Path):
                elsewhere += 1
                size = job.source.path.state.size
                known = "" if size is None else f"{size / _MEGABYTE:,.1f} MB, "
                _write(output, f"{name}: {known}length not known before it is read{_arrow(job)}")
                continue
            own = transcriber.for_recording(job.source.own)
            forecast = own.forecast(job.source.path, name=job.source.filename)
        except AudioError as error:
            code = code_of(error)
            _write(output, f"{name}: error: {error.text(name_of)}")
            continue
        asked_ms += forecast.asked_ms
        requests += forecast.requests
        upload_bytes += forecast.upload_bytes
        _write(output, f"{name}: {_told(forecast, limits)}{_arrow(job)}")
    total = f"{_counted(len(jobs) - there, 'recording')}, {there:,} already there"
    if elsewhere:
        total += f", {elsewhere:,} of unknown length, which are not counted"
    _write(output, f"in all: {total}; {_amounts(asked_ms, requests, upload_bytes, limits)}")
    return code


def _arrow(job: Job) -> str:
    targets = ", ".join(str(target) for target in job.targets.values() if target is not None)
    return f" → {targets}" if targets else ""


def _told(forecast: Forecast, limits: Limits) -> str:
    length = "length unknown" if forecast.length_ms is None else f"{forecast.length_ms / _MINUTE_MS:,.1f} min"
    if not forecast.requests:
        return f"{length}, in the store: nothing is sent"
    told = f"{length}, {_amounts(forecast.asked_ms, forecast.requests, forecast.upload_bytes, limits)}"
    return told if forecast.asked_ms == (forecast.length_ms or 0) else f"{told}, the rest is in the store"


def _amounts(asked_ms: int, requests: int, upload_bytes: int, limits: Limits) -> str:
    amounts = [
        f"{asked_ms / _MINUTE_MS:,.1f} min to transcribe",
        ("about " if requests > 1 else "") + _counted(requests, "request"),
        f"{upload_bytes / _MEGABYTE:,.1f} MB",
    ]
    cost = limits.cost(asked_ms)
    return ", ".join([*amounts, *([] if cost is None else [f"cost {cost:,.3f}"])])


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _write(output: StandardOutput, line: str) -> None:
    from anyscribe.terminal.escaping import printable  # noqa: PLC0415 - only this needs it

    output.write(f"{printable(line, one_line=True)}\n".encode("utf-8", "backslashreplace"))

"""The last lines of a run: how many recordings ended how, what that took, and which failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.terminal.activity import told_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.batch.job_runner import Report
    from anyscribe.recording.budget import Budget
    from anyscribe.terminal.display import Display

_MINUTE_MS: Final = 60_000

_MOST_NAMES: Final = 10
_MOST_REASONS: Final = 10
"""More of them are counted: the lines stay few, and each fits a screen."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known at the end of a run.

    Args:
        report: How each recording ended.
        total: How many recordings there were; None if more could have come.
        budget: What was asked about; None if that costs nothing.
        seconds: How long it took.
    """

    report: Report
    total: int | None
    budget: Budget | None
    seconds: float

    def show(self, display: Display, *, is_interrupted: bool = False) -> None:
        """Show it, if there are several recordings; for a single one, all has been said.

        Args:
            display: Takes the lines.
            is_interrupted: Whether the run was interrupted.
        """
        if self.total == 1:
            if is_interrupted:
                display.notice("interrupted")
            return
        report = self.report
        if is_interrupted:
            ended = len(report.done) + len(report.there) + len(report.failed)
            left = "" if self.total is None else f", {self.total - ended:,} left"
            display.notice(f"interrupted: {self._counts()}{left}; the same command goes on from there")
        else:
            display.notice(self._counts())
        if report.done or (self.budget and self.budget.asked_ms):
            display.notice(self._figures())
        for line in self._failures(display):
            display.line(f"failed: {line}")
        if report.untried and not is_interrupted:
            display.line(f"not tried for the same reason: {len(report.untried)}")

    def _counts(self) -> str:
        report = self.report
        counts = {"done": len(report.done), "already there": len(report.there), "failed": len(report.failed)}
        return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count or name == "done")

    def _figures(self) -> str:
        figures = [f"{self.report.sound_ms / _MINUTE_MS:,.1f} min of sound"]
        if self.budget is not None:
            figures.append(f"{self.budget.asked_ms / _MINUTE_MS:,.1f} min asked about")
            if self.budget.cost is not None:
                figures.append(f"cost {self.budget.cost:,.3f}")
        return ", ".join([*figures, f"{told_time(self.seconds)} in all"])

    def _failures(self, display: Display) -> list[str]:
        """Name what failed. Each reason has been told with its recording; one that several share is told once more."""
        reasons: dict[str, list[str]] = {}
        for job, error in self.report.failed:
            reasons.setdefault(display.summary_of(error), []).append(job.source.shown)
        shared = sorted(
            (reason for reason, names in reasons.items() if len(names) > 1), key=lambda it: -len(reasons[it])
        )
        told = shared[:_MOST_REASONS]
        lines = [f"{_listed(reasons[reason])}: {reason}" for reason in told]
        others = [name for reason, names in reasons.items() if reason not in told for name in names]
        return [*lines, _listed(others)] if others else lines


def _listed(names: Sequence[str]) -> str:
    """List names, and count those that are too many."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_MOST_NAMES])} and {more:,} more"

"""What ``anyscribe lint`` writes: lines for people, JSON for programs, annotations for GitHub Actions, counts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from anyscribe.terminal.escaping import printable
from anyscribe.timespan import to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.lint.case import Violation

_BOLD, _YELLOW, _DIM, _PLAIN = "\x1b[1m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
_MENDABLE: Final = "[*]"


class Style(Enum):
    """How findings are written."""

    LINES = "lines"
    JSON = "json"
    GITHUB = "github"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in a file.

    Args:
        path: The file, as it is shown.
        violations: What was found; after mending, what is left.
        profile: The name of the profile.
        language: The language that was given or is stated; None if it was detected.
        recording: The recording that it was compared with; None for none.
        mended: How many findings were mended.
    """

    path: str
    violations: Sequence[Violation]
    profile: str
    language: str | None
    recording: str | None
    mended: int


def lines_of(report: FileReport, *, is_colored: bool) -> Iterator[str]:
    """Write the findings of a file for people: path and line, time, rule, what is wrong and how to mend it.

    Args:
        report: The file.
        is_colored: Whether a terminal shows it.
    """
    bold, yellow, dim, plain = (_BOLD, _YELLOW, _DIM, _PLAIN) if is_colored else ("", "", "", "")
    for one in report.violations:
        time = "" if one.time_ms is None else f" {dim}{_clock(one.time_ms)}{plain}"
        mark = f" {_MENDABLE}" if one.is_mendable else ""
        place = f"{bold}{printable(report.path, one_line=True)}{plain}:{one.line}:"
        said = printable(f"{one.message}: {one.remedy}", one_line=True)
        yield f"{place}{time} {yellow}{one.rule}{plain}{mark} {said}"


def annotations_of(report: FileReport) -> Iterator[str]:
    """Write the findings of a file as commands of GitHub Actions.

    Args:
        report: The file.
    """
    for one in report.violations:
        time = "" if one.time_ms is None else f"{_clock(one.time_ms)} "
        place = f"file={_property(report.path)},line={one.line},title={_property(f'anyscribe lint: {one.rule}')}"
        said = printable(f"{time}{one.message}: {one.remedy}", one_line=True)
        yield f"::error {place}::{_data(said)}"


def counts_of(reports: Sequence[FileReport]) -> Iterator[str]:
    """Write how often each rule is broken, the most frequent first.

    Args:
        reports: The files.
    """
    counts = Counter(one.rule for report in reports for one in report.violations)
    mendable = {one.rule for report in reports for one in report.violations if one.is_mendable}
    for rule, count in counts.most_common():
        yield f"{count:>7,} {_MENDABLE if rule in mendable else '   '} {rule}"


def json_of(reports: Sequence[FileReport]) -> str:
    """Write all findings as one JSON object; see ``docs/lint.md``.

    Args:
        reports: The files.
    """
    files: list[dict[str, Any]] = [
        {
            "path": report.path,
            "recording": report.recording,
            "profile": report.profile,
            "language": report.language,
            "mended": report.mended,
            "findings": [
                {
                    "rule": one.rule,
                    "line": one.line,
                    "start": None if one.time_ms is None else to_seconds(one.time_ms),
                    "message": one.message,
                    "remedy": one.remedy,
                    "mendable": one.is_mendable,
                }
                for one in report.violations
            ],
        }
        for report in reports
    ]
    return json.dumps({"files": files}, ensure_ascii=False, indent=1)


def _clock(time_ms: int) -> str:
    seconds, ms = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{ms:03d}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

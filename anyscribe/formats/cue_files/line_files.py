"""SubRip and WebVTT, read with everything that a judge needs, and written again."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import Document, Problem, WrittenCue
from anyscribe.formats.cue_files.markup import SRT, VTT
from anyscribe.formats.cue_text import ARROW
from anyscribe.formats.timestamps import TIMING_LINE, srt_timestamp, timestamp_ms, vtt_timestamp
from anyscribe.formats.vtt import HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.cue_files.markup import Markup

_LINE_END: Final = "\n"
_SRT_TIMING: Final = re.compile(r"\d{2,}:[0-5]\d:[0-5]\d,\d{3} --> \d{2,}:[0-5]\d:[0-5]\d,\d{3}(?: |$)", re.ASCII)
_VTT_TIME: Final = r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}"
_VTT_TIMING: Final = re.compile(rf"{_VTT_TIME}[ \t]+-->[ \t]+{_VTT_TIME}(?:\s|$)", re.ASCII)
_ASIDE: Final = re.compile(r"(?:NOTE|STYLE|REGION)(?=\s|$)")
_VOICE: Final = re.compile(r"\s*<v(?:\.[^\s<>]*)?\s([^<>]*)>")
_PLACE: Final = re.compile(r"\{\\an?[0-9]+\}")


def read_srt(text: str) -> Document:
    """Read SubRip.

    Args:
        text: The file's text with line feeds; nothing in it is refused.
    """
    _, cues, problems = _read(text.split("\n"), SRT)
    for number, cue in enumerate(cues if _is_readable(problems) else (), start=1):
        if cue.label != str(number):
            found = f"the number is {cue.label}" if cue.label else "there is no number"
            problems.append(Problem("numbering", cue.line, f"{found}, not {number}", "number the cues from 1"))
            break
    return Document(SRT, cues, write_srt, problems=tuple(problems), is_readable=_is_readable(problems))


def read_vtt(text: str) -> Document:
    """Read WebVTT.

    Args:
        text: As for `read_srt`.
    """
    head, cues, problems = _read(text.split("\n"), VTT)
    if not HEADER.match(text):
        problems.append(Problem("syntax", 1, "the first line is not WEBVTT", "write WEBVTT there"))
    return Document(VTT, cues, write_vtt, head=head, problems=tuple(problems), is_readable=_is_readable(problems))


def write_srt(document: Document) -> str:
    """Write SubRip.

    Args:
        document: What was read, perhaps with other cues.
    """
    return "".join(
        f"{number}\n{srt_timestamp(cue.start_ms)} --> {srt_timestamp(cue.end_ms)}{cue.settings}\n{cue.content}\n\n"
        for number, cue in enumerate(document.cues, start=1)
    )


def write_vtt(document: Document) -> str:
    """Write WebVTT, with its notes, styles, identifiers and settings.

    Args:
        document: As for `write_srt`.
    """
    cues = (
        f"\n{cue.before}{cue.label}{_LINE_END if cue.label else ''}"
        f"{vtt_timestamp(cue.start_ms)} --> {vtt_timestamp(cue.end_ms)}{cue.settings}\n{cue.content}\n"
        for cue in document.cues
    )
    return f"{document.head.rstrip()}\n{''.join(cues)}"


def _read(lines: Sequence[str], markup: Markup) -> tuple[str, tuple[WrittenCue, ...], list[Problem]]:
    """Return what stands before the first cue, the cues, and what is wrong."""
    timings = [index for index, line in enumerate(lines) if ARROW in line and TIMING_LINE.match(line)]
    begins = [_begin(lines, timing, markup) for timing in timings]
    labels = [lines[at].strip() if at < timing else None for at, timing in zip(begins, timings, strict=True)]
    wrong = [
        index
        for index, line in enumerate(lines)
        if ARROW in line and not TIMING_LINE.match(line) and _is_place_of_times(lines, index)
    ]
    problems = [
        Problem("syntax", index + 1, f"no times: {lines[index].strip()[:60]}", f"write them like {_example(markup)}")
        for index in wrong
    ]
    # A cue without times is no text of the cue before it.
    bounds = sorted([*begins, *(_begin(lines, index, markup) for index in wrong), len(lines)])
    head = "\n".join(lines[: begins[0]] if begins else lines)
    if markup is SRT and head.strip():
        problems.append(Problem("syntax", 1, "there is text before the first times", "give it times, or delete it"))
    cues = []
    before = ""
    for timing, label in zip(timings, labels, strict=True):
        cue, after = _cue(lines, timing, bounds[bisect_right(bounds, timing)], markup)
        cues.append(replace(cue, before=before, label=label or ""))
        before = after
        problems += _of_cue(lines, cue, markup)
    return head, tuple(cues), problems


def _begin(lines: Sequence[str], timing: int, markup: Markup) -> int:
    """Return the index of the number or identifier above a cue's times; that of the times if there is none."""
    above = lines[timing - 1].strip() if timing else ""
    if markup is SRT and timing > 1 and not above and lines[timing - 2].strip().isdecimal():
        # Some files have an empty line after every line.
        return timing - 2 if timing == 2 or not lines[timing - 3].strip() else timing  # noqa: PLR2004 - the first lines
    if not above or ARROW in above:
        return timing
    if markup is SRT:
        return timing - above.isdecimal()
    is_own = timing > 1 and not lines[timing - 2].strip()
    return timing - (is_own and not _ASIDE.match(above))


def _is_place_of_times(lines: Sequence[str], index: int) -> bool:
    above = lines[index - 1].strip() if index else ""
    return not above or above.isdecimal()


def _cue(lines: Sequence[str], timing: int, end: int, markup: Markup) -> tuple[WrittenCue, str]:
    """Return a cue, and what stands after it that is no text of it."""
    match = TIMING_LINE.match(lines[timing])
    assert match is not None  # noqa: S101 - the caller has looked for it
    stop = next((at for at in range(timing + 1, end) if _begins_aside(lines, at, markup)), end)
    body = "\n".join(lines[timing + 1 : stop]).rstrip()
    aside = "\n".join(lines[stop:end]).strip()
    voice = _VOICE.match(body) if markup is VTT else None
    settings = lines[timing][match.end() :].rstrip()
    place = _PLACE.match(body) if markup is SRT else None
    cue = WrittenCue(
        markup,
        timing + 1,
        timestamp_ms(match[1]),
        timestamp_ms(match[2]),
        body,
        text_line=timing + 2,
        settings=settings,
        group=settings.strip() + (place.group() if place else ""),
        speaker=voice[1].strip() if voice else "",
    )
    return cue, f"{aside}\n\n" if aside else ""


def _begins_aside(lines: Sequence[str], index: int, markup: Markup) -> bool:
    return markup is VTT and not lines[index - 1].strip() and _ASIDE.match(lines[index]) is not None


def _of_cue(lines: Sequence[str], cue: WrittenCue, markup: Markup) -> list[Problem]:
    found = []
    timing = _SRT_TIMING if markup is SRT else _VTT_TIMING
    if not timing.match(lines[cue.line - 1]):
        message = f"times that players may refuse: {lines[cue.line - 1].strip()[:60]}"
        stamp = srt_timestamp if markup is SRT else vtt_timestamp
        remedy = f"write them as {stamp(cue.start_ms)} --> {stamp(cue.end_ms)}"
        found.append(Problem("timestamp", cue.line, message, remedy))
    return found


def _example(markup: Markup) -> str:
    return "00:00:01,000 --> 00:00:02,000" if markup is SRT else "00:01.000 --> 00:02.000"


def _is_readable(problems: Sequence[Problem]) -> bool:
    return all(problem.rule != "syntax" for problem in problems)

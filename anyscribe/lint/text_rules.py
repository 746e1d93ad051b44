"""The rules for what a cue shows: lines, breaks, white space, dashes, tags, characters."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import groups_of, joined, tidy
from anyscribe.formats.cue_files.markup import ASS, SRT, UNKNOWN_TAG, VTT, is_end, open_tags, tag_name
from anyscribe.lint.case import Flow, Violation
from anyscribe.lint.turns import begins_turn, has_turns
from anyscribe.subtitles.breaks import NEVER
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.formats.cue_files.document import WrittenCue
    from anyscribe.lint.case import Case

_GARBLED: Final = re.compile(
    "\u00c3[\u0080-\u00bf\u2018-\u203a\u0152\u0160\u0192]|\u00e2\u20ac[\u2122\u0153\u009d\u201c\u201d\u00a6]|\u00c2[\u00a0\u00ab\u00bb\u00b0\u00bf\u00a1]"
)
"""UTF-8 that was read as an encoding of Western Europe."""

_CONTROL: Final = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]")
_TWO_IN_A_LINE: Final = re.compile("[.?!\u2026][\"\u201d\u2019']? ([-\u2010\u2013\u2014] ?[^\\W\\d_])")
_LEAST_REPEATED: Final = 3
"""People say a sentence twice."""

_ENDLESS_TAGS: Final = frozenset({"v"})
"""A voice that is not ended holds for the whole cue."""


def _of(case: Case, index: int, message: str, remedy: str, row: int = 0) -> Violation:
    cue = case.document.cues[index]
    line = cue.text_line + row if cue.markup in (SRT, VTT) else cue.text_line
    return Violation(message, remedy, line, index, cue.start_ms)


def empty_cue(case: Case) -> Iterator[Violation]:
    """A cue shows text."""
    for index, cue in enumerate(case.document.cues):
        if not cue.text:
            yield Violation("a cue without text", "delete it", cue.line, index, cue.start_ms)


def blank_line(case: Case) -> Iterator[Violation]:
    """No line of a cue is empty: many readers end the cue there."""
    for index, cue in case.cues():
        row = next((row for row, line in enumerate(cue.shown.split("\n")) if not tidy(line)), None)
        if row is not None:
            yield _of(case, index, "an empty line in a cue", "delete the empty line", row)


def white_space(case: Case) -> Iterator[Violation]:
    """No spaces at the ends of a line, no two in a row, no tabs."""
    for index, cue in case.cues():
        row = next((row for row, line in enumerate(cue.shown.split("\n")) if tidy(line) not in ("", line)), None)
        if row is not None:
            yield _of(case, index, "superfluous white space", "single spaces, and none at the ends of lines", row)


def line_count(case: Case) -> Iterator[Violation]:
    """A cue has no more lines than the profile allows."""
    most = case.limits.max_lines
    for index, cue in case.cues() if case.states("max_lines") else ():
        if len(cue.lines) > most:
            yield _of(
                case, index, f"{len(cue.lines)} lines (at most {most})", "fill the lines, or divide the cue", most
            )


def line_length(case: Case) -> Iterator[Violation]:
    """A line has no more characters than the profile allows."""
    most = case.limits.max_line_chars
    for index, cue in case.cues() if case.states("max_line_chars") else ():
        row, line = max(enumerate(cue.lines), key=lambda found: len(found[1]))
        if len(line) > most:
            yield _of(
                case, index, f"{len(line)} characters in a line (at most {most})", "break it, or divide the cue", row
            )


def line_break(case: Case) -> Iterator[Violation]:
    """No line ends inside a name, or after an article or a preposition, if there is a better place."""
    for index, cue in case.cues():
        lines = cue.lines
        if len(lines) < 2 or has_turns(lines):  # noqa: PLR2004 - one line has no break
            continue
        flow = case.flow(cue.text)
        if flow.worst(cue.text) >= NEVER:
            better = flow.broken(case.limits.max_line_chars)
            if flow.worst(better) < NEVER and better.count("\n") < max(case.limits.max_lines, len(lines)):
                row, word = _broken_after(cue, flow)
                yield _of(
                    case, index, f"a line ends after {word!r}", f"break it as {better.replace(chr(10), ' / ')!r}", row
                )


def _broken_after(cue: WrittenCue, flow: Flow) -> tuple[int, str]:
    for row in range(len(cue.lines) - 1):
        one = "\n".join([" ".join(cue.lines[: row + 1]), " ".join(cue.lines[row + 1 :])])
        if flow.worst(one) >= NEVER:
            return row, cue.lines[row].split(" ")[-1]
    return 0, cue.lines[0].split(" ")[-1]


def dash(case: Case) -> Iterator[Violation]:
    """Each of two speakers in a cue has a line that begins with the profile's dash."""
    if not case.states("dash") or not case.limits.dash:
        return
    for index, cue in case.cues():
        turns = [row for row, line in enumerate(cue.lines) if begins_turn(line)]
        if len(turns) == 1 and len(cue.lines) > 1:
            yield _of(
                case, index, "only one line begins with a dash", "a dash before each speaker's line, or none", turns[0]
            )
        for row, line in enumerate(cue.lines):
            if found := _TWO_IN_A_LINE.search(line):
                yield _of(case, index, f"two speakers in a line: {line!r}", f"break it before {found[1]!r}", row)
            elif row in turns and case.language == "en" and line[1] == " " and not case.limits.dash.endswith(" "):
                yield _of(case, index, "a space after a speaker's dash", "no space after it", row)


def repeat(case: Case) -> Iterator[Violation]:
    """A text does not stand in three cues in a row, as of engines that are caught in a loop."""
    for group in groups_of(case.document.cues):
        for text, run in groupby(group, lambda index: joined(case.document.cues[index].text).casefold()):
            own = list(run)
            if len(own) >= _LEAST_REPEATED and len(split_words(text)) > 1:
                yield _of(case, own[1], f"the same text {len(own)} times in a row", "delete it where nobody says it")


def tag(case: Case) -> Iterator[Violation]:
    """Tags are those of the format, and each that is begun is ended."""
    for index, cue in enumerate(case.document.cues):
        for begun in open_tags(cue.atoms):
            if tag_name(begun) not in _ENDLESS_TAGS:
                yield _of(case, index, f"{begun} is not ended", f"write </{tag_name(begun)}> after it")
        counts: dict[str, int] = {}
        for atom in cue.atoms:
            if atom.is_tag and atom.raw[0] == "<" and not atom.raw.endswith("/>") and (name := tag_name(atom.raw)):
                counts[name] = counts.get(name, 0) + (-1 if is_end(atom.raw) else 1)
                if counts[name] < 0:
                    yield _of(case, index, f"{atom.raw} ends nothing", f"delete it, or write <{name}> before it")
                    break
        unknown = UNKNOWN_TAG.search(cue.shown) if cue.markup in (SRT, VTT) else None
        if unknown:
            yield _of(case, index, f"{unknown.group()} is no tag of this format", "delete it; players hide or show it")
        if cue.markup is ASS and "{" in cue.shown:
            yield _of(case, index, "a brace is not closed", "write } after it")


def character(case: Case) -> Iterator[Violation]:
    """No control characters, and no text that was decoded wrongly."""
    for index, cue in enumerate(case.document.cues):
        for row, line in enumerate(cue.shown.split("\n")):
            if found := _CONTROL.search(line.replace("\t", "")):
                yield _of(case, index, f"the character U+{ord(found.group()):04X}", "write what should be there", row)
            elif found := _GARBLED.search(line):
                yield _of(
                    case, index, f"{found.group()!r} looks like text in a wrong encoding", "decode it as UTF-8", row
                )

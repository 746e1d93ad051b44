"""Subtitles as they are read for judging: every cue with its line, its markup and what stands around it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.formats.cue_files.markup import FIXED, UNPARSED, Atom, Markup, laid, shown_text
from anyscribe.formats.cue_text import ARROW
from anyscribe.formats.timestamps import TIMING_LINE
from anyscribe.scripts import has_unspaced_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPACES: Final = re.compile(rf"[^\S{FIXED}]+")


class Problem(NamedTuple):
    """Something in a file that is not as its format wants it.

    Args:
        rule: The rule's name.
        line: The line, from 1.
        message: What is wrong.
        remedy: What to do about it.
    """

    rule: str
    line: int
    message: str
    remedy: str


@dataclass(frozen=True)
class WrittenCue:
    """A cue of a file.

    Args:
        markup: How its content is written.
        line: The line of its time, from 1.
        start_ms: When it appears.
        end_ms: When it disappears; perhaps before it appears.
        content: Its text with markup.
        text_line: The line of the file that the text begins on.
        before: What stands between the cue before and this one: notes, styles, other elements.
        label: What stands before its time: a number, an identifier, fields, a tag.
        settings: What stands after its time.
        group: Cues of different groups are at different places of the picture, and may be shown together.
        speaker: Who speaks, if the format says so.
        number: Its place in the file, from 0.
    """

    markup: Markup
    line: int
    start_ms: int
    end_ms: int
    content: str
    text_line: int = 0
    before: str = ""
    label: str = ""
    settings: str = ""
    group: str = ""
    speaker: str = ""
    number: int = 0

    @functools.cached_property
    def atoms(self) -> list[Atom]:
        """The content, divided."""
        return self.markup.atoms(self.content)

    @functools.cached_property
    def shown(self) -> str:
        """What is seen, with white space as it is written."""
        return shown_text(self.atoms)

    @functools.cached_property
    def text(self) -> str:
        """What is seen, with single spaces, and without empty lines."""
        return "\n".join(filter(None, map(tidy, self.shown.split("\n")))) if self.shown.strip() else ""

    @property
    def chars(self) -> int:
        """How many characters there are to read; a line break counts like a space."""
        return len(self.text)

    @property
    def lines(self) -> list[str]:
        """The lines that are seen."""
        return self.text.split("\n") if self.text else []

    @property
    def length_ms(self) -> int:
        """How long it is shown."""
        return self.end_ms - self.start_ms

    def at(self, start_ms: int, end_ms: int) -> WrittenCue:
        """Return the cue at another time.

        Args:
            start_ms: When it appears.
            end_ms: When it disappears.
        """
        is_there = (start_ms, end_ms) == (self.start_ms, self.end_ms)
        return self if is_there else replace(self, start_ms=start_ms, end_ms=end_ms)

    def with_text(self, text: str) -> WrittenCue:
        """Return the cue with other white space.

        Args:
            text: The same characters, with single spaces and line feeds. The cue stays as it is if what comes together
                would be read as something else: as the times of a cue, or as a tag.
        """
        if UNPARSED in self.content:
            return self
        other = replace(self, content=laid(self.atoms, text, self.markup.line_break))
        is_same = other.shown.split() == text.split()
        return other if is_same and not has_times(other.content) else self


@dataclass(frozen=True)
class Document:
    """A file of subtitles.

    Args:
        markup: How texts are written.
        cues: The cues, in the file's order.
        head: What stands before the first cue and what belongs to it.
        tail: What stands after the last one.
        problems: What is wrong with the file rather than with a cue.
        writer: Writes the file.
        encoding: How it is encoded, as Python names it.
        mark: Its byte order mark, if it has one.
        newline: How its lines end.
        language: The language that it states; empty if it states none.
        is_readable: Whether all of it was understood, so that it may be written anew.
    """

    markup: Markup
    cues: tuple[WrittenCue, ...]
    writer: Callable[[Document], str]
    head: str = ""
    tail: str = ""
    problems: tuple[Problem, ...] = ()
    encoding: str = "utf-8"
    mark: bytes = b""
    newline: str = "\n"
    language: str = ""
    is_readable: bool = True

    def written(self) -> bytes:
        """Return the file in UTF-8, with its mark and line ends."""
        text = self.writer(self)
        if self.newline != "\n":
            text = text.replace("\n", self.newline)
        return (b"\xef\xbb\xbf" if self.mark else b"") + text.encode("utf-8", "surrogateescape")


def has_times(content: str) -> bool:
    """Return whether a line of a content would be read as the times of a cue.

    Args:
        content: The content, as a format writes it.
    """
    return ARROW in content and any(map(TIMING_LINE.match, content.split("\n")))


def tidy(line: str) -> str:
    """Return a line with single spaces; those that are part of a word stay.

    Args:
        line: Any line.
    """
    return _SPACES.sub(" ", line).strip(" ")


def joined(text: str) -> str:
    """Return lines as one, with spaces between them where the script has some.

    Args:
        text: The lines.
    """
    lines = text.split("\n")
    out = lines[0]
    for line in lines[1:]:
        is_unspaced = out and line and has_unspaced_words(out[-1]) and has_unspaced_words(line[0])
        out += line if is_unspaced else f" {line}"
    return out


def groups_of(cues: Sequence[WrittenCue]) -> list[list[int]]:
    """Return the indices of the cues of each group, in order of their starts."""
    groups: dict[str, list[int]] = {}
    for index, cue in enumerate(cues):
        groups.setdefault(cue.group, []).append(index)
    return [sorted(group, key=lambda index: cues[index].start_ms) for group in groups.values()]

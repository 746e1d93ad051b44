r"""The times of words inside cues: WebVTT's time stamps, and ``\k`` of ASS."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.formats.cue_files.markup import ASS, VTT
from anyscribe.formats.timestamps import timestamp_ms
from anyscribe.formats.tokens import TextToken
from anyscribe.timespan import to_seconds

if TYPE_CHECKING:
    from anyscribe.formats.cue_files.document import WrittenCue

_STAMP: Final = re.compile(r"<([0-9:]+\.[0-9]{3})>")
_LENGTH: Final = re.compile(r"\\[kK][fo]?(\d+)")
_MS_PER_CS: Final = 10


def tokens_of(cue: WrittenCue, skipped: int = 0) -> list[TextToken]:
    """Divide a cue at the times that stand in it.

    Args:
        cue: The cue.
        skipped: So many of its lines, from the first one, are left out.

    Returns:
        Its parts, each from its own time until the next one, with a space at the end of each line. A single part for a
        line if there are no times in it: lines share the time between two such times by their lengths.
    """
    parts = _parts(cue)
    texts: dict[int, str] = {}
    for part in parts:
        texts[part.line] = texts.get(part.line, "") + part.text
    left = [line for line, text in texts.items() if text.strip()][skipped:]
    parts = [part for part in parts if part.line in left]
    tokens: list[TextToken] = []
    line = 0
    for (start_ms, end_ms), group in groupby(parts, key=lambda part: (part.start_ms, part.end_ms)):
        shared = list(group)
        whole = max(1, sum(len(part.text) for part in shared))
        begin_ms = start_ms
        for part in shared:
            until_ms = begin_ms + (end_ms - start_ms) * len(part.text) // whole
            if tokens and part.line != line:
                # No word goes over the end of a line.
                tokens.append(TextToken(" "))
            tokens.append(TextToken(part.text, to_seconds(begin_ms), to_seconds(until_ms)))
            line, begin_ms = part.line, until_ms
    return tokens


def has_times(cue: WrittenCue) -> bool:
    """Return whether there are times inside a cue.

    Args:
        cue: The cue.
    """
    inside = _STAMP if cue.markup is VTT else _LENGTH if cue.markup is ASS else None
    return inside is not None and inside.search(cue.content) is not None


class _Part(NamedTuple):
    """Text between two times or line breaks."""

    line: int
    text: str
    start_ms: int
    end_ms: int


def _parts(cue: WrittenCue) -> list[_Part]:
    """Return the texts of a cue with the times that they stand between."""
    end_ms = max(cue.start_ms, cue.end_ms)
    times_ms = [cue.start_ms]
    length_ms = 0
    texts: list[tuple[int, int, str]] = []
    line, text = 0, ""
    for atom in cue.atoms:
        marks_ms = []
        if cue.markup is VTT and (stamp := _STAMP.fullmatch(atom.raw)):
            marks_ms.append(timestamp_ms(stamp[1]))
        elif cue.markup is ASS and atom.is_tag:
            for found in _LENGTH.findall(atom.raw):
                marks_ms.append((marks_ms or times_ms)[-1] + length_ms)
                length_ms = int(found) * _MS_PER_CS
        if marks_ms or atom.shown == "\n":
            texts.append((line, len(times_ms) - 1, text))
            text = ""
        line += atom.shown == "\n"
        text += "" if atom.shown == "\n" else atom.shown
        times_ms += (min(max(times_ms[-1], mark_ms), end_ms) for mark_ms in marks_ms)
    texts.append((line, len(times_ms) - 1, text))
    times_ms.append(min(end_ms, times_ms[-1] + length_ms) if length_ms else end_ms)
    return [_Part(line, text, *times_ms[at : at + 2]) for line, at, text in texts if text]

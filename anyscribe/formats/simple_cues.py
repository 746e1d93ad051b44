"""Simple formats with a text and a time: SubViewer (YouTube's ``.sbv``), lyrics (LRC), and Whisper's table."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import cue_text, transcript_of
from anyscribe.formats.timestamps import timestamp_ms
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anyscribe.transcript import Transcript

_SBV_TIMES: Final = re.compile(r"(\d{1,3}:\d{2}:\d{2}\.\d{1,3}),(\d{1,3}:\d{2}:\d{2}\.\d{1,3})[ \t]*", re.ASCII)
_LRC_TAG: Final = re.compile(r"\[[a-zA-Z#]{1,9}:[^\]\n]*\]")
_LRC_TIME: Final = re.compile(r"\[(\d{1,5}:\d{2}\.\d{1,3})\]", re.ASCII)
_LRC_LINE: Final = re.compile(rf"((?:{_LRC_TIME.pattern}[ \t]*)+)(.*)", re.ASCII)
_LRC_WORD: Final = re.compile(r"<\d{1,5}:\d{2}\.\d{1,3}>", re.ASCII)
_TSV_HEAD: Final = re.compile(r"start\tend\ttext[ \t]*(?:\n|\Z)")
_JOINER: Final = "\u2060"
"""What we write before text that looks like a time; it is invisible."""

_LAST_MS: Final = 4_000
"""How long the last line of a song is taken to last."""


def parser_of(text: str) -> Callable[[str], Transcript] | None:
    """Return what reads a text; None if it is in none of these formats. Never raises.

    Args:
        text: Any text.
    """
    text = text.lstrip()
    if _TSV_HEAD.match(text.replace("\r\n", "\n")[:100]):
        return parse_tsv
    if _SBV_TIMES.match(text):
        return parse_sbv
    first = next((line for line in text.splitlines()[:40] if line.strip() and not _LRC_TAG.match(line.strip())), "")
    return parse_lrc if _LRC_LINE.match(first.strip()) else None


def parse_sbv(text: str) -> Transcript:
    """Read SubViewer.

    Args:
        text: The file's text.
    """
    cues: list[tuple[int, int, list[str]]] = []
    for line in text.splitlines():
        if times := _SBV_TIMES.fullmatch(line):
            cues.append((timestamp_ms(times[1]), timestamp_ms(times[2]), []))
        elif cues:
            cues[-1][2].append(line.removeprefix(_JOINER))
    return transcript_of(
        Segment(cue_text("\n".join(lines)), start_ms, max(start_ms, end_ms)) for start_ms, end_ms, lines in cues
    )


def parse_lrc(text: str) -> Transcript:
    """Read lyrics; each line lasts until the next one.

    Args:
        text: The file's text.
    """
    lines = sorted(_lyrics(text))
    ends_ms = [following for (_, _), (following, _) in pairwise(lines)]
    ends_ms += [start_ms + _LAST_MS for start_ms, _ in lines[-1:]]
    return transcript_of(
        Segment(said, start_ms, end_ms) for (start_ms, said), end_ms in zip(lines, ends_ms, strict=True)
    )


def parse_tsv(text: str) -> Transcript:
    """Read the table that Whisper writes, with times in milliseconds; a row that is none is left out.

    Args:
        text: The file's text.
    """
    rows = (line.split("\t", 2) for line in text.strip().splitlines()[1:])
    timed = (row for row in rows if len(row) == 3 and row[0].isdecimal() and row[1].isdecimal())  # noqa: PLR2004
    return transcript_of(Segment(cue_text(said), int(start), max(int(start), int(end))) for start, end, said in timed)


def _lyrics(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their times; a line that is sung again has several."""
    for line in text.splitlines():
        if match := _LRC_LINE.match(line.strip()):
            said = " ".join(_LRC_WORD.sub("", match[3]).removeprefix(_JOINER).split())
            for time in _LRC_TIME.findall(match[1]):
                yield timestamp_ms(time), said

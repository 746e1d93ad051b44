"""Advanced SubStation Alpha, read with everything that a judge needs, and written again.

Everything but the dialogue is kept byte for byte: headers, styles, comments, drawings, fonts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import Document, Problem, WrittenCue
from anyscribe.formats.cue_files.markup import ASS

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIME: Final = re.compile(r"\s*(\d{1,6}):(\d{1,2}):(\d{1,2})[.:](\d{1,3})\s*", re.ASCII)
_USUAL_FIELDS: Final = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_DIALOGUE: Final = "dialogue:"
_FORMAT: Final = "format:"
_EVENTS: Final = "[events]"
_PLACE: Final = re.compile(r"\\(?:an?\d|pos|move|org|clip)[^\\}]*")
_DRAWING: Final = re.compile(r"\\p[1-9]")
_MS_PER_CS: Final = 10


def read_ass(text: str) -> Document:
    """Read the dialogue of a file.

    Args:
        text: The file's text with line feeds; nothing in it is refused.
    """
    cues: list[WrittenCue] = []
    problems: list[Problem] = []
    fields: Sequence[str] = _USUAL_FIELDS
    kept: list[str] = []
    is_event = False
    for number, line in enumerate(text.split("\n"), start=1):
        low = line.strip().lower()
        if low.startswith("["):
            is_event = low == _EVENTS
        elif is_event and low.startswith(_FORMAT):
            fields = tuple(name.strip() for name in low.removeprefix(_FORMAT).split(","))
        elif is_event and low.startswith(_DIALOGUE):
            cue = _cue(line, number, fields, "".join(kept))
            if cue is None:
                message = f"not a dialogue of {len(fields)} fields with times: {line.strip()[:60]}"
                problems.append(Problem("syntax", number, message, "write its fields as the line Format names them"))
            elif not _DRAWING.search(cue.content):
                cues.append(cue)
                kept = []
                continue
        kept.append(f"{line}\n")
    tail = "".join(kept).removesuffix("\n")
    return Document(ASS, tuple(cues), write_ass, tail=tail, problems=tuple(problems), is_readable=not problems)


def _cue(line: str, number: int, fields: Sequence[str], before: str) -> WrittenCue | None:
    values = line.partition(":")[2].lstrip().split(",", len(fields) - 1)
    if len(values) != len(fields) or not {"start", "end", "text"} <= set(fields):
        return None
    named = dict(zip(fields, values, strict=True))
    start, end = _TIME.fullmatch(named["start"]), _TIME.fullmatch(named["end"])
    if start is None or end is None:
        return None
    content = named["text"]
    group = ",".join([named.get("layer", ""), named.get("style", ""), *dict.fromkeys(_PLACE.findall(content))])
    return WrittenCue(
        ASS,
        number,
        _ms(start),
        _ms(end),
        content,
        text_line=number,
        before=before,
        label=line,
        settings=",".join(fields),
        group=group,
        speaker=named.get("name", "").strip(),
    )


def _ms(time: re.Match[str]) -> int:
    hours, minutes, seconds, decimals = time.groups()
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(decimals.ljust(3, "0"))


def write_ass(document: Document) -> str:
    """Write the file.

    Args:
        document: What was read, perhaps with other cues.
    """
    return "".join(f"{cue.before}{_line(cue)}\n" for cue in document.cues) + document.tail


def _line(cue: WrittenCue) -> str:
    """Write a dialogue; its label is the line that was read, its settings are the names of the fields."""
    fields = cue.settings.split(",")
    kind, _, rest = cue.label.partition(":")
    space = " " if rest.startswith(" ") else ""
    values = rest.lstrip().split(",", len(fields) - 1)
    new = {"start": _timestamp(cue.start_ms), "end": _timestamp(cue.end_ms), "text": cue.content}
    return f"{kind}:{space}" + ",".join(new.get(name, value) for name, value in zip(fields, values, strict=True))


def _timestamp(time_ms: int) -> str:
    seconds, hundredths = divmod((time_ms + _MS_PER_CS // 2) // _MS_PER_CS, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}.{hundredths:02d}"

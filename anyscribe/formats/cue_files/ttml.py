"""TTML and its profiles (IMSC, DFXP), read with everything that a judge needs, and written again.

Expat tells where each element stands, so everything but times and line breaks is kept byte for byte. It is given no
document type, which a subtitle does not need and which could make a small file huge.

Source: https://www.w3.org/TR/ttml2/#timing-value-time-expression
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from anyscribe.formats.cue_files.document import Document, Problem, WrittenCue
from anyscribe.formats.cue_files.markup import TTML
from anyscribe.formats.timestamps import vtt_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyscribe.formats.cue_files.markup import Markup

_CLOCK: Final = re.compile(r"(\d{2,}):(\d{2}):(\d{2})(?:\.(\d+)|:(\d{2,}))?", re.ASCII)
_OFFSET: Final = re.compile(r"(\d+(?:\.\d+)?)(h|m|s|ms|f|t)", re.ASCII)
_TAG: Final = re.compile(rb"<[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>")
_TIMES: Final = re.compile(r"\s+(?:begin|end|dur)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_ID: Final = re.compile(r"\s+xml:id\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_DECLARED: Final = re.compile(r"""(<\?xml[^>]*?\sencoding\s*=\s*)(?:"[^"]*"|'[^']*')""")
_PARAGRAPH: Final = "p"
_TIMED: Final = frozenset({"body", "div"})


def read_ttml(text: str) -> Document:
    """Read the paragraphs that have times.

    Args:
        text: The file's text with line feeds; nothing in it is refused.
    """
    body = text.encode("utf-8", "replace")
    reader = _Reader(body)
    problem = reader.read()
    is_readable = problem is None and not reader.has_offsets
    problems = (*reader.problems, *([problem] if problem else []))
    tail = body[reader.done :].decode()
    return Document(
        reader.markup,
        tuple(reader.cues),
        write_ttml,
        tail=tail,
        problems=problems,
        language=reader.language,
        is_readable=is_readable,
    )


def write_ttml(document: Document) -> str:
    """Write the file.

    Args:
        document: What was read, perhaps with other cues.
    """
    cues = "".join(f"{cue.before}{_start_tag(cue)}{cue.content}{cue.settings}" for cue in document.cues)
    return _DECLARED.sub(r'\1"UTF-8"', cues + document.tail, count=1)


def _start_tag(cue: WrittenCue) -> str:
    tag = _TIMES.sub("", cue.label)
    at = len(tag) - (2 if tag.endswith("/>") else 1)
    times = f' begin="{vtt_timestamp(cue.start_ms)}" end="{vtt_timestamp(cue.end_ms)}"'
    return f"{tag[:at].rstrip()}{times}>"


def without_id(label: str) -> str:
    """Return a start tag without its identifier, which no second element may have.

    Args:
        label: The tag.
    """
    return _ID.sub("", label)


@dataclass
class _Reader:
    """Finds the paragraphs of a file.

    Args:
        body: The file in UTF-8.
    """

    body: bytes
    cues: list[WrittenCue] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    language: str = ""
    has_offsets: bool = False
    """Whether paragraphs stand in parts of the file that have times, which are not written anew."""
    markup: Markup = TTML
    done: int = 0
    """Up to which byte the file belongs to a cue or to what stands before one."""

    def __post_init__(self) -> None:
        self._rates = _Rates()
        self._offsets_ms = [0]
        self._open: tuple[int, int, dict[str, str]] | None = None
        self._inner_ms: list[int] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self) -> Problem | None:
        """Read the file; return what makes it no XML."""
        try:
            self._parser.Parse(self.body, True)  # noqa: FBT003 - as expat has it
        except expat.ExpatError as error:
            return Problem("syntax", error.lineno, f"not XML: {expat.ErrorString(error.code)}", "mend the tags")
        except _DoctypeError:
            return Problem("syntax", self._parser.CurrentLineNumber, "it has a document type", "delete <!DOCTYPE …>")
        return None

    def _refuse(self, *_: Any) -> None:  # noqa: ANN401 - as expat has it
        raise _DoctypeError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        named = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if local == "tt":
            # A line break without the prefix of the others would be of another namespace.
            prefix = name.removesuffix("tt")
            self.markup = replace(TTML, line_break=f"<{prefix}br/>") if prefix else TTML
            self.language = named.get("lang", "")
            self._rates = _Rates.of(named)
        elif local in _TIMED:
            self._offsets_ms.append(self._offsets_ms[-1] + (self._rates.ms(named.get("begin", "")) or 0))
            self.has_offsets = self.has_offsets or self._offsets_ms[-1] > 0
        elif local == _PARAGRAPH:
            self._open = (self._parser.CurrentByteIndex, self._parser.CurrentLineNumber, named)
            self._inner_ms = []
        elif self._open is not None:
            self._inner_ms += (
                time_ms for key in ("begin", "end") if (time_ms := self._rates.ms(named.get(key, ""))) is not None
            )

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local in _TIMED:
            self._offsets_ms.pop()
        if local != _PARAGRAPH or self._open is None:
            return
        begin, line, named = self._open
        self._open = None
        start_ms = self._rates.ms(named.get("begin", ""))
        end_ms = self._rates.ms(named.get("end", ""))
        length_ms = self._rates.ms(named.get("dur", ""))
        if end_ms is None and start_ms is not None and length_ms is not None:
            end_ms = start_ms + length_ms
        if (start_ms is None or end_ms is None) and self._inner_ms:
            # What is inside has times, from the begin of the paragraph.
            self.has_offsets = True
            begin_ms = start_ms or 0
            start_ms = start_ms or min(self._inner_ms)
            end_ms = end_ms or begin_ms + max(self._inner_ms)
        if start_ms is None or end_ms is None:
            message = "a paragraph without times that can be read is not checked"
            self.problems.append(Problem("timestamp", line, message, 'give it begin="00:00:01.000" end="00:00:02.000"'))
            return
        self._add(begin, line, named, (start_ms + self._offsets_ms[-1], end_ms + self._offsets_ms[-1]))

    def _add(self, begin: int, line: int, named: Mapping[str, str], times_ms: tuple[int, int]) -> None:
        tag = _TAG.match(self.body, begin)
        assert tag is not None  # noqa: S101 - expat has read it
        is_empty = tag.group().endswith(b"/>")
        content_end = tag.end() if is_empty else self._parser.CurrentByteIndex
        label = tag.group().decode()
        element = label[1:].split()[0].rstrip("/>")
        close = (
            f"</{element}>" if is_empty else self.body[content_end : self.body.index(b">", content_end) + 1].decode()
        )
        self.cues.append(
            WrittenCue(
                self.markup,
                line,
                *times_ms,
                self.body[tag.end() : content_end].decode(),
                text_line=line,
                before=self.body[self.done : begin].decode(),
                label=label,
                settings=close,
                group=named.get("region", ""),
                speaker=named.get("agent", ""),
            )
        )
        self.done = content_end + (0 if is_empty else len(close.encode()))


@dataclass(frozen=True, slots=True)
class _Rates:
    """How a file counts time: frames and ticks a second."""

    frames: float = 30.0
    ticks: float = 1.0

    @classmethod
    def of(cls, named: Mapping[str, str]) -> _Rates:
        """Read the attributes of the root element."""
        try:
            up, down = map(float, named.get("frameRateMultiplier", "1 1").replace(":", " ").split())
            frames = float(named.get("frameRate", "30")) * up / down
            return cls(frames, float(named.get("tickRate", frames if "frameRate" in named else 1)))
        except (ValueError, ZeroDivisionError):
            return cls()

    def ms(self, time: str) -> int | None:
        """Read a time in milliseconds; None if it is none."""
        if clock := _CLOCK.fullmatch(time.strip()):
            hours, minutes, seconds, decimals, frames = clock.groups()
            whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return round(1000 * (whole + float(f"0.{decimals or 0}") + int(frames or 0) / self.frames))
        if offset := _OFFSET.fullmatch(time.strip()):
            units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "f": 1 / self.frames, "t": 1 / self.ticks}
            return round(1000 * float(offset[1]) * units[offset[2]])
        return None


class _DoctypeError(Exception):
    """The file has a document type."""

"""A list of recordings, one a line: a path, an address, or JSON that also says something about the recording alone."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from anyscribe.errors import FieldError, UsageError
from anyscribe.form import read_language, read_temperature
from anyscribe.recording.own_fields import OwnFields
from anyscribe.recording.vocabulary import read_terms
from anyscribe.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COMMENT: Final = "#"
_JSON: Final = "{"
_MOST_LINE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """A recording in a list.

    Args:
        given: A path or an address, as it is written there.
        line: The number of its line, from 1.
        own: What is said about it alone; None for nothing.
        output: The file, folder or address for its result; empty for where all go.
    """

    given: str
    line: int
    own: OwnFields | None = None
    output: str = ""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of a line of JSON, named as the flags are."""

    file: str
    language: str | None = None
    prompt: str | None = None
    temperature: str | float | None = None
    vocabulary: str | list[str] | None = None
    output: str | None = None


def read_recordings(lines: Iterable[bytes], name: str) -> Iterator[ListedRecording]:
    """Read a list.

    Args:
        lines: Its lines. Those that are blank or begin with ``#`` are passed over.
        name: What messages call the list.

    Yields:
        The recordings in their order.

    Raises:
        UsageError: A line cannot be understood; the message has its number.
    """
    decoder = msgspec.json.Decoder(_Line)
    # Of a hundred thousand recordings, most have the same fields.
    known: dict[OwnFields, OwnFields] = {}
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number:,}"
        text = _text(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, where)
        if not text.startswith(_JSON):
            if text and not text.startswith(_COMMENT):
                yield ListedRecording(text, number)
            continue
        try:
            found = decoder.decode(text)
            own = _own(found)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            remedy = f"its fields are {', '.join(_Line.__struct_fields__)}; file is needed"
            raise UsageError(f"{where}: {error}", remedy=remedy) from None
        except FieldError as error:
            raise UsageError(Sentence("{}: {}", where, error.message), remedy=error.remedy) from None
        if not found.file or found.output == "":
            raise UsageError(f"{where}: {'output' if found.file else 'file'} is empty", remedy="name one")
        yield ListedRecording(found.file, number, known.setdefault(own, own) if own else None, found.output or "")


def _text(line: bytes, where: str) -> str:
    """Return a line without the white space around it; names of files need not be text."""
    if b"\0" in line or len(line) > _MOST_LINE_BYTES:
        raise UsageError(f"{where}: that is no line of text", remedy="give a list in UTF-8, one recording a line")
    return line.decode(errors="surrogateescape" if sys.platform != "win32" else "replace").strip()


def _own(line: _Line) -> OwnFields | None:
    fields: list[tuple[str, str | None]] = []
    if line.language is not None:
        fields.append(("language", read_language(line.language)))
    if line.prompt is not None:
        fields.append(("prompt", line.prompt or None))
    if line.temperature is not None:
        fields.append(("temperature", read_temperature(str(line.temperature))))
    vocabulary = line.vocabulary
    terms = None if vocabulary is None else read_terms([vocabulary] if isinstance(vocabulary, str) else vocabulary)
    return OwnFields(tuple(fields), terms) if fields or terms is not None else None

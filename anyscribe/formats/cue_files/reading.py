"""Read subtitles of anybody from their bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from anyscribe.formats.cue_files.ass import read_ass
from anyscribe.formats.cue_files.document import Document, Problem
from anyscribe.formats.cue_files.line_files import read_srt, read_vtt
from anyscribe.formats.cue_files.ttml import read_ttml
from anyscribe.formats.encodings import decode_text
from anyscribe.formats.vtt import HEADER

READERS: Final = {
    ".srt": read_srt,
    ".vtt": read_vtt,
    ".ass": read_ass,
    ".ssa": read_ass,
    ".ttml": read_ttml,
    ".dfxp": read_ttml,
    ".imsc": read_ttml,
    ".itt": read_ttml,
    ".xml": read_ttml,
}
"""What reads a file, by its name's end."""


def read(content: bytes, extension: str, language: str | None = None) -> Document:
    """Read a file of subtitles.

    Args:
        content: Its bytes.
        extension: Its name's end with the dot, in small letters: one of `READERS`.
        language: The language of the text as a code, which tells old encodings apart; None if unknown.

    Returns:
        What was understood; what was not is in its problems.
    """
    text, encoding, mark, is_sure = decode_text(content, language)
    newline = "\r\n" if "\r\n" in text else "\n" if "\n" in text or "\r" not in text else "\r"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = read_vtt if extension == ".srt" and HEADER.match(text) else READERS[extension]
    document = reader(text)
    problems = list(document.problems)
    if not is_sure:
        message = f"the file is not UTF-8, and perhaps {encoding.upper()}"
        problems.insert(0, Problem("encoding", 1, message, "name its language, or save it as UTF-8"))
    elif encoding != "utf-8":
        problems.insert(0, Problem("encoding", 1, f"the file is {encoding.upper()}, not UTF-8", "save it as UTF-8"))
    cues = tuple(replace(cue, number=number) for number, cue in enumerate(document.cues))
    return replace(
        document,
        cues=cues,
        encoding=encoding,
        mark=mark,
        newline=newline,
        problems=tuple(problems),
        is_readable=document.is_readable and is_sure,
    )

"""``tsv`` and ``csv``: a row for each segment, for programs and for spreadsheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import one_line, parts_to_write
from anyscribe.formats.prose import running_text
from anyscribe.formats.timestamps import vtt_timestamp

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

_FORMULA: Final = re.compile(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""What spreadsheets take for a formula, also in its wide form.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

_QUOTED: Final = re.compile(r'[",\r\n]')


def render_tsv(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write start and end in milliseconds and the text, as OpenAI's Whisper does.

    Args:
        transcript: The transcript; each segment with text becomes a row, ordered by start.

    Returns:
        The file's text with line feeds; the names of the columns alone if there are no segments.
    """
    rows = (
        f"{segment.start_ms}\t{end_ms}\t{running_text([text]).replace(chr(9), ' ')}\n"
        for segment, text, end_ms in parts_to_write(transcript)
    )
    return "".join(["start\tend\ttext\n", *rows])


def render_csv(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write start, end, speaker and text, so that spreadsheets show them as they are.

    Text that they would take for a formula begins with an apostrophe, which they do not show or which makes it text.

    Args:
        transcript: As for `render_tsv`.

    Returns:
        The file's text as RFC 4180 has it, with a byte order mark, without which Excel takes it for another encoding.
    """
    rows = [("start", "end", "speaker", "text")]
    rows += (
        (
            vtt_timestamp(segment.start_ms),
            vtt_timestamp(end_ms),
            _inert(one_line(segment.speaker or "")),
            _inert(running_text([text])),
        )
        for segment, text, end_ms in parts_to_write(transcript)
    )
    return "\ufeff" + "".join(",".join(map(_field, row)) + "\r\n" for row in rows)


def _inert(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _field(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if _QUOTED.search(text) else text

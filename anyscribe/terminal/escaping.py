"""Escape control characters: text from servers and file names must not control the terminal."""

from __future__ import annotations

import re
from typing import Final

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""DEL, all C0 and C1 controls except tab and line feed, and the controls that reorder the text around them."""

_LINE_CONTROLS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
"""Within one line, such as a name: also what breaks the line, sets its direction, or is invisible.

Joiners (U+200C, U+200D) and variation selectors stay: scripts and emoji need them. Source: Unicode's properties
Bidi_Control and Default_Ignorable_Code_Point.
"""

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
"""Surrogates: Python decodes non-UTF-8 bytes in file names to them, and no stream can write them."""

_SHORT_ESCAPES: Final = {"\n": "\\n", "\t": "\\t"}


def printable(text: str, *, one_line: bool = False) -> str:
    r"""Make text safe to show.

    Args:
        text: Any text, including file names with bytes that are not UTF-8.
        one_line: Whether it is shown within a line, as a name is: then line breaks, tabs and all that is invisible are
            controls too.

    Returns:
        The text with each control character as its escape (``\x1b``, ``\u202e``), and each undecodable byte as
        ``\ufffd``.
    """
    text = _SURROGATES.sub("\ufffd", text).replace("\r\n", "\n")
    return (_LINE_CONTROLS if one_line else _CONTROLS).sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 - the last one with two digits
        return _SHORT_ESCAPES.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the last one with four digits

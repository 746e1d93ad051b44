"""Escape control characters: text from servers and file names must not control the terminal."""

from __future__ import annotations

import re
from typing import Final

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""DEL, and all C0 and C1 controls except tab and line feed."""

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
"""Surrogates: Python decodes non-UTF-8 bytes in file names to them, and no stream can write them."""


def printable(text: str, *, one_line: bool = False) -> str:
    r"""Make text safe to show.

    Args:
        text: Any text, including file names with bytes that are not UTF-8.
        one_line: Whether line feeds and tabs are shown as controls too.

    Returns:
        The text with each control character as its escape (``\x1b``), and each undecodable byte as ``\ufffd``.
    """
    text = _SURROGATES.sub("\ufffd", text).replace("\r\n", "\n")
    text = _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return text.replace("\n", "\\n").replace("\t", "\\t") if one_line else text

"""Text from servers and file names is data: nothing in it may command the terminal."""

from __future__ import annotations

import re
from typing import Final

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All C0 and C1 controls but tab and line feed, and DEL."""

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
"""What Python makes of bytes in a file name that are no UTF-8, and what no stream can write."""


def printable(text: str, *, one_line: bool = False) -> str:
    r"""Make text safe to show.

    Args:
        text: Anything, also file names with bytes that are no UTF-8.
        one_line: Whether line feeds and tabs are shown as controls too.

    Returns:
        The text with each control character as its escape (``\x1b``), and each undecodable byte as ``\ufffd``.
    """
    text = _SURROGATES.sub("\ufffd", text).replace("\r\n", "\n")
    text = _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return text.replace("\n", "\\n").replace("\t", "\\t") if one_line else text

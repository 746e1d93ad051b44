"""Text in XML: what XML forbids is replaced, and what it gives a meaning is escaped."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def allowed(text: str) -> str:
    """Replace the characters that no XML document may have: most control characters, half surrogates.

    Args:
        text: Any text.
    """
    return _FORBIDDEN.sub("\ufffd", text)


def content(text: str) -> str:
    """Write a text between tags.

    Args:
        text: Any text.
    """
    return escape(allowed(text))


def attribute(text: str) -> str:
    """Write a text as the value of an attribute, with its quotation marks.

    Args:
        text: Any text.
    """
    return quoteattr(allowed(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def is_right_to_left(text: str) -> bool:
    """Return whether a text is read from right to left: by its first letter that has a direction.

    Args:
        text: Any text.
    """
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((found in _RIGHT_TO_LEFT for found in directions if found in {"L", *_RIGHT_TO_LEFT}), False)

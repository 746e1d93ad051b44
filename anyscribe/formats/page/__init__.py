"""The page's own files, and how a page is put together from them: nothing in it comes from elsewhere."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER: Final = Path(__file__).parent
_FIELD: Final = re.compile(r"\{\{(\w+)\}\}")
_POLICY: Final = (
    "default-src 'none'; script-src {script}; style-src {style}; media-src 'self' file: blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_DIGEST_BYTES: Final = 8
_ENOUGH_LETTERS: Final = 2_000


def fill(kind: str, **fields: str) -> str:
    """Put a page together.

    Args:
        kind: ``transcript`` or ``review``: the name of the page's template and of its script.
        fields: What stands in the template, as HTML.

    Returns:
        The whole page. By its content security policy, only its own script and style are used, and recordings from
        where the page is.
    """
    style, script = _text("page.css"), _text("player.js") + _text(f"{kind}.js")
    policy = _POLICY.format(script=_source(script), style=_source(style))
    values = {**fields, "policy": policy, "style": style, "script": script}
    return _FIELD.sub(lambda field: values[field[1]], _text(f"{kind}.html"))


def script_data(members: Mapping[str, Any]) -> str:
    """Write an object as JSON that may stand in a ``script`` element.

    Args:
        members: The object's members.
    """
    # In ASCII, so that neither a lone surrogate nor a line separator is in it; and without the mark that ends it.
    return json.dumps(members).replace("<", "\\u003c")


def digest(*parts: str) -> str:
    """Return what stands for a document, under which a browser keeps corrections.

    Args:
        parts: The document's content.
    """
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        hashed.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return hashed.hexdigest()


def is_right_to_left(text: str) -> bool:
    """Return whether most letters of a text are of a script that is written from right to left.

    Args:
        text: Any text.
    """
    directions = [unicodedata.bidirectional(character) for character in text[:_ENOUGH_LETTERS]]
    return sum(direction in ("R", "AL") for direction in directions) > directions.count("L")


@functools.cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _source(content: str) -> str:
    hashed = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(hashed).decode()}'"

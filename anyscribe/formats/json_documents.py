"""Read JSON that any program may have written. This module loads msgspec: import it only when JSON must be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats.dialects import as_contract
from anyscribe.formats.json_reading import format_of_members, read_members
from anyscribe.formats.lenient_json import decode
from anyscribe.formats.prose import without_mark

if TYPE_CHECKING:
    from anyscribe.transcript import Transcript


def read(text: str) -> Transcript | None:
    """Read a JSON document.

    Args:
        text: The whole document.

    Returns:
        The transcript; None if it is no JSON, or in no known dialect.

    Raises:
        ValueError: It is in a known dialect and has no text that can be read; the message is one line.
    """
    try:
        document, _ = decode(without_mark(text).strip())
    except ValueError:
        return None
    members = as_contract(document)
    if members is None and isinstance(document, dict) and format_of_members(document) is not None:
        members = document
    return None if members is None else read_members(members).transcript

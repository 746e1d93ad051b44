"""Read JSON that any program may have written. This module loads msgspec: import it only when JSON must be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects import as_contract
from anyscribe.formats.dialects.members import objects
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
    document = _decoded(without_mark(text).strip())
    members = as_contract(document)
    if members is None and isinstance(document, dict) and format_of_members(document) is not None:
        members = document
    if members is None and objects(document) and all("text" in one for one in objects(document)):
        # A bare list of segments.
        members = {"segments": document}
    return None if members is None else read_members(members).transcript


def _decoded(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Decode a document, or one with a document on each line; None for anything else."""
    try:
        return decode(text)[0]
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1 or not all(line.lstrip().startswith("{") for line in lines):
        return None
    try:
        return [decode(line)[0] for line in lines]
    except ValueError:
        return None

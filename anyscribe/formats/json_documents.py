"""Read JSON that any program may have written. This module loads msgspec: import it only when JSON must be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects import as_contract
from anyscribe.formats.dialects.members import objects
from anyscribe.formats.json_reading import format_of_members, read_members
from anyscribe.formats.lenient_json import decode
from anyscribe.formats.prose import without_mark
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from anyscribe.transcript import Transcript

_DEPTH: Final = 3
_WITH_TIMES: Final = (ResponseFormat.VERBOSE_JSON, ResponseFormat.DIARIZED_JSON)


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
    members = _members(document)
    if members is None and isinstance(document, dict) and format_of_members(document) is not None:
        members = document
    return None if members is None else read_members(members).transcript


def damage(text: str) -> str:
    """Return why a text that begins like a JSON document is none, in a clause; empty if it is one, or something else.

    Args:
        text: The whole document.
    """
    text = without_mark(text).strip()
    if not text.startswith(("{", "[{")) or _decoded(text) is not None:
        return ""
    try:
        decode(text)
    except ValueError as error:
        return str(error)
    return ""


def _members(document: Any, depth: int = _DEPTH) -> dict[str, Any] | None:  # noqa: ANN401 - any JSON
    """Return the members of a reply of the contract with times; also if a service has wrapped it in its own reply."""
    members = as_contract(document)
    if members is not None:
        return members
    if isinstance(document, dict):
        if format_of_members(document) in _WITH_TIMES:
            return document
        inside = (_members(value, depth - 1) for value in document.values() if depth and isinstance(value, dict))
        return next((found for found in inside if found is not None), None)
    if objects(document) and all("text" in one for one in objects(document)):
        # A bare list of segments.
        return {"segments": document}
    return None


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

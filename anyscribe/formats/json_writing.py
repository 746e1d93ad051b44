"""Write a JSON document on one line. This module loads msgspec: import it only when JSON must be written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

# JSON allows raw DEL and C1 controls, which terminals obey, and NEL, LS and PS, at which some readers end a line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029]")


def json_line(members: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
    """Write an object as one line of JSON: compact, not escaped to ASCII, but without any raw control character.

    Args:
        members: The members that anyscribe writes, in order.
        extra: Members to add; a member whose name is in ``members`` is left out.

    Returns:
        The line and its line feed.

    Raises:
        ValueError: ``extra`` is nested too deeply.
    """
    others = {name: value for name, value in extra.items() if name not in members}
    try:
        document = msgspec.json.encode({**members, **others}).decode()
    except RecursionError:
        raise ValueError("too deeply nested for JSON") from None
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", document) + "\n"

"""What a terminal is capable of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITHOUT_A_CURSOR: Final = frozenset({"dumb", "unknown"})


def can_erase(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal understands the control sequences that move the cursor and erase text.

    Args:
        environ: The environment variables; TERM describes the terminal.
    """
    return environ.get("TERM", "").lower() not in _WITHOUT_A_CURSOR

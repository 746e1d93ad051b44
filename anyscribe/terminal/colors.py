"""Whether messages are coloured, by the variables that programs have agreed on.

Source: https://no-color.org, https://force-color.org, https://bixense.com/clicolors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_OFF: Final = "0"


def color_choice(environ: Mapping[str, str]) -> bool | None:
    """Return what the user wants.

    Args:
        environ: The environment. ``NO_COLOR`` outweighs ``FORCE_COLOR`` and ``CLICOLOR_FORCE``, which outweigh
            ``CLICOLOR``; empty variables count as not set.

    Returns:
        Whether there are colours, terminal or not; None for colours on a terminal only.
    """
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "") not in ("", _OFF) for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return False if _OFF in (environ.get("CLICOLOR"), environ.get("FORCE_COLOR")) else None

"""What a terminal is capable of."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITHOUT_A_CURSOR: Final = frozenset({"dumb", "unknown"})

_SET_BY_TERMINALS: Final = ("TERM", "TERM_PROGRAM", "WT_SESSION", "ConEmuANSI")

_WITH_PROGRESS: Final = frozenset({"WezTerm", "ghostty"})
"""Values of TERM_PROGRAM."""

_PTYXIS: Final = 48
"""Its first version that shows progress."""


def can_erase(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal understands the control sequences that move the cursor and erase text.

    Args:
        environ: The environment variables; TERM describes the terminal.
    """
    # The console of older Windows shows them as text.
    is_old_console = sys.platform == "win32" and not any(environ.get(name) for name in _SET_BY_TERMINALS)
    return environ.get("TERM", "").lower() not in _WITHOUT_A_CURSOR and not is_old_console


def shows_progress(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal is known to show progress in its tab or in the taskbar (``OSC 9;4``).

    Others may take the sequence for a desktop notification. Multiplexers do not pass it on.

    Source: the variables by which Cargo tells these terminals (crate anstyle-progress, ``supports_term_progress``).

    Args:
        environ: The environment variables.
    """
    is_inside = "TMUX" in environ or "STY" in environ or environ.get("TERM", "").startswith(("screen", "tmux"))
    if is_inside or not can_erase(environ):
        return False
    # iTerm2 names its features, each a capital and what follows it; P is progress, from version 3.6.6.
    features = re.findall("[A-Z][a-z0-9]*", environ.get("TERM_FEATURES", ""))
    version = environ.get("PTYXIS_VERSION", "").partition(".")[0]
    return (
        "P" in features
        or environ.get("TERM_PROGRAM") in _WITH_PROGRESS
        or bool(environ.get("WT_SESSION"))
        or environ.get("ConEmuANSI") == "ON"
        or (version.isdecimal() and int(version) >= _PTYXIS)
    )

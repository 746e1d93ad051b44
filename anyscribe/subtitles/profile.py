"""What a cue may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CueProfile:
    """The limits of one cue; a single word may exceed them, since no word is ever cut.

    Source: the partner help centre of Netflix, "Timed Text Style Guide": two lines of 42 characters, 7 seconds.

    Args:
        max_cue_ms: The longest time that a cue may stand, in milliseconds, 1 or more.
        max_chars: The most characters that a cue may hold, blanks among them, 1 or more.
        pause_ms: A silence longer than this between two words ends the cue, in milliseconds, 0 or more.
    """

    max_cue_ms: int = 7_000
    max_chars: int = 84
    pause_ms: int = 1_000


DEFAULT_PROFILE = CueProfile()

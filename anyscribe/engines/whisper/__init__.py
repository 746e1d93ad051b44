"""The built-in engine: Whisper through faster-whisper, on this machine."""

from __future__ import annotations

from typing import Final

from anyscribe.optional import is_installed

EXTRA: Final = "local"
"""The extra that installs it."""


def is_whisper_installed() -> bool:
    """Return whether the engine is installed, without loading it."""
    return is_installed("faster_whisper")

"""The better built-in engine: Whisper through faster-whisper, on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.engines.whisper.catalogue import DEFAULT_MODEL, models

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from anyscribe.engines.whisper.engine import WhisperEngine

__all__ = ["DEFAULT_MODEL", "make_engine", "models"]


def make_engine(cores: int, processes: Executor) -> WhisperEngine:  # noqa: ARG001 - Whisper uses its own threads
    """Create the engine.

    Args:
        cores: The number of cores that it may use.
        processes: Not used.
    """
    from anyscribe.engines.whisper.engine import WhisperEngine  # noqa: PLC0415 - only if it is used

    return WhisperEngine(cores)

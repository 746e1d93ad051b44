"""The better built-in engine: Whisper through faster-whisper, on this machine."""

from anyscribe.engines.whisper.catalogue import DEFAULT_MODEL, models_here, repositories
from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.engines.whisper.libraries import is_installed

__all__ = ["DEFAULT_MODEL", "WhisperEngine", "is_installed", "models_here", "repositories"]

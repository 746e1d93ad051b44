"""The better built-in engine: Whisper through faster-whisper, on this machine."""

from anyscribe.engines.whisper.engine import WhisperEngine

__all__ = ["WhisperEngine"]

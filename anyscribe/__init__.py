"""anyscribe: recordings in, text or subtitles out, from any server that speaks the contract or from this machine."""

__version__ = "0.1.0"

__all__ = ["__version__"]

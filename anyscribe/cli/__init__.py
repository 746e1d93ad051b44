"""Flags to request to run to exit code; nothing else decides exit codes."""

from anyscribe.cli.main import main

__all__ = ["main"]

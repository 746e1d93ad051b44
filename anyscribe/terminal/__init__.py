"""What a person sees: bars and lines on standard error, transcripts on standard output."""

from anyscribe.terminal.display import Display
from anyscribe.terminal.output import StandardOutput
from anyscribe.terminal.safety import printable

__all__ = ["Display", "StandardOutput", "printable"]

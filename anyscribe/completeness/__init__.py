"""Judge whether a transcript can be complete: what looks wrong with it, and where."""

from anyscribe.completeness.findings import find_problems
from anyscribe.completeness.timed_text import amount_of, quoted

__all__ = ["amount_of", "find_problems", "quoted"]

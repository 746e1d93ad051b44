"""Judge whether a transcript can be complete: what looks wrong with it, and where."""

from anyscribe.completeness.findings import find_problems
from anyscribe.completeness.timed_text import quoted

__all__ = ["find_problems", "quoted"]

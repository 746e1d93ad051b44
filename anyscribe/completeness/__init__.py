"""Whether a transcript can be all that was said: what looks wrong with it, and where."""

from anyscribe.completeness.doubts import Doubt, doubts_about

__all__ = ["Doubt", "doubts_about"]

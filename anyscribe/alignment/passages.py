"""The text to align, with the times known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.timespan import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the text with its approximate time.

    Args:
        text: The words.
        span: When they are spoken; it may be off by a second or two. None if unknown.
    """

    text: str
    span: Span | None = None

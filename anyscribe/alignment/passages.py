"""What is known of a text before it is laid on the sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.timespan import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the text, in order, and the time in which it is known to be spoken.

    Args:
        text: The words.
        span: When they are said; it may be off by a second or two. None where nobody knows.
    """

    text: str
    span: Span | None = None

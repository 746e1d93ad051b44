"""A recording's results on their way to where they belong: what they were made of is kept until they are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyscribe.recording.keeping import Keeping
    from anyscribe.request import ResponseFormat


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a recording became; whoever takes it says what became of it.

    Args:
        results: Each wanted format, in UTF-8. Where the server rendered it, as the server sent it.
        keeping: What is kept of the answers; None where nothing is.
    """

    results: Mapping[ResponseFormat, bytes]
    keeping: Keeping | None = None

    def confirm(self) -> None:
        """Say that all of it is where it belongs: what was kept is deleted."""
        if self.keeping is not None:
            self.keeping.forget()

    def fail(self) -> None:
        """Say that it could not be put where it belongs: the user is told what is kept."""
        if self.keeping is not None:
            self.keeping.tell()

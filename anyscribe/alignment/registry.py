"""The registry of aligners: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.alignment import ctc
from anyscribe.errors import MissingExtraError
from anyscribe.optional import is_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.alignment.aligner import Aligner


@dataclass(frozen=True, slots=True)
class AlignerEntry:
    """A registered aligner.

    Args:
        name: Its name.
        extra: The extra that installs its dependencies.
        packages: Import names of the packages that it needs.
        knows: Returns whether it can align a text.
        make: Creates it; takes the text's language as a code, a tag or a name, None if unknown.
        load: Loads its model, which is kept; raises an AlignerUnavailableError if it cannot be used.
    """

    name: str
    extra: str
    packages: tuple[str, ...]
    knows: Callable[[str], bool]
    make: Callable[[str | None], Aligner]
    load: Callable[[], None]


ALIGNERS: Final = (AlignerEntry("ctc", "local", ctc.PACKAGES, ctc.can_be_read, ctc.make_aligner, ctc.load_model),)
"""Every aligner; the first one that is installed and knows the text is used."""


class Aligners:
    """Chooses among the aligners installed on this machine.

    Args:
        entries: The aligners to choose from, in order of preference.
    """

    def __init__(self, entries: Sequence[AlignerEntry] = ALIGNERS) -> None:
        self._entries = tuple(entries)

    def can_align(self) -> bool:
        """Return whether any aligner is installed."""
        return any(is_installed(*entry.packages) for entry in self._entries)

    def require(self) -> None:
        """Make sure that words can be aligned here.

        Raises:
            MissingExtraError: No aligner is installed.
            AlignerUnavailableError: Its model is missing or damaged.
        """
        installed = next((entry for entry in self._entries if is_installed(*entry.packages)), None)
        if installed is None:
            raise MissingExtraError("no aligner is installed", extra=self._entries[0].extra)
        installed.load()

    def for_text(self, text: str, language: str | None) -> Aligner | None:
        """Return an aligner for a text.

        Args:
            text: The text.
            language: Its language as a code, a tag or a name; None if unknown.

        Returns:
            The first installed aligner that knows the text; None if there is none.
        """
        known = (entry for entry in self._entries if entry.knows(text) and is_installed(*entry.packages))
        return next((entry.make(language) for entry in known), None)

    def missing_extra(self, text: str) -> str | None:
        """Return the extra that installs an aligner for a text; None if no aligner knows it.

        Args:
            text: The text.
        """
        return next((entry.extra for entry in self._entries if entry.knows(text)), None)

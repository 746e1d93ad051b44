"""The registry of aligners: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.alignment import sphinx
from anyscribe.optional import is_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from anyscribe.alignment.aligner import Aligner


@dataclass(frozen=True, slots=True)
class AlignerEntry:
    """A registered aligner.

    Args:
        name: Its name.
        extra: The extra that installs its dependencies.
        packages: Import names of the packages that it needs.
        knows: Returns whether it can align a text; takes the text, and its language as a code or an English name, None
            if unknown.
        make: Creates it; takes the executor that runs its work in processes.
    """

    name: str
    extra: str
    packages: tuple[str, ...]
    knows: Callable[[str, str | None], bool]
    make: Callable[[Executor], Aligner]


ALIGNERS: Final = (
    AlignerEntry("pocketsphinx", "local", ("pocketsphinx", "numpy"), sphinx.is_english, sphinx.SphinxAligner),
)
"""Every aligner; the first one that is installed and supports the language is used."""


class Aligners:
    """Chooses among the aligners installed on this machine.

    Args:
        executor: Runs their work in processes.
        entries: The aligners to choose from, in order of preference.
    """

    def __init__(self, executor: Executor, entries: Sequence[AlignerEntry] = ALIGNERS) -> None:
        self._executor = executor
        self._entries = tuple(entries)

    def can_align(self, text: str, language: str | None) -> bool | None:
        """Return whether a text can be aligned.

        Args:
            text: The text; empty if it is not known yet.
            language: Its language, as a code or an English name; None if unknown.

        Returns:
            None if that depends on the text, which is not known yet.
        """
        if not any(is_installed(*entry.packages) for entry in self._entries):
            return False
        if not text and language is None:
            return None
        return self.for_text(text, language) is not None

    def for_text(self, text: str, language: str | None) -> Aligner | None:
        """Return an aligner for a text.

        Args:
            text: The text.
            language: Its language, as a code or an English name; None if unknown.

        Returns:
            The first installed aligner that supports the language; None if there is none.
        """
        for entry in self._that_know(text, language):
            if is_installed(*entry.packages):
                return entry.make(self._executor)
        return None

    def missing_extra(self, text: str, language: str | None) -> str | None:
        """Return the extra that installs an aligner for a text; None if no aligner supports it.

        Args:
            text: The text.
            language: Its language, as a code or an English name; None if unknown.
        """
        return next((entry.extra for entry in self._that_know(text, language)), None)

    def _that_know(self, text: str, language: str | None) -> Iterator[AlignerEntry]:
        return (entry for entry in self._entries if entry.knows(text, language))

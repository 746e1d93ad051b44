"""Which recordings are wanted: those of the inputs as typed, of a list, and of feeds."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.inputs import check_watchable, find_sources, is_single
from anyscribe.batch.listed_sources import listed_source
from anyscribe.batch.outputs import shown_location
from anyscribe.batch.sources import STDIN
from anyscribe.errors import UsageError
from anyscribe.formats import formats_of_file
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import BinaryIO

    from anyscribe.batch.inputs import PassOver
    from anyscribe.batch.recording_list import ListedRecording
    from anyscribe.batch.sources import Source
    from anyscribe.places import FileSystems

_MOST_LINE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSet:
    """What the user names.

    Args:
        typed: Files, folders, globs, addresses and ``-``.
        is_recursive: Whether the subfolders of these are searched too.
        listed: The recordings of a list. Each is taken out when it is found, since there may be many.
        has_list: Whether there is a list.
        feeds: Addresses of feeds.
        since: The time from which on episodes of feeds are wanted; None for all.
        limit: How many episodes of each feed are wanted at most, the newest ones; None for all.
    """

    typed: tuple[str, ...] = ()
    is_recursive: bool = False
    listed: deque[ListedRecording] = field(default_factory=deque)
    has_list: bool = False
    feeds: tuple[str, ...] = ()
    since: datetime | None = None
    limit: int | None = None

    def find(self, pass_over: PassOver | None, tell: Callable[[str], None]) -> list[Source]:
        """Find the recordings.

        Args:
            pass_over: As for `anyscribe.batch.inputs.find_sources`.
            tell: Takes what is left out of feeds, and why.

        Returns:
            Those of the inputs, then those of the list, then those of the feeds. What names nothing is in the list
            with its error.

        Raises:
            UsageError: An input cannot be meant.
            MissingExtraError: What reads a place, or feeds, is not installed.
        """
        further = self._further(tell)
        return find_sources(self.typed, recursive=self.is_recursive, pass_over=pass_over, further=further)

    def is_single(self, sources: list[Source]) -> bool:
        """Return whether one recording is named by itself; one in a list or a feed is not.

        Args:
            sources: What was found.
        """
        return not (self.has_list or self.feeds) and is_single(self.typed, sources)

    def check_watchable(self) -> None:
        """Refuse inputs in which nothing can appear.

        Raises:
            UsageError: There is one.
        """
        for is_given, option in ((self.has_list, Option("from")), (self.feeds, Option("feed"))):
            if is_given:
                raise UsageError(
                    Sentence("{} and {} exclude each other", option, Option("watch")),
                    remedy=Sentence("{} takes folders and globs", Option("watch")),
                )
        check_watchable(self.typed)

    @property
    def output(self) -> str | None:
        """The first file for a result that a list names and whose extension says a format; None if there is none."""
        named = (listed.output for listed in self.listed if listed.output)
        return next((name for name in named if formats_of_file(Path(shown_location(name)).name)), None)

    def _further(self, tell: Callable[[str], None]) -> Iterator[Source]:
        systems: list[FileSystems] = []
        while self.listed:
            yield listed_source(self.listed.popleft(), systems)
        if self.feeds:
            from anyscribe.batch.feeds import find_episodes  # noqa: PLC0415 - few runs need it

            for feed in self.feeds:
                yield from find_episodes(feed, since=self.since, limit=self.limit, tell=tell)


def read_list_file(name: str, stdin: BinaryIO | None) -> deque[ListedRecording]:
    """Read a list of recordings.

    Args:
        name: Its file, or ``-`` for standard input.
        stdin: Standard input; None if it is closed or a terminal.

    Raises:
        UsageError: It cannot be read, names nothing, or a line cannot be understood.
    """
    from anyscribe.batch.recording_list import read_recordings  # noqa: PLC0415 - few runs need it

    option = Option("from", name)
    with contextlib.ExitStack() as stack:
        if name == STDIN:
            if stdin is None:
                remedy = Sentence("pipe a list into {}", option)
                raise UsageError("standard input (-) is closed or a terminal", remedy=remedy)
            file = stdin
        else:
            try:
                file = stack.enter_context(Path(name).open("rb"))
            except OSError as error:
                message = Sentence("{} cannot be read ({})", option, error.strerror or "")
                raise UsageError(message, remedy="name a list") from error
        shown = "standard input" if name == STDIN else name
        listed = deque(read_recordings(iter(lambda: file.readline(_MOST_LINE_BYTES + 1), b""), shown))
    if not listed:
        raise UsageError(Sentence("{} names no recording", option), remedy="write one a line")
    return listed

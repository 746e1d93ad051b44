"""What a file is judged by, and what a rule says of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from anyscribe.formats.cue_files.document import joined
from anyscribe.lint.sound import words_of_cues
from anyscribe.subtitles.breaks import break_costs
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.lines import break_lines
from anyscribe.subtitles.profile import limits_for
from anyscribe.subtitles.timed_tokens import estimated
from anyscribe.subtitles.word_classes import WordClasses
from anyscribe.timespan import MS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.formats.cue_files.document import Document, WrittenCue
    from anyscribe.lint.sound import Sound
    from anyscribe.subtitles.function_words import FunctionWords
    from anyscribe.subtitles.profile import CueLimits
    from anyscribe.subtitles.profiles import NamedProfile
    from anyscribe.subtitles.timed_tokens import TimedToken
    from anyscribe.transcript import Word


class Violation(NamedTuple):
    """A place where a file breaks a rule.

    Args:
        message: What is wrong.
        remedy: How to mend it.
        line: The line of the file, from 1.
        cue: The cue's index in the file; None if it is not about a cue.
        time_ms: When it is, in milliseconds; None if it has no time.
        rule: The rule's name.
        is_mendable: Whether it can be mended without other words.
    """

    message: str
    remedy: str
    line: int
    cue: int | None = None
    time_ms: int | None = None
    rule: str = ""
    is_mendable: bool = False


@dataclass(frozen=True)
class Case:
    """A file and all that it is judged by.

    Args:
        document: The file.
        profile: The publisher's limits.
        limits: Those for the file's language.
        grammar: The function words of its language.
        language: Its language's code; None if unknown.
        sound: What the recording tells; None if there is none.
    """

    document: Document
    profile: NamedProfile
    limits: CueLimits
    grammar: FunctionWords
    language: str | None
    sound: Sound | None = None
    flows: dict[str, Flow] = field(default_factory=dict, compare=False)
    """What is known of texts already; the same for every state of a file that is mended."""

    @classmethod
    def of(cls, document: Document, profile: NamedProfile, language: str | None, sound: Sound | None = None) -> Case:
        """Make the case of a file.

        Args:
            document: The file.
            profile: The publisher's limits.
            language: The file's language; None if unknown.
            sound: What the recording tells.
        """
        text = " ".join(cue.text for cue in document.cues)
        grammar = function_words_of(language, text.split())
        return cls(document, profile, limits_for(text, profile.cues, language), grammar, language, sound)

    @functools.cached_property
    def voices(self) -> dict[int, list[Word]]:
        """The words of each cue with the times when they are said, by the cue's index; empty without a recording."""
        return words_of_cues(self.document.cues, self.sound.words) if self.sound else {}

    @functools.cached_property
    def classes(self) -> WordClasses:
        """The classes of the words of the language."""
        return WordClasses(self.grammar)

    def flow(self, text: str) -> Flow:
        """Divide a text that may be broken into other lines.

        Args:
            text: Lines that show something.
        """
        if text not in self.flows:
            flowing = joined(text)
            tokens = estimated(flowing, 0, len(flowing))
            costs = break_costs(flowing, tokens, grammar=self.grammar, limits=self.limits, classes=self.classes)
            self.flows[text] = Flow(flowing, tokens, costs)
        return self.flows[text]

    @property
    def frame_ms(self) -> float:
        """How long a picture is shown."""
        return MS_PER_SECOND / self.profile.cues.frame_rate

    def states(self, name: str) -> bool:
        """Return whether the publisher gives a limit.

        Args:
            name: Its name in `CueProfile`.
        """
        return name in self.profile.stated

    def cues(self) -> Iterator[tuple[int, WrittenCue]]:
        """Yield each cue that shows something, with its index."""
        return ((index, cue) for index, cue in enumerate(self.document.cues) if cue.text)

    def reading_ms(self, cue: WrittenCue) -> float:
        """Return how long a cue has to be shown to be read, in milliseconds.

        Args:
            cue: The cue.
        """
        need_ms = cue.chars * MS_PER_SECOND / self.limits.max_cps if self.states("max_cps") else 0.0
        return max(need_ms, len(cue.text.split()) * self.limits.word_ms if self.states("max_wpm") else 0.0)


class Flow(NamedTuple):
    """The text of a cue or of some lines as one line, with what a break would cost.

    Args:
        text: The text.
        tokens: Its indivisible parts.
        costs: The cost of a break before each.
    """

    text: str
    tokens: list[TimedToken]
    costs: list[float]

    def broken(self, max_line_chars: int) -> str:
        """Return the text in lines that are as few, as even and as well divided as possible."""
        return break_lines(self.text, self.tokens, self.costs, max_line_chars=max_line_chars)

    def worst(self, text: str) -> float:
        """Return the cost of the worst line break of a text of the same characters."""
        places = _places(text)
        found = [
            cost
            for token, cost in zip(self.tokens, self.costs, strict=True)
            if _solid(self.text[: token.begin]) in places
        ]
        return max(found, default=0.0)


def _places(text: str) -> set[int]:
    lines = text.split("\n")
    return {sum(map(_solid, lines[:number])) for number in range(1, len(lines))}


def _solid(text: str) -> int:
    """Return how many characters there are without spaces."""
    return len(text) - text.count(" ") - text.count("\n")

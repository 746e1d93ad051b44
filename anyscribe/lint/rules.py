"""All rules by name, in the order in which they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.lint import sound_rules, text_rules, time_rules
from anyscribe.lint.case import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from anyscribe.lint.case import Case

OF_FILES: Final = ("encoding", "syntax", "timestamp", "numbering")
"""What readers find; the other rules are functions."""

RULES: Final[Mapping[str, Callable[[Case], Iterable[Violation]]]] = {
    "empty-cue": text_rules.empty_cue,
    "blank-line": text_rules.blank_line,
    "white-space": text_rules.white_space,
    "character": text_rules.character,
    "repeat": text_rules.repeat,
    "tag": text_rules.tag,
    "dash": text_rules.dash,
    "line-count": text_rules.line_count,
    "line-length": text_rules.line_length,
    "line-break": text_rules.line_break,
    "order": time_rules.order,
    "backwards": time_rules.backwards,
    "overlap": time_rules.overlap,
    "short-gap": time_rules.short_gap,
    "open-gap": time_rules.open_gap,
    "short-cue": time_rules.short_cue,
    "long-cue": time_rules.long_cue,
    "speed": time_rules.speed,
    "beyond-end": sound_rules.beyond_end,
    "onset": sound_rules.onset,
    "end": sound_rules.end,
    "not-said": sound_rules.not_said,
    "no-text": sound_rules.no_text,
    "shot-change": sound_rules.shot_change,
}
NAMES: Final = (*OF_FILES, *RULES)


def violations_of(case: Case, wanted: Iterable[str] = NAMES) -> list[Violation]:
    """Apply rules to a file.

    Args:
        case: The file, and what it is judged by.
        wanted: The names of the rules.

    Returns:
        The places that break one, in order of lines.
    """
    chosen = frozenset(wanted)
    return sorted(_found(case, chosen), key=lambda one: (one.line, NAMES.index(one.rule)))


def _found(case: Case, wanted: frozenset[str]) -> Iterator[Violation]:
    for problem in case.document.problems:
        if problem.rule in wanted:
            yield Violation(problem.message, problem.remedy, problem.line, rule=problem.rule)
    for name, check in RULES.items():
        if name in wanted:
            yield from (violation._replace(rule=name) for violation in check(case))

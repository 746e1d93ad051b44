"""Whether a new text of a doubted stretch is better than the old one; when in doubt, the old one stays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.completeness import amount_of, quoted
from anyscribe.formats.prose import joined_text
from anyscribe.recording.matching import doubtful, find_joint
from anyscribe.speaking_time import speaking_ms
from anyscribe.timespan import Span, clip, total_ms, union
from anyscribe.transcript import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.recording.matching import Joint
    from anyscribe.recording.tokens import Token
    from anyscribe.transcript import Finding, Transcript

_SLOWEST: Final = 3
_FASTEST: Final = 3
"""People speak at a third to three times the usual speed, as the completeness check has it."""

_CLICK_MS: Final = 500
"""Less speech than this may be none."""

_BREATHLESS_MS: Final = 2_000
_LEAST_PAIRS: Final = 6
_LEAST_WITNESSES: Final = 3
"""To remove text, so many words around it must be the same in both answers."""


@dataclass(frozen=True, slots=True)
class Reheard:
    """What an engine says about a stretch that it hears again.

    Args:
        transcript: What is said, with times from the recording's start, and what is found about it.
        tokens: The words of its text.
        speech: Where speech is.
        span: All that was heard.
    """

    transcript: Transcript
    tokens: Sequence[Token]
    speech: Sequence[Span]
    span: Span


class Verdict(NamedTuple):
    """Whether a new text is taken.

    Args:
        joint: Where it goes; None if the old text stays.
        outcome: What becomes of the old text, or why it stays: a clause.
    """

    joint: Joint | None
    outcome: str


def judge(old: Sequence[Token], again: Reheard, stretch: Span, findings: Sequence[Finding]) -> Verdict:
    """Judge a new text of a stretch, by the check that doubted the old one.

    It is better if less of it is doubted, if it has about as much text as there is speech, and if it agrees with the
    old text around the stretch.

    Args:
        old: The words of the old transcript.
        again: The new answer.
        stretch: The stretch.
        findings: What was found there before.
    """
    joint = find_joint(old, again.tokens, stretch, again.span)
    if joint is None:
        return Verdict(None, "the new answer does not agree with the text around it")
    new = again.tokens[joint.begin : joint.end]
    objection = _objection(old, new, again, stretch, findings)
    if objection:
        return Verdict(None, objection)
    if not new and joint.matched < _LEAST_WITNESSES:
        return Verdict(None, "too little is said around it that confirms the new answer")
    text, old_text = (joined_text(token.text for token in part) for part in (new, old[joint.left : joint.right]))
    if not new:
        # What is lost must be told whole.
        return Verdict(joint, f"removed: “{old_text}”")
    verb = "replaced by" if old_text else "filled with"
    return Verdict(joint, f"{verb} {amount_of(text)}: {quoted(text)}")


def _objection(
    old: Sequence[Token], new: Sequence[Token], again: Reheard, stretch: Span, findings: Sequence[Finding]
) -> str:
    """Say why a new text is not better; empty if it is."""
    usual_ms = sum(speaking_ms(token.text) for token in new)
    heard_ms = total_ms(clip(union(again.speech), stretch))
    left = [
        (finding.doubt, total_ms(clip([finding.span], stretch)))
        for finding in again.transcript.findings
        if finding.span is not None
    ]
    doubts = {doubt for doubt, within_ms in left if within_ms > 0}
    if Doubt.LOOP in doubts or _is_repetitive(new):
        return "the new answer repeats itself"
    if Doubt.UNSPOKEN in doubts or usual_ms > _FASTEST * stretch.length_ms + _BREATHLESS_MS:
        return "the new answer has text that is not spoken there"
    holes_ms = sum(within_ms for doubt, within_ms in left if doubt is Doubt.HOLE)
    if not usual_ms and heard_ms > _CLICK_MS:
        return "the new answer is empty, although there is speech"
    if _SLOWEST * usual_ms < heard_ms - _CLICK_MS or 2 * holes_ms > stretch.length_ms:
        return "the new answer has too little text too"
    first, after = doubtful(old, stretch)
    was_hole = all(finding.doubt is Doubt.HOLE for finding in findings)
    if was_hole and usual_ms <= sum(speaking_ms(token.text) for token in old[first:after]):
        return "the new answer has no more text"
    return ""


def _is_repetitive(tokens: Sequence[Token]) -> bool:
    """Return whether most pairs of words occur more than once."""
    pairs = list(pairwise(token.letters for token in tokens if token.letters))
    return len(pairs) >= _LEAST_PAIRS and 2 * len(set(pairs)) < len(pairs)

"""Mend what cues show, without another character: white space, line breaks, ends of tags, division into cues."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import has_times, joined
from anyscribe.formats.cue_files.markup import ASS, can_cut, cut, open_tags, tag_name
from anyscribe.formats.cue_files.ttml import without_id
from anyscribe.lint.turns import has_turns, may_begin_turn, turns_of
from anyscribe.scripts import has_unspaced_words
from anyscribe.subtitles.breaks import NEVER
from anyscribe.subtitles.segmentation import find_cue_starts
from anyscribe.subtitles.timed_tokens import TimedToken, estimated, lay_words
from anyscribe.unspoken import DASHES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from anyscribe.formats.cue_files.document import WrittenCue
    from anyscribe.formats.cue_files.markup import Atom
    from anyscribe.lint.case import Case
    from anyscribe.transcript import Word

_AFTER_DASH: Final = re.compile(rf"^([{DASHES}]) (?=\S)", re.MULTILINE)

_PLACE: Final = re.compile(r"\\(?:an?[0-9]|pos|move|org|clip)")


def tidied(cue: WrittenCue, case: Case, wanted: Collection[str]) -> WrittenCue:
    """Return a cue without superfluous white space, with its tags ended, and with well placed line breaks.

    Args:
        cue: The cue.
        case: What it is judged by.
        wanted: The names of the rules that are mended.
    """
    if "tag" in wanted and cue.markup is not ASS:
        missing = [tag_name(tag) for tag in open_tags(cue.atoms) if tag_name(tag) != "v"]
        if missing and not cue.markup.collapses:
            cue = replace(cue, content=cue.content + "".join(f"</{name}>" for name in reversed(missing)))
    text = cue.text
    if "dash" in wanted and case.states("dash") and case.limits.dash == "-" and case.language == "en":
        text = _AFTER_DASH.sub(r"\1", text)
    if text != cue.shown and ({"white-space", "blank-line"} & set(wanted) or text != cue.text):
        cue = cue.with_text(text)
    return rebroken(cue, case, wanted)


def rebroken(cue: WrittenCue, case: Case, wanted: Collection[str]) -> WrittenCue:
    """Return a cue with other line breaks, if those that it has break a rule and others do not.

    Args:
        cue: The cue.
        case: What it is judged by.
        wanted: As for `tidied`.
    """
    is_long = "line-length" in wanted and case.states("max_line_chars") and not _are_short(cue.lines, case)
    is_high = "line-count" in wanted and case.states("max_lines") and len(cue.lines) > case.limits.max_lines
    has_breaks = "line-break" in wanted and len(cue.lines) > 1 and not has_turns(cue.lines)
    if not (is_long or is_high or has_breaks):
        return cue
    flow = case.flow(cue.text)
    is_bad = has_breaks and flow.worst(cue.text) >= NEVER
    lines = wrapped(cue.text, case) if is_long or is_high or is_bad else None
    if lines is None or not (is_long or is_high or flow.worst(lines) < NEVER):
        return cue
    return cue.with_text(lines)


def wrapped(text: str, case: Case) -> str | None:
    """Break a text into lines within the limits; None if it does not fit a cue.

    Args:
        text: The text, with line breaks.
        case: What it is judged by.
    """
    most = case.limits.max_line_chars
    lines = "\n".join(case.flow(turn).broken(most) for turn in turns_of(text))
    fits = lines.count("\n") < case.limits.max_lines and _are_short(lines.split("\n"), case)
    return lines if fits else None


def _are_short(lines: Sequence[str], case: Case) -> bool:
    """Return whether no line could be shorter; a word alone may be too long."""
    most = case.limits.max_line_chars
    return all(len(line) <= most or (" " not in line and not any(map(has_unspaced_words, line))) for line in lines)


def divided(cue: WrittenCue, case: Case, words: Sequence[Word]) -> list[WrittenCue]:
    """Divide a cue that does not fit the limits of a cue into several that do.

    Args:
        cue: The cue.
        case: What it is judged by.
        words: Its words with their times; without them, times are estimated.

    Returns:
        The parts; the cue alone if it cannot be divided.
    """
    text = joined(cue.text)
    if cue.length_ms <= 0 or not can_cut(cue.content) or _is_placed_late(cue):
        return [cue]
    tokens = _timed(text, cue, words)
    flow = case.flow(text)
    costs = flow.costs
    turns = [index for index, token in enumerate(tokens) if index and _begins_turn(cue, text, token)]
    begins = find_cue_starts(tokens, costs, turns, case.limits, end_ms=cue.end_ms)
    if len(begins) == 1:
        return [cue]
    parts = _parts(cue, text, tokens, begins, case)
    is_same = "".join("".join(part.shown for part in parts).split()) == "".join(cue.shown.split())
    is_good = is_same and all(part.text and not has_times(part.content) for part in parts)
    return parts if is_good else [cue]


def _is_placed_late(cue: WrittenCue) -> bool:
    """Return whether a place stands behind text; it holds for what is before it too."""
    shown = [bool(atom.shown.strip()) for atom in cue.atoms]
    first = shown.index(True) if True in shown else len(shown)
    return any(atom.is_tag and _PLACE.search(atom.raw) for atom in cue.atoms[first:])


def _timed(text: str, cue: WrittenCue, words: Sequence[Word]) -> list[TimedToken]:
    """Return the tokens of `Flow.of` with times inside the cue."""
    even = estimated(text, cue.start_ms, cue.end_ms)
    heard = lay_words(text, words) if words else []
    if len(heard) != len(even):
        return even
    now_ms = cue.start_ms
    tokens = []
    for token, place in zip(heard, even, strict=True):
        start_ms = min(max(token.start_ms, now_ms), cue.end_ms)
        now_ms = min(max(token.end_ms, start_ms), cue.end_ms)
        tokens.append(TimedToken(place.begin, place.end, start_ms, now_ms))
    return tokens


def _begins_turn(cue: WrittenCue, text: str, token: TimedToken) -> bool:
    """Return whether a speaker's line begins with a token."""
    rest = text[token.begin :]
    return may_begin_turn(rest) and any(may_begin_turn(line) and joined(rest).startswith(line) for line in cue.lines)


def _parts(
    cue: WrittenCue, text: str, tokens: Sequence[TimedToken], begins: Sequence[int], case: Case
) -> list[WrittenCue]:
    rest: list[Atom] = cue.atoms
    parts: list[WrittenCue] = []
    spans = list(pairwise([*begins, len(tokens)]))
    for first, last in spans:
        said = text[tokens[first].begin : tokens[last - 1].end]
        own, rest = cut(rest, len(said) - said.count(" "))
        end_ms = cue.end_ms if last == len(tokens) else tokens[last].start_ms - case.limits.gap_ms
        start_ms = tokens[first].start_ms if parts else cue.start_ms
        part = replace(
            cue,
            content="".join(atom.raw for atom in own),
            start_ms=start_ms,
            end_ms=max(end_ms, start_ms + 1),
            before="" if parts else cue.before,
            label=_label(cue, is_first=not parts),
        )
        parts.append(part.with_text(wrapped(said, case) or case.flow(said).broken(case.limits.max_line_chars)))
    return parts


def _label(cue: WrittenCue, *, is_first: bool) -> str:
    if is_first or cue.markup is ASS:
        return cue.label
    return without_id(cue.label) if cue.markup.collapses else ""


def merged(left: WrittenCue, right: WrittenCue, case: Case) -> WrittenCue | None:
    """Join two cues; None if the text does not fit one without a bad line break, or if they differ in more than that.

    Args:
        left: A cue.
        right: The next one at its place.
        case: What they are judged by.
    """
    if (left.speaker, left.settings) != (right.speaker, right.settings) or right.before.strip():
        return None
    is_exchange = has_turns([*left.lines, *right.lines])
    if is_exchange or not (can_cut(left.content) and can_cut(right.content)):
        return None
    text = f"{left.text}\n{right.text}"
    lines = wrapped(text, case)
    if lines is None or case.flow(text).worst(lines) >= NEVER:
        # A line that ends after an article is no better than a cue that is a little fast.
        return None
    both = replace(left, content=left.content + left.markup.line_break + right.content, end_ms=right.end_ms)
    return both.with_text(lines)

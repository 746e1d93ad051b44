"""Put a part of a new transcript into an old one: text, segments and words stay in agreement."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from anyscribe.formats.prose import joined_text
from anyscribe.recording.stitching import USAGE, merge_extra
from anyscribe.recording.tokens import places_of
from anyscribe.transcript import Segment, Timing, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.recording.matching import Joint
    from anyscribe.recording.tokens import Token
    from anyscribe.transcript import Transcript

    Unit = TypeVar("Unit", Segment, Word)


class _Cut(NamedTuple):
    """A part of a transcript.

    Args:
        segments: Its segments.
        words: Its words.
        text: Its text.
        is_open: Whether it begins, and ends, within a segment.
    """

    segments: list[Segment]
    words: list[Word]
    text: str
    is_open: tuple[bool, bool]


def splice(
    old: Transcript, old_tokens: Sequence[Token], new: Transcript, new_tokens: Sequence[Token], joint: Joint
) -> Transcript:
    """Replace a part of a transcript.

    Args:
        old: The transcript.
        old_tokens: The words of its text.
        new: A transcript of the part and of what is around it, with times from the recording's start.
        new_tokens: The words of its text.
        joint: What stays of both.

    Returns:
        The transcript, with segments if the old one has them, and with words if it has them; an empty one gets what the
        new one has.
    """
    has_segments = bool(old.segments if old_tokens else new.segments)
    has_words = bool(old.words if old_tokens else new.words)
    left = _cut(old, old_tokens[: joint.left])
    middle = _cut(new, [_with_word(token) for token in new_tokens[joint.begin : joint.end]])
    right = _cut(old, old_tokens[joint.right :])
    units: list[Segment | Word] = [*middle.segments, *middle.words]
    if units:
        # What was beside a hole may be stretched over it.
        start_ms, end_ms = min(unit.start_ms for unit in units), max(unit.end_ms for unit in units)
        left = left._replace(segments=_before(left.segments, start_ms), words=_before(left.words, start_ms))
        right = right._replace(segments=_after(right.segments, end_ms), words=_after(right.words, end_ms))
    cuts = [cut for cut in (left, middle, right) if cut.text]
    words = sorted((word for cut in cuts for word in cut.words), key=lambda word: word.start_ms)
    return replace(
        old,
        text=_spliced_text(old, old_tokens, joint, middle.text) or joined_text(cut.text for cut in cuts),
        language=old.language or new.language,
        segments=tuple(_joined(cuts)) if has_segments else (),
        words=tuple(words) if has_words else (),
        extra=_extra(old, new),
    )


def _cut(transcript: Transcript, tokens: Sequence[Token]) -> _Cut:
    """Return the part of a transcript that some of its tokens make up."""
    segments = []
    texts: list[str] = []
    begins_open = ends_open = False
    for part, run in groupby(tokens, key=lambda token: token.part):
        own = list(run)
        whole = transcript.segments[part] if transcript.segments else Segment(transcript.text, 0, 0)
        text = whole.text[own[0].begin : own[-1].end]
        is_cut_before, is_cut_after = bool(whole.text[: own[0].begin].strip()), bool(whole.text[own[-1].end :].strip())
        if is_cut_before or is_cut_after:
            start_ms = own[0].start_ms if is_cut_before else whole.start_ms
            end_ms = max(start_ms, own[-1].end_ms if is_cut_after else whole.end_ms)
            # What the engine says of all of it is not true of a part.
            whole = replace(whole, text=text, start_ms=start_ms, end_ms=end_ms, tokens=None, compression_ratio=None)
        begins_open = begins_open if texts else is_cut_before
        ends_open = is_cut_after
        texts.append(text)
        segments.append(whole)
    if begins_open and len(segments) > 1:
        # Segments may overlap, but they begin in order.
        segments[0] = replace(segments[0], start_ms=min(segments[0].start_ms, segments[1].start_ms))
    words = [word for token in tokens for word in token.words]
    return _Cut(segments, words, joined_text(texts), (begins_open, ends_open))


def _with_word(token: Token) -> Token:
    """Return a token that has a word."""
    word = Word(token.text, token.start_ms, token.end_ms, timing=Timing.ESTIMATED)
    return token if token.words else replace(token, words=[word])


def _before(units: Iterable[Unit], time_ms: int) -> list[Unit]:
    """Let nothing last beyond a time."""
    return [
        replace(unit, start_ms=min(unit.start_ms, time_ms), end_ms=time_ms) if unit.end_ms > time_ms else unit
        for unit in units
    ]


def _after(units: Iterable[Unit], time_ms: int) -> list[Unit]:
    """Let nothing begin before a time."""
    return [
        replace(unit, start_ms=time_ms, end_ms=max(unit.end_ms, time_ms)) if unit.start_ms < time_ms else unit
        for unit in units
    ]


def _joined(cuts: Sequence[_Cut]) -> Iterator[Segment]:
    """Yield the segments of all parts; where two parts meet within a sentence of both, it becomes one segment."""
    held: Segment | None = None
    is_open = False
    for cut in cuts:
        first, *others = cut.segments
        if held is not None and is_open and cut.is_open[0] and held.speaker == first.speaker:
            text = joined_text([held.text, first.text])
            first = replace(held, text=text, end_ms=max(held.end_ms, first.end_ms), tokens=None)
        elif held is not None:
            yield held
        *whole, held = first, *others
        yield from whole
        is_open = cut.is_open[1]
    if held is not None:
        yield held


def _spliced_text(old: Transcript, tokens: Sequence[Token], joint: Joint, middle: str) -> str:
    """Change no more of the text than was replaced; empty if the segments have another text."""
    places = places_of(old.text)
    if len(places) != len(tokens) or any(
        old.text[begin:end] != token.text for (begin, end), token in zip(places, tokens, strict=True)
    ):
        return ""
    before = old.text[: places[joint.left - 1][1]] if joint.left else ""
    behind = old.text[places[joint.right][0] :] if joint.right < len(places) else ""
    return joined_text([before, middle, behind])


def _extra(old: Transcript, new: Transcript) -> dict[str, Any]:
    """Add up what both cost; lists, such as ``logprobs``, are about words that are no longer there."""
    costs = merge_extra([old, new]).get(USAGE)
    rest = {name: value for name, value in old.extra.items() if not isinstance(value, list)}
    return rest if costs is None else {**rest, USAGE: costs}

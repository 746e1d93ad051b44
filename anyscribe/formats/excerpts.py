"""Findings together with the text around them, for people who go through them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.prose import running_text
from anyscribe.timespan import Span
from anyscribe.transcript import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.transcript import Segment, Transcript, Word

_PARTS: Final = 30
"""So many words or segments are looked at on each side."""

_AROUND_CHARS: Final = 120
_INSIDE_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A finding and the text around it.

    Args:
        finding: The finding.
        before: The text before its place, shortened; empty if its place is not known.
        inside: The text at its place, likewise.
        after: The text after it, likewise.
    """

    finding: Finding
    before: str = ""
    inside: str = ""
    after: str = ""


def excerpts(transcript: Transcript) -> tuple[Excerpt, ...]:
    """Return the findings of a transcript, each with the text around it.

    Args:
        transcript: The transcript.
    """
    if not transcript.findings:
        return ()
    parts: Sequence[Word | Segment] = transcript.words or transcript.segments
    parts = sorted(parts, key=lambda part: part.start_ms)
    starts_ms = [part.start_ms for part in parts]
    return tuple(
        Excerpt(finding) if finding.span is None else _excerpt(finding, finding.span, parts, starts_ms)
        for finding in transcript.findings
    )


def _excerpt(finding: Finding, span: Span, parts: Sequence[Word | Segment], starts_ms: Sequence[int]) -> Excerpt:
    first, end = bisect_left(starts_ms, span.start_ms), bisect_left(starts_ms, span.end_ms)
    near = parts[max(0, first - _PARTS) : end + _PARTS]
    before = running_text(part.text for part in near if part.end_ms <= span.start_ms)
    inside = running_text(part.text for part in near if part.end_ms > span.start_ms and part.start_ms < span.end_ms)
    after = running_text(part.text for part in near if part.start_ms >= span.end_ms and part.end_ms > span.start_ms)
    if len(before) > _AROUND_CHARS:
        before = f"…{before[-_AROUND_CHARS:]}"
    if len(after) > _AROUND_CHARS:
        after = f"{after[:_AROUND_CHARS]}…"
    if len(inside) > _INSIDE_CHARS:
        inside = f"{inside[: _INSIDE_CHARS // 2]} … {inside[-_INSIDE_CHARS // 2 :]}"
    return Excerpt(finding, before, inside, after)


def to_members(excerpt: Excerpt) -> dict[str, Any]:
    """Return an excerpt as the members of a JSON object.

    Args:
        excerpt: The excerpt.
    """
    finding = excerpt.finding
    return {
        "kind": finding.kind,
        "message": finding.message,
        "span": None if finding.span is None else [*finding.span],
        "text": [excerpt.before, excerpt.inside, excerpt.after],
    }


def from_members(members: Mapping[str, Any]) -> Excerpt:
    """Return the excerpt that `to_members` wrote.

    Args:
        members: The members.

    Raises:
        ValueError: They are none of an excerpt.
    """
    try:
        span, (before, inside, after) = members["span"], members["text"]
        place = None if span is None else Span(int(span[0]), int(span[1]))
        return Excerpt(Finding(place, str(members["message"]), str(members["kind"])), before, inside, after)
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("it is no finding") from error

"""The page of a review: what looks wrong in a batch of transcripts, the worst recording first."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from anyscribe.formats.page import digest, fill, script_data
from anyscribe.timespan import to_seconds, total_ms, union

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.excerpts import Excerpt
    from anyscribe.timespan import Span


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is known of one recording.

    Args:
        name: What it is called.
        excerpts: What looks wrong, in order of time.
        media: Its address relative to the review; empty if it is not there.
        page: The address of its own page relative to the review; empty if it has none.
        notes: What else there is to know, as clauses.
    """

    name: str
    excerpts: tuple[Excerpt, ...] = ()
    media: str = ""
    page: str = ""
    notes: tuple[str, ...] = ()

    @property
    def doubtful_ms(self) -> int:
        """How much of it looks wrong, in milliseconds."""
        return total_ms(union(one.finding.span for one in self.excerpts if one.finding.span is not None))


def render_review(title: str, recordings: Sequence[Reviewed], failures: Sequence[tuple[str, str]] = ()) -> str:
    """Write the page.

    Args:
        title: What was reviewed.
        recordings: All recordings that something is known of; those without findings are only counted and named.
        failures: The recordings that have no result, and why.

    Returns:
        The whole page.
    """
    found = [recording for recording in recordings if recording.excerpts]
    found.sort(key=lambda recording: (-recording.doubtful_ms, -len(recording.excerpts), recording.name))
    clean = sorted(recording.name for recording in recordings if not recording.excerpts)
    return fill(
        "review",
        title=escape(title),
        summary=escape(_summary(len(found), len(recordings))),
        recordings="".join(map(_recording, found)),
        others=_list("Nothing was found in", clean) + _list("Failed", [f"{name}: {why}" for name, why in failures]),
        data=script_data({"id": digest("review")}),
    )


def _summary(found: int, known: int) -> str:
    recordings = "1 recording" if known == 1 else f"{known:,} recordings"
    if not found:
        return f"Nothing looks wrong in {recordings}."
    return f"Something looks wrong in {found:,} of {recordings}; what has most doubtful seconds comes first."


def _recording(recording: Reviewed) -> str:
    link = f' <a href="{escape(recording.page)}">its page</a>' if recording.page else ""
    amount = f", {to_seconds(recording.doubtful_ms):,.0f} s" if recording.doubtful_ms else ""
    notes = f"<p>{escape('; '.join(recording.notes))}</p>" if recording.notes else ""
    return (
        f'<section class="recording"><h2 dir="auto">{escape(recording.name)}</h2>\n'
        f"<p>{len(recording.excerpts):,} {'finding' if len(recording.excerpts) == 1 else 'findings'}{amount}{link}</p>"
        f"{notes}\n"
        f"{''.join(_places(recording))}</section>\n"
    )


def _places(recording: Reviewed) -> Iterator[str]:
    for one in recording.excerpts:
        finding = one.finding
        mark = digest(recording.name, finding.kind, repr(finding.span), finding.message)
        text = ""
        if one.before or one.inside or one.after:
            inside = f"<mark>{escape(one.inside)}</mark>" if one.inside else "<mark>[ ]</mark>"
            text = f'<q dir="auto">{escape(one.before)} {inside} {escape(one.after)}</q>'
        yield (
            f'<div class="finding" data-id="{mark}"><label><input type="checkbox"> done</label>'
            f" {_place(recording, finding.span)} {escape(finding.message)}{text}</div>\n"
        )


def _place(recording: Reviewed, span: Span | None) -> str:
    """Write the time of a place so that it can be heard, here or else on the recording's own page."""
    if recording.media:
        times = "" if span is None else f'data-from="{span.start_ms}" data-to="{span.end_ms}"'
        label = "from the start" if span is None else str(span)
        return f'<button type="button" class="play" data-media="{escape(recording.media)}" {times}>▶ {label}</button>'
    if span is None:
        return ""
    if recording.page:
        link = f"{recording.page}#t={to_seconds(span.start_ms)},{to_seconds(span.end_ms)}"
        return f'<a href="{escape(link)}">{span}</a>'
    return str(span)


def _list(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    entries = "".join(f'<li dir="auto">{escape(line)}</li>\n' for line in lines)
    return f"<details><summary>{heading} ({len(lines):,})</summary><ol>\n{entries}</ol></details>\n"

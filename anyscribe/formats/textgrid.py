"""``textgrid``: tiers of Praat.

Source: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats.tiers import Label, Tier, end_of, tiers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write tiers for words, speakers, and how each time was found; silence is an empty interval.

    Args:
        transcript: The transcript with its words.

    Returns:
        The file's text with line feeds; its tiers have one empty interval if there are no words.
    """
    tiers = tiers_of(transcript)
    end_ms = end_of(transcript, tiers)
    lines = ['File type = "ooTextFile"\nObject class = "TextGrid"\n\n']
    lines.append(f"xmin = 0\nxmax = {_seconds(end_ms)}\ntiers? <exists>\nsize = {len(tiers)}\nitem []:\n")
    for number, tier in enumerate(tiers, 1):
        lines += _tier(number, tier, end_ms)
    return "".join(lines)


def _tier(number: int, tier: Tier, end_ms: int) -> Iterator[str]:
    intervals = list(_intervals(tier.labels, end_ms))
    yield (
        f'    item [{number}]:\n        class = "IntervalTier"\n        name = "{tier.name}"\n'
        f"        xmin = 0\n        xmax = {_seconds(end_ms)}\n        intervals: size = {len(intervals)}\n"
    )
    for count, label in enumerate(intervals, 1):
        text = label.text.replace('"', '""')
        yield (
            f"        intervals [{count}]:\n            xmin = {_seconds(label.start_ms)}\n"
            f'            xmax = {_seconds(label.end_ms)}\n            text = "{text}"\n'
        )


def _intervals(labels: Sequence[Label], end_ms: int) -> Iterator[Label]:
    """Yield the labels and what is between them, from the start to the end, without a gap."""
    now_ms = 0
    for label in labels:
        if label.start_ms > now_ms:
            yield Label(now_ms, label.start_ms, "")
        yield label
        now_ms = label.end_ms
    if now_ms < end_ms:
        yield Label(now_ms, end_ms, "")


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03d}"

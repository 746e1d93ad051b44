"""``md``: a Markdown document with a title and paragraphs, each with the time at which it begins.

Source: https://spec.commonmark.org/0.31.2/ for what has to be escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.paragraphs import paragraphs
from anyscribe.formats.prose import running_text
from anyscribe.timespan import clock_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript

_MARKUP: Final = re.compile(r"[\\`*_\[\]<>&~|$]")
_NUMBER: Final = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write the transcript as a Markdown document.

    Args:
        transcript: The transcript; without segments the text is one paragraph without a time.
        metadata: The title; empty for none.

    Returns:
        The document; an empty string if there is neither text nor title.
    """
    blocks = [f"# {_escaped(title)}"] if (title := running_text([metadata.title])) else []
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    blocks += [_paragraph(segments[start:end]) for start, end in paragraphs(segments)]
    if not segments and transcript.text.strip():
        blocks.append(_escaped(running_text([transcript.text])))
    return "".join(f"{block}\n\n" for block in blocks).removesuffix("\n")


def _paragraph(segments: Sequence[Segment]) -> str:
    speaker = segments[0].speaker
    stamp = clock_time(segments[0].start_ms) + (f" {_inline(speaker)}:" if speaker else "")
    return f"**{stamp}** {_inline(running_text(segment.text for segment in segments))}"


def _escaped(text: str) -> str:
    """Escape a line that Markdown could also take for a heading, a list or a rule."""
    number = _NUMBER.match(text)
    if number:
        return f"{number.group()}\\{_inline(text[number.end() :])}"
    return f"\\{_inline(text)}" if text[:1] in {"#", "+", "-", "="} else _inline(text)


def _inline(text: str) -> str:
    """Escape the characters that Markdown gives a meaning within a line."""
    return _MARKUP.sub(r"\\\g<0>", text)

"""``md``: a Markdown document with a title and paragraphs, each with the time at which it begins.

Source: https://spec.commonmark.org/0.31.2/ for what has to be escaped.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.formats.prose import running_text
from anyscribe.timespan import clock_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript

_PAUSE_MS: Final = 2_000
"""A pause from here on begins a paragraph."""

_LONG_CHARACTERS: Final = 600
"""A paragraph of this length ends with its sentence."""

_SENTENCE_END: Final = re.compile(r"""[.!?…。！？।؟]["'”’»)\]]*$""")  # noqa: RUF001 - marks of several scripts
_MARKUP: Final = re.compile(r"[\\`*_\[\]<>&~|$]")
_NUMBER: Final = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write the transcript as a Markdown document.

    A paragraph begins when the speaker changes, after a pause of two seconds, and after a sentence if the paragraph is
    long.

    Args:
        transcript: The transcript; without segments the text is one paragraph without a time.
        metadata: The title; empty for none.

    Returns:
        The document; an empty string if there is neither text nor title.
    """
    blocks = [f"# {_escaped(title)}"] if (title := running_text([metadata.title])) else []
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    blocks += [_paragraph(segments[start:end]) for start, end in _paragraphs(segments)]
    if not segments and transcript.text.strip():
        blocks.append(_escaped(running_text([transcript.text])))
    return "".join(f"{block}\n\n" for block in blocks).removesuffix("\n")


def _paragraphs(segments: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    """Yield the first segment of each paragraph, and the one after its last."""
    start = characters = 0
    for end, (segment, following) in enumerate(pairwise(segments), 1):
        characters += len(segment.text)
        is_long = characters >= _LONG_CHARACTERS and _SENTENCE_END.search(segment.text.rstrip())
        is_pause = following.start_ms - segment.end_ms >= _PAUSE_MS
        if is_long or is_pause or following.speaker != segment.speaker:
            yield start, end
            start, characters = end, 0
    if segments:
        yield start, len(segments)


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

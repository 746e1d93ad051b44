"""Where a paragraph of a transcript begins: the same rule for documents and for plain text."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import one_line
from anyscribe.formats.prose import joint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.transcript import Segment

_PAUSE_MS: Final = 2_000
"""A pause from here on begins a paragraph."""

_LONG_CHARACTERS: Final = 600
"""A paragraph of this length ends with its sentence."""

_SENTENCE_END: Final = re.compile(r"""[.!?…。！？।؟]["'”’»)\]]*$""")  # noqa: RUF001 - marks of several scripts


def paragraphs(segments: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    """Divide segments into paragraphs.

    A paragraph begins when the speaker changes, after a pause of two seconds, and after a sentence if the paragraph is
    long.

    Args:
        segments: The segments, in order of time, each with text.

    Yields:
        The index of the first segment of each paragraph, and of the one after its last.
    """
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


def text_in_paragraphs(text: str, segments: Sequence[Segment]) -> str:
    """Put a blank line between the paragraphs of a text, and a name where the speaker changes: ``Maria: …``.

    No word of the text is changed, divided or moved.

    Args:
        text: The text.
        segments: Its segments, in order of time; empty if no times are known.

    Returns:
        The text; unchanged if the segments say something else.
    """
    spoken = [segment for segment in segments if segment.text.strip()]
    begins = []
    end = 0
    for segment in spoken:
        found = _place(text, end, segment.text)
        if found is None:
            return text
        begins.append(found[0])
        end = found[1]
    if text[end:].strip():
        return text
    parts = [
        (spoken[first].speaker, text[begins[first] : begins[after] if after < len(begins) else end])
        for first, after in paragraphs(spoken)
    ]
    return "".join(_with_gaps(parts))


def _place(text: str, at: int, said: str) -> tuple[int, int] | None:
    """Return where the next words of a text are those of a segment, however its lines end; None if not."""
    begin: int | None = None
    for word in said.split():
        while at < len(text) and text[at].isspace():
            at += 1
        if not text.startswith(word, at):
            return None
        begin = at if begin is None else begin
        at += len(word)
    return None if begin is None else (begin, at)


def _with_gaps(parts: Sequence[tuple[str | None, str]]) -> Iterator[str]:
    """Yield parts with their speakers, and with a blank line between two, unless a word goes across."""
    told: str | None = None
    last = ""
    for speaker, part in parts:
        is_apart = not last or last[-1].isspace() or not joint(last[-1], part[0])
        if last:
            yield f"{last.rstrip()}\n\n" if is_apart else last
        name = one_line(speaker or "")
        last = f"{name}: {part}" if name and speaker != told and is_apart else part
        told = speaker if is_apart else told
    yield last

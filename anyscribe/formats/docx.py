"""``docx``: a document for Word, with speakers, times, and marks on words that the model was not sure of.

Import this freely: python-docx is loaded when a document is written.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.cue_text import one_line
from anyscribe.formats.paragraphs import paragraphs
from anyscribe.formats.prose import joint, running_text
from anyscribe.formats.segment_words import SegmentWords
from anyscribe.formats.xml_text import allowed, is_right_to_left
from anyscribe.timespan import clock_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript, Word

_UNSURE: Final = 0.5
"""Words that are less probable are marked."""

_GRAY: Final = 0x70


def render(transcript: Transcript, metadata: Metadata) -> bytes:
    """Write the transcript as a Word document.

    Args:
        transcript: The transcript; its words are those of the segments' texts, in order.
        metadata: The title, and how the transcript was made, which is in the document's properties.

    Returns:
        The document, with a title and no paragraph if there is no text.
    """
    from docx import Document  # noqa: PLC0415 - few runs write one

    document = Document()
    title = one_line(allowed(metadata.title))
    _describe(document.core_properties, title, metadata)
    if title:
        document.add_heading(title, 0)
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    words = SegmentWords(transcript)
    for start, end in paragraphs(segments):
        _add(document.add_paragraph(), segments[start:end], words)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _describe(properties: Any, title: str, metadata: Metadata) -> None:  # noqa: ANN401 - of python-docx
    made = metadata.provenance
    # The template has properties of its own.
    day = (
        datetime.fromisoformat(made.date).replace(tzinfo=UTC)
        if made and made.date
        else datetime(1970, 1, 1, tzinfo=UTC)
    )
    properties.title, properties.author, properties.last_modified_by = title[:255], "", ""
    properties.created = properties.modified = day.replace(tzinfo=None)
    properties.comments = allowed(str(made))[:255] if made else ""


def _add(paragraph: Any, segments: Sequence[Segment], words: SegmentWords) -> None:  # noqa: ANN401 - as above
    from docx.enum.text import WD_COLOR_INDEX  # noqa: PLC0415 - as above
    from docx.oxml import OxmlElement  # noqa: PLC0415 - as above
    from docx.shared import RGBColor  # noqa: PLC0415 - as above

    is_reversed = is_right_to_left(running_text(segment.text for segment in segments))
    if is_reversed:
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001 - python-docx has no other way
    stamp = paragraph.add_run(f"{clock_time(segments[0].start_ms)} ")
    stamp.font.color.rgb = RGBColor(_GRAY, _GRAY, _GRAY)
    name = one_line(allowed(segments[0].speaker or ""))
    if name:
        paragraph.add_run(f"{name}: ").bold = True
    for text, is_unsure in _runs(segments, words):
        run = paragraph.add_run(allowed(text))
        run.font.rtl = True if is_reversed else None
        if is_unsure:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _runs(segments: Sequence[Segment], words: SegmentWords) -> Iterator[tuple[str, bool]]:
    """Yield the text of a paragraph in parts, and whether the model was unsure of each."""
    parts: list[tuple[str, bool]] = []
    for segment in segments:
        text = running_text([segment.text])
        if parts:
            parts.append((joint(parts[-1][0][-1], text[0]), False))
        own = words.of(segment)
        parts += ((part, number is not None and _is_unsure(own[number])) for part, number in words.parts(segment, text))
    for is_unsure, run in groupby(parts, key=lambda part: part[1]):
        yield "".join(text for text, _ in run), is_unsure


def _is_unsure(word: Word) -> bool:
    return word.probability is not None and word.probability < _UNSURE

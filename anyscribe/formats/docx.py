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
from anyscribe.languages import language_code
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
    _set_language(document, transcript.language)
    title = one_line(allowed(metadata.title))
    _describe(document.core_properties, title, metadata)
    if title:
        heading = document.add_heading(title, 0)
        if is_right_to_left(title):
            _reverse(heading)
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    words = SegmentWords(transcript)
    for start, end in paragraphs(segments):
        _add(document.add_paragraph(), segments[start:end], words)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_language(document: Any, language: str | None) -> None:  # noqa: ANN401 - of python-docx
    """Say which language the text is in, which decides how Word checks and divides it; the template is English."""
    from docx.oxml.ns import qn  # noqa: PLC0415 - as above

    code = language_code(language) if language else None
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    stated = None if defaults is None else defaults.find(qn("w:lang"))
    if code is None or stated is None:
        return
    for kind in ("w:val", "w:eastAsia", "w:bidi"):
        stated.set(qn(kind), code)


def _reverse(paragraph: Any) -> None:  # noqa: ANN401 - as above
    """Have a paragraph and what is in it run from right to left."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 - as above

    paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for run in paragraph.runs:
        run.font.rtl = True


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
    from docx.shared import RGBColor  # noqa: PLC0415 - as above

    stamp = paragraph.add_run(f"{clock_time(segments[0].start_ms)} ")
    stamp.font.color.rgb = RGBColor(_GRAY, _GRAY, _GRAY)
    name = one_line(allowed(segments[0].speaker or ""))
    if name:
        # Fonts of some scripts have a boldness of their own.
        font = paragraph.add_run(f"{name}: ").font
        font.bold = font.cs_bold = True
    for text, is_unsure in _runs(segments, words):
        run = paragraph.add_run(allowed(text))
        if is_unsure:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    if is_right_to_left(running_text(segment.text for segment in segments)):
        _reverse(paragraph)


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

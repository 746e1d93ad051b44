"""Output formats: render a transcript as a document. Pure functions; one module per format, and one line here."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from anyscribe.formats import json_text, md, srt, text, verbose_json, vtt
from anyscribe.formats.output_format import NO_METADATA, Content, Metadata, OutputFormat, Provenance
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anyscribe.transcript import Transcript

__all__ = [
    "ASS",
    "KARAOKE",
    "NO_METADATA",
    "OUTPUT_FORMATS",
    "TEXT",
    "TIMED_TEXT",
    "VERBOSE_JSON",
    "Content",
    "Metadata",
    "OutputFormat",
    "Provenance",
    "format_called",
    "format_of_record",
    "format_of_wire",
    "formats_of_file",
]


def _late(module: str, function: str) -> Callable[[Transcript, Metadata], str | bytes]:
    """Return a function that renders a format which few runs need; its module is imported when it is called."""

    def render(transcript: Transcript, metadata: Metadata) -> str | bytes:
        document: str | bytes = getattr(import_module(f"{__name__}.{module}"), function)(transcript, metadata)
        return document

    return render


_REGISTRY: Final = (
    OutputFormat(
        "text", "txt", "text/plain; charset=utf-8", text.render, wire=ResponseFormat.TEXT, aliases=("txt", "plain")
    ),
    OutputFormat("json", "json", "application/json", json_text.render, wire=ResponseFormat.JSON),
    OutputFormat(
        "verbose_json",
        "json",
        "application/json",
        verbose_json.render,
        Content.REQUESTED,
        ResponseFormat.VERBOSE_JSON,
        ("verbose-json",),
    ),
    OutputFormat(
        "srt",
        "srt",
        "application/x-subrip; charset=utf-8",
        srt.render,
        Content.CUES,
        ResponseFormat.SRT,
        ("subrip",),
        names_speakers=True,
    ),
    OutputFormat("vtt", "vtt", "text/vtt; charset=utf-8", vtt.render, Content.CUES, ResponseFormat.VTT, ("webvtt",)),
    OutputFormat(
        "diarized_json",
        "json",
        "application/json",
        _late("diarized_json", "render"),
        Content.SPEECH,
        ResponseFormat.DIARIZED_JSON,
        ("diarized-json",),
    ),
    OutputFormat("md", "md", "text/markdown; charset=utf-8", md.render, Content.SPEECH, aliases=("markdown",)),
    OutputFormat("ass", "ass", "text/x-ssa; charset=utf-8", _late("ass", "render"), Content.CUES, has_remarks=True),
    OutputFormat(
        "ttml",
        "ttml",
        "application/ttml+xml",
        _late("ttml", "render"),
        Content.CUES,
        aliases=("imsc",),
        has_remarks=True,
    ),
    OutputFormat(
        "sbv",
        "sbv",
        "text/plain; charset=utf-8",
        _late("sbv", "render"),
        Content.CUES,
        aliases=("subviewer",),
        names_speakers=True,
    ),
    OutputFormat("lrc", "lrc", "text/plain; charset=utf-8", _late("lrc", "render"), Content.CUES, names_speakers=True),
    OutputFormat(
        "srt-words", "words.srt", "application/x-subrip; charset=utf-8", _late("word_cues", "render_srt"), Content.WORDS
    ),
    OutputFormat("vtt-words", "words.vtt", "text/vtt; charset=utf-8", _late("word_cues", "render_vtt"), Content.WORDS),
    OutputFormat(
        "tsv", "tsv", "text/tab-separated-values; charset=utf-8", _late("tables", "render_tsv"), Content.SPEECH
    ),
    OutputFormat("csv", "csv", "text/csv; charset=utf-8", _late("tables", "render_csv"), Content.SPEECH),
    OutputFormat(
        "docx",
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _late("docx", "render"),
        Content.WORDS,
        packages=("docx",),
        extra="docs",
        is_text=False,
        has_remarks=True,
    ),
    OutputFormat(
        "textgrid",
        "TextGrid",
        "text/plain; charset=utf-8",
        _late("textgrid", "render"),
        Content.WORDS,
        aliases=("praat",),
    ),
    OutputFormat(
        "eaf", "eaf", "application/xml", _late("eaf", "render"), Content.WORDS, aliases=("elan",), has_remarks=True
    ),
    OutputFormat("rttm", "rttm", "text/plain; charset=utf-8", _late("rttm", "render"), Content.SPEECH),
    OutputFormat("edl", "edl", "text/plain; charset=utf-8", _late("markers", "render_edl"), Content.SPEECH),
    OutputFormat("otio", "otio", "application/json", _late("markers", "render_otio"), Content.SPEECH, has_remarks=True),
    OutputFormat(
        "html",
        "html",
        "text/html; charset=utf-8",
        _late("html", "render"),
        Content.READING,
        aliases=("htm",),
        has_remarks=True,
    ),
)

OUTPUT_FORMATS: Final[Mapping[str, OutputFormat]] = MappingProxyType({known.name: known for known in _REGISTRY})
"""Every output format by its name, in the order in which messages list them."""

_VARIANTS: Final = (
    OutputFormat(
        "text with timestamps", "txt", "text/plain; charset=utf-8", _late("text", "render_timed"), Content.SPEECH
    ),
    OutputFormat(
        "ass with karaoke",
        "ass",
        "text/x-ssa; charset=utf-8",
        _late("ass", "render_karaoke"),
        Content.CUE_WORDS,
        has_remarks=True,
    ),
)
_BY_ANY_NAME: Final = {name: known for known in _REGISTRY for name in (known.name, *known.aliases)}

TEXT: Final = OUTPUT_FORMATS["text"]
VERBOSE_JSON: Final = OUTPUT_FORMATS["verbose_json"]
ASS: Final = OUTPUT_FORMATS["ass"]
TIMED_TEXT, KARAOKE = _VARIANTS
"""What two formats become by a flag of their own."""


def format_of_wire(response_format: ResponseFormat) -> OutputFormat:
    """Return the output format that renders the same document as a wire format.

    Args:
        response_format: The contract's format.
    """
    return next(known for known in _REGISTRY if known.wire is response_format)


def format_called(name: str) -> OutputFormat | None:
    """Return the output format that goes by a name.

    Args:
        name: One of its names, such as ``text`` or ``txt``, in any case.

    Returns:
        The format; None if there is none.
    """
    return _BY_ANY_NAME.get(name.strip().lower())


def format_of_record(name: str) -> OutputFormat:
    """Return the format whose record has a name; also one that users choose by a flag.

    Args:
        name: `OutputFormat.name`.
    """
    return next(known for known in (*_REGISTRY, *_VARIANTS) if known.name == name)


def formats_of_file(name: str) -> tuple[OutputFormat, ...]:
    """Return the output formats that a file's name stands for.

    Args:
        name: The name, in any case: ``talk.srt``, ``talk.words.srt``. The name of a format counts as an extension too.

    Returns:
        The formats, the usual one first; empty if the extension is not known.
    """
    words = name.lower().lstrip(".").split(".")[1:]
    named = format_called(words[-1]) if words else None
    found = [
        known
        for known in (*_REGISTRY, *_VARIANTS)
        if known is named or known.extension.lower().split(".")[-1:] == words[-1:]
    ]
    return tuple(sorted(found, key=lambda known: -_common(words, known)))


def _common(words: Sequence[str], known: OutputFormat) -> int:
    """Return how much of a format's extension a name ends with, if it is all of it."""
    extension = known.extension.lower().split(".")
    return len(extension) if words[-len(extension) :] == extension else 0

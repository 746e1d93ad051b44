"""Output formats: render a transcript as a document. Pure functions; one module per format, and one line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from anyscribe.formats import html, json_text, md, srt, text, verbose_json, vtt
from anyscribe.formats.output_format import NO_METADATA, Content, Metadata, OutputFormat, Provenance
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NO_METADATA",
    "OUTPUT_FORMATS",
    "TEXT",
    "VERBOSE_JSON",
    "Content",
    "Metadata",
    "OutputFormat",
    "Provenance",
    "format_called",
    "format_of_wire",
    "formats_with_extension",
]

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
        "srt", "srt", "application/x-subrip; charset=utf-8", srt.render, Content.CUES, ResponseFormat.SRT, ("subrip",)
    ),
    OutputFormat("vtt", "vtt", "text/vtt; charset=utf-8", vtt.render, Content.CUES, ResponseFormat.VTT, ("webvtt",)),
    OutputFormat("md", "md", "text/markdown; charset=utf-8", md.render, Content.SPEECH, aliases=("markdown",)),
    OutputFormat("html", "html", "text/html; charset=utf-8", html.render, Content.READING, aliases=("htm",)),
)

OUTPUT_FORMATS: Final[Mapping[str, OutputFormat]] = MappingProxyType({known.name: known for known in _REGISTRY})
"""Every output format by its name, in the order in which messages list them."""

_BY_ANY_NAME: Final = {name: known for known in _REGISTRY for name in (known.name, *known.aliases)}

TEXT: Final = OUTPUT_FORMATS["text"]
VERBOSE_JSON: Final = OUTPUT_FORMATS["verbose_json"]


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


def formats_with_extension(extension: str) -> tuple[OutputFormat, ...]:
    """Return the output formats that a file's extension stands for.

    Args:
        extension: The extension without its dot, in any case; a format's name counts as one too.

    Returns:
        The formats, the usual one first; empty if the extension is not known.
    """
    named = format_called(extension)
    return tuple(known for known in _REGISTRY if known is named or known.extension == extension.lower())

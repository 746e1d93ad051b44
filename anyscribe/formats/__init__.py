"""Output formats: render a transcript as a document. Pure functions; one module per format, and one line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from anyscribe.formats import json_text, md, srt, text, verbose_json, vtt
from anyscribe.formats.output_format import NO_METADATA, Content, Metadata, OutputFormat
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
    "format_of_wire",
]

_REGISTRY: Final = (
    OutputFormat("text", "txt", "text/plain; charset=utf-8", text.render, wire=ResponseFormat.TEXT),
    OutputFormat("json", "json", "application/json", json_text.render, wire=ResponseFormat.JSON),
    OutputFormat(
        "verbose_json", "json", "application/json", verbose_json.render, Content.REQUESTED, ResponseFormat.VERBOSE_JSON
    ),
    OutputFormat("srt", "srt", "application/x-subrip; charset=utf-8", srt.render, Content.CUES, ResponseFormat.SRT),
    OutputFormat("vtt", "vtt", "text/vtt; charset=utf-8", vtt.render, Content.CUES, ResponseFormat.VTT),
    OutputFormat("md", "md", "text/markdown; charset=utf-8", md.render, Content.SPEECH),
)

OUTPUT_FORMATS: Final[Mapping[str, OutputFormat]] = MappingProxyType({known.name: known for known in _REGISTRY})
"""Every output format by its name, in the order in which messages list them."""

TEXT: Final = OUTPUT_FORMATS["text"]
VERBOSE_JSON: Final = OUTPUT_FORMATS["verbose_json"]


def format_of_wire(response_format: ResponseFormat) -> OutputFormat:
    """Return the output format that renders the same document as a wire format.

    Args:
        response_format: The contract's format.
    """
    return next(known for known in _REGISTRY if known.wire is response_format)

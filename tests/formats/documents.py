"""Renders transcripts as documents of the contract's formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats import Metadata, format_of_wire

if TYPE_CHECKING:
    from anyscribe.request import ResponseFormat
    from anyscribe.transcript import Transcript


def render(transcript: Transcript, response_format: ResponseFormat) -> str:
    """Render a transcript without metadata."""
    return format_of_wire(response_format).render(transcript, Metadata())

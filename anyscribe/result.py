"""What became of one recording, from the engine's answer to what is written: one record all the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.request import ResponseFormat
    from anyscribe.transcript import Finding, Transcript


@dataclass(frozen=True, slots=True)
class ServerRendering:
    """A transcript as the server rendered it.

    Args:
        format: The format, recognised by its shape.
        body: The reply's bytes, unwrapped but otherwise unchanged.
    """

    format: ResponseFormat
    body: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recording.

    Engines return the transcript and perhaps a rendering of it; the `recording` room adds times and findings.

    Args:
        transcript: What was said, as far as is known.
        rendering: The transcript as the server rendered it; None if it did not, or if its times were replaced.
        ignored: Members of a reply that could not be read and count as absent, for the trace.
    """

    transcript: Transcript
    rendering: ServerRendering | None = None
    ignored: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What looks wrong about the transcript; see `anyscribe.transcript.Finding`."""
        return self.transcript.findings

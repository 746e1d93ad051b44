"""``json``: the text, and what the server said besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the text and the members that were passed on (``usage``, ``logprobs``).

    Args:
        transcript: What was said.

    Returns:
        One line of JSON with its line feed.
    """
    from anyscribe.formats.json_writing import json_line  # noqa: PLC0415 - msgspec is loaded when JSON is met

    return json_line({"text": transcript.text}, transcript.extra)


def parse(text: str) -> Transcript:
    """Read a JSON reply, with times if it has some.

    Args:
        text: One JSON object.

    Returns:
        What was said.

    Raises:
        ValueError: It cannot be read; the message is one line and names the member.
    """
    from anyscribe.formats.json_reading import parse_json_reply  # noqa: PLC0415 - msgspec is loaded when JSON is met

    return parse_json_reply(text)

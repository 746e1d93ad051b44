"""``json``: the text, and the other members of the server's reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the text and the members that were passed through (``usage``, ``logprobs``).

    Args:
        transcript: The transcript.

    Returns:
        One line of JSON with its line feed.
    """
    from anyscribe.formats.json_writing import json_line  # noqa: PLC0415 - load msgspec only for JSON

    return json_line({"text": transcript.text}, transcript.extra)


def parse(text: str) -> Transcript:
    """Read a JSON reply, including its times if it has any.

    Args:
        text: One JSON object.

    Returns:
        The transcript.

    Raises:
        ValueError: It cannot be read; the message is one line.
    """
    from anyscribe.formats.json_reading import parse_json_reply  # noqa: PLC0415 - load msgspec only for JSON

    return parse_json_reply(text).transcript

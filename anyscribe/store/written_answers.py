"""An answer as text that can be kept, and back."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from anyscribe.request import ResponseFormat
from anyscribe.transcript import Answer, Segment, Timing, Transcript, Word


def write_answer(answer: Answer) -> str:
    """Write all of an answer but its body, which is bytes.

    Args:
        answer: What an engine answered.

    Returns:
        One line of JSON, in ASCII.

    Raises:
        ValueError: It holds what JSON does not.
    """
    try:
        return json.dumps({"rendered_as": answer.rendered_as, "transcript": _members(answer.transcript)})
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def read_answer(text: str, body: bytes) -> Answer:
    """Read an answer back.

    Args:
        text: What `write_answer` made of it.
        body: Its body.

    Returns:
        The same answer, to the last bit.

    Raises:
        ValueError: It is something else: damaged, or written by another version.
    """
    try:
        members = json.loads(text)
        rendered_as, transcript = members["rendered_as"], members["transcript"]
        segments = [Segment(**{**one, "tokens": _tokens(one["tokens"])}) for one in transcript["segments"]]
        words = [Word(**{**one, "timing": Timing(one["timing"])}) for one in transcript["words"]]
        return Answer(
            Transcript(**{**transcript, "segments": tuple(segments), "words": tuple(words)}),
            None if rendered_as is None else ResponseFormat(rendered_as),
            body,
        )
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not a kept answer: {error!r}") from error


def _members(transcript: Transcript) -> dict[str, Any]:
    lists = {
        "segments": [_shallow(segment) for segment in transcript.segments],
        "words": [_shallow(word) for word in transcript.words],
    }
    return {**_shallow(transcript), **lists}


def _shallow(record: Transcript | Segment | Word) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _tokens(numbers: list[int] | None) -> tuple[int, ...] | None:
    return None if numbers is None else tuple(numbers)

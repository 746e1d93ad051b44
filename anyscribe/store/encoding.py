"""Convert an answer to text that can be stored, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from anyscribe.request import ResponseFormat  # noqa: TC001 - msgspec reads the annotations
from anyscribe.result import Result, ServerRendering
from anyscribe.transcript import Transcript  # noqa: TC001 - as above


@dataclass(frozen=True, slots=True)
class _WrittenAnswer:
    """The JSON document; its members must stay compatible with the stores of earlier versions.

    It uses Python's `json`: servers also send infinities and lone surrogates, which `msgspec.json` refuses.
    """

    rendered_as: ResponseFormat | None
    transcript: Transcript


def write_answer(result: Result) -> str:
    """Return an answer as JSON, without the rendering's body, which is bytes.

    Args:
        result: An engine's answer.

    Returns:
        One line of JSON.

    Raises:
        ValueError: The answer holds a value that JSON cannot represent.
    """
    rendered_as = None if result.rendering is None else result.rendering.format
    try:
        return json.dumps(msgspec.to_builtins(_WrittenAnswer(rendered_as, result.transcript)))
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def read_answer(text: str, body: bytes) -> Result:
    """Read an answer from JSON.

    Args:
        text: The return value of `write_answer`.
        body: The rendering's body; empty if there is none.

    Returns:
        The same answer.

    Raises:
        ValueError: The text is no such answer: it is damaged, or written by another version.
    """
    try:
        answer = msgspec.convert(json.loads(text), _WrittenAnswer)
    except RecursionError as error:
        raise ValueError(f"not a kept answer: {error!r}") from error
    rendering = None if answer.rendered_as is None else ServerRendering(answer.rendered_as, body)
    return Result(answer.transcript, rendering)

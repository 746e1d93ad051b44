"""An answer as text that can be kept, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from anyscribe.request import ResponseFormat  # noqa: TC001 - msgspec reads the annotations
from anyscribe.result import Result, ServerRendering
from anyscribe.transcript import Transcript  # noqa: TC001 - likewise


@dataclass(frozen=True, slots=True)
class _WrittenAnswer:
    """The JSON document; its members are what stores of earlier versions hold.

    It is Python's JSON: servers also answer with infinities and half surrogates, which `msgspec.json` refuses.
    """

    rendered_as: ResponseFormat | None
    transcript: Transcript


def write_answer(result: Result) -> str:
    """Write an answer without the rendering's body, which is bytes.

    Args:
        result: What an engine answered.

    Returns:
        One line of JSON.

    Raises:
        ValueError: It holds something that JSON does not know.
    """
    rendered_as = None if result.rendering is None else result.rendering.format
    try:
        return json.dumps(msgspec.to_builtins(_WrittenAnswer(rendered_as, result.transcript)))
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def read_answer(text: str, body: bytes) -> Result:
    """Read an answer back.

    Args:
        text: What `write_answer` returned.
        body: The rendering's body; empty if there is none.

    Returns:
        The same answer.

    Raises:
        ValueError: It is something else: damaged, or written by another version.
    """
    try:
        answer = msgspec.convert(json.loads(text), _WrittenAnswer)
    except RecursionError as error:
        raise ValueError(f"not a kept answer: {error!r}") from error
    rendering = None if answer.rendered_as is None else ServerRendering(answer.rendered_as, body)
    return Result(answer.transcript, rendering)

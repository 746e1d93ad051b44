"""What a process is told that uses the models, and how it is told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

LENGTH_BYTES: Final = 4
"""Before each chunk of sound stands its length, little end first; a length of 0 is the end."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a process does.

    Args:
        segmentation: The file of a model; see `anyscribe.speakers.sherpa.models.VoiceModels`.
        embedding: Likewise.
        least: The fewest speakers.
        most: The most speakers; None for any number.
        is_trial: Whether the models are only tried.
    """

    segmentation: str
    embedding: str
    least: int = 1
    most: int | None = None
    is_trial: bool = False

    def text(self) -> str:
        """Return the task as text."""
        return json.dumps(asdict(self))


def read_task(text: str) -> Task:
    """Read a task.

    Args:
        text: What `Task.text` returned.
    """
    return Task(**json.loads(text))

"""What the server is told when it is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What is offered to whom, and how much of it.

    Args:
        models: The engine's model behind each name that clients may ask for, in the order in which they are listed.
        key: What clients have to show; None lets everybody in.
        max_upload_bytes: The longest body of a request, the multipart frame included.
        jobs: How many recordings are transcribed at a time.
        queue: How many requests may wait besides.
    """

    models: Mapping[str, str]
    key: bytes | None = field(repr=False)
    max_upload_bytes: int
    jobs: int
    queue: int

"""The settings of the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The offered models, the key and the limits.

    Args:
        models: Maps each name that clients may request to the engine's model, in the order in which they are listed.
        key: The key that clients have to send; None requires none.
        max_upload_bytes: The maximum size of a request's body, including the multipart framing.
        jobs: How many recordings are transcribed at a time.
        queue: How many further requests may wait.
        speakers_model: The folder of the models that tell voices apart; None for what is built in.
        hosts: Further names of this machine that clients may use without a key, such as the one that it listens on.
        origins: The origins whose web pages may use the server, as browsers name them; ``*`` is any.
        upload_grace_s: How long a client may send nothing during an upload, or take for a request's head, in seconds.
        least_upload_rate: The rate in bytes per second below which an upload uses up its grace time.
    """

    models: Mapping[str, str]
    key: bytes | None = field(repr=False)
    max_upload_bytes: int
    jobs: int
    queue: int
    speakers_model: str | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    upload_grace_s: float = 30.0
    least_upload_rate: float = 8000.0

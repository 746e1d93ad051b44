"""Everything that a run of the main command was told, each value already read and found to be legal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.batch.outputs import Destination
    from anyscribe.config import Setting
    from anyscribe.request import Granularity, ResponseFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user wants; the names are those of the flags, the units in the names."""

    inputs: tuple[str, ...]
    formats: tuple[ResponseFormat, ...]
    model: Setting[str | None]
    language: str | None
    prompt: str | None
    temperature: str | None
    timestamp_granularities: tuple[Granularity, ...]
    include: tuple[str, ...]
    stream: bool | None
    fields: tuple[tuple[str, str], ...]
    base_url: Setting[str | None]
    local: Setting[bool]
    read_seconds: float
    connect_seconds: float
    retries: int
    insecure_http: bool
    recursive: bool
    destination: Destination
    jobs: int | None
    quiet: bool
    verbosity: int

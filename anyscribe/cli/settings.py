"""Everything that a run of the main command was told, each value already read and found to be legal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.batch.outputs import Destination
    from anyscribe.config import Setting, Upload
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
    upload: Upload
    max_body_bytes: int | None
    max_ms: int | None
    align: bool | None
    check: bool
    strict: bool
    max_line_chars: int | None
    max_lines: int | None
    max_cue_ms: int | None
    max_cps: float | None
    read_seconds: float
    connect_seconds: float
    retries: int
    insecure_http: bool
    recursive: bool
    destination: Destination
    jobs: int | None
    quiet: bool
    verbosity: int

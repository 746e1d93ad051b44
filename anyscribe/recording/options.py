"""How a recording is handled on its way to an engine and back, beyond what the engine itself is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from anyscribe.audio import Scratch
    from anyscribe.subtitles.profile import CueProfile


class UploadMode(StrEnum):
    """What is uploaded."""

    AUTO = "auto"
    """The file itself if the server takes it; otherwise FLAC, or Opus if the connection is slow."""

    FLAC = "flac"
    OPUS = "opus"
    ORIGINAL = "original"
    """The file itself, even if the server may refuse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOptions:
    """How recordings are uploaded, timed, checked and rendered.

    Args:
        upload: What is uploaded.
        max_body_bytes: The largest body of a request; 0 means any, None what is known of the server.
        max_ms: The longest audio of a request, in milliseconds; 0 means any, None what is known of the model.
        align: Whether words are timed here: True always, False never, None if the answer has too few times.
        is_checked: Whether transcripts are checked against the audio.
        cues: The limits of subtitle cues, which are then always made here; None for the default limits, with which a
            server's own subtitles are passed on.
    """

    upload: UploadMode = UploadMode.AUTO
    max_body_bytes: int | None = None
    max_ms: int | None = None
    align: bool | None = None
    is_checked: bool = False
    cues: CueProfile | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """What a run works with beside the thread that a recording is transcribed in.

    Args:
        requests: Runs requests about pieces, as many at a time as it has threads.
        request_count: How many that are.
        threads: Runs short analyses, and waits for long ones.
        processes: Runs analyses that hold the interpreter's lock for long.
        scratch: Holds temporary files.
    """

    requests: Executor
    request_count: int
    threads: Executor
    processes: Executor
    scratch: Scratch

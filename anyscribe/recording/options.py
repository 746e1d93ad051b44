"""How a recording is handled on its way to an engine and back, beyond what the engine itself is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyscribe.config import Upload
from anyscribe.subtitles import DEFAULT_PROFILE

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from anyscribe.subtitles import CueProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOptions:
    """How recordings are sent, timed, checked and rendered.

    Args:
        upload: What a server is sent.
        max_body_bytes: The largest body of a request; 0 means any, None as it is known of the server.
        max_ms: The longest sound of a request, in milliseconds; 0 means any, None as it is known of the model.
        align: Whether words are timed here: None where the answer tells too little, True always, False never.
        is_checked: Whether results are checked for what is missing from them.
        cues: The limits of a cue.
        are_cues_own: Whether cues are always made here, although the server may have made some.
    """

    upload: Upload = Upload.AUTO
    max_body_bytes: int | None = None
    max_ms: int | None = None
    align: bool | None = None
    is_checked: bool = False
    cues: CueProfile = field(default=DEFAULT_PROFILE)
    are_cues_own: bool = False


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does what beside the thread that a recording is transcribed in.

    Args:
        asking: Asks the engine about pieces; as many at a time as it has threads.
        asking_at_once: How many that are.
        hearing: Listens to short sound, and waits for those who listen to longer.
        listening: Listens to the sound and lays words on it, in processes: it is much work, and holds the
            interpreter's lock.
    """

    asking: Executor
    asking_at_once: int
    hearing: Executor
    listening: Executor

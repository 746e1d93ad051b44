"""anyscribe: text and subtitles from recordings, by any OpenAI-compatible server or on this machine.

    import anyscribe

    transcript = anyscribe.transcribe("talk.mp3")
    print(transcript.render("srt"))

Everything here is loaded when it is first used, so that the import itself costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from anyscribe.version import __version__

if TYPE_CHECKING:
    from anyscribe.api import Transcript, align, transcribe
    from anyscribe.errors import (
        AccessDeniedError,
        AlignerUnavailableError,
        AnyscribeError,
        AudioError,
        BudgetError,
        ClusterError,
        DefectError,
        DiarizerUnavailableError,
        EngineError,
        FieldError,
        FormatRefusedError,
        FullDiskError,
        MissingExtraError,
        ModelUnavailableError,
        OptionError,
        OutputError,
        RequestRefusedError,
        ServerError,
        TooLargeError,
        UnavailableError,
        UnknownModelError,
        UnreadableReplyError,
        UsageError,
    )
    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.timespan import Span
    from anyscribe.transcript import Finding, Segment, Timing, Word

__all__ = [
    "AccessDeniedError",
    "AlignerUnavailableError",
    "AnyscribeError",
    "AudioError",
    "BudgetError",
    "ClusterError",
    "CueProfile",
    "DefectError",
    "DiarizerUnavailableError",
    "EngineError",
    "FieldError",
    "Finding",
    "FormatRefusedError",
    "FullDiskError",
    "MissingExtraError",
    "ModelUnavailableError",
    "OptionError",
    "OutputError",
    "RequestRefusedError",
    "Segment",
    "ServerError",
    "Span",
    "Timing",
    "TooLargeError",
    "Transcript",
    "UnavailableError",
    "UnknownModelError",
    "UnreadableReplyError",
    "UsageError",
    "Word",
    "__version__",
    "align",
    "transcribe",
]

_HOMES: Final = {
    "Transcript": "api",
    "align": "api",
    "transcribe": "api",
    "CueProfile": "subtitles.profile",
    "Span": "timespan",
    "Finding": "transcript",
    "Segment": "transcript",
    "Timing": "transcript",
    "Word": "transcript",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as the name has it
    """Load what a name stands for when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"anyscribe.{_HOMES.get(name, 'errors')}")
    return getattr(home, name)


def __dir__() -> list[str]:
    return sorted(__all__)

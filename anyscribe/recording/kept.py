"""What the store holds about a recording, as a transcript; nothing is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyscribe.recording.answers import in_order, span_of
from anyscribe.recording.stitching import Part, stitch
from anyscribe.store import WHOLE
from anyscribe.timespan import Span, union

if TYPE_CHECKING:
    from pathlib import Path

    from anyscribe.store import Entry, Store
    from anyscribe.transcript import Transcript


@dataclass(frozen=True, slots=True)
class KeptTranscript:
    """What was answered about a recording.

    Args:
        transcript: What was said.
        model: The model that was asked for; empty for the server's own choice.
        server: The server's address, without secrets.
        spans: What of the recording was answered; empty if all of it was, in one answer.
    """

    transcript: Transcript
    model: str
    server: str
    spans: tuple[Span, ...]


def kept_transcript(store: Store, path: Path) -> KeptTranscript | None:
    """Return the transcript that the last answers about a recording make.

    Args:
        store: The store.
        path: The recording.

    Returns:
        The transcript; None if nothing was answered about the whole of its sound.

    Raises:
        OSError: The recording cannot be read.
        StoreError: The store cannot be used.
    """
    digest = store.digest_of_file(path)
    # Answers about one track or channel have a longer digest: they are not all that is said.
    entry = next((one for one in store.entries() if one.recording == digest and not _is_repair(one)), None)
    if entry is None:
        return None
    answers = store.answers_of(entry)
    question = entry.question
    whole = next((kept for kept in answers if kept.stretch == WHOLE), None)
    if whole is not None:
        return KeptTranscript(whole.answer.transcript, question.model, question.server, ())
    pieces = in_order(answers)
    parts = [Part(span_of(kept.stretch), kept.answer.transcript) for kept in pieces]
    spans = union(part.span for part in parts)
    return KeptTranscript(stitch(parts, duration_ms=None), question.model, question.server, tuple(spans))


def _is_repair(entry: Entry) -> bool:
    return ["task", "repair"] in json.loads(entry.question.form)

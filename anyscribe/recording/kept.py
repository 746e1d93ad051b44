"""What the store holds about a recording, as transcripts; nothing is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.languages import language_code
from anyscribe.recording.answers import in_order, span_of
from anyscribe.recording.stitching import Part, stitch
from anyscribe.store import WHOLE
from anyscribe.timespan import Span, union

if TYPE_CHECKING:
    from anyscribe.store import Entry, Store
    from anyscribe.transcript import Transcript

_REPAIR: Final = ["task", "repair"]
_TRANSLATION: Final = ["task", "translate"]


@dataclass(frozen=True, slots=True)
class KeptTranscript:
    """What was answered about a recording.

    Args:
        transcript: What was said.
        model: The model that was asked for; empty for the server's own choice.
        server: The server's address, without secrets.
        spans: What of the recording was answered; empty if all of it was, in one answer.
        is_translated: Whether a translation was asked for.
        asked_language: The language that was named; empty for none.
    """

    transcript: Transcript
    model: str
    server: str
    spans: tuple[Span, ...]
    is_translated: bool = False
    asked_language: str = ""

    @property
    def language(self) -> str:
        """The code of the language that was named or heard; empty if it is not known."""
        named = self.asked_language or self.transcript.language or ""
        return language_code(named) or named


def kept_transcripts(store: Store, recording: bytes) -> list[KeptTranscript]:
    """Return the transcripts that the answers about a recording make, one for each question, the last one first.

    Args:
        store: The store.
        recording: The digest of its file.

    Raises:
        StoreError: The store cannot be used.
    """
    # Answers about one track or channel have a longer digest: they are not all that is said.
    entries = (entry for entry in store.entries() if entry.recording == recording)
    return [_transcript(store, entry) for entry in entries if _REPAIR not in _form(entry)]


def _transcript(store: Store, entry: Entry) -> KeptTranscript:
    answers = store.answers_of(entry)
    question, form = entry.question, _form(entry)
    whole = next((kept for kept in answers if kept.stretch == WHOLE), None)
    spans: tuple[Span, ...] = ()
    if whole is not None:
        transcript = whole.answer.transcript
    else:
        parts = [Part(span_of(kept.stretch), kept.answer.transcript) for kept in in_order(answers)]
        transcript = stitch(parts, duration_ms=None)
        spans = tuple(union(part.span for part in parts))
    language = next((value for name, value in form if name == "language"), "")
    return KeptTranscript(transcript, question.model, question.server, spans, _TRANSLATION in form, language)


def _form(entry: Entry) -> list[list[str]]:
    form: list[list[str]] = json.loads(entry.question.form)
    return form

"""Hugging Face Transformers: ``chunks`` with a pair of times each.

Source: https://huggingface.co/docs/transformers/main_classes/pipelines (``AutomaticSpeechRecognitionPipeline``)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import get, objects

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    chunks = objects(get(document, "chunks"))
    if not chunks or not all(isinstance(one.get("timestamp"), list) for one in chunks):
        return None
    speakers = objects(get(document, "speakers"))
    parts = [
        {"text": one.get("text"), "start": start, "end": end, "speaker": one.get("speaker")}
        for one in (*chunks, *speakers)
        for start, end in [(*(one.get("timestamp") or ()), None, None)[:2]]
    ]
    chunked, turns = parts[: len(chunks)], parts[len(chunks) :]
    texts = [str(part["text"] or "").strip() for part in chunked]
    if not all(" " not in text for text in texts):
        return {"text": get(document, "text"), "segments": chunked}
    words = [{**part, "word": part["text"]} for part in chunked]
    return {"text": get(document, "text"), "words": words, **({"segments": turns} if turns else {})}

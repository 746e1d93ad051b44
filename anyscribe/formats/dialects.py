"""JSON of other programs and services, brought into the contract's shape: each knows one dialect by its members.

What is already in that shape (OpenAI's, faster-whisper's, WhisperX's, whisper.cpp's server) needs no dialect. Times
are in seconds here, as in the contract.

Source: https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded,
https://www.assemblyai.com/docs/api-reference/transcripts/get, https://github.com/ggml-org/whisper.cpp (``cli.cpp``),
https://cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize,
https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html,
https://huggingface.co/docs/transformers/main_classes/pipelines (``AutomaticSpeechRecognitionPipeline``)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from anyscribe.timespan import MS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    Members = dict[str, Any]

KNOWN: Final = "OpenAI, whisper.cpp, WhisperX, faster-whisper, Transformers, Deepgram, AssemblyAI, Google or AWS"
"""Whose JSON can be read, for messages."""

_SPECIAL_TOKEN: Final = re.compile(r"\[_[A-Z]+_(?:\d+)?\]?|<\|.*\|>")


def as_contract(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """Return a transcript of another program as the members of a reply of the contract.

    Args:
        document: Decoded JSON.

    Returns:
        The members; None if the document is in no known dialect.
    """
    if isinstance(document, list):
        # WhisperX's and others' bare list of segments.
        return {"segments": document} if "text" in _first(document) else None
    if not isinstance(document, dict):
        return None
    return next((found for dialect in _DIALECTS if (found := dialect(document)) is not None), None)


def _deepgram(document: Members) -> Members | None:
    results = document.get("results")
    channels = _objects(_get(results, "channels"))
    if not channels:
        return None
    best = [_first(channel.get("alternatives")) for channel in channels]
    names = [None] if len(channels) == 1 else [f"Channel {number}" for number in range(1, len(channels) + 1)]
    words = [
        {
            "word": word.get("punctuated_word", word.get("word")),
            "start": word.get("start"),
            "end": word.get("end"),
            "probability": word.get("confidence"),
            "speaker": name if word.get("speaker") is None else f"Speaker {word['speaker']}",
        }
        for one, name in zip(best, names, strict=True)
        for word in _objects(one.get("words"))
    ]
    utterances = [
        {
            "text": one.get("transcript"),
            "start": one.get("start"),
            "end": one.get("end"),
            "speaker": None if one.get("speaker") is None else f"Speaker {one['speaker']}",
        }
        for one in _objects(_get(results, "utterances"))
    ]
    languages = best[0].get("languages")
    members = {
        "text": " ".join(str(one.get("transcript") or "") for one in best),
        "language": channels[0].get("detected_language") or (languages[0] if languages else None),
        "duration": _get(document.get("metadata"), "duration"),
        "words": sorted(words, key=lambda word: _number(word["start"])),
    }
    return {**members, "segments": utterances} if utterances else members


def _assembly_ai(document: Members) -> Members | None:
    if not isinstance(document.get("text"), str) or not ({"audio_duration", "audio_url"} & document.keys()):
        return None
    words = [_in_ms(word, "word") for word in _objects(document.get("words"))]
    members = {
        "text": document["text"],
        "language": document.get("language_code"),
        "duration": document.get("audio_duration"),
        "words": words,
    }
    utterances = _objects(document.get("utterances"))
    return {**members, "segments": [_in_ms(one, "text") for one in utterances]} if utterances else members


def _whisper_cpp(document: Members) -> Members | None:
    entries = document.get("transcription")
    if not isinstance(entries, list):
        return None
    return {
        "language": _get(document.get("result"), "language"),
        "segments": [_segment_of_whisper_cpp(entry) for entry in _objects(entries)],
    }


def _segment_of_whisper_cpp(entry: Members) -> Members:
    text = str(entry.get("text") or "")
    tokens = [
        {**_offsets(token), "word": token["text"], "probability": token.get("p")}
        for token in _objects(entry.get("tokens"))
        if isinstance(token.get("text"), str) and not _SPECIAL_TOKEN.fullmatch(token["text"])
    ]
    # A token may end inside a character; then its text is damaged.
    is_whole = "".join(token["word"] for token in tokens).strip() == text.strip()
    speaker = entry.get("speaker")
    members = {"text": text, **_offsets(entry), "words": tokens if is_whole else []}
    return members if speaker in (None, "", "?") else {**members, "speaker": f"Speaker {speaker}"}


def _transformers(document: Members) -> Members | None:
    chunks = document.get("chunks")
    if not isinstance(chunks, list) or not all(isinstance(one.get("timestamp"), list) for one in _objects(chunks)):
        return None
    parts = [
        {"text": one.get("text"), "start": start, "end": end}
        for one in _objects(chunks)
        for start, end in [(*one["timestamp"], None, None)[:2]]
    ]
    texts = [str(part["text"] or "").strip() for part in parts]
    are_words = bool(texts) and all(" " not in text for text in texts)
    spoken = {"words": [{**part, "word": part["text"]} for part in parts]} if are_words else {"segments": parts}
    return {"text": document.get("text"), **spoken}


def _google(document: Members) -> Members | None:
    results = document.get("results")
    found = [_first(result.get("alternatives")) for result in _objects(results)]
    if not isinstance(results, list) or not any("transcript" in one for one in found):
        return None
    # With speakers, the last result repeats all words of the others.
    last = _objects(found[-1].get("words"))
    tagged = [word for word in last if _speaker_of_google(word)]
    words = tagged or [word for one in found for word in _objects(one.get("words"))]
    return {
        "text": " ".join(str(one.get("transcript") or "").strip() for one in found),
        "language": _first(results).get("languageCode"),
        "words": [
            {
                "word": word.get("word"),
                "start": word.get("startTime", word.get("startOffset", "0s")),
                "end": word.get("endTime", word.get("endOffset")),
                "probability": word.get("confidence"),
                "speaker": _speaker_of_google(word),
            }
            for word in words
        ],
    }


def _speaker_of_google(word: Members) -> str | None:
    label = word.get("speakerLabel") or word.get("speakerTag")
    return f"Speaker {label}" if label else None


def _aws(document: Members) -> Members | None:
    results = document.get("results")
    items = _objects(_get(results, "items"))
    transcripts = _objects(_get(results, "transcripts"))
    if not transcripts:
        return None
    words: list[Members] = []
    for item in items:
        best = _first(item.get("alternatives"))
        if item.get("type") == "punctuation" and words:
            words[-1]["word"] += str(best.get("content") or "")
            continue
        words.append(
            {
                "word": str(best.get("content") or ""),
                "start": item.get("start_time"),
                "end": item.get("end_time"),
                "probability": best.get("confidence"),
                "speaker": item.get("speaker_label"),
            }
        )
    text = " ".join(str(one.get("transcript") or "") for one in transcripts)
    return {"text": text, "language": _get(results, "language_code"), "words": words}


_DIALECTS: Final[tuple[Callable[[Members], Members | None], ...]] = (
    _deepgram,
    _assembly_ai,
    _whisper_cpp,
    _transformers,
    _google,
    _aws,
)


def _in_ms(entry: Members, name: str) -> Members:
    """Bring a word or an utterance with times in milliseconds into shape."""
    return {
        name: entry.get("text"),
        **{edge: _number(entry[edge]) / MS_PER_SECOND for edge in ("start", "end") if edge in entry},
        "probability": entry.get("confidence"),
        "speaker": entry.get("speaker"),
    }


def _offsets(entry: Members) -> Members:
    """Return start and end of what has them in milliseconds."""
    offsets = entry.get("offsets")
    if not isinstance(offsets, dict):
        return {}
    return {"start": _number(offsets.get("from")) / MS_PER_SECOND, "end": _number(offsets.get("to")) / MS_PER_SECOND}


def _objects(value: Any) -> list[Members]:  # noqa: ANN401 - any JSON
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(value: Any) -> Members:  # noqa: ANN401 - any JSON
    return next(iter(_objects(value)), {})


def _get(value: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    return value.get(name) if isinstance(value, dict) else None


def _number(value: Any) -> float:  # noqa: ANN401 - any JSON
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0

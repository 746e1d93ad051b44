"""NVIDIA NeMo: manifests, a line for each part of a recording, and transcripts with ``timestamp``.

Source: https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/asr/datasets.html,
https://github.com/NVIDIA/NeMo (``transcribe_utils.py``)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import after, called, get, number, objects

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    entries = objects(document) or objects([document])
    is_manifest = bool(entries) and all("audio_filepath" in one for one in entries)
    if not is_manifest and not any(isinstance(get(one, "timestamp", "timestamps"), dict) for one in entries):
        return None
    recordings = {str(one.get("audio_filepath")) for one in entries}
    if len(recordings) > 1:
        raise ValueError(f"it is a list of {len(recordings):,} recordings; give the lines of one")
    words, segments = [], []
    for one in entries:
        begin = number(one.get("offset")) or 0.0
        timed = _timed(one, "word", begin)
        words += timed
        segments += _timed(one, "segment", begin) or [
            {
                "text": get(one, "pred_text", "text", "answer"),
                "start": begin if is_manifest else None,
                "end": after(begin, number(one.get("duration"))),
                "speaker": called("Speaker", get(one, "speaker", "label")),
            }
        ]
    return {"language": get(entries[0], "lang", "source_lang"), "words": words or None, "segments": segments}


def _timed(entry: Members, kind: str, begin: float) -> list[Members]:
    """Return words or segments in the contract's shape; their times are from the begin of the part."""
    found = get(entry, f"timestamps_{kind}") or get(get(entry, "timestamp", "timestamps"), kind)
    return [
        {
            "text": get(one, kind, "text"),
            "start": after(begin, number(one.get("start"))),
            "end": after(begin, number(one.get("end"))),
        }
        for one in objects(found)
    ]

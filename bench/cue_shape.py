"""Cues of three programs, made from the same words: how many break a limit.

pip install --no-deps --target OTHERS stable-ts whisper-ctranslate2
PYTHONPATH=OTHERS python bench/cue_shape.py

Only the code of the others that makes cues runs; what they do with sound, which needs torch, is replaced by nothing.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import io
import json
import sys
import types
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from cues import talk

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.sentences import to_segments
from anyscribe.timespan import MS_PER_SECOND
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FRAME_MS = 1_000 / 24
_WORDS_A_MINUTE = (160, 200, 240)
_SAMPLE = Path(__file__).parents[1] / "samples"
_BEST_OF_STABLE_TS = "cm_sp=.* /。/?/？/.* _sg=.5_sp=,* /，_sl=84_sd=7"  # noqa: RUF001 - marks of several scripts


def main() -> None:
    """Print, for each program and speed of speech, how many cues break which limit."""
    print(
        "words/min  program                            cues  >20 cps  >42 chars  >2 lines  <5/6 s  >7 s"
        "  gap <2 frames  gap 3-11"
    )
    for speed, transcript in {"spoken": _spoken(), **{f"{speed}": talk(speed) for speed in _WORDS_A_MINUTE}}.items():
        for name, cues in _programs(transcript).items():
            print(f"{speed:>9}  {name:<32} {_figures(cues)}")


def _spoken() -> Transcript:
    """Return the sample that is read aloud, with the true times of its words."""
    text = " ".join((_SAMPLE / "library.txt").read_text(encoding="utf-8").split())
    times = json.loads((_SAMPLE / "library.words.json").read_text(encoding="utf-8"))
    words = [
        Word(said, round(1_000 * one["start"]), round(1_000 * one["end"]))
        for said, one in zip(text.split(), times, strict=True)
    ]
    return Transcript(text, "en", words[-1].end_ms + 1_000, words=tuple(words))


def _programs(transcript: Transcript) -> Mapping[str, list[Segment]]:
    found = {"anyscribe": list(to_cues(transcript).segments)}
    if importlib.util.find_spec("whisper_ctranslate2"):
        found["whisper-ctranslate2"] = list(_ctranslate2(transcript))
        found["  --max_line_width 42, 2 lines"] = list(_ctranslate2(transcript, max_line_width=42, max_line_count=2))
    if importlib.util.find_spec("stable_whisper"):
        found["stable-ts"] = _stable_ts(transcript, "da", 0)
        found["  84 characters, 7 s, lines of 42"] = _stable_ts(transcript, _BEST_OF_STABLE_TS, 42)
    return found


def _as_whisper_has_it(transcript: Transcript) -> dict[str, Any]:
    """Return what both programs take: segments with words, each with a space before it."""
    segments = []
    words = list(transcript.words)
    for number, segment in enumerate(to_segments(transcript)):
        count = len(segment.text.split())
        own = [
            {"word": f" {one.text}", "start": one.start_ms / 1000, "end": one.end_ms / 1000, "probability": 1.0}
            for one in words[:count]
        ]
        del words[:count]
        times = {"start": segment.start_ms / 1000, "end": segment.end_ms / 1000}
        segments.append({"id": number, "text": f" {segment.text}", **times, "words": own})
    return {"language": "en", "text": transcript.text, "segments": segments}


def _ctranslate2(transcript: Transcript, **options: int) -> Iterable[Segment]:
    """Yield the cues of whisper-ctranslate2."""
    from whisper_ctranslate2.writers import WriteSRT  # noqa: PLC0415 - it may be missing

    file = io.StringIO()
    # It keeps lines whole only if the number of words is limited too.
    limits = {**options, "max_words_per_line": 1_000} if options else {}
    WriteSRT(".").write_result(_as_whisper_has_it(transcript), file=file, options=limits)
    return _cues_of(file.getvalue())


def _stable_ts(transcript: Transcript, algorithm: str, line_chars: int) -> list[Segment]:
    """Return the cues of stable-ts."""
    with contextlib.redirect_stdout(io.StringIO()):
        result = _stable_result()(_as_whisper_has_it(transcript))
        result.regroup(algorithm)
        if line_chars:
            result.split_by_length(max_chars=line_chars, newline=True)
        return list(_cues_of(result.to_srt_vtt(None, word_level=False, vtt=False)))


@functools.cache
def _stable_result() -> Any:  # noqa: ANN401 - a class of that package's
    """Import the part of the package that needs no torch."""
    import numpy as np  # noqa: F401, PLC0415 - may be loaded only once

    found = importlib.util.find_spec("stable_whisper")
    package = types.ModuleType("stable_whisper")
    package.__path__ = list(found.submodule_search_locations or ()) if found else []
    sound = ("stabilization", "stabilization.nonvad", "stabilization.utils", "audio", "audio.utils")
    names = ("torch", *(f"stable_whisper.{name}" for name in (*sound, "whisper_compatibility")))
    stubs: dict[str, Any] = {name: mock.MagicMock() for name in names}
    with mock.patch.dict(sys.modules, {**stubs, "stable_whisper": package}):
        from stable_whisper.result import WhisperResult  # noqa: PLC0415 - it may be missing

        return WhisperResult


def _cues_of(document: str) -> Iterable[Segment]:
    from anyscribe.formats import srt  # noqa: PLC0415 - beside its like

    return srt.parse(document).segments


_CPS, _LINE_CHARS, _SHORTEST_MS, _LONGEST_MS = 20, 42, 833, 7_000
_TWO_FRAMES, _TWELVE_FRAMES = 2, 12
_ROUNDING = 0.03
"""Of a frame: times are whole milliseconds."""


def _figures(cues: list[Segment]) -> str:
    lengths_ms = [cue.end_ms - cue.start_ms for cue in cues]
    gaps = [(right.start_ms - left.end_ms) / _FRAME_MS for left, right in pairwise(cues)]
    fast = sum(len(cue.text) * MS_PER_SECOND > _CPS * (ms + 1) for cue, ms in zip(cues, lengths_ms, strict=True))
    touching = sum(gap < _TWO_FRAMES - _ROUNDING for gap in gaps)
    flickering = sum(_TWO_FRAMES + _ROUNDING < gap < _TWELVE_FRAMES - _ROUNDING for gap in gaps)
    return (
        f"{len(cues):>6}  {fast:>7}"
        f"  {sum(len(line) > _LINE_CHARS for cue in cues for line in cue.text.splitlines()):>9}"
        f"  {sum(cue.text.count(chr(10)) > 1 for cue in cues):>8}"
        f"  {sum(ms < _SHORTEST_MS for ms in lengths_ms):>6}  {sum(ms > _LONGEST_MS for ms in lengths_ms):>4}"
        f"  {touching:>13}  {flickering:>8}"
    )


if __name__ == "__main__":
    main()

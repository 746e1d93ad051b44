"""Cues of a long talk at several speeds: the limits that they keep, and the CPU time that they take.

python bench/cues.py
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from anyscribe.subtitles.breaks import NEVER, break_costs
from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.profile import DEFAULT_PROFILE, limits_for
from anyscribe.subtitles.timed_tokens import lay_words
from anyscribe.transcript import Transcript, Word

if TYPE_CHECKING:
    from anyscribe.transcript import Segment

_TALK = (Path(__file__).parents[1] / "samples" / "library.txt").read_text(encoding="utf-8").split()
_SENTENCE_PAUSE_MS = 400
_WORDS_A_MINUTE = (120, 160, 200, 240)
_WORDS = 20_000
_LANGUAGE = "en"


def main() -> None:
    """Print, for each speed, the number of cues and how many exceed each limit."""
    print("words/min   cues  chars/s>20  <5/6 s  >7 s  line>42  bad ends  bad lines  µs/word")
    for words_a_minute in _WORDS_A_MINUTE:
        transcript = talk(words_a_minute)
        started = time.process_time()
        cues = to_cues(transcript).segments
        cost = (time.process_time() - started) / _WORDS * 1e6
        print(f"{words_a_minute:>9}  {len(cues):>5}  {_figures(transcript, cues)}  {cost:7.1f}")


def talk(words_a_minute: int) -> Transcript:
    """Return a talk with word durations by length and a pause after each sentence."""
    said = [_TALK[number % len(_TALK)] for number in range(_WORDS)]
    ms_per_character = 60_000 / words_a_minute / (sum(map(len, _TALK)) / len(_TALK) + 1)
    words = []
    now_ms = 0.0
    for text in said:
        end_ms = now_ms + (len(text) + 1) * ms_per_character
        words.append(Word(text, round(now_ms), round(end_ms)))
        now_ms = end_ms + (_SENTENCE_PAUSE_MS if text.endswith(".") else 0)
    return Transcript(" ".join(said), _LANGUAGE, round(now_ms) + 1_000, words=tuple(words))


def _figures(transcript: Transcript, cues: tuple[Segment, ...]) -> str:
    limits = limits_for(transcript.text, DEFAULT_PROFILE)
    times_ms = [cue.end_ms - cue.start_ms for cue in cues]
    fast = sum(len(cue.text) * 1_000 > limits.max_cps * (cue.end_ms - cue.start_ms + 1) for cue in cues)
    cue_ends, line_ends = _bad_breaks(transcript, cues)
    return (
        f"{fast:>10}  {sum(time_ms < limits.min_cue_ms for time_ms in times_ms):>6}"
        f"  {sum(time_ms > limits.max_cue_ms for time_ms in times_ms):>4}"
        f"  {sum(len(line) > limits.max_line_chars for cue in cues for line in cue.text.splitlines()):>7}"
        f"  {cue_ends:>8}  {line_ends:>9}"
    )


def _bad_breaks(transcript: Transcript, cues: tuple[Segment, ...]) -> tuple[int, int]:
    """Count the cues and the lines that end where a break is never allowed."""
    stretches = lay_words(transcript.text, transcript.words)
    costs = break_costs(
        transcript.text,
        stretches,
        grammar=function_words_of(_LANGUAGE, ()),
        limits=limits_for(transcript.text, DEFAULT_PROFILE),
    )
    lines = [(len(line.split()), number) for number, cue in enumerate(cues) for line in cue.text.split("\n")]
    at = cue_ends = line_ends = 0
    for (words, cue), (_, next_cue) in pairwise(lines):
        at += words
        is_bad = costs[at] >= NEVER
        cue_ends += is_bad and cue != next_cue
        line_ends += is_bad and cue == next_cue
    return cue_ends, line_ends


if __name__ == "__main__":
    main()

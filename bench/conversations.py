"""Who says each word in real conversations: words with the wrong speaker, and numbers of speakers.

    python bench/conversations.py [--model camplus|dvector] FOLDER

FOLDER holds recordings and RTTM files that say who speaks in them when; a recording's name without its ending is its
name there. Up to the end of the last turn, its words are found with the built-in Whisper (`tiny.en`) and aligned; they
are kept beside the recording as `NAME.words.json`. A word is wrong if nobody with the speaker's number speaks at its
middle; numbers stand for those people for whom the fewest words are wrong. Words in which nobody speaks do not count.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import itertools
import json
from collections import defaultdict
from pathlib import Path

import anyscribe
from anyscribe.audio import probe
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.speakers.registry import DIARIZERS, make_diarizer
from anyscribe.timespan import Span

Turns = list[tuple[Span, str]]


def main() -> None:
    """Print a line for each recording, and one for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", choices=[entry.name for entry in DIARIZERS])
    given = parser.parse_args()
    diarizer = next((entry.make() for entry in DIARIZERS if entry.name == given.model), None) or make_diarizer()
    turns = _turns(given.folder)
    wrong = total = right = recordings = 0
    for path in sorted(given.folder.iterdir()):
        if path.stem not in turns or path.suffix in {".rttm", ".json"}:
            continue
        known = turns[path.stem]
        end_ms = max(span.end_ms for span, _ in known)
        words = [span for span in _words(path) if span.end_ms <= end_ms]
        pcm = b"".join(probe(path).pcm())[: end_ms * PCM_BYTES_PER_MS]
        found = diarizer.find_turns([pcm], words)
        said = [
            (
                frozenset(name for span, name in known if span.start_ms <= middle_ms < span.end_ms),
                next((turn.speaker for turn in found if turn.span.start_ms <= middle_ms < turn.span.end_ms), -1),
            )
            for middle_ms in ((word.start_ms + word.end_ms) // 2 for word in words)
        ]
        said = [(people, speaker) for people, speaker in said if people]
        people, speakers = len({name for _, name in known}), len({turn.speaker for turn in found})
        own = _wrong(said)
        print(f"{path.stem:<12} {own:>4} of {len(said):>4} words wrong; {speakers} speakers of {people}", flush=True)
        wrong, total, right, recordings = wrong + own, total + len(said), right + (speakers == people), recordings + 1
    print(f"{'all':<12} {wrong:>4} of {total:>4} words wrong ({wrong / total:.1%}); number right {right}/{recordings}")


def _wrong(said: list[tuple[frozenset[str], int]]) -> int:
    """Return how many words are wrong if numbers stand for the people who fit best."""
    people = sorted({name for names, _ in said for name in names})
    numbers = sorted({number for _, number in said})
    people += [""] * max(0, len(numbers) - len(people))
    return min(
        sum(dict(zip(numbers, order, strict=False))[number] not in names for names, number in said)
        for order in itertools.permutations(people, len(numbers))
    )


def _turns(folder: Path) -> dict[str, Turns]:
    turns: dict[str, Turns] = defaultdict(list)
    for path in folder.glob("*.rttm"):
        for line in path.read_text(encoding="utf-8").splitlines():
            _, name, _, start, length, _, _, person, *_ = line.split()
            begin_ms = round(float(start) * 1000)
            turns[name].append((Span(begin_ms, begin_ms + round(float(length) * 1000)), person))
    return turns


def _words(path: Path) -> list[Span]:
    kept = path.with_suffix(".words.json")
    if not kept.exists():
        told = anyscribe.transcribe(path, local=True, model="tiny.en", language="en", align=True, store=False)
        kept.write_text(json.dumps(sorted((word.start_ms, word.end_ms) for word in told.words)), encoding="utf-8")
    return [Span(*one) for one in json.loads(kept.read_bytes())]


if __name__ == "__main__":
    main()

"""Accuracy of the built-in engine on the sample: word error rate, and onset error against the synthesiser's own times.

python bench/accuracy.py
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
from difflib import SequenceMatcher

from measure import PROGRAM, SAMPLE


def main() -> None:
    """Transcribe the sample with the installed program and print the figures."""
    how = ["--local", "--model", "tiny.en", "--quiet", "-f", "verbose_json", "--timestamp-granularities", "word"]
    heard = json.loads(subprocess.run([PROGRAM, *how, SAMPLE], check=True, stdout=subprocess.PIPE).stdout)["words"]
    truth = json.loads(SAMPLE.with_suffix(".words.json").read_text(encoding="utf-8"))
    said = [plain(word["word"]) for word in truth]
    got = [plain(word["word"]) for word in heard]
    errors = edit_distance(said, got)
    print(f"words: {len(said)} said, {len(got)} heard, {errors} errors")
    print(f"word error rate: {errors / len(said):.1%}   (at most 5 %)")
    matched = [
        (heard[match.b + k]["start"] - truth[match.a + k]["start"]) * 1000
        for match in SequenceMatcher(a=said, b=got, autojunk=False).get_matching_blocks()
        for k in range(match.size)
    ]
    print(f"mean onset error of {len(matched)} words: {statistics.mean(map(abs, matched)):.1f} ms   (at most 40 ms)")
    print(f"   signed {statistics.mean(matched):+.1f} ms, worst {max(map(abs, matched)):.0f} ms")


def plain(word: str) -> str:
    """Remove case and punctuation, which this engine does not return."""
    return re.sub(r"[^a-z']", "", word.lower())


def edit_distance(said: list[str], got: list[str]) -> int:
    """Count the words to change, insert or delete to make one list the other."""
    row = list(range(len(got) + 1))
    for i, word in enumerate(said, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (word != other))
    return row[-1]


if __name__ == "__main__":
    main()

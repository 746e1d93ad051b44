"""Make the recordings for the alignment tests: two paragraphs by two voices, with flite's own times.

The tests need only the files, which are committed. Making them again needs flite's libraries and PyAV.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
sys.path += [str(ROOT / "bench"), str(ROOT / "samples")]

from alignment import spoken_paragraph  # noqa: E402 - the scripts are not packages
from make_library import write_flac  # noqa: E402


def main() -> None:
    """Synthesise each text with its voice."""
    for text in sorted(HERE.glob("*.txt")):
        pcm, tokens = spoken_paragraph(text.read_text(encoding="utf-8"), text.stem)
        write_flac(text.with_suffix(".flac"), pcm)
        truth = [[one.text, None if one.onset_s is None else round(one.onset_s * 1000)] for one in tokens]
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in truth)
        text.with_suffix(".json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""A transcript of 200,000 words, rendered to each format.

python bench/rendering.py
"""

from __future__ import annotations

import time

from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.rendering import RenderOptions, render
from anyscribe.transcript import Segment, Transcript, Word

_WORDS = 200_000
_WORDS_PER_SEGMENT = 30


def main() -> None:
    """Print the time for each format, including its cues."""
    transcript = long_transcript()
    for name, wanted in OUTPUT_FORMATS.items():
        started = time.perf_counter()
        document = render(transcript, wanted, RenderOptions())
        size = len(document.encode() if isinstance(document, str) else document)
        limit = "   (at most 1.5 s)" if name == "srt" else ""
        print(f"{name:>13}: {time.perf_counter() - started:.2f} s, {size:,} bytes{limit}")


def long_transcript(count: int = _WORDS) -> Transcript:
    """Return a day of speech, in segments that are too long for a cue and have to be split."""
    words = [Word(f"word{n % 997}{'' if n % 12 else '.'}", n * 400, n * 400 + 350) for n in range(count)]
    parts = [words[n : n + _WORDS_PER_SEGMENT] for n in range(0, count, _WORDS_PER_SEGMENT)]
    segments = [Segment(" ".join(word.text for word in part), part[0].start_ms, part[-1].end_ms) for part in parts]
    text = " ".join(segment.text for segment in segments)
    return Transcript(text, "en", count * 400, tuple(segments), tuple(words))


if __name__ == "__main__":
    main()

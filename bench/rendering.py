"""A transcript of 200,000 words, rendered to each format.

python bench/rendering.py
"""

from __future__ import annotations

import time

from anyscribe import formats
from anyscribe.request import ResponseFormat
from anyscribe.subtitles import to_cues
from anyscribe.transcript import Segment, Transcript, Word

_WORDS = 200_000
_WORDS_PER_SEGMENT = 30


def main() -> None:
    """Print how long each format takes, cues included where it has any."""
    transcript = long_transcript()
    for wanted in ResponseFormat:
        started = time.perf_counter()
        cued = to_cues(transcript) if wanted in (ResponseFormat.SRT, ResponseFormat.VTT) else transcript
        size = len(formats.render(cued, wanted).encode())
        limit = "   (at most 1.5 s)" if wanted is ResponseFormat.SRT else ""
        print(f"{wanted:>13}: {time.perf_counter() - started:.2f} s, {size:,} bytes{limit}")


def long_transcript() -> Transcript:
    """Make a day of talk, in segments that are too long for a cue, so that each has to be divided."""
    words = [Word(f"word{n % 997}{'' if n % 12 else '.'}", n * 400, n * 400 + 350) for n in range(_WORDS)]
    parts = [words[n : n + _WORDS_PER_SEGMENT] for n in range(0, _WORDS, _WORDS_PER_SEGMENT)]
    segments = [Segment(" ".join(word.text for word in part), part[0].start_ms, part[-1].end_ms) for part in parts]
    text = " ".join(segment.text for segment in segments)
    return Transcript(text, "en", _WORDS * 400, tuple(segments), tuple(words))


if __name__ == "__main__":
    main()

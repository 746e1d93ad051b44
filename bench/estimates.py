"""Accuracy of word times in other languages than English, aligned and estimated, against espeak-ng's own word events.

python bench/estimates.py

Each paragraph of ``texts/LANGUAGE.txt`` is one utterance of about half a minute. The constants in
`anyscribe.alignment.estimation` were not tuned on any of them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from espeak import Speaker, token_onsets, write_wav

from anyscribe.alignment.ctc.aligner import CtcAligner
from anyscribe.alignment.estimation import estimate_words
from anyscribe.alignment.passages import Passage
from anyscribe.alignment.timing import time_words
from anyscribe.audio import probe
from anyscribe.audio.voice_activity import find_speech
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.transcript import Word

LANGUAGES: Final = ("de", "fr", "es", "ru", "pl", "cmn")
TEXTS: Final = Path(__file__).parent / "texts"
CODES: Final = {"cmn": "zh"}
PUNCTUATION: Final = ".,;:!?\uff0c\u3002\uff1a\uff01\uff1f\u3001"


def main() -> None:
    """Speak the texts, estimate their words' times, and print the figures."""
    speaker = Speaker()
    heard_ms = 0
    finding_s = estimating_s = 0.0
    for language in LANGUAGES:
        errors_ms: list[int] = []
        bare_errors_ms: list[int] = []
        aligned_errors_ms: list[int] = []
        lengths_ms: list[int] = []
        for text in (TEXTS / f"{language}.txt").read_text(encoding="utf-8").strip().split("\n\n"):
            spoken = speaker.speak(language, text)
            with tempfile.TemporaryDirectory() as folder:
                wav = Path(folder) / "spoken.wav"
                write_wav(spoken, wav)
                pcm = b"".join(probe(wav).pcm())
            lengths_ms.append(len(pcm) // PCM_BYTES_PER_MS)
            tokens = split_words(text)
            began = time.process_time()
            speech = find_speech([pcm])
            found = time.process_time()
            words = estimate_words(tokens, speech, Span(0, lengths_ms[-1]))
            finding_s += found - began
            estimating_s += time.process_time() - found
            onsets = token_onsets(text, tokens, spoken.onsets)
            errors_ms += errors_of(words, onsets)
            aligned = time_words(
                [Passage(text)], [pcm], speech, aligner=CtcAligner(CODES.get(language, language))
            ).words
            aligned_errors_ms += errors_of(aligned, onsets)
            # Some models return no punctuation.
            bare = [token.strip(PUNCTUATION) or token for token in tokens]
            bare_errors_ms += errors_of(estimate_words(bare, speech, Span(0, lengths_ms[-1])), onsets)
        heard_ms += sum(lengths_ms)
        print_figures(f"{language}, aligned", lengths_ms, aligned_errors_ms, 40)
        print_figures(f"{language}, estimated", lengths_ms, errors_ms, 250)
        print(f"    without punctuation in the text: {statistics.mean(map(abs, bare_errors_ms)):.0f} ms")
    print(f"speech found {heard_ms / 1000 / finding_s:.0f} times as fast as it plays, in CPU time; at least 200")
    print(f"words estimated in {estimating_s * 1000 / (heard_ms / 1000):.2f} ms for each second")


def errors_of(words: Sequence[Word], onsets: list[int | None]) -> list[int]:
    """Return how late each word's onset is, in milliseconds."""
    return [word.start_ms - true for word, true in zip(words, onsets, strict=True) if true is not None]


def print_figures(name: str, lengths_ms: list[int], errors_ms: list[int], most_ms: int) -> None:
    """Print a line.

    Args:
        name: What was measured.
        lengths_ms: The lengths of its utterances.
        errors_ms: How late each word's onset is.
        most_ms: The largest mean that is wanted.
    """
    absolute = sorted(map(abs, errors_ms))
    print(
        f"{name:16}{len(lengths_ms)} utterances of {min(lengths_ms) / 1000:.0f} to {max(lengths_ms) / 1000:.0f} s, "
        f"{len(absolute)} words: mean onset error {statistics.mean(absolute):.0f} ms (at most {most_ms}), "
        f"median {statistics.median(absolute):.0f}, 95 % within {absolute[len(absolute) * 95 // 100]}, "
        f"signed {statistics.mean(errors_ms):+.0f}"
    )


if __name__ == "__main__":
    main()

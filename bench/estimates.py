"""Accuracy of estimated word times in languages that cannot be aligned, against espeak-ng's own word events.

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

from anyscribe.alignment.estimation import estimate_words
from anyscribe.audio import probe
from anyscribe.audio.voice_activity import find_speech
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span
from anyscribe.words import split_words

if TYPE_CHECKING:
    from anyscribe.transcript import Word

LANGUAGES: Final = ("de", "fr", "es", "ru", "pl", "cmn")
TEXTS: Final = Path(__file__).parent / "texts"
MOST_MS: Final = 250
PUNCTUATION: Final = ".,;:!?\uff0c\u3002\uff1a\uff01\uff1f\u3001"


def main() -> None:
    """Speak the texts, estimate their words' times, and print the figures."""
    speaker = Speaker()
    heard_ms = 0
    finding_s = estimating_s = 0.0
    for language in LANGUAGES:
        errors_ms: list[int] = []
        bare_errors_ms: list[int] = []
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
            # Some models return no punctuation.
            bare = [token.strip(PUNCTUATION) or token for token in tokens]
            bare_errors_ms += errors_of(estimate_words(bare, speech, Span(0, lengths_ms[-1])), onsets)
        heard_ms += sum(lengths_ms)
        print_figures(language, lengths_ms, errors_ms)
        print(f"    without punctuation in the text: {statistics.mean(map(abs, bare_errors_ms)):.0f} ms")
    print(f"speech found {heard_ms / 1000 / finding_s:.0f} times as fast as it plays, in CPU time; at least 200")
    print(f"words estimated in {estimating_s * 1000 / (heard_ms / 1000):.2f} ms for each second")


def errors_of(words: list[Word], onsets: list[int | None]) -> list[int]:
    """Return how late each word's onset is, in milliseconds."""
    return [word.start_ms - true for word, true in zip(words, onsets, strict=True) if true is not None]


def print_figures(language: str, lengths_ms: list[int], errors_ms: list[int]) -> None:
    """Print a language's line.

    Args:
        language: Its code.
        lengths_ms: The lengths of its utterances.
        errors_ms: How late each word's onset is.
    """
    absolute = sorted(map(abs, errors_ms))
    print(
        f"{language:4}{len(lengths_ms)} utterances of {min(lengths_ms) / 1000:.0f} to {max(lengths_ms) / 1000:.0f} s, "
        f"{len(absolute)} words: mean onset error {statistics.mean(absolute):.0f} ms (at most {MOST_MS}), "
        f"median {statistics.median(absolute):.0f}, 95 % within {absolute[len(absolute) * 95 // 100]}, "
        f"signed {statistics.mean(errors_ms):+.0f}"
    )


if __name__ == "__main__":
    main()

"""Words with realistic times for the tests of cues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.profile import DEFAULT_PROFILE
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.subtitles.profile import CueProfile

_MS_PER_CHARACTER = 60
_MS_PER_SIGN = 130


def spoken(
    tokens: Sequence[str], *, strip: str = "", first_ms: int = 0, word_ms: int = 250, gap_ms: int = 50
) -> tuple[Word, ...]:
    """Return consecutive words, each stripped of the given characters."""
    starts_ms = range(first_ms, first_ms + len(tokens) * (word_ms + gap_ms), word_ms + gap_ms)
    return tuple(
        Word(token.strip(strip) if strip else token, start_ms, start_ms + word_ms)
        for token, start_ms in zip(tokens, starts_ms, strict=True)
    )


def read_out(text: str, *, language: str | None = None, is_unspaced: bool = False) -> Transcript:
    """Return a text with evenly paced words, about 14 characters a second, followed by two seconds of silence."""
    now_ms = 0
    words = []
    for token in [text] if is_unspaced else text.split():
        end_ms = now_ms + (_MS_PER_SIGN * len(token) if is_unspaced else 80 + _MS_PER_CHARACTER * len(token))
        words.append(Word(token, now_ms, end_ms))
        now_ms = end_ms + 20
    return Transcript(text, language, now_ms + 2_000, (), tuple(words))


def one_segment(text: str, words: tuple[Word, ...], *, speaker: str | None = None) -> Transcript:
    """Return a transcript with a single segment that ends with its last word."""
    return Transcript(text, segments=(Segment(text, 0, words[-1].end_ms, speaker=speaker),), words=words)


def texts(transcript: Transcript, profile: CueProfile = DEFAULT_PROFILE) -> list[str]:
    """Return the texts of the cues."""
    return [cue.text for cue in to_cues(transcript, profile).segments]


def drawn(transcript: Transcript, profile: CueProfile = DEFAULT_PROFILE) -> str:
    """Return the texts of the cues with bars between cues and slashes between lines."""
    return " | ".join(texts(transcript, profile)).replace("\n", " / ")

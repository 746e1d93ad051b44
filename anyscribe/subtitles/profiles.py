"""The profiles of publishers: their numbers, by language where they differ, and where the numbers are published.

A number that a publisher does not give is ours when cues are made, and is not checked in anybody's subtitles. For other
publishers no numbers were found at first hand.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

from anyscribe.subtitles.profile import DEFAULT_PROFILE, CueProfile, LanguageLimits


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """The limits of a publisher, or of a user.

    Args:
        name: What users call it.
        source: Where the numbers are published.
        cues: The limits of a cue.
        stated: The names of those limits in `CueProfile` that the publisher gives; the others are ours.
        max_hang_ms: How long a cue may stay after the voice if it needs no more time to be read.
        has_shots: Whether cues keep to the cuts of the picture.
    """

    name: str
    source: str
    cues: CueProfile
    stated: frozenset[str]
    max_hang_ms: int = 500
    has_shots: bool = False


def _published(name: str, source: str, **limits: Any) -> NamedProfile:  # noqa: ANN401 - each has its own type
    hang_ms = limits.pop("max_hang_ms", 500)
    shots = limits.pop("has_shots", False)
    return NamedProfile(name, source, CueProfile(**limits), frozenset(limits), hang_ms, has_shots=shots)


def _netflix(name: str, cps: float, **cps_of: float) -> NamedProfile:
    """Return a profile of Netflix, which differ in speed alone.

    Args:
        name: The profile's name.
        cps: The characters a second in most languages.
        cps_of: Those in other languages.
    """
    line_chars = {"ja": 23, "ko": 16, "th": 35, "zh": 16}
    codes = sorted({*line_chars, *cps_of})
    return _published(
        name,
        "Netflix partner help centre, articles 215758617, 360051554394 and 217350977, and those of each language",
        max_line_chars=42,
        max_lines=2,
        min_cue_ms=833,
        max_cue_ms=7_000,
        max_cps=cps,
        frame_rate=24.0,
        gap_frames=2,
        # Gaps of 3 to 11 frames are closed.
        chain_frames=12,
        dash="-",
        has_shots=True,
        languages=tuple(LanguageLimits(code, line_chars.get(code), cps_of.get(code)) for code in codes),
    )


PROFILES: Final = {
    profile.name: profile
    for profile in (
        NamedProfile(
            "anyscribe",
            "docs/subtitles.md",
            DEFAULT_PROFILE,
            frozenset(one.name for one in fields(CueProfile)),
            has_shots=True,
        ),
        _netflix("netflix", 17, ar=20, hi=22, ja=4, ko=12, zh=9),
        _netflix("netflix-children", 13, ar=17, hi=18, ja=4, ko=9, zh=7),
        _netflix("netflix-sdh", 20, ar=23, hi=25, ja=7, ko=14, zh=11),
        _netflix("netflix-children-sdh", 17, ar=20, hi=20, ja=7, ko=11, zh=9),
        _published(
            "bbc",
            "BBC Subtitle Guidelines, version 1.2.3 (2024), for broadcast",
            max_line_chars=37,
            max_lines=2,
            # A third of a second a word, and so the least of 0.3 s a word is kept too.
            max_wpm=180,
            frame_rate=25.0,
            gap_frames=0,
            # A gap lasts a second or more.
            chain_frames=25,
            max_hang_ms=1_500,
        ),
        _published(
            "dcmp",
            "DCMP Captioning Key, for the highest level of reading",
            max_lines=2,
            max_wpm=160,
            # 40 frames.
            min_cue_ms=1_334,
            max_cue_ms=6_000,
            frame_rate=30.0,
        ),
        _published(
            "ted",
            "TED Translators, subtitling guidelines",
            max_line_chars=42,
            max_lines=2,
            max_cps=21,
            min_cue_ms=1_000,
            max_cue_ms=7_000,
        ),
    )
}
"""The profiles by name; ours is the default."""

"""The limits of a cue: those set by a user or a broadcaster, and those that depend on the script.

Source: the Netflix partner help centre: "Timed Text Style Guide: General Requirements" (two lines, 5/6 of a second to 7
seconds, two frames between cues), "Subtitle Timing Guidelines" (gaps of up to half a second are closed to two frames),
and the guides for single languages.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from anyscribe.timespan import MS_PER_SECOND


@dataclass(frozen=True, slots=True)
class CueProfile:
    """The limits of one cue; a single word may exceed them, since words are never cut.

    Args:
        max_line_chars: The most characters in a line, including spaces, 1 or more; None for the script's default.
        max_lines: The most lines of a cue, 1 or more.
        min_cue_ms: The shortest duration of a cue, unless the next cue leaves less time, in milliseconds.
        max_cue_ms: The longest duration of a cue, in milliseconds, 1 or more.
        max_cps: The highest reading speed, in characters per second, above 0, as far as the speech allows; None for the
            script's default.
        pause_ms: A pause longer than this between two words ends the cue, in milliseconds, 0 or more.
        frame_rate: Frames per second of the picture, above 0; gaps between cues are given in frames.
        gap_frames: The shortest gap between two cues, 0 or more.
        chain_frames: A gap of at most this many frames is closed to the shortest one, so that nothing flickers.
    """

    max_line_chars: int | None = None
    max_lines: int = 2
    min_cue_ms: int = 833
    max_cue_ms: int = 7_000
    max_cps: float | None = None
    pause_ms: int = 1_000
    frame_rate: float = 24.0
    gap_frames: int = 2
    chain_frames: int = 12


DEFAULT_PROFILE: Final = CueProfile()


class Script(Enum):
    """Scripts with different limits or line breaks, as (characters per line, characters per second).

    The speeds are those for subtitles in the spoken language: these are not condensed, so the speeds are higher than
    those for translations (Japanese 4, Chinese 9, Korean 12, most others 17).

    Source: the style guides of Netflix for single languages, as Subtitle Edit checks them
    (``NetflixQualityController.cs``); https://partnerhelp.netflixstudios.com/hc/en-us/articles/220448308 for Thai,
    https://partnerhelp.netflixstudios.com/hc/en-us/articles/216001127 for Korean.
    """

    ANY = (42, 20.0)
    JAPANESE = (23, 7.0)
    CHINESE = (16, 11.0)
    KOREAN = (16, 14.0)
    THAI = (35, 20.0)


@dataclass(frozen=True, slots=True)
class CueLimits:
    """A profile applied to one text, with all defaults resolved; see `CueProfile`."""

    script: Script
    max_line_chars: int
    max_lines: int
    min_cue_ms: int
    max_cue_ms: int
    max_cps: float
    pause_ms: int
    gap_ms: int
    chain_ms: int

    @property
    def max_chars(self) -> int:
        """The most characters in a cue."""
        return self.max_line_chars * self.max_lines

    def reading_ms(self, chars: int) -> int:
        """Return the time to read this many characters, in milliseconds; at least the shortest duration of a cue."""
        return max(self.min_cue_ms, math.ceil(chars * MS_PER_SECOND / self.max_cps))


def limits_for(text: str, profile: CueProfile) -> CueLimits:
    """Resolve the limits that the profile leaves to the script.

    Args:
        text: The text of the cues; the script of most of it decides.
        profile: The limits that are set.
    """
    script = script_of(text)
    line_chars, cps = script.value
    frame_ms = MS_PER_SECOND / profile.frame_rate
    return CueLimits(
        script=script,
        max_line_chars=line_chars if profile.max_line_chars is None else profile.max_line_chars,
        max_lines=profile.max_lines,
        min_cue_ms=profile.min_cue_ms,
        max_cue_ms=profile.max_cue_ms,
        max_cps=cps if profile.max_cps is None else profile.max_cps,
        pause_ms=profile.pause_ms,
        gap_ms=math.ceil(profile.gap_frames * frame_ms),
        chain_ms=math.floor(profile.chain_frames * frame_ms),
    )


_LETTERS = re.compile(r"[^\W\d_]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_THAI = re.compile("[\u0e01-\u0e2e]")
# One sign of these scripts counts as several letters of an alphabet, so that names in Latin letters do not decide.
_LETTERS_PER_SIGN = 2
# Japanese is at least a third kana; a Chinese text has at most a name with some.
_LEAST_KANA = 0.1


def script_of(text: str) -> Script:
    """Return the script of most of a text.

    Args:
        text: Any text.
    """
    if text.isascii():
        return Script.ANY
    kana, han, hangul, thai = (len(signs.findall(text)) for signs in (_KANA, _HAN, _HANGUL, _THAI))
    share, script = max(
        (kana + han, Script.JAPANESE if kana > _LEAST_KANA * han else Script.CHINESE),
        (hangul, Script.KOREAN),
        (thai, Script.THAI),
        key=lambda found: found[0],
    )
    others = len(_LETTERS.findall(text)) - kana - han - hangul - thai
    return script if share * _LETTERS_PER_SIGN > others else Script.ANY

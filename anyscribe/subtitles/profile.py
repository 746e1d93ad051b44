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
from typing import TYPE_CHECKING, Final

from anyscribe.languages import language_code
from anyscribe.timespan import MS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class LanguageLimits:
    """What a profile says for one language; None for what it says for all.

    Args:
        language: The language's code, such as ``ja``.
        max_line_chars: As in `CueProfile`.
        max_cps: As in `CueProfile`.
    """

    language: str
    max_line_chars: int | None = None
    max_cps: float | None = None

    def without(self, names: Collection[str]) -> LanguageLimits:
        """Return the limits without those of some names, which are set for all languages."""
        return LanguageLimits(
            self.language,
            None if "max_line_chars" in names else self.max_line_chars,
            None if "max_cps" in names else self.max_cps,
        )


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
        max_wpm: The highest reading speed in words a minute, above 0, as far as the speech allows; None for any. It
            holds where words are written apart.
        pause_ms: A pause longer than this between two words ends the cue, in milliseconds, 0 or more.
        frame_rate: Frames per second of the picture, above 0; gaps between cues are given in frames.
        gap_frames: The shortest gap between two cues, 0 or more.
        chain_frames: A gap of at most this many frames is closed to the shortest one, so that nothing flickers.
        dash: What stands before each speaker's line if two share a cue; empty for nothing.
        languages: What is different for single languages.
    """

    max_line_chars: int | None = None
    max_lines: int = 2
    min_cue_ms: int = 833
    max_cue_ms: int = 7_000
    max_cps: float | None = None
    max_wpm: float | None = None
    pause_ms: int = 1_000
    frame_rate: float = 24.0
    gap_frames: int = 2
    chain_frames: int = 12
    dash: str = ""
    languages: tuple[LanguageLimits, ...] = ()


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
    max_wpm: float | None
    pause_ms: int
    gap_ms: int
    chain_ms: int
    dash: str

    @property
    def max_chars(self) -> int:
        """The most characters in a cue."""
        return self.max_line_chars * self.max_lines

    @property
    def word_ms(self) -> float:
        """The time to read a word, in milliseconds; 0 if only characters count."""
        return 0.0 if self.max_wpm is None else _MS_PER_MINUTE / self.max_wpm

    def reading_ms(self, chars: int, words: int = 0) -> int:
        """Return the time to read a text, in milliseconds; at least the shortest duration of a cue.

        Args:
            chars: Its characters, with spaces.
            words: Its words, which count if the profile limits words a minute.
        """
        return max(self.min_cue_ms, math.ceil(max(chars * MS_PER_SECOND / self.max_cps, words * self.word_ms)))


def limits_for(text: str, profile: CueProfile, language: str | None = None) -> CueLimits:
    """Resolve the limits that the profile leaves to the language or the script.

    Args:
        text: The text of the cues; the script of most of it decides.
        profile: The limits that are set.
        language: The text's language if it is known, as a code or an English name.
    """
    script = script_of(text)
    line_chars, cps = script.value
    if profile.languages:
        code = _language_of(text, script, language)
        own = next((one for one in profile.languages if one.language == code), LanguageLimits(""))
        line_chars = own.max_line_chars or profile.max_line_chars or line_chars
        cps = own.max_cps or profile.max_cps or cps
    else:
        line_chars = profile.max_line_chars or line_chars
        cps = profile.max_cps or cps
    frame_ms = MS_PER_SECOND / profile.frame_rate
    return CueLimits(
        script=script,
        max_line_chars=line_chars,
        max_lines=profile.max_lines,
        min_cue_ms=profile.min_cue_ms,
        max_cue_ms=profile.max_cue_ms,
        max_cps=cps,
        max_wpm=None if script in _WORDS_NOT_APART else profile.max_wpm,
        pause_ms=profile.pause_ms,
        gap_ms=math.ceil(profile.gap_frames * frame_ms),
        chain_ms=math.floor(profile.chain_frames * frame_ms),
        dash=profile.dash,
    )


_MS_PER_MINUTE = 60 * MS_PER_SECOND
_WORDS_NOT_APART = frozenset({Script.JAPANESE, Script.CHINESE, Script.THAI})
_LANGUAGES = {Script.JAPANESE: "ja", Script.CHINESE: "zh", Script.KOREAN: "ko", Script.THAI: "th"}
_LETTERS = re.compile(r"[^\W\d_]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_THAI = re.compile("[\u0e01-\u0e2e]")
_ARABIC = re.compile("[\u0620-\u064a]")
_DEVANAGARI = re.compile("[\u0904-\u0939]")
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


def _language_of(text: str, script: Script, language: str | None) -> str | None:
    """Return the code of a text's language, as far as profiles have limits for it.

    Arabic and Hindi are told by their scripts if the language is not known.
    """
    if script in _LANGUAGES:
        return _LANGUAGES[script]
    if language:
        return language_code(language)
    letters = len(_LETTERS.findall(text))
    signs = ((_ARABIC, "ar"), (_DEVANAGARI, "hi"))
    return next((code for sign, code in signs if 2 * len(sign.findall(text)) > letters), None)

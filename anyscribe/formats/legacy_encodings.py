"""Tell the encodings from before Unicode apart, by the letters that texts of each language have in them."""

# ruff: noqa: RUF001 - letters of all alphabets

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LATIN: Final = (
    ("fr", "cp1252", "àâæçèéêëîïôœùûüÿñ"),
    ("de", "cp1252", "äöüßéà"),
    ("es", "cp1252", "áéíñóúüªº"),
    ("it", "cp1252", "àèéìíîòóùú"),
    ("pt", "cp1252", "ãáâàçéêíóôõúüªº"),
    ("nl", "cp1252", "éëïóöüèáäê"),
    ("da", "cp1252", "æøåéáó"),
    ("sv", "cp1252", "åäöéàü"),
    ("is", "cp1252", "áéíóúýðþæö"),
    ("ca", "cp1252", "àçèéíïòóúü·"),
    ("pl", "cp1250", "ąćęłńóśźż"),
    ("cs", "cp1250", "áčďéěíňóřšťúůýž"),
    ("sk", "cp1250", "áäčďéíĺľňóôŕšťúýž"),
    ("hu", "cp1250", "áéíóöőúüű"),
    ("ro", "cp1250", "ăâîşţ"),
    ("hr", "cp1250", "čćđšž"),
    ("tr", "cp1254", "çğıöşüâîû"),
    ("lt", "cp1257", "ąčęėįšųūž"),
    ("lv", "cp1257", "āčēģīķļņšūž"),
    ("et", "cp1257", "äõöüšž"),
)
"""Language, encoding, and all letters that its words have besides those of English, in small letters."""

_RUSSIAN: Final = ("оеаинтсрвлкмдпу", "ыьяйгбзчжшхцщэюфъё")
_OTHERS: Final = (
    ("ru", "cp1251", *_RUSSIAN),
    ("ru", "koi8-r", *_RUSSIAN),
    ("ru", "iso-8859-5", *_RUSSIAN),
    ("ru", "cp866", *_RUSSIAN),
    ("uk", "cp1251", "оанівирлтсекмду", "пзьбгяюйхцчшщжфєїґ"),
    ("bg", "cp1251", "аоиетнрсвлкдпмз", "бугячъцйжщшхюфь"),
    ("sr", "cp1251", "аиоенрсјтукдмлп", "взгбчжћшђцљњхфџ"),
    ("el", "cp1253", "αοιετσνηυρπκμλςάόίέ", "γδβζθξφχψωήύώϊϋΐΰ"),
    ("el", "iso-8859-7", "αοιετσνηυρπκμλςάόίέ", "γδβζθξφχψωήύώϊϋΐΰ"),
    ("ar", "cp1256", "اليمنوترهبدعسةفكقحأ", "جشصخطضذزثغظئءىؤإآپچژگًٌٍَُِّْ"),
    ("ar", "iso-8859-6", "اليمنوترهبدعسةفكقحأ", "جشصخطضذزثغظئءىؤإآًٌٍَُِّْ"),
    ("he", "cp1255", "יוהלאתמרבנשכעדח", "קפגסצזטםןךףץ"),
    ("th", "cp874", "านรกอเงมยลวดทสตะ่้ัี", "ปบคหแจพชขใไโผถศณซธภญฐฎฏฑฒฆฌฉฝฟฮอำิืึุู็์ๆฺ๊๋"),
)
"""Language, encoding, frequent letters, and the others."""

_CJK: Final = (
    ("ja", "cp932", "のにはをたがでてとしれさいうなもこるかまよらだっあきく。、はいンスイルーア"),
    ("ja", "euc-jp", "のにはをたがでてとしれさいうなもこるかまよらだっあきく。、はいンスイルーア"),
    ("ko", "cp949", "이다는에을가고하지의로한은도를나어있사아들자시기그일내리해서게것라니정대수인오안요만여"),
    ("zh", "gb18030", "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年，。"),
    ("zh", "big5", "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年，。"),
)
"""Language, encoding, and frequent signs."""

# What a sign adds to the score: nothing that a word of the language has, beside Latin letters in a word, or rare.
_STRANGE: Final = -2.0
_MIXED: Final = -1.0
_RARE: Final = 0.3
_OF_LANGUAGE: Final = 0.5
_LEAST: Final = 0.25
_MOST_CHARS: Final = 20_000
_SIGNS: Final = re.compile(r"[^\x00-\x7f]")
_MARKS: Final = frozenset(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2026\u2013\u2014\u00ab\u00bb\u00a0\u00bf\u00a1\u00b0\u266a\u20ac\u2116"
)
_KANA_OR_HANGUL: Final = re.compile("[\u3041-\u30fa\uac00-\ud7a3]")
_IDEOGRAPH: Final = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e\u30fb\u30fc]")


class Guess(NamedTuple):
    """How a text may be encoded.

    Args:
        encoding: The encoding, as Python names it.
        is_sure: Whether its letters are those of a language.
    """

    encoding: str
    is_sure: bool


def guess_encoding(content: bytes, language: str | None = None) -> Guess:
    """Find out in which encoding from before Unicode a text is.

    Args:
        content: The text; not UTF-8.
        language: The text's language as a code; None if unknown.
    """
    best, encoding = _STRANGE, "cp1252"
    texts: dict[str, str | None] = {}
    for code, name, *letters in (*_LATIN, *_OTHERS, *_CJK):
        if name not in texts:
            texts[name] = _decoded(content, name)
        text = texts[name]
        if text is None:
            continue
        score = _score(text, name, letters) + (_OF_LANGUAGE if code == language else 0.0)
        if score > best + 1e-6:
            best, encoding = score, name
    return Guess(encoding, best >= _LEAST)


def _decoded(content: bytes, encoding: str) -> str | None:
    """Return the text; None if it is not in this encoding."""
    try:
        return content.decode(encoding)[:_MOST_CHARS]
    except UnicodeDecodeError:
        return None


def _score(text: str, encoding: str, letters: list[str]) -> float:
    """Return how well the signs of a text fit a language, 1 at most, on average."""
    found = [(sign.group(), sign.start()) for sign in _SIGNS.finditer(text)]
    signs = [(sign, at) for sign, at in found if sign not in _MARKS]
    if not signs:
        # Nothing but quotation marks and dashes, which are the same in most.
        return _RARE if encoding == "cp1252" else 0.0
    is_cjk = any(encoding == name for _, name, _ in _CJK)
    is_latin = not is_cjk and len(letters) == 1
    frequent, rare = letters[0], "".join(letters[1:])
    total = 0.0
    for sign, at in signs:
        small = sign.lower()
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        is_mixed = not is_latin and any(one.isascii() and one.isalpha() for one in beside)
        if is_cjk:
            total += _MIXED if is_mixed and sign not in frequent else _score_of_sign(sign, frequent)
            continue
        is_inverted = sign != small and at > 0 and text[at - 1].islower()
        if is_mixed or is_inverted or not (small in frequent or small in rare):
            total += _STRANGE
        else:
            total += 1.0 if small in frequent else _RARE
    return total / len(signs)


def _score_of_sign(sign: str, frequent: str) -> float:
    if sign in frequent:
        return 1.0
    if _KANA_OR_HANGUL.match(sign):
        return _RARE + 0.2
    return 0.1 if _IDEOGRAPH.match(sign) else _STRANGE

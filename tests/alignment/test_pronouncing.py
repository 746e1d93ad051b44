"""The sounds of words, in any language and script."""

from __future__ import annotations

import pytest

pytest.importorskip("hama")

from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.alignment.ctc.detection import detect_language
from anyscribe.alignment.ctc.pronouncing.scripts import LANGUAGES, can_be_read
from anyscribe.alignment.ctc.pronouncing.words import pronounce
from anyscribe.alignment.ctc.sounds import parse_ipa, similarities
from anyscribe.words import split_words


def sounds_of(text: str, language: str) -> list[str]:
    return ["".join(sounds) for sounds in pronounce(split_words(text), language)]


@pytest.mark.parametrize(
    ("language", "text", "sounds"),
    [
        ("en", "choice outside judge", ["t͡ʃɔɪs", "aʊt͡saɪd", "d͡ʒʌd͡ʒ"]),
        ("en", "(hello) — world! 😀", ["həloʊ", "", "wɝld", ""]),
        ("de", "ich Bach", ["ɪç", "bax"]),
        ("fr", "l'eau rouge", ["lo", "uʒ"]),
        ("es", "mañana", ["maɲana"]),
        ("cs", "v domě", ["v", "domɲe"]),
        ("ru", "в доме", ["v", "domi"]),
        ("zh", "知道，女儿。", ["ɖ͡ʐɨ", "daʊ", "ny", "ɑɹ"]),
        ("zh", "银行行长", ["in", "hɑŋ", "hɑŋ", "ɖ͡ʐɑŋ"]),
        ("xx", "kamusta", ["kamusta"]),
        ("km", "សួស្តី", ["", ""]),
    ],
)
def test_words_have_the_sounds_of_their_language(language: str, text: str, sounds: list[str]):
    """Each word is pronounced by itself; what is not said, or cannot be read, has no sounds."""
    assert sounds_of(text, language) == sounds


def test_currencies_come_after_their_amount():
    """They are said so, wherever they are written."""
    assert sounds_of("$5", "en") == sounds_of("5$", "en") == ["faɪvdɑlɚ"]


def test_a_letter_may_be_a_word():
    """In a text, "a" is no letter's name; by itself it is."""
    before, by_itself = sounds_of("a house", "en")[0], sounds_of("a", "en")[0]
    assert (before, by_itself) == ("ɐ", "eɪ")


def test_japanese_is_read_by_words():
    """Characters are read as in the words that they are part of, and numbers with their counters."""
    assert "".join(sounds_of("水位", "ja")) == "sɯi"
    assert "".join(sounds_of("今日は", "ja")) == "kowa"
    assert sounds_of("3年", "ja")[1] == "neɴ"
    assert "".join(sounds_of("です", "ja")) == "des"


@pytest.mark.parametrize(("text", "language"), [("это OpenAI", "ru"), ("これはOpenAI", "ja"), ("这是OpenAI", "zh")])
def test_latin_words_in_other_scripts_are_english(text: str, language: str):
    """They are not spelled out letter by letter."""
    assert sounds_of(text, language)[-1] == sounds_of("OpenAI", "en")[0]


READABLE = {
    "CYRILLIC": "да",
    "GREEK": "ναι",
    "ARABIC": "نعم",
    "HEBREW": "כן",
    "DEVANAGARI": "हाँ",
    "BENGALI": "হ্যাঁ",
    "GURMUKHI": "ਹਾਂ",
    "GUJARATI": "હા",
    "ORIYA": "ହଁ",
    "TAMIL": "ஆம்",
    "TELUGU": "అవును",
    "KANNADA": "ಹೌದು",
    "MALAYALAM": "അതെ",
    "SINHALA": "ඔව්",
    "THAI": "ใช่",
    "MYANMAR": "ဟုတ်",
    "GEORGIAN": "დიახ",
    "ARMENIAN": "այո",
    "ETHIOPIC": "አዎ",
    "HANGUL": "네",
    "HIRAGANA": "はい",
    "KATAKANA": "ハイ",
    "CJK": "是",
    "CHEROKEE": "ᏣᎳᎩ",
}


@pytest.mark.parametrize("script", [*LANGUAGES])
def test_every_script_in_the_table_can_be_read(script: str):
    """A word of it has sounds in a text of any language."""
    assert any(sounds_of(READABLE[script], "en"))


@given(text=st.text(max_size=40), language=st.sampled_from(["en", "ja", "zh", "th", "ar", "xx", "yue"]))
@settings(max_examples=150, deadline=None)
def test_any_text_has_as_many_pronunciations_as_words(text: str, language: str):
    """No text fails, whatever is in it."""
    words = split_words(text)
    assert len(pronounce(words, language)) == len(words)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Buenas, ¿el servicio de pedidos? Parece que ha habido un error.", "es"),
        ("Ich habe einen Teddybär aus dem Katalog bestellt und eine Rechnung bekommen.", "de"),
        ("It was the best of times, it was the worst of times.", "en"),
        ("Hello.", "en"),
        ("привет", "ru"),
        ("我常常觉得很难在长途列车上睡个好觉。", "zh"),
        ("水位が高すぎて排水口から水が滴り落ちています。", "ja"),
        ("", "en"),
        ("123", "en"),
    ],
)
def test_the_language_of_a_text_is_found(text: str, language: str):
    """Also that of a single word, as far as its script tells."""
    assert detect_language(split_words(text)) == language


@pytest.mark.parametrize(
    ("text", "readable"), [("hello", True), ("123", True), ("", True), ("សួស្តី", False), ("ລາວ", False), ("ไทย", True)]
)
def test_scripts_that_nothing_can_read_are_known(text: str, *, readable: bool):
    """It is told that such words are only estimated."""
    assert can_be_read(text) == readable


def test_a_sound_is_most_like_itself():
    """Similar sounds follow, and others do not count."""
    symbols = ["i", "ɪ", "u", "t", "d", "<blank>", "aɪ", "a", "t͡ʃ"]
    for sound in ("i", "t", "aɪ", "t͡ʃ"):
        (row,) = similarities([sound], symbols)
        assert row.argmax() == symbols.index(sound)
        assert row.max() == 1
        assert row[symbols.index("<blank>")] == 0
    (row,) = similarities(["t"], symbols)
    assert row[symbols.index("d")] > row[symbols.index("a")]


def test_what_is_no_sound_is_passed_over():
    """Marks of stress, length and tone, and sounds of which nothing is heard, unless there is nothing else."""
    assert parse_ipa("ˈɑː²tˌs") == ["ɑ", "t", "s"]
    assert parse_ipa("ʁa") == ["a"]
    assert parse_ipa("ʁ") == ["ʁ"]

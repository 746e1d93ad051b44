"""Languages are understood by code, by tag and by name."""

from __future__ import annotations

import pytest

from anyscribe.engines.whisper.libraries import known_languages
from anyscribe.languages import _TABLE, _plain, _table, language_code, similar_languages


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        (" en ", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("zh-Hans-CN", "zh"),
        ("zh_Hant", "zh"),
        ("pt-BR", "pt"),
        ("es-419", "es"),
        ("de-DE-1996", "de"),
        ("en-x-private", "en"),
        ("de_DE.UTF-8", "de"),
        ("sr_RS@latin", "sr"),
    ],
)
def test_tags_and_locales(given: str, code: str):
    """Region, script, variant and encoding are left out; the contract wants the language alone."""
    assert language_code(given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("eng", "en"),
        ("deu", "de"),
        ("ger", "de"),
        ("fre", "fr"),
        ("zho", "zh"),
        ("chi", "zh"),
        ("cmn", "zh"),
        ("iw", "he"),
        ("in", "id"),
        ("ji", "yi"),
        ("arb", "ar"),
        ("pes", "fa"),
        ("swh", "sw"),
        ("zh-cmn-Hans", "zh"),
    ],
)
def test_other_codes_of_a_language(given: str, code: str):
    """The codes of ISO 639-2 and 639-3, and codes that were replaced, become those of ISO 639-1."""
    assert language_code(given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("yue", "yue"),
        ("zh-yue", "yue"),
        ("YUE-HK", "yue"),
        ("haw", "haw"),
        ("jw", "jw"),
        ("tl", "tl"),
        ("nb", "nb"),
        ("xx", "xx"),
        ("gsw", "gsw"),
        ("fil-PH", "fil"),
    ],
)
def test_codes_that_servers_may_know(given: str, code: str):
    """A code that ISO 639-1 does not have is passed on: only the server knows what it takes."""
    assert language_code(given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("English", "en"),
        ("GERMAN", "de"),
        ("Deutsch", "de"),
        ("français", "fr"),
        ("francais", "fr"),
        ("FRANÇAIS", "fr"),
        ("franc\u0327ais", "fr"),
        ("Español", "es"),
        ("Castilian", "es"),
        ("日本語", "ja"),
        ("中文", "zh"),
        ("Русский", "ru"),
        ("हिन्दी", "hi"),
        ("한국어", "ko"),
        ("العربية", "ar"),
        ("Ελληνικά", "el"),
        ("Türkçe", "tr"),
        ("TÜRKÇE", "tr"),
        ("Norwegian Bokmål", "nb"),
        ("norwegian-bokmal", "nb"),
        ("Cantonese", "yue"),
        ("Hawaiian", "haw"),
        ("haitian  creole", "ht"),
        ("Mandarin", "zh"),
        ("Farsi", "fa"),
        ("Bengali", "bn"),
        ("Bangla", "bn"),
        ("Flemish", "nl"),
        ("Burmese", "my"),
        ("Portuguese (Brazil)", "pt"),
        ("中文\uff08简体\uff09", "zh"),
        ("Javanese", "jv"),
    ],
)
def test_names(given: str, code: str):
    """A name is understood in English and in the language itself, without regard to case, accents and hyphens."""
    assert language_code(given) == code


@pytest.mark.parametrize(
    "given",
    ["", " ", "e", "C", "POSIX", "klingon", "en;", "en us", "english-us", "en--us", "auto", "12", "٣٣", "en/de"],
)
def test_what_is_no_language(given: str):
    """Anything else is no language."""
    assert language_code(given) is None


def test_every_language_of_whisper_is_known():
    """Whisper's codes are kept, and its own code for Javanese is passed on."""
    pytest.importorskip("faster_whisper")
    assert {language_code(code) for code in known_languages()} == set(known_languages())


def test_table_is_unambiguous():
    """No name means two languages, no code does, and no name looks like the code of another language."""
    codes, names = _table()
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    assert sum(len({*map(_plain, line.partition(": ")[2].split(", "))}) for line in lines) == len(names)
    assert len({code for code in codes.values() if len(code) == 2}) == 184
    assert [name for name, code in names.items() if codes.get(name, code) != code] == []


@pytest.mark.parametrize(("given", "name"), [("germna", "german"), ("Englsh", "english"), ("klingon", None)])
def test_misspelt_names(given: str, name: str | None):
    """A misspelt name leads to the one that was meant."""
    assert similar_languages(given) == ([name] if name else [])

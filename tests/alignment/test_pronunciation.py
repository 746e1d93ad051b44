"""Every word has a realistic pronunciation in phones of the model."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pocketsphinx")

from anyscribe.alignment.sphinx.pronouncing import dictionary
from anyscribe.alignment.sphinx.pronouncing.dictionary import look_up
from anyscribe.alignment.sphinx.pronouncing.letter_sounds import sounds
from anyscribe.alignment.sphinx.pronouncing.pronunciation import Pronouncer, is_known, pronounce

VOWELS = frozenset(("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"))
CONSONANTS = frozenset(
    (
        "B",
        "CH",
        "D",
        "DH",
        "F",
        "G",
        "HH",
        "JH",
        "K",
        "L",
        "M",
        "N",
        "NG",
        "P",
        "R",
        "S",
        "SH",
        "T",
        "TH",
        "V",
        "W",
        "Y",
        "Z",
        "ZH",
    )
)


def made_of(*known: str) -> Pronouncer:
    """Return a pronouncer whose dictionary has only these words."""
    return Pronouncer(lambda word: look_up(word) if word in known else ())


def test_words_of_the_dictionary() -> None:
    """All pronunciations are returned in the dictionary's order; variants and parts of its lines are not words."""
    assert pronounce("hello") == ("HH AH L OW", "HH EH L OW")
    assert pronounce("a") == ("AH", "EY")
    assert look_up("zoom") == ("Z UW M",)
    assert [word for word in ("the(2)", "", " ", "hello HH", "hell\n", "\ud800", "qqqq", "é") if is_known(word)] == []


@pytest.mark.parametrize(
    "word", ["a", "'bout", "aaron", "aaron's", "stilted", "stilton", "i'm", "zyuganov's", "he", "zoo"]
)
def test_no_word_of_the_dictionary_is_missed(word: str) -> None:
    """The dictionary's first and last words are found, and those out of order in one of its versions."""
    assert is_known(word)


def test_words_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines must be in order only by their first three letters, ignoring variants and marks."""
    lines = ("a AH", "a(2) EY", "a's EY Z", "stilton S", "stilted T", "stilted(2) D", "zoo Z")
    monkeypatch.setattr(dictionary, "_dictionary", lambda: "\n{}\n".format("\n".join(lines)).encode())
    words = ("a", "a's", "stilton", "stilted", "zoo", "zo", "st", "zzz", "'")
    found = [dictionary.look_up.__wrapped__(word) for word in words]
    assert found == [("AH", "EY"), ("EY Z",), ("S",), ("T", "D"), ("Z",), (), (), (), ()]


@pytest.mark.parametrize(
    ("word", "known", "ways"),
    [
        ("teacher's", "teacher", ("T IY CH ER Z",)),
        ("church's", "church", ("CH ER CH IH Z",)),
        ("cats", "cat", ("K AE T S",)),
        ("bushes", "bush", ("B UH SH IH Z",)),
        ("parties", "party", ("P AA R T IY Z",)),
        ("waited", "wait", ("W EY T IH D",)),
        ("jumped", "jump", ("JH AH M P T",)),
        ("begged", "beg", ("B EH G D",)),
        ("hoping", "hope", ("HH OW P IH NG",)),
        ("hopping", "hop", ("HH AA P IH NG",)),
        ("happiest", "happy", ("HH AE P IY AH S T",)),
        ("happily", "happy", ("HH AE P IY L IY",)),
        ("playfulness", "play", ("P L EY F AH L N AH S",)),
        ("unplayable", "play", ("AH N P L EY AH B AH L",)),
        ("colour", "color", ("K AH L ER",)),
        ("organised", "organize", ("AO R G AH N AY Z D",)),
        ("goin'", "going", ("G OW IH N", "G OW AH N")),
        ("it'd", "it", ("IH T D", "IH T D")),
        ("mcplay", "play", ("M AH K P L EY",)),
        ("café", "cafe", ("K AH F EY", "K AE F EY")),
    ],
)
def test_words_made_of_known_ones(word: str, known: str, ways: tuple[str, ...]) -> None:
    """Suffixes and prefixes are added to known words, with the right sound."""
    assert made_of(known).pronounce(word)[0] == ways[0]


def test_compounds_and_letters() -> None:
    """Compounds are built from two known words, words without a vowel are spelled, and the rest is read by letters."""
    assert made_of("book", "shelf").pronounce("bookshelf") == ("B UH K SH EH L F",)
    assert made_of().pronounce("fbq") == ("EH F B IY K Y UW",)
    assert made_of().pronounce("brillig") == ("B R IH L IH G",)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("kinship", "K IH N SH IH P"),
        ("nightrope", "N AY T R OW P"),
        ("phlorantic", "F L AO R AE N T IH K"),
        ("quelch", "K W EH L CH"),
        ("thrane", "TH R EY N"),
        ("wixy", "W IH K S IY"),
        ("knobble", "N AA B AH L"),
        ("vexation", "V EH K S EY SH AH N"),
        ("bque", "B K AH"),
        ("", "AH"),
    ],
)
def test_letters_have_their_usual_sounds(word: str, expected: str) -> None:
    """Regular English spelling is read by its rules."""
    assert " ".join(sounds(word)) == expected


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("nguyenova", 4),
        ("szymańska", 3),
        ("müllerin", 3),
        ("xi'ang", 2),
        ("o'hanlonry", 4),
        ("москва", 5),
        ("서울", 1),
        ("東京", 1),
    ],
)
def test_foreign_names_have_about_their_syllables(word: str, syllables: int) -> None:
    """The number of syllables may be off by one."""
    assert abs(sum(phone in VOWELS for phone in pronounce(word)[0].split()) - syllables) <= 1


_LETTERS = (
    st.characters(categories=["Ll", "Lo"]) | st.sampled_from("abcdefghijklmnopqrstuvwxyz'") | st.sampled_from("aeiou")
)


@given(st.text(alphabet=_LETTERS, min_size=1, max_size=30).filter(lambda word: any(map(str.isalpha, word))))
def test_only_phones_of_the_model(word: str) -> None:
    """Any word has one to three different pronunciations in phones of the model."""
    ways = pronounce(word)
    assert 1 <= len(ways) == len(set(ways)) <= 3
    for way in ways:
        assert way
        assert set(way.split(" ")) <= VOWELS | CONSONANTS


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=20).filter(
        lambda word: re.search("[aeiouy]", word)
    )
)
def test_words_with_vowels_have_syllables(word: str) -> None:
    """A written vowel is always pronounced."""
    assert set(sounds(word)) & VOWELS


@given(st.integers(1, 1_000), st.sampled_from(["a'", "un", "ised", "'s", "our", "ingly", "\u00fc", "e"]))
def test_long_words_are_read_at_once(count: int, part: str) -> None:
    """A word of many repeated parts is read without exponential search."""
    assert all(set(way.split(" ")) <= VOWELS | CONSONANTS for way in pronounce(part * count))


def test_the_model_knows_these_phones_only() -> None:
    """The dictionary itself uses no other phones."""
    words = ("measure", "thither", "joyous", "church", "house", "singing", "yawn", "vague", "foot", "about")
    assert {phone for word in words for way in look_up(word) for phone in way.split()} <= VOWELS | CONSONANTS

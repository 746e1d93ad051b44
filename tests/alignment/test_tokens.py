"""Texts of any script become words, of which none is lost, and each has a length."""

# ruff: noqa: RUF001 - wide signs that look like narrow ones are what is tested here

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.alignment.tokens import Ending, ending_of, spoken_length, tokens_of

# Letters of the scripts that have rules of their own, marks, blanks, and what else stands in texts.
LETTERS = (
    "aZ9 \n\u3000.,!?()\"'«»“”、。「」\uff08\uff09ー・々〜あっゃんアッャン日本語中文"
    "กำเแสวัดีๆ๒ລາວໄမြန်မာသင်္ဘော့ខ្មែរ가한\u0301\u200d\u2014😀\uff21\uff19ｱ€%"
)
texts = st.text(st.sampled_from(LETTERS)) | st.text()


@given(texts)
def test_no_character_is_lost(text):
    """Joined, the words are the text without its white space, and none of them is empty or holds any."""
    tokens = tokens_of(text)
    assert "".join(tokens) == "".join(text.split())
    assert all(token and token.split() == [token] for token in tokens)


@given(st.lists(st.text(st.sampled_from("aäéñżßЖя9.,!?-'«»…👍"), min_size=1)))
def test_blanks_divide_where_there_are_some(words):
    """In scripts with blanks the words are what stands between them."""
    assert tokens_of(" ".join(words)) == words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("我们去公园。", "我 们 去 公 园。"),
        ("他说：「你好，世界」。", "他 说： 「你 好， 世 界」。"),
        ("きょうは、シャツをもっと買った。", "きょ う は、 シャ ツ を もっ と 買っ た。"),
        ("サーバー", "サー バー"),
        ("人々", "人々"),
        ("iPhone 15を3.5%安く", "iPhone 15 を 3.5% 安 く"),
        ("ＡＢＣ株式会社２０２６年", "ＡＢＣ 株 式 会 社 ２０２６ 年"),
        ("(日本)", "(日 本)"),
        ("……是", "……是"),
        ("สวัสดีครับ", "ส วั ส ดี ค รั บ"),
        ("เรียนไทย ๒๕๖๙", "เรี ย น ไท ย ๒๕๖๙"),
        ("กำลังมา", "กำ ลั ง มา"),
        ("မြန်မာ", "မြန် မာ"),
        ("သင်္ဘော", "သင်္ဘော"),
        ("ខ្មែរ", "ខ្មែ រ"),
        ("한국어 문장", "한국어 문장"),
        ("Bonjour !", "Bonjour !"),
        ("「", "「"),
        ("", ""),
        (" \n", ""),
    ],
)
def test_scripts_without_blanks(text, tokens):
    """Where a script has no blanks each syllable is a word, with its marks, small letters and punctuation."""
    assert tokens_of(text) == tokens.split()


@given(texts)
def test_every_word_has_a_length(text):
    """A word with a letter or digit takes time to say, punctuation takes none."""
    for token in tokens_of(text):
        has_something_to_say = any(character.isalpha() or character.isdigit() for character in token)
        assert spoken_length(token) > 0 or not has_something_to_say


@pytest.mark.parametrize("mark", [".", "...", "–", "»", "。", "「", "😀"])
def test_punctuation_takes_no_time(mark):
    """Punctuation adds nothing to the length of a word."""
    assert spoken_length("word" + mark) == spoken_length("word")
    assert spoken_length(mark) == 0


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("to", "tomorrow"),
        ("four", "2026"),
        ("2", "25"),
        ("a", "€5"),
        ("く", "国"),
        ("é", "étude"),
        ("한", "한국어"),
        ("ส", "ดี๒"),
    ],
)
def test_what_is_said_longer_is_longer(shorter, longer):
    """Lengths follow what is heard, not what is written: digits are read out."""
    assert spoken_length(shorter) < spoken_length(longer)


def test_accents_add_nothing():
    """An accented letter is one letter, composed or not."""
    assert spoken_length("été") == spoken_length("e\u0301te\u0301") == spoken_length("ete")


@pytest.mark.parametrize(
    ("token", "ending"),
    [
        ("end.", Ending.SENTENCE),
        ("end.”", Ending.SENTENCE),
        ("“Ende!“", Ending.SENTENCE),
        ('end?")', Ending.SENTENCE),
        ("end…", Ending.SENTENCE),
        ("園。」", Ending.SENTENCE),
        ("吗？", Ending.SENTENCE),
        ("है।", Ending.SENTENCE),
        ("clause,", Ending.CLAUSE),
        ("好，", Ending.CLAUSE),
        ("—", Ending.CLAUSE),
        ("word", Ending.NONE),
        ("3.5", Ending.NONE),
        ("'", Ending.NONE),
        ("", Ending.NONE),
    ],
)
def test_endings(token, ending):
    """A full stop in any script ends a sentence, a comma a clause, also before quotation marks."""
    assert ending_of(token) is ending

"""Text in any script is split into words without loss."""

# ruff: noqa: RUF001 - the tests need wide characters that look like narrow ones

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.words import split_words

# Letters of scripts with special rules, marks, spaces, and other characters found in texts.
LETTERS = (
    "aZ9 \n\u3000.,!?()\"'«»“”、。「」\uff08\uff09ー・々〜あっゃんアッャン日本語中文"
    "กำเแสวัดีๆ๒ລາວໄမြန်မာသင်္ဘော့ខ្មែរ가한\u0301\u200d\u2014😀\uff21\uff19ｱ€%"
)
texts = st.text(st.sampled_from(LETTERS)) | st.text()


@given(texts)
def test_no_character_is_lost(text):
    """Joined, the words are the text without its whitespace; no word is empty or holds whitespace."""
    tokens = split_words(text)
    assert "".join(tokens) == "".join(text.split())
    assert all(token and token.split() == [token] for token in tokens)


@given(st.lists(st.text(st.sampled_from("aäéñżßЖя9.,!?-'«»…👍"), min_size=1)))
def test_blanks_divide_where_there_are_some(words):
    """In scripts with spaces, the words are what the spaces separate."""
    assert split_words(" ".join(words)) == words


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
    """In a script without spaces, each syllable is a word, with its marks, small letters and punctuation."""
    assert split_words(text) == tokens.split()

"""Text files from before Unicode are read right, or it is told that nobody knows how."""

# ruff: noqa: RUF001 - letters of all alphabets

from __future__ import annotations

import pytest

from anyscribe.formats.encodings import decode_text

TEXTS = {
    "cp1252": "L'\u00e9t\u00e9 dernier, nous \u00e9tions \u00e0 la plage.\nC'est pr\u00e8s.",
    "cp1250": "Nie wiem, dlaczego si\u0119 sp\u00f3\u017ani\u0142e\u015b.\n\u017bycie jest pi\u0119kne.",
    "cp1254": "Neden ge\u00e7 kald\u0131\u011f\u0131n\u0131 bilmiyorum.\nI\u015f\u0131\u011f\u0131 kapat.",
    "cp1251": "Я не знаю, почему ты опоздал.\nЖизнь прекрасна.",
    "koi8-r": "Я не знаю, почему ты опоздал.\nЖизнь прекрасна.",
    "iso-8859-7": "Δεν ξέρω γιατί άργησες.\nΗ ζωή είναι ωραία.",
    "cp1256": "لا أعرف لماذا تأخرت.\nالحياة جميلة.",
    "cp1255": "אני לא יודע למה איחרת.\nהחיים יפים.",
    "cp932": "どうして遅れたのか分からない。\n人生は美しい。",
    "euc-jp": "どうして遅れたのか分からない。\n人生は美しい。",
    "cp949": "왜 늦었는지 모르겠어요.\n인생은 아름답지만 때로는 어려워요.",
    "gb18030": "我不知道你为什么迟到了。\n生活是美好的。",
    "big5": "我不知道你為什麼遲到了。\n生活是美好的。",
    "cp874": "ฉันไม่รู้ว่าทำไมคุณมาสาย",
}


def subtitles(text: str) -> str:
    """Return a cue for each line."""
    times = "00:00:01,000 --> 00:00:04,000"
    return "".join(f"{number}\n{times}\n{line}\n\n" for number, line in enumerate(text.split("\n"), start=1))


@pytest.mark.parametrize("encoding", TEXTS)
def test_subtitles_in_the_old_encodings_of_many_languages_are_read(encoding: str) -> None:
    body = subtitles(TEXTS[encoding])
    decoded = decode_text(body.encode(encoding))
    assert decoded.text == body
    assert decoded.is_sure


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("text", ["cp932", "cp1251", "cp1252"])
def test_utf_16_needs_no_mark(encoding: str, text: str) -> None:
    body = subtitles(TEXTS[text])
    assert decode_text(body.encode(encoding)).text == body


def test_english_quotation_marks_are_no_other_script() -> None:
    body = subtitles("It\u2019s \u201cfine\u201d \u2013 he said\u2026\nAnd it\u2019s late.")
    assert decode_text(body.encode("cp1252")) == (body, "cp1252", b"", True)


def test_what_is_in_no_language_is_told() -> None:
    assert not decode_text(bytes(range(128, 256))).is_sure

"""Where a line may end in scripts without spaces."""

from __future__ import annotations

import pytest

from anyscribe.scripts import can_part


@pytest.mark.parametrize(
    "pair",
    ["今日", "はカ", "。今", "」と", "%今", "、「", "はG", "gで", "年2", "กข", "ขเ", "าก", "\u200bก", "한中"],
)
def test_between_characters_a_line_may_end(pair: str) -> None:
    """A line may end beside a character of a script without spaces, also next to a Latin word."""
    assert can_part(*pair)


@pytest.mark.parametrize(
    "pair",
    [
        *["日。", "日、", "日」", "日\uff01", "日\uff09", "今%", "今…", "ラー", "カッ", "しょ", "人々", "今・"],
        *["「今", "\uff08今", "¥今", "“今"],
        *["ก์", "กา", "กะ", "กำ", "เก", "แก", "ๆๆ", "กๆ"],
        *["12", "\uff11\uff12", "\uff21\uff22", "\uff13\uff0e", "\uff0e\uff15", "か\u3099"],
        *["今\u00a0", "\u00a0今"],
        *["ab", "a1", "한국", "👩\u200d", "\u200d🚀", "👍🏽", "'今", "今'"],
    ],
)
def test_what_belongs_together_is_not_parted(pair: str) -> None:
    """No closing mark or small kana begins a line, no opening mark ends one; numbers, words and clusters stay whole."""
    assert not can_part(*pair)

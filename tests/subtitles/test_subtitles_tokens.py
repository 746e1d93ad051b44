"""Words give their times to the text they belong to, and to no other."""

from __future__ import annotations

import pytest

from anyscribe.subtitles.timed_tokens import TimedToken, estimated, join_words, lay_words, refined, running
from anyscribe.transcript import Word


def laid(text: str, *words: str) -> list[tuple[str, int, int]]:
    """Return the parts of a text and their times, for consecutive words of 10 ms each."""
    timed_tokens = lay_words(text, [Word(word, number * 10, number * 10 + 10) for number, word in enumerate(words)])
    return [
        (text[timed_token.begin : timed_token.end], timed_token.start_ms, timed_token.end_ms)
        for timed_token in timed_tokens
    ]


def test_case_and_punctuation_of_the_text_are_kept() -> None:
    """Punctuation belongs to the adjacent word, a dash between spaces to the word before."""
    assert laid(' "Hi," (she) said \u2014 "no!"\n', "hi", "she", "said", "no") == [
        ('"Hi,"', 0, 10),
        ("(she)", 10, 20),
        ("said \u2014", 20, 30),
        ('"no!"', 30, 40),
    ]


@pytest.mark.parametrize("words", [("un", "be", "lieved", ",", "so"), ("unbelieved", "so"), ("Un", "believed,", "SO.")])
def test_parts_of_words_are_put_together(words: tuple[str, ...]) -> None:
    """However the words are split, the text is split only at its spaces."""
    assert [part for part, _, _ in laid("Unbelieved, so.", *words)] == ["Unbelieved,", "so."]


def test_a_hyphen_is_no_place_to_divide() -> None:
    """Two words that the text joins stay together and have the time of both."""
    assert laid("well-known man", "well", "known", "man") == [("well-known", 0, 20), ("man", 20, 30)]


def test_opening_brackets_of_japanese_go_with_the_word_after() -> None:
    """Without spaces, closing punctuation ends a part and opening punctuation starts the next."""
    assert laid("\u4eca\u3001\u300c\u660e\u300d\u65e5", "\u4eca", "\u660e", "\u65e5") == [
        ("\u4eca\u3001", 0, 10),
        ("\u300c\u660e\u300d", 10, 20),
        ("\u65e5", 20, 30),
    ]


def test_marks_of_thai_and_casefolding_lose_nothing() -> None:
    """Vowel signs stay with their consonants, and letters that fold to two are matched."""
    assert laid(
        "\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48 STRA\u1e9eE", "\u0e17\u0e35\u0e48", "\u0e19\u0e35\u0e48", "stra\u00dfe"
    ) == [
        ("\u0e17\u0e35\u0e48", 0, 10),
        ("\u0e19\u0e35\u0e48", 10, 20),
        ("STRA\u1e9eE", 20, 30),
    ]


def test_text_that_no_word_has_stays_with_the_part_before() -> None:
    """Unmatched text lasts until the next matched word begins; at the start, it begins with the first word."""
    assert laid("about 25 apples", "about", "twenty", "five", "apples") == [("about 25", 0, 30), ("apples", 30, 40)]
    assert laid("25 apples grow", "twenty", "five", "apples", "grow") == [("25 apples", 0, 30), ("grow", 30, 40)]
    assert laid("apples grow 25", "apples", "grow", "twenty", "five") == [("apples", 0, 10), ("grow 25", 10, 40)]


def test_a_word_is_not_found_in_the_middle_of_another() -> None:
    """Looking ahead matches starts of words only, so that a wrong word does not consume the text in between."""
    assert laid("the everest evening ended", "rest", "evening", "ended") == [
        ("the everest evening", 0, 20),
        ("ended", 20, 30),
    ]


def test_words_of_another_text_lend_no_times() -> None:
    """A few common words are not enough."""
    assert laid("apples are good for anybody who eats them", "apples", "and", "them") == []
    assert laid("", "apples") == []


def test_words_joined_are_a_text_of_their_own() -> None:
    """Words are joined with spaces, except in scripts without spaces; each word keeps its place and time."""
    words = [Word("Hi", 0, 1), Word("\u4eca", 2, 3), Word("\u65e5", 4, 5), Word("\ud55c", 6, 7), Word("\uad6d", 8, 9)]
    text, timed_tokens = join_words(words)
    assert text == "Hi \u4eca\u65e5 \ud55c \uad6d"
    assert [text[timed_token.begin : timed_token.end] for timed_token in timed_tokens] == [word.text for word in words]
    assert [(timed_token.start_ms, timed_token.end_ms) for timed_token in timed_tokens] == [
        (0, 1),
        (2, 3),
        (4, 5),
        (6, 7),
        (8, 9),
    ]


def test_a_text_is_spread_over_a_time_by_its_length() -> None:
    """Each word gets time by its length, up to where the next one begins; in Japanese each character does."""
    assert estimated("aa bbbb c", 100, 190) == [
        TimedToken(0, 2, 100, 130),
        TimedToken(3, 7, 130, 180),
        TimedToken(8, 9, 180, 190),
    ]
    assert estimated("\u4eca\u65e5\u3002", 0, 30) == [TimedToken(0, 1, 0, 10), TimedToken(1, 3, 10, 30)]


def test_stretches_of_several_words_are_divided_by_estimate() -> None:
    """A timed token with the time of its first word only is split into one with a time per word."""
    assert refined("about 25 pies", [TimedToken(0, 8, 0, 80), TimedToken(9, 13, 80, 90)], max_line_chars=42) == [
        TimedToken(0, 5, 0, 60),
        TimedToken(6, 8, 60, 80),
        TimedToken(9, 13, 80, 90),
    ]


def test_words_without_blanks_are_divided_only_where_they_fit_no_line() -> None:
    """A word without spaces from the recogniser is kept whole if it fits on a line."""
    text = "\u4eca\u65e5\u306f"
    assert refined(text, [TimedToken(0, 3, 0, 30)], max_line_chars=3) == [TimedToken(0, 3, 0, 30)]
    assert len(refined(text, [TimedToken(0, 3, 0, 30)], max_line_chars=2)) == 3


def test_overlapping_times_are_put_right() -> None:
    """A word ends when the next one begins at the latest, and never before its own start."""
    timed_tokens = [
        TimedToken(0, 1, 0, 90),
        TimedToken(2, 3, 10, 5),
        TimedToken(4, 5, 10, 20),
        TimedToken(6, 7, 15, 12),
    ]
    assert [(fine.start_ms, fine.end_ms) for fine in refined("a b c d", timed_tokens, max_line_chars=9)] == [
        (0, 10),
        (10, 10),
        (10, 15),
        (15, 15),
    ]


def test_running_text_has_single_blanks() -> None:
    """Whitespace becomes one space; no-break spaces between words are kept."""
    assert running(" a  b\n\nc \t d\u00a0! \u2028 e\u00a0 f\u00a0") == "a b c d\u00a0! e f"

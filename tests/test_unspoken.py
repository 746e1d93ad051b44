"""Names and descriptions are seen in subtitles, and nobody says them."""

from __future__ import annotations

import pytest

from anyscribe.lint.turns import may_begin_turn
from anyscribe.unspoken import spoken_texts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MARIA: Come in.", "Come in."),
        ("- DR. SMITH: No.\n- JO: Yes.", "No.\nYes."),
        ("speaker 1: Well then.", "Well then."),
        (">> Good evening.", ">> Good evening."),
        ("[door slams]\nWho is it?", "Who is it?"),
        ("(LAUGHS) You (my friend) know (SIGHS)", "You (my friend) know"),
        ("- (sighs)\n- [Jo] Hello.", "- Hello."),
        ("JO: (sighs) No.", "No."),
        ("[loud\nmusic]", ""),
        ("\uff08太郎\uff09こんにちは", "こんにちは"),
        ("One thing: be quiet.", "One thing: be quiet."),
        ("Remember: it is at 10:30.", "Remember: it is at 10:30."),
        ("", ""),
    ],
)
def test_names_and_descriptions_are_left_out(text: str, said: str) -> None:
    """A word before a colon that could be part of a sentence stays."""
    assert spoken_texts([text]) == [said]


def test_what_stands_before_a_colon_twice_is_a_name() -> None:
    assert spoken_texts(["Maria: Hello.", "Jo: Hi.", "Maria: Come in."]) == ["Hello.", "Jo: Hi.", "Come in."]


@pytest.mark.parametrize(
    "line", ["- Yes.", ">> Yes.", "[Jo] Yes.", "Maria: Yes.", "Ludwig van Beethoven: Ja.", "马丽\uff1a好"]
)
def test_another_speaker_may_begin_with_a_line(line: str) -> None:
    assert may_begin_turn(line)


@pytest.mark.parametrize("line", ["Yes.", "and then he said: no", "-5 degrees", "At 10:30 it rained.", "", "-", ": no"])
def test_other_lines_go_on(line: str) -> None:
    assert not may_begin_turn(line)

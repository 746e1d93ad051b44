"""The decoder's steps are mapped back to the tokens that were spoken."""

from __future__ import annotations

from anyscribe.alignment.sphinx.grammar import NOTHING, DecodedStep, Grammar, Placed, cost_of

READINGS = [
    [("the",)],
    [
        ("nineteen", "twelve"),
        ("one", "thousand", "nine", "hundred", "and", "twelve"),
        ("nineteen", "hundred", "twelve"),
    ],
    [],
    [("storm",)],
    [("the",)],
    [("end",)],
]
SKIP_ONE = DecodedStep(NOTHING, 10, 10, cost_of(1e-60))
END = DecodedStep(NOTHING, 90, 90, cost_of(1e-10))


def heard(label: str, first: int, last: int) -> DecodedStep:
    return DecodedStep(label, first, last, 0.0)


def test_words_of_one_token_are_put_together():
    """A token read as two words starts with the first and ends with the second, for any pronunciation of each."""
    steps = [heard("the(2)", 0, 9), heard("nineteen", 10, 29), heard("twelve", 30, 44), heard("<sil>", 45, 60), END]
    assert Grammar(READINGS).place(steps) == [Placed(0, 0, 10), Placed(1, 10, 45)]


def test_a_reading_that_begins_like_another_is_told_from_it():
    """Readings share their first words; the words after them decide between the readings."""
    steps = [heard("the", 0, 9), heard("nineteen", 10, 29), heard("hundred", 30, 39), heard("twelve", 40, 59)]
    assert Grammar(READINGS).place(steps)[1] == Placed(1, 10, 60)


def test_a_skipped_token_is_left_out():
    """A step without audio skips a token; tokens that are never spoken need no skip."""
    steps = [heard("the", 0, 9), SKIP_ONE, heard("storm", 11, 40), heard("the", 41, 49), heard("end", 50, 80)]
    assert [one.token for one in Grammar(READINGS).place(steps)] == [0, 3, 4, 5]


def test_the_sound_may_start_in_the_middle_of_the_text():
    """Each entry has its own cost, so that the second of two equal words is not mistaken for the first."""
    readings = [[(word,)] for word in ["a", "b", "c", "d", "e", "the", "f", "the"]]
    grammar = Grammar(readings, entries=8)
    costs = {step[1]: cost_of(step[2]) for step in grammar.transitions if len(step) == 3 and step[0] == 0}
    for token in (5, 7):
        assert grammar.place([DecodedStep(NOTHING, 0, 0, costs[token] - 0.4), heard("the", 0, 9)]) == [
            Placed(token, 0, 10)
        ]


def test_no_two_steps_without_a_sound_follow_each_other():
    """The decoder follows no chain of empty steps: each skip and end is one step from a state that a word leads to."""
    grammar = Grammar(READINGS, entries=4)
    final = {step[1] for step in grammar.transitions if len(step) == 3 and step[1] == grammar.final}
    assert final == {grammar.final}
    assert not [step for step in grammar.transitions if step[0] == grammar.final]


def test_a_text_that_is_not_spoken_has_no_words():
    """A text without spoken tokens, such as a dash, has an empty grammar."""
    assert Grammar([[], [()]]).words == set()

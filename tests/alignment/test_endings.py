"""A full stop in any script ends a sentence."""

# ruff: noqa: RUF001 - full-width characters that look like ASCII are tested here

from __future__ import annotations

import pytest

from anyscribe.alignment.endings import Ending, ending_of


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
    """A full stop in any script ends a sentence and a comma a clause, even before quotation marks."""
    assert ending_of(token) is ending

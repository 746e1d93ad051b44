"""Texts in scripts that are difficult for terminals."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"

CLUSTERS = [
    FAMILY,
    SCOTLAND,
    "\U0001f44d\U0001f3fd",  # a thumb with a skin tone
    "\U0001f1e9\U0001f1ea",  # a flag
    "\u2764\ufe0f",  # a symbol shown as an emoji
    "1\ufe0f\u20e3",  # a keycap
    "e\u0301",
    "a\u030a\u0323",
    "\u0915\u094d\u0937",  # a conjunct of two consonants, Devanagari
    "\u0924\u094d\u0930\u093f",
    "\u0bb3\u0bcd",
    "\u0985",
    "\u0e19\u0e49\u0e33",  # Thai
    "\u1112\u1161\u11ab",  # a decomposed Korean syllable
    "\ud55c",
    "\u05e9\u05b8\u05c1",  # Hebrew with points
    "\u0645\u064f",
    "\u4f60",
    "\u3002",
    "\u300c",
    "\u30fc",
    "\uff76\uff9e",
]
WORDS = [
    "the",
    "library",
    "visitors",
    "https://example.org/a/very/long/path?that=goes&on=and#on",
    "\u0627\u0644\u0645\u0643\u062a\u0628\u0629",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u0939\u093f\u0928\u094d\u0926\u0940",
    "\u56f3\u66f8\u9928\u306f\u753a\u3067\u4e00\u756a\u53e4\u3044\u5efa\u7269\u3067\u3059\u3002",
    "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22",
    "\u00a0",
]
BLANKS = [" ", " ", " ", "  ", "\n", "\u3000"]

SPOKEN = st.lists(st.sampled_from([*CLUSTERS, *WORDS, *BLANKS]), max_size=60).map("".join)
"""Text as it could be spoken."""

ANY_TEXT = SPOKEN | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=80)
"""Any text without control characters, including implausible text."""


def pieces_of(text: str, places: list[int]) -> list[str]:
    """Cut a text at places, which may be anywhere."""
    cuts = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(cuts)]


PLACES = st.lists(st.integers(0, 10_000), max_size=30)

"""A check that the pieces of a recording cover it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truthful import Spoken, TruthfulServer


def assert_whole(server: TruthfulServer, spoken: Spoken) -> None:
    """Assert that every sample was sent once, and that no cut is inside a word."""
    pieces = sorted((heard.start_sample, heard.end_sample) for heard in server.heard)
    assert pieces[0][0] == 0
    assert pieces[-1][1] == len(spoken.pcm) // 2
    assert all(end == start for (_, end), (start, _) in pairwise(pieces))
    cuts_ms = [start / 16 for start, _ in pieces[1:]]
    cut_words = [word for word in spoken.words for cut in cuts_ms if word.start_ms + 20 < cut < word.end_ms - 20]
    assert cut_words == []

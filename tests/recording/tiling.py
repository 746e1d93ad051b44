"""Checks that pieces cover a recording, and that cues cover its words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from anyscribe.formats.wire import parse
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from programs import Run
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


def assert_cues_hold_their_words(
    run: Run, spoken: Spoken, wanted: ResponseFormat = ResponseFormat.SRT, *, within_ms: int
) -> None:
    """Assert that cues hold all words, each in the time in which it is spoken."""
    assert run.code == 0, run.err
    cues = parse(run.text, wanted).segments
    words = iter(spoken.words)
    for cue in cues:
        for text in cue.text.split():
            word = next(words)
            assert text == word.text
            assert cue.start_ms - within_ms <= word.start_ms, word
            assert word.end_ms <= cue.end_ms + within_ms, word
    assert next(words, None) is None
    assert len(cues) > len(spoken.words) // 20

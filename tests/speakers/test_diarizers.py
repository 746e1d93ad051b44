"""What tells voices apart on this machine, and how many speakers it may find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from anyscribe.errors import DiarizerUnavailableError, MissingExtraError
from anyscribe.speakers import registry
from anyscribe.speakers.registry import DiarizerEntry, make_diarizer
from anyscribe.speakers.voice_diarizer import VoiceDiarizer
from anyscribe.speakers.voices import HeardVoices, Likeness
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.units import Unit

ABSENT = "a_package_that_is_not_here"


class Three:
    """A voice model for which each second span is another voice, and each fourth one a voice that is much like it."""

    def listen(self, audio: Iterable[bytes], units: Sequence[Unit]) -> HeardVoices:
        """Return a vector for each unit."""
        assert b"".join(audio)
        voices = np.array([[1, 0, 0], [0, 0.9, 0.43], [1, 0, 0], [0, 0.9, -0.43]], np.float32)
        vectors = voices[[unit.source % 4 for unit in units]]
        return HeardVoices(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), None, Likeness(0.4, 0.52, 0.35))


def entry(name: str, model: str, packages: tuple[str, ...] = ()) -> DiarizerEntry:
    """Return a diarizer whose model is in a package."""
    return DiarizerEntry(name, "local", packages, model, f"{name}==1", 5, lambda: name)  # type: ignore[arg-type,return-value]


def made(monkeypatch: pytest.MonkeyPatch, *entries: DiarizerEntry) -> object:
    """Return what is made if these are all diarizers."""
    monkeypatch.setattr(registry, "DIARIZERS", entries)
    return make_diarizer()


def test_the_best_one_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first diarizer whose model is there is used."""
    assert made(monkeypatch, entry("best", "json"), entry("other", "csv")) == "best"
    assert made(monkeypatch, entry("best", ABSENT), entry("other", "csv")) == "other"


def test_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any model every choice is named, and without what runs it the extra."""
    with pytest.raises(DiarizerUnavailableError, match=r"of best==1 \(5 MB\) or other==1 \(5 MB\)"):
        made(monkeypatch, entry("best", ABSENT), entry("other", ABSENT))
    with pytest.raises(MissingExtraError):
        made(monkeypatch, entry("best", ABSENT), entry("other", "json", packages=(ABSENT,)))


@pytest.mark.parametrize(("most", "least", "count"), [(None, 1, 2), (1, 1, 1), (None, 3, 3), (3, 3, 3), (2, 2, 2)])
def test_how_many_speakers(most: int | None, least: int, count: int) -> None:
    """Voices that are much alike are one speaker, unless there must be more; limits hold."""
    spans = [Span(start_ms, start_ms + 4_000) for start_ms in range(0, 40_000, 5_000)]
    found = VoiceDiarizer(Three()).find_turns([bytes(40_000 * 32)], spans, most, least)
    assert len({turn.speaker for turn in found}) == count
    assert [turn.span for turn in found] == spans

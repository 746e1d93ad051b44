"""TextGrid, eaf and rttm: what Praat's and ELAN's libraries read, and what scorers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hard import TEXTS, hard, written

from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from pathlib import Path

BOTH = Transcript(
    "I say. No!",
    segments=(Segment("I say.", 0, 2_000, speaker="A"), Segment("No!", 500, 900, speaker="B")),
    words=(
        Word("I", 0, 1_000, speaker="A"),
        Word("No!", 500, 900, speaker="B"),
        # The word before it ends too late.
        Word("say.", 900, 2_000, speaker="A"),
    ),
)


def test_textgrid_for_praatio(tmp_path: Path):
    """Praatio reads three tiers, and more of them where two speak at a time; nothing overlaps, nothing is lost."""
    textgrid = pytest.importorskip("praatio.textgrid")
    file = tmp_path / "talk.TextGrid"
    file.write_text(written("textgrid", hard()), encoding="utf-8")
    grid = textgrid.openTextgrid(str(file), includeEmptyIntervals=False, reportingMode="error")
    assert grid.tierNames == ("words", "speakers", "timing")
    labels = [entry.label for entry in grid.getTier("words").entries]
    assert {'"6"</b>', "{no}", "\\new", "المكتبة.", "=1+1", "Over"} <= set(labels)
    assert {entry.label for entry in grid.getTier("timing").entries} == {"aligned", "server"}
    assert grid.maxTimestamp == 360_005
    file.write_text(written("textgrid", BOTH), encoding="utf-8")
    grid = textgrid.openTextgrid(str(file), includeEmptyIntervals=False, reportingMode="error")
    assert grid.tierNames == ("words", "words 2", "speakers", "speakers 2", "timing", "timing 2")
    assert [tuple(entry) for entry in grid.getTier("words").entries] == [(0, 0.9, "I"), (0.9, 2, "say.")]
    assert [tuple(entry) for entry in grid.getTier("words 2").entries] == [(0.5, 0.9, "No!")]
    assert [tuple(entry) for entry in grid.getTier("speakers").entries] == [(0, 2, "A")]
    file.write_text(written("textgrid", Transcript("")), encoding="utf-8")
    assert textgrid.openTextgrid(str(file), includeEmptyIntervals=True).tierNames == ("words", "speakers", "timing")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_eaf_for_pympi(tmp_path: Path):
    """Pympi reads the same tiers, and how the file was made."""
    elan = pytest.importorskip("pympi.Elan")
    file = tmp_path / "talk.eaf"
    file.write_text(written("eaf", hard()), encoding="utf-8")
    eaf = elan.Eaf(str(file))
    assert list(eaf.get_tier_names()) == ["words", "speakers", "timing"]
    assert eaf.get_annotation_data_for_tier("words")[0][:3] == (0, 300, "It")
    turns = eaf.get_annotation_data_for_tier("speakers")
    assert [turn[2] for turn in turns][:2] == ["Ada, B", "مريم"]
    assert ("provenance", "anyscribe 1.2, 2026-05-01, model whisper-1, http://localhost/v1, cues bbc") in eaf.properties
    assert eaf.adocument["DATE"] == "2026-05-01T00:00:00+00:00"
    file.write_text(written("eaf", Transcript(""), made=None), encoding="utf-8")
    empty = elan.Eaf(str(file))
    assert (empty.properties, empty.get_annotation_data_for_tier("words")) == ([], [])


def test_rttm():
    """Ten fields a line, whatever the names."""
    lines = written("rttm", hard()).splitlines()
    assert len(lines) == len(TEXTS)
    assert all(len(line.split(" ")) == 10 for line in lines)
    assert lines[0].startswith("SPEAKER My_talk_<1> 1 0.000 ")
    assert [line.split(" ")[7] for line in lines][:3] == ["Ada,_B", "مريم", "unknown"]
    assert written("rttm", Transcript("Text.")) == ""

"""Gaps are filled where something bears them out; clocks that jump are not believed."""

from __future__ import annotations

import pytest

from anyscribe.audio.timeline import Timeline


def test_sound_that_follows():
    """Sound at its time, or a little off it, needs no silence."""
    timeline = Timeline(10.0)
    assert [timeline.gap_s(time_s, time_s - 10.0) for time_s in (10.0, 10.05, 11.0, 11.95)] == [0.0] * 4


@pytest.mark.parametrize("jump_s", [5, 3000, 95443.7, -3000, -20])
def test_a_clock_that_jumps(jump_s: float):
    """A jump that nothing bears out adds no silence, and the gaps after it are found again."""
    timeline = Timeline(0.0)
    assert timeline.gap_s(20.0 + jump_s, 20.0) == 0.0
    assert timeline.gap_s(21.0 + jump_s, 21.0) == 0.0
    assert timeline.gap_s(23.0 + jump_s, 22.0) == pytest.approx(1.0)


def test_a_gap_during_which_another_track_goes_on():
    """Pictures that go on while the sound pauses bear the gap out, however long it is."""
    timeline = Timeline(0.0)
    for second in range(301):
        timeline.note_other(float(second))
    assert timeline.gap_s(300.0, 10.0) == pytest.approx(290.0)


def test_a_gap_in_which_the_picture_jumps_too():
    """Pictures before and after a jump do not bear it out."""
    timeline = Timeline(0.0)
    for second in (*range(21), *range(3020, 3040)):
        timeline.note_other(float(second))
    assert timeline.gap_s(3020.0, 20.0) == 0.0


def test_a_gap_before_a_stated_end():
    """A container that states its own length bears out gaps up to there, and no further."""
    timeline = Timeline(0.0, 3600.0)
    assert timeline.gap_s(3000.0, 10.0) == pytest.approx(2990.0)
    assert timeline.gap_s(50_000.0, 3010.0) == 0.0


def test_losses_in_transmission():
    """A sudden gap of less than a tenth of the sound so far is a loss; together they are not more than that."""
    timeline = Timeline(0.0)
    assert timeline.gap_s(605.0, 600.0) == pytest.approx(5.0)
    assert timeline.gap_s(655.0, 605.0) == pytest.approx(50.0)
    assert timeline.gap_s(720.0, 660.0) == 0.0


def test_a_clock_that_runs_too_fast():
    """A gap that grows slowly is no loss."""
    timeline = Timeline(0.0)
    assert [timeline.gap_s(second * 1.05, float(second)) for second in range(10)] == [0.0] * 10

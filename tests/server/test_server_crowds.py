"""Many clients at once: each gets a reply, and nothing stays behind; `bench/serving.py` tests more of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crowd import ask_at_once, begin_at_once, kill
from served import field, form, long_recording, new_program, recording, request, serving, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from whispering import Reciter

pytest_plugins = ["whispering"]

CLIENTS = 60


def test_every_client_is_answered(tmp_path_factory: pytest.TempPathFactory, reciter: Reciter):
    """Of many simultaneous clients, those that find a place are served, and all others are told to retry."""
    data = request(form(field("model", "tiny.en"), recording()))
    with serving(new_program(tmp_path_factory), "--queue", "8", **reciter) as served:
        ask_at_once(served, data, CLIENTS)
        before_mib = served.resident_mib()
        for _ in range(2):
            outcomes = ask_at_once(served, data, CLIENTS)
            assert outcomes.keys() <= {"200", "429"}, outcomes
            assert outcomes["200"] >= 9
            assert outcomes.total() == CLIENTS
            until(lambda: not served.leftovers())
        assert served.resident_mib() - before_mib < 10
        assert served.transcribes()
    assert len(served.err_lines) == 1, served.err_lines


def test_killed_clients_leave_nothing(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path):
    """Clients that are killed at any stage free everything that they held."""
    model = field("model", "tiny.en")
    once = field("temperature", "0")
    whole = request(form(model, once, recording(long_recording(tmp_path, 100))))
    streamed = request(form(model, once, field("stream", "true"), recording(long_recording(tmp_path, 100))))
    with serving(new_program(tmp_path_factory), "--queue", "30", "--jobs", "2") as served:
        assert served.transcribes()
        connections = begin_at_once(served, [[whole, streamed, whole[:50_000]][number % 3] for number in range(50)])
        assert len(list(served.folder.iterdir())) == 32
        kill(connections)
        until(lambda: not served.leftovers())
        until(lambda: is_at_rest(served.busy_s))
        assert served.transcribes()
    assert len(served.err_lines) == 1, served.err_lines


def is_at_rest(busy_s: Callable[[], float]) -> bool:
    """Return whether no CPU time is being used."""
    before_s = busy_s()
    time.sleep(1)
    return busy_s() - before_s < 0.2

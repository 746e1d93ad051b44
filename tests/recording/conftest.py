"""The speech that recordings are made of here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from truthful import library, write_wav

if TYPE_CHECKING:
    from pathlib import Path

    from truthful import Spoken


@pytest.fixture(scope="session")
def spoken() -> Spoken:
    """Give half a minute of speech whose every word is known: four pieces of less than 10 s."""
    return library()


@pytest.fixture
def recording(tmp_path: Path, spoken: Spoken) -> Path:
    """Give that speech, or what a module has instead, as a file."""
    return write_wav(tmp_path / "talk.wav", spoken)

"""The speech in the recordings of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from truthful import library, write_wav

if TYPE_CHECKING:
    from pathlib import Path

    from truthful import Spoken


@pytest.fixture(scope="session")
def spoken() -> Spoken:
    """Return half a minute of speech whose every word is known: four pieces of less than 10 s."""
    return library()


@pytest.fixture
def recording(tmp_path: Path, spoken: Spoken) -> Path:
    """Return that speech, or a module's replacement for it, as a file."""
    return write_wav(tmp_path / "talk.wav", spoken)

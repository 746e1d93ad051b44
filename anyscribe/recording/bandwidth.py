"""How fast the connection to the server is, which decides whether audio is better sent small or sent soon."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from anyscribe.audio import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable

_SETTLED_S: Final = 0.5
"""What the system's own buffers take at first tells nothing about the connection."""

_SLOW_BYTES_PER_S: Final = 1_500_000
"""Where both take the same time: a second of audio is 17,500 bytes of FLAC and 0.7 ms of work, or 3,000 bytes of Opus
and 10 ms. Source: measured by `bench/cutting.py`."""


class Bandwidth:
    """The speed of all uploads together, as far as it is known.

    Args:
        clock: Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: dict[object, tuple[float, int]] = {}
        self._bytes_per_s: float | None = None

    def note(self, upload: object, done_bytes: int, *, is_done: bool) -> None:
        """Note the progress of an upload.

        Args:
            upload: Which one, by any name.
            done_bytes: How much of it was handed to the network.
            is_done: Whether that is all.
        """
        now = self._clock()
        with self._lock:
            begun_s, before_bytes = self._begun.setdefault(upload, (now, done_bytes))
            if now - begun_s >= _SETTLED_S:
                # Uploads at the same time share the connection.
                self._bytes_per_s = len(self._begun) * (done_bytes - before_bytes) / (now - begun_s)
            elif is_done and self._bytes_per_s is None:
                self._bytes_per_s = float("inf")
            if is_done:
                del self._begun[upload]

    def better_encoding(self) -> Encoding:
        """Choose the encoding of the next piece: FLAC, which is lossless, until the connection is known to be slow."""
        speed = self._bytes_per_s
        return Encoding.OPUS if speed is not None and speed < _SLOW_BYTES_PER_S else Encoding.FLAC

"""Progress in a terminal's tab or in the taskbar, for those who look at another window.

Source: https://conemu.github.io/en/AnsiEscapeCodes.html#ConEmu_specific_OSC, ``ESC ] 9 ; 4 ; state ; percent ST``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_NONE: Final = 0
_NORMAL: Final = 1
_ERROR: Final = 2
_UNKNOWN: Final = 3

_AGAIN_S: Final = 5.0
"""Ghostty takes a state that is not repeated for 15 seconds as left by a program that was killed."""


class Taskbar:
    """Shows how far a run is.

    Args:
        stream: A terminal that understands it.
        clock: Returns seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._shown = (_NONE, 0)
        self._shown_s = 0.0

    def show(self, share: float | None, *, has_failures: bool) -> None:
        """Show a share.

        Args:
            share: From 0 to 1; None if it cannot be told.
            has_failures: Whether something failed.
        """
        percent = 0 if share is None else int(100 * min(max(share, 0), 1))
        self._put(_ERROR if has_failures else _UNKNOWN if share is None else _NORMAL, percent)

    def close(self) -> None:
        """Take it away."""
        if self._shown[0] != _NONE:
            self._put(_NONE, 0)

    def _put(self, state: int, percent: int) -> None:
        now_s = self._clock()
        if (state, percent) == self._shown and now_s - self._shown_s < _AGAIN_S:
            return
        self._shown, self._shown_s = (state, percent), now_s
        self._stream.write(f"\x1b]9;4;{state};{percent}\x1b\\")
        self._stream.flush()

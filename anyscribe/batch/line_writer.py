"""Write lines for another program, which may read them slowly, or stop: that never holds up or ends paid work."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, BinaryIO

from anyscribe.errors import ClosedPipeError, OutputError
from anyscribe.sentence import Option, Sentence, plain_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class LineWriter:
    """Writes lines in a thread of its own, each as soon as it can be.

    Args:
        write: Writes a line; it may raise `OSError`, `OutputError` or `ClosedPipeError`, and is then not called again.
        close: Called in the same thread after the last line: a reader that does not read holds up nobody else.
        tell: Called once if lines can no longer be written, with the reason; not if the reader has gone.
    """

    def __init__(self, write: Callable[[bytes], None], close: Callable[[], None], tell: Callable[[str], None]) -> None:
        self._write = write
        self._close = close
        self._tell = tell
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="events", daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        """Take a line, which is written later.

        Args:
            line: ASCII, with its line feed.
        """
        self._lines.put(line)

    def close(self, longest_s: float | None = None) -> None:
        """Write what is left.

        Args:
            longest_s: How long that may take, in seconds; None waits for any reader.
        """
        self._lines.put(None)
        self._thread.join(longest_s)

    def _write_all(self) -> None:
        is_open = True
        while (line := self._lines.get()) is not None:
            if not is_open:
                continue
            try:
                self._write(line.encode())
            except (BrokenPipeError, ClosedPipeError):
                is_open = False
            except (OSError, OutputError) as error:
                is_open = False
                self._tell(error.summary(plain_name) if isinstance(error, OutputError) else str(error.strerror))
        # What is still in a buffer could not be written.
        with contextlib.suppress(OSError):
            self._close()


def open_for_lines(path: Path) -> BinaryIO:
    """Open a file for lines; what it held is replaced, unless it is a pipe or a device.

    Args:
        path: The file; its folders are created. Of a pipe, a reader is waited for.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # /dev/fd/3 may be a file that the caller has open and has written to.
        return path.open("ab" if path.is_relative_to("/dev") else "wb")
    except OSError as error:
        remedy = Sentence("{} names another place", Option("events", "FILE"))
        raise OutputError(f"cannot write {path} ({error.strerror})", remedy=remedy) from error

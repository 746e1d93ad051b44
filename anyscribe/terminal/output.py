"""Standard output: transcripts and nothing else, exactly as they are in a pipe, harmless on a terminal."""

from __future__ import annotations

import errno
import os
import sys
from typing import TextIO

from anyscribe.errors import OutputError
from anyscribe.terminal.safety import printable


class ClosedPipeError(Exception):
    """Whoever read our output has stopped reading; there is nobody left to write for."""


class StandardOutput:
    """Writes results to standard output, whole and at once.

    Args:
        stream: The process's standard output; None where it was closed before the program started.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._ends_line = True

    def write(self, body: bytes) -> None:
        """Write a result.

        Args:
            body: UTF-8; a pipe or file gets these bytes, a terminal the text without its control characters.

        Raises:
            ClosedPipeError: The reader has gone.
            OutputError: The output cannot be written.
        """
        if not body:
            return
        stream = self._stream
        if stream is None:
            raise OutputError("standard output is closed", hint="-o writes to a file")
        try:
            if stream.isatty():
                self._show(stream, body)
            else:
                # Two results that ran together would be a third one, which nobody said.
                stream.buffer.write(body if self._ends_line else b"\n" + body)
                self._ends_line = body.endswith(b"\n")
            stream.flush()
        except BrokenPipeError as error:
            silence(stream)
            raise ClosedPipeError from error
        except OSError as error:
            silence(stream)
            # Windows reports a closed pipe as an invalid argument.
            if error.errno == errno.EINVAL and sys.platform == "win32":
                raise ClosedPipeError from error
            raise OutputError(
                f"cannot write to standard output ({error.strerror})", hint="-o writes to a file"
            ) from error

    def _show(self, stream: TextIO, body: bytes) -> None:
        text = printable(body.decode("utf-8", "replace"))
        # Not every terminal knows every script; none is an error.
        encoding = stream.encoding or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
        stream.write(text if text.endswith("\n") else text + "\n")


def silence(stream: TextIO) -> None:
    """Let the interpreter's last flush of a stream that cannot be written go nowhere.

    Args:
        stream: Standard output or standard error.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)

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
        stream: The process's standard output.
    """

    def __init__(self, stream: TextIO) -> None:
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
        try:
            if not self._ends_line:
                # Two results that ran together would be a third one, which nobody said.
                self._stream.write("\n")
            if self._stream.isatty():
                text = printable(body.decode("utf-8", "replace"))
                self._stream.write(text if text.endswith("\n") else text + "\n")
            else:
                self._stream.flush()
                self._stream.buffer.write(body)
                self._ends_line = body.endswith(b"\n")
            self._stream.flush()
        except BrokenPipeError as error:
            silence(self._stream)
            raise ClosedPipeError from error
        except OSError as error:
            silence(self._stream)
            # Windows reports a closed pipe as an invalid argument.
            if error.errno == errno.EINVAL and sys.platform == "win32":
                raise ClosedPipeError from error
            raise OutputError(
                f"cannot write to standard output ({error.strerror})", hint="-o writes to a file"
            ) from error


def silence(stream: TextIO) -> None:
    """Let the interpreter's last flush of a stream that cannot be written go nowhere.

    Args:
        stream: Standard output or standard error.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)

"""Standard output: only transcripts, byte for byte in a pipe or file, escaped on a terminal."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.errors import ClosedPipeError, OutputError
from anyscribe.sentence import Option, Sentence
from anyscribe.terminal.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


_TO_A_FILE: Final = Sentence("{} writes to a file", Option("output"))


class StandardOutput:
    """Writes results to standard output, each as a whole, or a single one piece by piece.

    Args:
        stream: The process's standard output; None if it was closed before the program started.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.is_terminal = stream is not None and stream.isatty()
        self._ends_line = True
        # What sets a heading apart from the text before.
        self._blank_line = ""

    def write(self, body: bytes, *, heading: str = "") -> None:
        """Write a result.

        Args:
            body: UTF-8; a pipe or file gets these bytes, a terminal the text with control characters escaped.
            heading: The name that is written before it, as ``head`` does; empty for none.

        Raises:
            ClosedPipeError: The reader has gone.
            OutputError: The output cannot be written.
        """
        if heading:
            shown = printable(heading, one_line=True)
            body = f"{self._blank_line}==> {shown} <==\n".encode() + body
            self._blank_line = "\n"
        if not body:
            return
        if self.is_terminal:
            text = body.decode("utf-8", "replace")
            self._show(text if text.endswith("\n") else text + "\n")
        else:
            # Without a line break, two results would run together.
            self._pass_on(body if self._ends_line else b"\n" + body)
            self._ends_line = body.endswith(b"\n")

    def write_on(self, piece: str) -> None:
        """Write the next piece of a single result.

        Args:
            piece: Text without lone surrogates.

        Raises:
            ClosedPipeError: The reader has gone.
            OutputError: The output cannot be written.
        """
        if self.is_terminal:
            self._show(piece)
        else:
            self._pass_on(piece.encode())

    @contextlib.contextmanager
    def translated(self) -> Iterator[TextIO]:
        """Yield the stream, and translate its errors into this package's exceptions.

        Raises:
            ClosedPipeError: The reader has gone.
            OutputError: The output cannot be written.
        """
        stream = self.stream
        if stream is None:
            raise OutputError("standard output is closed", remedy=_TO_A_FILE)
        try:
            yield stream
        except BrokenPipeError as error:
            silence(stream)
            raise ClosedPipeError from error
        except OSError as error:
            silence(stream)
            # Windows reports a closed pipe as an invalid argument.
            if error.errno == errno.EINVAL and sys.platform == "win32":
                raise ClosedPipeError from error
            message = f"cannot write to standard output ({error.strerror})"
            raise OutputError(message, remedy=_TO_A_FILE) from error

    def _pass_on(self, body: bytes) -> None:
        with self.translated() as stream:
            stream.buffer.write(body)
            stream.flush()

    def _show(self, text: str) -> None:
        text = printable(text)
        with self.translated() as stream:
            # A terminal's encoding may lack some scripts; that is not an error.
            encoding = stream.encoding or "utf-8"
            stream.write(text.encode(encoding, "replace").decode(encoding))
            stream.flush()


def silence(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to the null device, so that the interpreter's last flush succeeds.

    Args:
        stream: Standard output or standard error.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)

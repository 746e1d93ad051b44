"""Messages as lines of a stream: in its encoding, and in colours where they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


class MessageLines:
    """Prepares messages for a stream.

    Args:
        stream: The stream.
        is_colored: Whether lines are coloured; None if the stream is a terminal.
    """

    def __init__(self, stream: TextIO, *, is_colored: bool | None) -> None:
        self._stream = stream
        self._is_colored = stream.isatty() if is_colored is None else is_colored
        self._console: Console | None = None

    def message(self, text: str) -> str:
        """Return a line that begins with the program's name, which is dim; errors are red.

        Args:
            text: Printable text in one line.
        """
        if not self._is_colored:
            return self.plain(f"anyscribe: {text}")
        from rich.text import Text  # noqa: PLC0415 - not needed for a pipe

        style = "red" if text.startswith("error:") else ""
        console = self._open_console()
        with console.capture() as captured:
            console.print(Text.assemble(("anyscribe:", "dim"), " ", (text, style)))
        return captured.get()

    def plain(self, text: str) -> str:
        """Return a line, with escapes for what the stream cannot encode: a name in any script is no error.

        Args:
            text: Printable text in one line.
        """
        encoding = self._stream.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding) + "\n"

    def _open_console(self) -> Console:
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - as above

            self._console = Console(
                file=self._stream,
                # Decided here; rich reads other variables.
                force_terminal=True,
                no_color=False,
                color_system="auto" if self._stream.isatty() else "standard",
                soft_wrap=True,
                highlight=False,
                markup=False,
                emoji=False,
            )
        return self._console

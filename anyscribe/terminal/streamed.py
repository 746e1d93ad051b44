"""A text that comes in pieces and shall end up as what it is when it comes whole."""

from __future__ import annotations

from anyscribe.errors import OutputError


class StreamedText:
    """Says of each piece what may be written of it now, so that nothing has to be taken back in the end.

    White space before the text is dropped, white space after it waits until more comes.
    """

    def __init__(self) -> None:
        self._written: list[str] = []
        self._waiting = ""

    @property
    def is_begun(self) -> bool:
        """Whether anything was given to be written."""
        return bool(self._written)

    def feed(self, delta: str) -> str:
        """Take the next piece.

        Args:
            delta: Any text.

        Returns:
            What to write now, perhaps nothing; it ends with no white space.
        """
        text = self._waiting + delta
        if not self._written:
            text = text.lstrip()
        piece = text.rstrip()
        self._waiting = text[len(piece) :]
        if piece:
            self._written.append(piece)
        return piece

    def finish(self, final: str) -> str:
        """Take the whole text.

        Args:
            final: It, perhaps with white space around.

        Returns:
            What is still to be written: what the pieces left out, and a line feed unless there is no text at all.

        Raises:
            OutputError: It is not what the pieces said, in more than white space.
        """
        final = final.strip()
        rest = _rest("".join(self._written), final)
        if rest is None:
            raise OutputError(
                "the server's final text is not the one that it streamed, which stands on standard output",
                hint="-o FILE takes the final text",
            )
        return f"{rest}\n" if final else ""


def _rest(written: str, final: str) -> str | None:
    """Give what a text has beyond what was written, taking all white space for the same; None for another text."""
    if final.startswith(written):
        return final[len(written) :]
    ends = [place + 1 for place, character in enumerate(final) if not character.isspace()]
    visible = "".join(written.split())
    if not "".join(final.split()).startswith(visible):
        return None
    return final[ends[len(visible) - 1] :]

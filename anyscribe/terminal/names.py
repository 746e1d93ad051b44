"""Names of recordings, shortened to fit a row."""

from __future__ import annotations

from anyscribe.terminal.cells import cells_of
from anyscribe.terminal.escaping import printable


def shortened(name: str, most_cells: int) -> str:
    """Shorten a name to its end, which is more distinctive than its beginning.

    Args:
        name: Any text.
        most_cells: How many columns it may take, at least 1.

    Returns:
        The name, printable in one line.
    """
    name = printable(name, one_line=True)
    if cells_of(name) <= most_cells:
        return name
    if name.isascii():
        return "…" + name[len(name) - most_cells + 1 :]
    from wcwidth import iter_graphemes  # noqa: PLC0415 - slow to load, and few names need it

    parts = list(iter_graphemes(name))
    while parts and cells_of("".join(parts)) >= most_cells:
        del parts[0]
    return "…" + "".join(parts)

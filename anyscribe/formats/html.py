"""``html``: a page to read along, in one file that needs no network; see `anyscribe.formats.page.transcript`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write the transcript as a page.

    Args:
        transcript: The transcript. Its words, in the order of its segments, are those of the segments' texts; without
            words, segments are lit and played whole; without segments, there is the text alone.
        metadata: The title, the recording's address and how the transcript was made.

    Returns:
        The whole page.
    """
    from anyscribe.formats.page.transcript import write_page  # noqa: PLC0415 - only pages need it

    return write_page(transcript, metadata)

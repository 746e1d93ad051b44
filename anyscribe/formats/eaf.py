"""``eaf``: tiers of ELAN.

Source: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.formats.tiers import Tier, tiers_of
from anyscribe.formats.xml_text import attribute, content

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

# ELAN wants a day; whoever wants none gets the first one.
_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR={author} DATE="{date}T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
{remark}</HEADER>
"""
_FOOT: Final = (
    '<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>\n'
    "</ANNOTATION_DOCUMENT>\n"
)
_NO_DATE: Final = "1970-01-01"


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write tiers for words, speakers, and how each time was found.

    Args:
        transcript: The transcript with its words.
        metadata: How it was made.

    Returns:
        The document; its tiers are empty if there are no words.
    """
    tiers = tiers_of(transcript)
    times = sorted({time_ms for tier in tiers for label in tier.labels for time_ms in (label.start_ms, label.end_ms)})
    slots = {time_ms: f"ts{number}" for number, time_ms in enumerate(times, 1)}
    made = metadata.provenance
    remark = f'<PROPERTY NAME="provenance">{content(str(made))}</PROPERTY>\n' if made else ""
    head = _HEAD.format(
        author=attribute("anyscribe" if made else ""), date=(made and made.date) or _NO_DATE, remark=remark
    )
    order = (f'<TIME_SLOT TIME_SLOT_ID="{slot}" TIME_VALUE="{time_ms}"/>\n' for time_ms, slot in slots.items())
    return "".join([head, "<TIME_ORDER>\n", *order, "</TIME_ORDER>\n", *_tiers(tiers, slots), _FOOT])


def _tiers(tiers: list[Tier], slots: Mapping[int, str]) -> Iterator[str]:
    number = 0
    for tier in tiers:
        yield f'<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="{tier.name}">\n'
        for label in tier.labels:
            number += 1
            yield (
                f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}"'
                f' TIME_SLOT_REF1="{slots[label.start_ms]}" TIME_SLOT_REF2="{slots[label.end_ms]}">'
                f"<ANNOTATION_VALUE>{content(label.text)}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
            )
        yield "</TIER>\n"

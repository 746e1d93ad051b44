"""``ttml``: IMSC 1.1 in its text profile, as broadcasters and streaming services take subtitles.

Source: https://www.w3.org/TR/ttml-imsc1.1/, https://www.w3.org/TR/ttml2/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import cues_to_write, one_line
from anyscribe.formats.timestamps import vtt_timestamp
from anyscribe.formats.xml_text import attribute, content, is_right_to_left
from anyscribe.languages import language_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" \
xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling" \
ttp:contentProfiles="http://www.w3.org/ns/ttml/profile/imsc1.1/text" ttp:timeBase="media" \
ttp:cellResolution="32 15" xml:lang={language}>
<head>
<metadata>
{metadata}</metadata>
<styling>
<style xml:id="cue" tts:color="white" tts:backgroundColor="transparent" tts:fontFamily="proportionalSansSerif" \
tts:fontSize="100%" tts:lineHeight="125%" tts:textAlign="center" tts:textOutline="black 5%"/>
</styling>
<layout>
<region xml:id="below" tts:origin="10% 80%" tts:extent="80% 15%" tts:displayAlign="after" tts:overflow="visible"/>
</layout>
</head>
<body style="cue" region="below">
<div>
"""
_FOOT: Final = "</div>\n</body>\n</tt>\n"
_RIGHT_TO_LEFT: Final = ' tts:direction="rtl" tts:unicodeBidi="embed"'


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write the segments as paragraphs; speakers are agents, which players do not show.

    Args:
        transcript: The transcript; each segment with text becomes a paragraph, ordered by start.
        metadata: The title, and how the transcript was made.

    Returns:
        The document; without paragraphs if there is no text.
    """
    language = language_code(transcript.language) if transcript.language else None
    names = dict.fromkeys(one_line(segment.speaker or "") for segment in transcript.segments)
    agents = {name: f"speaker{number}" for number, name in enumerate(filter(None, names), 1)}
    head = _HEAD.format(language=attribute(language or ""), metadata=_metadata(metadata, agents))
    paragraphs = (
        _paragraph(segment, text, end_ms, agents) for segment, text, end_ms in cues_to_write(transcript.segments)
    )
    return "".join([head, *paragraphs, _FOOT])


def _metadata(metadata: Metadata, agents: Mapping[str, str]) -> str:
    lines = [f"<ttm:title>{content(metadata.title)}</ttm:title>"] if metadata.title else []
    lines += [f"<ttm:desc>{content(str(metadata.provenance))}</ttm:desc>"] if metadata.provenance else []
    lines += (
        f'<ttm:agent xml:id="{identity}" type="person"><ttm:name type="alias">{content(name)}</ttm:name></ttm:agent>'
        for name, identity in agents.items()
    )
    return "".join(f"{line}\n" for line in lines)


def _paragraph(segment: Segment, text: str, end_ms: int, agents: Mapping[str, str]) -> str:
    agent = agents.get(one_line(segment.speaker or ""))
    times = f'begin="{vtt_timestamp(segment.start_ms)}" end="{vtt_timestamp(end_ms)}"'
    said_by = f' ttm:agent="{agent}"' if agent else ""
    direction = _RIGHT_TO_LEFT if is_right_to_left(text) else ""
    return f"<p {times}{said_by}{direction}>{content(text).replace(chr(10), '<br/>')}</p>\n"

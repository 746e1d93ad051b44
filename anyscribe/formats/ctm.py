"""CTM: a word with its time on each line, as Kaldi, NeMo and scorers write it.

Source: https://github.com/usnistgov/SCTK (``doc/infmts.htm``)
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.prose import running_text, without_mark
from anyscribe.formats.spans import mended_spans
from anyscribe.transcript import Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEEN_LINES: Final = 20
_COMMENT: Final = ";;"
_NUMBER: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_LINE: Final = re.compile(
    rf"(\S+)\s+(\S+)\s+({_NUMBER})\s+({_NUMBER})\s+(\S+)(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?\s*"
)
_NO_WORDS: Final = frozenset({"<eps>", "<sil>", "sil", "!sil", "@", "<blk>", "<pause>"})
_NOBODY: Final = frozenset({"", "na", "null", "unknown"})


def is_ctm(text: str) -> bool:
    """Return whether a text is in this format: each of its first lines is.

    Args:
        text: Any text.
    """
    lines = list(itertools.islice(_lines(text), _SEEN_LINES))
    found = [match for line in lines if (match := _LINE.fullmatch(line))]
    # Prose has numbers too, and seldom with decimals.
    return bool(lines) and len(found) == len(lines) and any("." in match[3] + match[4] for match in found)


def parse(text: str) -> Transcript:
    """Read the words.

    Args:
        text: The file's text.

    Returns:
        The words, ordered by start; the channel is the speaker if there are several.

    Raises:
        ValueError: A line is no word, or there are several recordings; the message is one line.
    """
    entries = []
    for line in _lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"expected a recording, a channel, a start, a length and a word, found {line[:60]!r}")
        entries.append(match.groups(default=""))
    recordings = {entry[0] for entry in entries}
    if len(recordings) > 1:
        raise ValueError(f"it is about {len(recordings):,} recordings; give the lines of one")
    channels = {entry[1] for entry in entries}
    spoken = [entry for entry in entries if entry[4].lower() not in _NO_WORDS]
    spans = mended_spans(
        [(float(start), float(start) + float(length)) for _, _, start, length, *_ in spoken], duration_ms=None
    )
    words = []
    for (_, channel, _, _, word, confidence, _, name), (start_ms, end_ms) in zip(spoken, spans, strict=True):
        speaker = name if name.lower() not in _NOBODY else f"Channel {channel}" if len(channels) > 1 else None
        words.append(Word(word, start_ms, end_ms, _chance(confidence), speaker=speaker))
    words.sort(key=lambda word: word.start_ms)
    return Transcript(running_text(word.text for word in words), words=tuple(words))


def _lines(text: str) -> Iterator[str]:
    lines = (line.strip() for line in without_mark(text).splitlines())
    return (line for line in lines if line and not line.startswith(_COMMENT))


def _chance(text: str) -> float | None:
    try:
        chance = float(text)
    except ValueError:
        return None
    return chance if 0 <= chance <= 1 else None

"""What stands in subtitles and is not said: names of speakers, and descriptions of sounds."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_files.document import tidy
from anyscribe.lint.turns import DASHES, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEAST_TIMES: Final = 2
"""What stands before a colon is a name if it does so as often as this; once, it may be part of a sentence."""

_NOTE: Final = re.compile(r"\[[^\]]*\]|\u3010[^\u3011]*\u3011|\*[^*\n]+\*|\([^()]*\)|\uff08[^\uff09]*\uff09")
_ROUND: Final = "(\uff08"


def spoken_texts(texts: Sequence[str]) -> list[str]:
    """Return what is said of the cues of a file.

    Args:
        texts: The texts of its cues, with line breaks.

    Returns:
        The texts without names and descriptions, in the same order; empty where nothing is left.
    """
    outside = [list(map(tidy, "".join(_outside_notes(text)).split("\n"))) for text in texts]
    counts = Counter(found.name for lines in outside for line in lines if (found := named(line)))
    said = [[_without_name(line, counts) for line in lines] for lines in outside]
    return ["\n".join(line for line in lines if any(map(str.isalnum, line))) for lines in said]


def _outside_notes(text: str) -> Iterator[str]:
    at = 0
    for note in _NOTE.finditer(text):
        before = text[: note.start()].rpartition("\n")[2]
        is_aside = note.group()[0] in _ROUND and before.strip(f" {DASHES}>") and not note.group().isupper()
        if not is_aside:  # In round brackets within a line there may be words that are said.
            yield text[at : note.start()]
            at = note.end()
    yield text[at:]


def _without_name(line: str, counts: Counter[str]) -> str:
    found = named(line)
    is_name = found is not None and (found.is_plain or counts[found.name] >= _LEAST_TIMES)
    return found.said.strip() if found and is_name else line

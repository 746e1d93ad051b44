"""Judge a file, and tell what of that can be mended: it is mended in memory and judged again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from anyscribe.formats.cue_files.markup import SRT, VTT
from anyscribe.formats.cue_files.reading import read
from anyscribe.lint.case import Case
from anyscribe.lint.mending import mended
from anyscribe.lint.rules import NAMES, violations_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from anyscribe.formats.cue_files.document import Document
    from anyscribe.lint.case import Violation
    from anyscribe.lint.sound import Sound
    from anyscribe.subtitles.profiles import NamedProfile


class Judgement(NamedTuple):
    """What is wrong with a file.

    Args:
        violations: The places that break a rule, in order of lines.
        left: Those that the mended file has.
        mended: The mended file; the same bytes if there is nothing to mend.
    """

    violations: Sequence[Violation]
    left: Sequence[Violation]
    mended: bytes


def judge(  # noqa: PLR0913 - a file, and all that it is judged by
    content: bytes,
    extension: str,
    profile: NamedProfile,
    *,
    language: str | None = None,
    sound: Sound | None = None,
    wanted: Collection[str] = NAMES,
) -> Judgement:
    """Judge a file.

    Args:
        content: Its bytes.
        extension: Its name's end, one of `reading.READERS`.
        profile: The publisher's limits.
        language: The language of the text; None for the one that the file states, or that its words are of.
        sound: What the recording tells; None if there is none.
        wanted: The names of the rules that count.
    """
    document = read(content, extension, language)
    language = language or document.language or None
    case = Case.of(document, profile, language, sound)
    violations = violations_of(case, wanted)
    if not violations or not document.is_readable:
        return Judgement(violations, violations, content)
    better = mended(case, wanted)
    is_file = any(violation.cue is None and violation.rule in _WRITTEN_ANEW for violation in violations)
    if better.cues == document.cues and not is_file:
        return Judgement(violations, violations, content)
    body = better.written()
    after = replace(case, document=read(body, extension))
    for _ in range(_MOST_PASSES):
        # Formats round times, and what is written may be read otherwise.
        better = mended(after, wanted)
        if better.cues == after.document.cues:
            break
        body = better.written()
        after = replace(case, document=read(body, extension))
    if not after.document.is_readable or _seen(after.document) != _seen(document):
        return Judgement(violations, violations, content)
    left = violations_of(after, wanted)
    rest = _places(left, after.document)
    marked = [
        violation._replace(is_mendable=not _is_among(place, rest.get(violation.rule, ())))
        for violation, place in zip(violations, _spans(violations, document), strict=True)
    ]
    return Judgement(marked, left, body)


def _seen(document: Document) -> Counter[str]:
    """Return how often each character is seen; cues that are divided may change places."""
    return Counter("".join("".join(cue.shown for cue in document.cues).split()))


_MOST_PASSES = 3
_WRITTEN_ANEW = frozenset({"encoding", "timestamp", "numbering"})
"""Rules that a file keeps once it is written anew."""


def _spans(violations: Sequence[Violation], document: Document) -> list[tuple[int, int]]:
    """Return which characters of the file's text each violation is about, without white space."""
    order = list(range(len(document.cues)))
    if document.markup in (SRT, VTT):
        order.sort(key=lambda index: document.cues[index].start_ms)
    sizes = [len("".join(document.cues[index].text.split())) for index in order]
    begins = accumulate(sizes, initial=0)
    spans = {index: (begin, begin + size) for index, begin, size in zip(order, begins, sizes, strict=False)}
    return [(0, 0) if one.cue is None else spans[one.cue] for one in violations]


def _places(violations: Sequence[Violation], document: Document) -> Mapping[str, Sequence[tuple[int, int]]]:
    places: dict[str, list[tuple[int, int]]] = {}
    for violation, span in zip(violations, _spans(violations, document), strict=True):
        places.setdefault(violation.rule, []).append(span)
    return places


def _is_among(place: tuple[int, int], places: Sequence[tuple[int, int]]) -> bool:
    begin, end = place
    return any((first < end and begin < last) or (first, last) == place for first, last in places)

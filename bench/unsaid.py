"""Cues that nobody says, planted among real ones: how many `anyscribe lint` finds, and how many it reports rightly.

    python bench/unsaid.py FOLDER

FOLDER is as for `lint.py`. In the subtitles of each recording, one cue after another is exchanged for another sentence
of its language, exchanged for that of another cue, doubled, or followed by one that nobody says and that has half its
time. Where a cue stands there twice, either is right.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import defaultdict
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lint import as_transcript

from anyscribe import api
from anyscribe.alignment.ctc import aligner
from anyscribe.formats import srt
from anyscribe.lint.judging import judge
from anyscribe.lint.sound import Sound
from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.profiles import PROFILES
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.alignment.ctc.network import PhonemeNetwork

_NETFLIX = PROFILES["netflix"]
_TEXTS = Path(__file__).parent / "texts"
_BETWEEN_MS = 84
_SHORTEST_S = 10
_TEXT_OF: Final = {"en": "english", "de": "de", "es": "es", "fr": "fr", "zh": "cmn"}
_OTHERS: Final = {
    "pt": "A biblioteca da cidade abre às nove horas da manhã e fecha ao fim da tarde. Quem quiser levar um livro "
    "precisa de um cartão. As crianças não pagam nada. Ontem choveu muito e o rio quase chegou à ponte velha.",
    "ja": "図書館は毎朝九時に開きます。子供たちは無料で本を借りることができます。昨日は一日中雨が降っていました。"
    "来月の旅行のために新しい鞄を買うつもりです。駅の前に大きな公園があって春には桜がきれいです。",
}


def main(folder: Path) -> None:
    """Print the figures of each kind and language."""
    _heard_once()
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for entry in json.loads((folder / "labels.json").read_text(encoding="utf-8")):
        if entry["seconds"] < _SHORTEST_S:
            continue
        cues = to_cues(as_transcript(entry), _NETFLIX.cues).segments
        for kind, planted, right in _files(entry["language"], cues):
            reported = _reported(folder / entry["file"], entry["language"], planted)
            for name in (kind, entry["language"], "all"):
                count = counts[name]
                count[0] += bool(right)
                count[1] += bool(reported & right)
                count[2] += len(reported - right)
                count[3] += len(planted) - bool(right)
    print("            planted   found     %  wrong  of cues  right in %")
    for name, (sought, found, wrong, others) in counts.items():
        share = f"{found / sought:6.1%}" if sought else "     -"
        right_in = f"{found / (found + wrong):6.1%}" if found + wrong else "     -"
        print(f"{name:<12}{sought:>7}{found:>8}{share}{wrong:>7}{others:>9}{right_in:>12}")


def _files(language: str, cues: tuple[Segment, ...]) -> Iterator[tuple[str, list[Segment], set[int]]]:
    """Yield each kind of fault, the cues with it, and the indices of those that nobody says."""
    chance = random.Random(5)  # noqa: S311 - the same each time
    yield "none", list(cues), set()
    for index, cue in enumerate(cues):
        before, after = cues[:index], cues[index + 1 :]
        strange = replace(cue, text=_strange(chance, language, len(cue.text)))
        yield "exchanged", [*before, strange, *after], {index}
        others = [one.text for one in cues if one.text != cue.text]
        yield "elsewhere", [*before, replace(cue, text=chance.choice(others)), *after], {index}
        middle_ms = (cue.start_ms + cue.end_ms) // 2
        first = replace(cue, end_ms=middle_ms - _BETWEEN_MS)
        yield "doubled", [*before, first, replace(cue, start_ms=middle_ms), *after], {index, index + 1}
        yield "inserted", [*before, first, replace(strange, start_ms=middle_ms), *after], {index + 1}


def _strange(chance: random.Random, language: str, chars: int) -> str:
    """Return about so many characters that are said in no recording."""
    text = _OTHERS.get(language) or (_TEXTS / f"{_TEXT_OF[language]}.txt").read_text(encoding="utf-8")
    sentences = re.findall(r"[^.!?。]+[.!?。]+", " ".join(text.split()))
    begin = chance.randrange(len(sentences))
    said = " ".join(islice(_around(sentences, begin), 1 + chars // 4)).replace("。 ", "。")
    if " " not in said:
        return said[:chars]
    return said[: said.find(" ", chars) if said.find(" ", chars) > 0 else None].strip()


def _around(sentences: list[str], begin: int) -> Iterator[str]:
    for number in range(begin, begin + len(sentences)):
        yield sentences[number % len(sentences)].strip()


def _heard_once() -> None:
    """Let the aligner hear each recording once, since only the text differs."""
    known: dict[bytes, list[Any]] = {}
    hear = aligner.hear

    def again(network: PhonemeNetwork, audio: Iterable[bytes]) -> Iterator[Any]:
        sound = b"".join(audio)
        if sound not in known:
            known[sound] = list(hear(network, [sound]))
        yield from known[sound]

    aligner.hear = again  # type: ignore[attr-defined]


def _reported(path: Path, language: str, cues: list[Segment]) -> set[int]:
    body = srt.render(Transcript("", segments=tuple(cues)))
    heard = api.align(path, body, language=language)
    sound = Sound(heard.words, heard.duration_ms, heard.findings)
    found = judge(body.encode(), ".srt", _NETFLIX, language=language, sound=sound, wanted=("not-said",)).violations
    return {one.cue for one in found if one.cue is not None}


if __name__ == "__main__":
    main(Path(sys.argv[1]))

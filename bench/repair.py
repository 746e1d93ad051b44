"""How many spoilt transcripts are repaired word for word, and that an answer that is no better changes nothing.

Recordings of two and a half minutes are made of sentences that flite speaks, with pauses and long silences; flite's own
phone times are the truth. A server on loopback answers the whole recording with a transcript that is spoilt in one way,
in one of three forms, and a stretch of it truthfully or not.

    python bench/repair.py [recordings]

Needs the program flite (Debian package `flite`).
"""

from __future__ import annotations

import difflib
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent / "samples"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import make_library
from completeness import sentences
from loopback import Reply, json_reply
from truthful import Spoken, SpokenWord, TruthfulServer, write_wav

import anyscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truthful import Heard

_BYTES_PER_MS: Final = 32
_SENTENCES: Final = 20
_WORDS_IN_SEGMENT: Final = 12
_GAP_MS: Final = 1_500
_MISHEARD: Final = "q"
_LONG_PAUSE_MS: Final = 3_000


@dataclass
class Spoilt:
    """What became of some transcripts."""

    count: int = 0
    exact: int = 0
    lost: int = 0
    added: int = 0
    requests: int = 0


class SpoilingServer(TruthfulServer):
    """Answers a whole recording with a spoilt transcript, and stretches of it as told.

    Args:
        spoken: The recording.
        form: ``words``, ``segments`` or ``bare``.
        spoilt: The words of the spoilt transcript.
        again: Makes the words of a stretch from those that are spoken there.
    """

    def __init__(
        self,
        spoken: Spoken,
        form: str,
        spoilt: Sequence[SpokenWord],
        again: Callable[[list[SpokenWord]], list[SpokenWord]],
    ) -> None:
        super().__init__(spoken, formats=("json",) if form == "bare" else ("verbose_json",))
        self.form = form
        self.spoilt = list(spoilt)
        self.again = again

    def _find(self, pcm: bytes) -> int:
        """Return where in the recording a piece starts; phrases occur more than once."""
        return self.spoken.pcm.index(pcm) // 2

    def _rendered(self, wanted: str, heard: Heard, duration_ms: int) -> Reply:  # noqa: ARG002 - as its base
        words = self.spoilt if duration_ms == self.spoken.duration_ms else self.again(list(heard.words))
        text = " ".join(word.text for word in words)
        if self.form == "bare":
            return json_reply({"text": text})
        start_ms = heard.start_sample / 16
        groups: list[list[SpokenWord]] = []
        for word in words:
            last = groups[-1] if groups else []
            if not last or len(last) >= _WORDS_IN_SEGMENT or word.start_ms - last[-1].end_ms > _GAP_MS:
                groups.append([])
            groups[-1].append(word)
        members: dict[str, Any] = {"task": "transcribe", "duration": duration_ms / 1000, "text": text}
        if self.form == "words":
            members["words"] = [
                {"word": word.text, "start": (word.start_ms - start_ms) / 1000, "end": (word.end_ms - start_ms) / 1000}
                for word in words
            ]
        else:
            members["segments"] = [
                {
                    "id": number,
                    "start": max(0, group[0].start_ms - start_ms - 300) / 1000,
                    "end": (group[-1].end_ms - start_ms + 500) / 1000,
                    "text": " ".join(word.text for word in group),
                }
                for number, group in enumerate(groups)
            ]
        return json_reply(members)


def main() -> None:
    """Make the recordings, spoil their transcripts, have them repaired and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    chance = random.Random(11)  # noqa: S311 - the same recordings each time
    said = [make_library.speak(sentence) for sentence in sentences(chance)]
    recordings = [_record(said, chance) for _ in range(count)]
    print(f"{count} recordings of {min(one.duration_ms for one in recordings) / 60_000:.1f} minutes or more")
    with tempfile.TemporaryDirectory() as folder:
        for manner, again in (
            ("truthfully", _truly),
            ("with every eighth word misheard, 0.2 s off", _roughly),
        ):
            print(f"\nanswered {manner}: words in place; words lost, words too many; requests for a recording")
            for name, spoil in SPOILT.items():
                for form in ("words", "segments", "bare"):
                    result = _run(recordings, form, spoil, again, Path(folder))
                    told = f"{result.exact:3} of {result.count}; {result.lost:3} lost, {result.added:3} too many"
                    print(f"  {name:<24} {form:<9} {told}; {result.requests / result.count - 1:.1f}")
        print("\nanswered otherwise: how many transcripts are as they were before, or right")
        for answer, again in AGAIN.items():
            cells = [
                _unchanged(recordings, form, SPOILT[name], again, Path(folder))
                for name in ("10 s missing", "a loop", "thanks, in silence")
                for form in ("words", "segments", "bare")
            ]
            print(f"  {answer:<30} {' '.join(f'{cell:>3}' for cell in cells)}")


def _record(said: Sequence[tuple[bytes, list[make_library.Word]]], chance: random.Random) -> Spoken:
    """Join sentences with pauses; two of these are long silences."""
    pcm = bytearray(500 * _BYTES_PER_MS)
    words: list[SpokenWord] = []
    long = dict(zip(chance.sample(range(8, _SENTENCES - 4), 2), (34_000, 7_000), strict=True))
    for index, (sound, spoken) in enumerate(chance.sample(said, _SENTENCES)):
        pcm += bytes(long.get(index, chance.randrange(200, 1_200)) * _BYTES_PER_MS)
        at_ms = len(pcm) // _BYTES_PER_MS
        words += [
            SpokenWord(word.text, at_ms + round(word.start_s * 1000), at_ms + round(word.end_s * 1000))
            for word in spoken
        ]
        pcm += sound
    pcm += bytes(9_000 * _BYTES_PER_MS)
    return Spoken(bytes(pcm), words)


def _run(recordings: Sequence[Spoken], form: str, spoil: Any, again: Any, folder: Path) -> Spoilt:  # noqa: ANN401
    result = Spoilt()
    chance = random.Random(5)  # noqa: S311 - likewise
    for spoken in recordings:
        before = spoil(spoken, chance)
        text, requests, _ = _repaired(spoken, form, before, again, folder)
        text = [word.removeprefix(_MISHEARD).lower() for word in text]
        truth = [word.text.lower() for word in spoken.words]
        result.count += 1
        result.requests += requests
        result.exact += text == truth
        for kind, old_first, old_end, new_first, new_end in difflib.SequenceMatcher(
            None, truth, text, autojunk=False
        ).get_opcodes():
            if kind != "equal":
                result.lost += old_end - old_first
                result.added += new_end - new_first
    return result


def _unchanged(recordings: Sequence[Spoken], form: str, spoil: Any, again: Any, folder: Path) -> str:  # noqa: ANN401
    same: Counter[bool] = Counter()
    chance = random.Random(5)  # noqa: S311 - likewise
    for spoken in recordings:
        before = spoil(spoken, chance)
        text, _, __ = _repaired(spoken, form, before, again, folder)
        same[text in ([word.text for word in before], [word.text for word in spoken.words])] += 1
    return f"{same[True]}/{same.total()}"


def _repaired(
    spoken: Spoken,
    form: str,
    before: Sequence[SpokenWord],
    again: Any,  # noqa: ANN401 - as below
    folder: Path,
) -> tuple[list[str], int, list[str]]:
    told: list[str] = []
    path = write_wav(folder / "talk.wav", spoken)
    with SpoilingServer(spoken, form, before, again) as server:
        transcript = anyscribe.transcribe(
            path,
            base_url=server.url,
            model="whisper-1",
            repair=True,
            store=False,
            on_event=lambda event: told.append(str(getattr(event, "message", ""))),
        )
        requests = len(server.heard)
    words = transcript.text.split()
    _check(transcript)
    if "-v" in sys.argv:
        print(form, [line for line in told if "asked" in line or "not" in line], transcript.findings)
    return words, requests, told


def _check(transcript: anyscribe.Transcript) -> None:
    """Raise if text, segments and words do not agree, or are not in order."""
    words = transcript.text.split()
    in_segments = " ".join(segment.text for segment in transcript.segments).split()
    in_words = [word.text for word in transcript.words]
    starts_ms = [unit.start_ms for unit in transcript.words or transcript.segments]
    if in_segments not in ([], words) or in_words not in ([], words) or starts_ms != sorted(starts_ms):
        raise ValueError(transcript.text)


def _dropped(seconds: int) -> Any:  # noqa: ANN401 - as below
    def spoil(spoken: Spoken, chance: random.Random) -> list[SpokenWord]:
        """Remove words with so many seconds of speech."""
        words = list(spoken.words)
        while True:
            first = chance.randrange(3, len(words) - 3)
            last, said_ms = first, 0
            while last < len(words) and said_ms < seconds * 1000:
                said_ms += words[last].end_ms - words[last].start_ms
                last += 1
            gaps = [right.start_ms - left.end_ms for left, right in pairwise(words[first:last])]
            if said_ms >= seconds * 1000 and max(gaps) < _LONG_PAUSE_MS:
                return [*words[:first], *words[last:]]

    return spoil


def _ends_early(spoken: Spoken, _: random.Random) -> list[SpokenWord]:
    return list(spoken.words[: len(spoken.words) * 3 // 4])


def _starts_late(spoken: Spoken, _: random.Random) -> list[SpokenWord]:
    return list(spoken.words[len(spoken.words) // 4 :])


def _nothing(_: Spoken, __: random.Random) -> list[SpokenWord]:
    return []


def _loop(spoken: Spoken, chance: random.Random) -> list[SpokenWord]:
    """Replace 50 words by a phrase."""
    words = list(spoken.words)
    first = chance.randrange(5, len(words) - 60)
    phrase = ["and", "thank", "you", "very", "much"]
    said = [SpokenWord(phrase[n % 5], word.start_ms, word.end_ms) for n, word in enumerate(words[first : first + 50])]
    return [*words[:first], *said, *words[first + 50 :]]


def _thanks(spoken: Spoken, _: random.Random) -> list[SpokenWord]:
    """Add a sentence in the silence at the end."""
    return [*spoken.words, *_said("Thank you for watching.", spoken.words[-1].end_ms + 3_500)]


def _thanks_between(spoken: Spoken, _: random.Random) -> list[SpokenWord]:
    """Add a sentence in the longest silence."""
    words = list(spoken.words)
    index = max(range(1, len(words)), key=lambda at: words[at].start_ms - words[at - 1].end_ms)
    return [*words[:index], *_said("Thank you for watching.", words[index - 1].end_ms + 12_000), *words[index:]]


def _said(text: str, at_ms: int) -> list[SpokenWord]:
    return [SpokenWord(word, at_ms + 300 * n, at_ms + 300 * n + 280) for n, word in enumerate(text.split())]


SPOILT: Final[dict[str, Any]] = {
    "10 s missing": _dropped(10),
    "20 s missing": _dropped(20),
    "a quarter at the start": _starts_late,
    "a quarter at the end": _ends_early,
    "everything missing": _nothing,
    "a loop": _loop,
    "thanks, in silence": _thanks,
    "thanks, between": _thanks_between,
}


def _truly(words: list[SpokenWord]) -> list[SpokenWord]:
    return words


def _roughly(words: list[SpokenWord]) -> list[SpokenWord]:
    """Mishear every eighth word, write all of them in lower case, and be off by 0.2 s."""
    chance = random.Random(len(words))  # noqa: S311 - likewise
    off_ms = chance.choice((-200, 200))
    return [
        SpokenWord(
            (_MISHEARD if chance.randrange(8) == 0 else "") + word.text.lower(),
            max(0, word.start_ms + off_ms),
            max(0, word.end_ms + off_ms),
        )
        for word in words
    ]


def _other(words: list[SpokenWord]) -> list[SpokenWord]:
    """Say something else, of the same length."""
    texts = "so we went down to see what else might be had there for those few people".split()  # noqa: SIM905
    return [SpokenWord(texts[n % len(texts)], word.start_ms, word.end_ms) for n, word in enumerate(words)]


def _margins(words: list[SpokenWord]) -> list[SpokenWord]:
    """Leave out the middle."""
    return [*words[:4], *words[-4:]]


def _again_loop(words: list[SpokenWord]) -> list[SpokenWord]:
    inner = words[4:-4]
    phrase = ["and", "thank", "you", "very", "much"]
    said = [SpokenWord(phrase[n % 5], word.start_ms, word.end_ms) for n, word in enumerate(inner)]
    return [*words[:4], *said, *words[-4:]]


def _made_up(words: list[SpokenWord]) -> list[SpokenWord]:
    return _said("Thank you for watching.", words[0].start_ms if words else 1_000)


AGAIN: Final[dict[str, Any]] = {
    "nothing": lambda _: [],
    "something else": _other,
    "the margins alone": _margins,
    "a loop": _again_loop,
    "thanks for watching": _made_up,
}


if __name__ == "__main__":
    main()

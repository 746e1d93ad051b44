"""How often the completeness check finds errors in a transcript, and how often it doubts a correct one.

Recordings of about five minutes are made of sentences that flite speaks, in random order, with pauses, long silences
and beeps between them; flite's own phone times are the truth. Then transcripts are corrupted in one way at a time. All
loud audio counts as speech: the check must work with a detector that takes beeps for speech and misses whispers.

python bench/completeness.py [recordings]

Needs the program flite (Debian package `flite`).
"""

from __future__ import annotations

import array
import math
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parent.parent / "samples"))

import make_library

from anyscribe.completeness import find_problems
from anyscribe.timespan import Span
from anyscribe.transcript import Segment, Timing, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.transcript import Finding

_BYTES_PER_MS: Final = 32
_FRAME_MS: Final = 20
_CLOSE_MS: Final = 200
_LOUD: Final = 400
_PIECES: Final = "text of 30 s each"
_PIECE_MS: Final = 30_000
_SENTENCES: Final = 60
_NEAR_MS: Final = 2_000
_WHO: Final = "the old man,a teacher,my brother,the doctor,our neighbor,the captain,a farmer,the young girl,an artist"
_DID: Final = "found,carried,painted,sold,described,repaired,watched,bought,remembered,opened,cleaned,photographed"
_WHAT: Final = "a wooden boat,the garden gate,three letters,the kitchen window,a heavy box,the yellow house,some bread"
_WHERE: Final = "near the harbor,behind the church,after dinner,in the morning,on the bridge,before winter,last summer"
_WHY: Final = "because nobody was there,while the rain fell,and then went home,although it was late,without a word"


@dataclass(frozen=True)
class Recording:
    """A recording with known words."""

    words: tuple[Word, ...]
    speech: tuple[Span, ...]
    duration_ms: int


def main() -> None:
    """Make the recordings, corrupt their transcripts and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance = random.Random(7)  # noqa: S311 - the same recordings each time
    spoken = [make_library.speak(sentence) for sentence in sentences(chance)]
    recordings = [_record(spoken, chance) for _ in range(count)]
    lengths = [recording.duration_ms for recording in recordings]
    print(f"{count} recordings of {min(lengths) / 60_000:.1f} to {max(lengths) / 60_000:.1f} minutes")

    print("\nright transcripts: how many are doubted (none should be)")
    for name in FORMS:
        wrong = [doubts for one in recordings if (doubts := _doubts(one.words, name, one))]
        print(f"  {name:<34} {len(wrong):3} of {count}", *(f"\n      {doubt}" for doubt in sum(wrong, ())[:3]))

    print("\nspoilt transcripts: how many are doubted there (and how many elsewhere, too)")
    print(f"  {'':<34} {'  '.join(f'{name:>17}' for name in FORMS)}")
    for name, spoil in SPOILT.items():
        cells = []
        for form in FORMS:
            found: Counter[str] = Counter()
            for one in recordings:
                words, place = spoil(one, chance)
                found.update(_judged(_doubts(words, form, one), place))
            cells.append(f"{found['there']:3} ({found['elsewhere']})")
        print(f"  {name:<34} {'  '.join(f'{cell:>17}' for cell in cells)}")
    _print_cost(recordings[0])


def sentences(chance: random.Random) -> list[str]:
    """Make sentences of parts, at random."""
    parts = [part.split(",") for part in (_WHO, _DID, _WHAT, _WHERE, _WHY)]
    return [" ".join(map(chance.choice, parts)).capitalize() + "." for _ in range(_SENTENCES)]


def _record(spoken: Sequence[tuple[bytes, list[make_library.Word]]], chance: random.Random) -> Recording:
    """Join sentences with pauses; four of these are long silences, two are beeps too short to raise a finding."""
    chosen = chance.sample(spoken, 55)
    special = dict(zip(chance.sample(range(1, 55), 6), "ssssbb", strict=True))
    pcm = bytearray(chance.randrange(3_000) * _BYTES_PER_MS)
    words: list[Word] = []
    for index, (sound, said) in enumerate(chosen):
        kind = special.get(index)
        if kind == "s":
            pcm += bytes(chance.randrange(5_000, 35_000) * _BYTES_PER_MS)
        elif kind == "b":
            pcm += _beeps(chance.randrange(2_000, 6_000))
        else:
            pcm += bytes(chance.randrange(200, 1_500) * _BYTES_PER_MS)
        start_ms = len(pcm) // _BYTES_PER_MS
        words += [
            Word(word.text, start_ms + round(word.start_s * 1000), start_ms + round(word.end_s * 1000)) for word in said
        ]
        pcm += sound
    pcm += bytes(chance.randrange(8_000, 15_000) * _BYTES_PER_MS)
    return Recording(tuple(words), _loud(bytes(pcm)), len(pcm) // _BYTES_PER_MS)


def _loud(pcm: bytes) -> tuple[Span, ...]:
    """Return the loud spans, merging those that are close."""
    spans: list[Span] = []
    for start_ms in range(0, len(pcm) // _BYTES_PER_MS - _FRAME_MS, _FRAME_MS):
        frame = array.array("h", pcm[start_ms * _BYTES_PER_MS : (start_ms + _FRAME_MS) * _BYTES_PER_MS])
        if max(frame) > _LOUD:
            begins_ms = start_ms
            if spans and start_ms - spans[-1].end_ms < _CLOSE_MS:
                begins_ms = spans.pop().start_ms
            spans.append(Span(begins_ms, start_ms + _FRAME_MS))
    return tuple(spans)


def _beeps(length_ms: int) -> bytes:
    tone = (round(6_000 * math.sin(math.tau * 880 * n / 16_000)) for n in range(16 * length_ms))
    return array.array("h", tone).tobytes()


def _check(recording: Recording, transcript: Transcript) -> tuple[Finding, ...]:
    return find_problems(transcript, recording.speech, duration_ms=recording.duration_ms)


def _doubts(words: Sequence[Word], form: str, recording: Recording) -> tuple[Finding, ...]:
    """Check words in one of the forms of transcripts."""
    if form != _PIECES:
        return _check(recording, FORMS[form](words, recording))
    doubts: list[Finding] = []
    for start_ms in range(0, recording.duration_ms, _PIECE_MS):
        end_ms = start_ms + _PIECE_MS
        speech = [Span(max(span[0], start_ms), min(span[1], end_ms)) for span in recording.speech]
        own = [word for word in words if start_ms <= word.start_ms < end_ms]
        doubts += find_problems(Transcript(_text(own)), speech, duration_ms=min(end_ms, recording.duration_ms))
    return tuple(doubts)


def _judged(doubts: Sequence[Finding], place: Span) -> set[str]:
    """Classify findings by place, each class once; a finding without a place may mean any."""
    judged = set()
    for doubt in doubts:
        span = doubt.span or place
        near = span.start_ms < place.end_ms + _NEAR_MS and place.start_ms - _NEAR_MS < span.end_ms
        judged.add("there" if near else "elsewhere")
    return judged


# The forms of transcripts.


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _as_words(words: Sequence[Word], recording: Recording) -> Transcript:
    """Return word times as exact as the truth."""
    return Transcript(_text(words), "en", recording.duration_ms, words=tuple(words))


def _as_loose_words(words: Sequence[Word], recording: Recording) -> Transcript:
    """Return word times as inexact as Whisper's: some 0.2 s off, and some extended over the following pause."""
    chance = random.Random(len(words))  # noqa: S311 - likewise
    loose = []
    for word, after in zip(words, [*words[1:], *[None] * bool(words)], strict=True):
        start_ms = word.start_ms + chance.randrange(-200, 201)
        stretched = after is not None and chance.random() < 0.2  # noqa: PLR2004
        end_ms = after.start_ms if after is not None and stretched else word.end_ms + chance.randrange(-200, 201)
        loose.append(replace(word, start_ms=start_ms, end_ms=max(start_ms, end_ms)))
    return _as_words(loose, recording)


def _as_segments(words: Sequence[Word], recording: Recording) -> Transcript:
    """Return segments of a few seconds, like Whisper's, which begin and end close to their words."""
    groups: list[list[Word]] = []
    for word in words:
        if not groups or len(groups[-1]) >= 12 or word.start_ms - groups[-1][-1].end_ms > 1_500:  # noqa: PLR2004
            groups.append([])
        groups[-1].append(word)
    segments = [Segment(_text(group), group[0].start_ms - 300, group[-1].end_ms + 500) for group in groups]
    return Transcript(_text(words), "en", recording.duration_ms, tuple(segments))


def _as_windows(words: Sequence[Word], recording: Recording) -> Transcript:
    """Return one segment for every 30 s, regardless of its content."""
    windows: dict[int, list[Word]] = {}
    for word in words:
        windows.setdefault(word.start_ms // 30_000, []).append(word)
    segments = [Segment(_text(group), at * 30_000, (at + 1) * 30_000) for at, group in windows.items()]
    return Transcript(_text(words), "en", recording.duration_ms, tuple(segments))


def _as_estimated(words: Sequence[Word], recording: Recording) -> Transcript:
    """Return estimated times only: the words spread over the speech."""
    if not words:
        return Transcript("")
    lengths = [len(word.text) for word in words]
    before = 0
    spread = []
    for word, length in zip(words, lengths, strict=True):
        start_ms, end_ms = (_at(recording.speech, share / sum(lengths)) for share in (before, before + length))
        before += length
        spread.append(replace(word, start_ms=start_ms, end_ms=end_ms, timing=Timing.ESTIMATED))
    return _as_words(spread, recording)


def _at(speech: Sequence[Span], share: float) -> int:
    left_ms = share * sum(span.end_ms - span.start_ms for span in speech)
    for span in speech:
        if left_ms <= span.end_ms - span.start_ms:
            return round(span.start_ms + left_ms)
        left_ms -= span.end_ms - span.start_ms
    return speech[-1].end_ms


def _as_text(words: Sequence[Word], _: Recording) -> Transcript:
    return Transcript(_text(words))


FORMS: Final[dict[str, Callable[[Sequence[Word], Recording], Transcript]]] = {
    "words": _as_words,
    "loose words": _as_loose_words,
    "segments": _as_segments,
    "windows of 30 s": _as_windows,
    "estimated words": _as_estimated,
    "text alone": _as_text,
    _PIECES: _as_text,
}


# The ways to corrupt a transcript: the remaining words, and the place of the error.


def _dropped(seconds: int) -> Callable[[Recording, random.Random], tuple[list[Word], Span]]:
    """Return a function that removes words with this many seconds of speech."""

    def spoil(recording: Recording, chance: random.Random) -> tuple[list[Word], Span]:
        words = recording.words
        while True:
            first = chance.randrange(len(words))
            said_ms, last = 0, first
            while last < len(words) and said_ms < seconds * 1000:
                said_ms += words[last].end_ms - words[last].start_ms
                last += 1
            # A part with a long silence in it is two shorter ones.
            gaps = [right.start_ms - left.end_ms for left, right in pairwise(words[first:last])]
            if said_ms >= seconds * 1000 and (max(gaps) < 4_000 or seconds > 20):  # noqa: PLR2004
                return [*words[:first], *words[last:]], Span(words[first].start_ms, words[last - 1].end_ms)

    return spoil


def _ends_early(recording: Recording, _: random.Random) -> tuple[list[Word], Span]:
    """Stop after three quarters of the words."""
    end = len(recording.words) * 3 // 4
    return list(recording.words[:end]), Span(recording.words[end].start_ms, recording.duration_ms)


def _starts_late(recording: Recording, _: random.Random) -> tuple[list[Word], Span]:
    """Miss the first quarter of the words."""
    start = len(recording.words) // 4
    return list(recording.words[start:]), Span(0, recording.words[start].start_ms)


def _loops(phrase: str) -> Callable[[Recording, random.Random], tuple[list[Word], Span]]:
    """Return a function that replaces 80 words, about 30 s, by a repeated phrase."""

    def spoil(recording: Recording, chance: random.Random) -> tuple[list[Word], Span]:
        words = list(recording.words)
        first = chance.randrange(len(words) - 90)
        texts = phrase.split()
        for index in range(first, first + 80):
            words[index] = replace(words[index], text=texts[(index - first) % len(texts)])
        return words, Span(words[first].start_ms, words[first + 79].end_ms)

    return spoil


def _thanks(recording: Recording, _: random.Random) -> tuple[list[Word], Span]:
    """Add "Thanks for watching!" in the silence at the end."""
    start_ms = recording.words[-1].end_ms + 3_000
    said = [
        Word(text, start_ms + 300 * n, start_ms + 300 * n + 280)
        for n, text in enumerate(["Thanks", "for", "watching!"])
    ]
    return [*recording.words, *said], Span(start_ms, said[-1].end_ms)


def _after_end(recording: Recording, _: random.Random) -> tuple[list[Word], Span]:
    """Add text after the recording's end."""
    start_ms = recording.duration_ms + 2_000
    said = [
        Word(text, start_ms + 300 * n, start_ms + 300 * n + 280)
        for n, text in enumerate(["See", "you", "next", "week"])
    ]
    return [*recording.words, *said], Span(start_ms, said[-1].end_ms)


def _little(recording: Recording, _: random.Random) -> tuple[list[Word], Span]:
    """Stop after a fifth of the words."""
    return list(recording.words[: len(recording.words) // 5]), Span(0, recording.duration_ms)


def _nothing(recording: Recording, _: random.Random) -> tuple[list[Word], Span]:
    return [], Span(0, recording.duration_ms)


SPOILT: Final = {
    "10 s missing": _dropped(10),
    "20 s missing": _dropped(20),
    "60 s missing": _dropped(60),
    "a quarter missing at the start": _starts_late,
    "a quarter missing at the end": _ends_early,
    "four fifths missing": _little,
    "everything missing": _nothing,
    "a loop of one word": _loops("you"),
    "a loop of four words": _loops("Thank you very much"),
    "a loop of twelve words": _loops("I would like to say that we are very happy to be"),
    "thanks for watching, in silence": _thanks,
    "text after the end": _after_end,
}


def _print_cost(recording: Recording) -> None:
    """Measure the check of a transcript of 100,000 words."""
    count = 100_000 // len(recording.words) + 1
    words = [
        replace(
            word, start_ms=word.start_ms + n * recording.duration_ms, end_ms=word.end_ms + n * recording.duration_ms
        )
        for n in range(count)
        for word in recording.words
    ]
    speech = [
        Span(span.start_ms + n * recording.duration_ms, span.end_ms + n * recording.duration_ms)
        for n in range(count)
        for span in recording.speech
    ]
    long = replace(recording, speech=tuple(speech), duration_ms=count * recording.duration_ms)
    transcript = _as_words(words, long)
    began = time.process_time()
    doubts = _check(long, transcript)
    print(
        f"\n{len(words):,} words, {long.duration_ms / 3_600_000:.0f} hours: {time.process_time() - began:.2f} s of work"
    )
    print(f"  {len(doubts)} doubts")


if __name__ == "__main__":
    main()

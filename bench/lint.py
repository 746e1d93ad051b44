"""How well `anyscribe lint` finds what is wrong with subtitles, and nothing else; and whether our own pass.

(a) Our own cues, of an hour of speech by profile: findings, and those that no other cues of the same words would avoid.
(b) Twenty files that are wrong on purpose: precision and recall.
(c) Cues of a folder of speech with labels, each 200 ms early or late: found, and false alarms on those at their place.
(d) All of these mended: findings that could still be mended, and characters that changed.

`unsaid.py` plants cues that nobody says.

    python bench/lint.py FOLDER

FOLDER has recordings and labels.json: for each its file, language, text, and words with onset and end in seconds.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cues import talk

from anyscribe import api
from anyscribe.formats import srt, vtt
from anyscribe.formats.cue_files.reading import read
from anyscribe.lint.judging import judge
from anyscribe.lint.sound import Sound
from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.profile import limits_for
from anyscribe.subtitles.profiles import PROFILES
from anyscribe.transcript import Segment, Transcript, Word
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.lint.case import Violation
    from anyscribe.lint.judging import Judgement
    from anyscribe.subtitles.profiles import NamedProfile

HOUR_MS = 3_600_000
_MENDED = ("netflix", "bbc")
PLANTED_MS = 200
_TEXTS = Path(__file__).parent / "texts"
_SPEEDS = (110, 150, 200)
_PAUSE_MS = 450
_UNSPACED = {"ja": 140, "zh": 230}
"""Milliseconds a sign, where a label covers a whole sentence."""


class File(NamedTuple):
    """A file to judge, and what it is judged by."""

    title: str
    body: bytes
    extension: str
    profile: NamedProfile
    language: str | None


def main(folder: Path) -> None:
    """Print all figures."""
    entries = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    own = list(_own_output(entries))
    planted = list(_planted_files())
    _onsets(folder, entries)
    _mended([*own, *planted])


def _own_output(entries: list[dict[str, Any]]) -> Iterator[File]:
    print("our own cues, an hour each    hours    cues  findings  without another way  the others")
    hours = [_hour_of(entries, language) for language in ("en", "de", "es", "fr", "pt", "ja", "zh")]
    hours += [_first_hour(talk(speed)) for speed in _SPEEDS]
    hours += [_read_out(path) for path in sorted(_TEXTS.glob("*.txt"))]
    for name, profile in PROFILES.items():
        count = found = forced = 0
        others: Counter[str] = Counter()
        for transcript in hours:
            cues = to_cues(transcript, profile.cues).segments
            body = srt.render(Transcript("", segments=cues)).encode()
            end_ms = transcript.duration_ms or transcript.words[-1].end_ms
            sound = Sound((), end_ms)
            judgement = judge(body, ".srt", profile, language=transcript.language, sound=sound)
            rest = [one for one in judgement.violations if not _is_forced(one, transcript, cues, profile)]
            count += len(cues)
            found += len(judgement.violations)
            forced += len(judgement.violations) - len(rest)
            others.update(one.rule for one in rest)
            if name in _MENDED:
                yield File(name, body, ".srt", profile, transcript.language)
        print(f"  {name:<26}{len(hours):>7}{count:>8}{found:>10}{forced:>21}  {dict(others) or 0}", flush=True)


def _is_forced(one: Violation, transcript: Transcript, cues: tuple[Segment, ...], profile: NamedProfile) -> bool:
    """Return whether the words leave no other way: no longer end, and no neighbour to join."""
    if one.is_mendable:
        return False
    cue = cues[one.cue or 0]
    limits = limits_for(transcript.text, profile.cues, transcript.language)
    end_ms = (transcript.duration_ms or transcript.words[-1].end_ms) + limits.gap_ms
    after_ms = cues[one.cue + 1].start_ms if one.cue is not None and one.cue + 1 < len(cues) else end_ms
    if one.rule == "line-length":
        return any(len(line) > limits.max_line_chars and " " not in line for line in cue.text.split("\n"))
    if one.rule in ("speed", "short-cue"):
        # The next words begin before the time is over: whoever speaks is faster than the profile.
        need_ms = limits.reading_ms(len(cue.text), len(cue.text.split()))
        return after_ms - limits.gap_ms - cue.start_ms < need_ms
    return False


def _hour_of(entries: list[dict[str, Any]], language: str) -> Transcript:
    """Repeat the labelled words of a language for an hour."""
    words: list[Word] = []
    at_ms = 0
    mine = [entry for entry in entries if entry["language"] == language]
    while at_ms < HOUR_MS:
        for entry in mine:
            words += _labelled(entry, at_ms)
            at_ms += round(1000 * entry["seconds"])
    glue = "" if language in _UNSPACED else " "
    return Transcript(glue.join(word.text for word in words), language, at_ms, words=tuple(words))


def _labelled(entry: dict[str, Any], at_ms: int) -> list[Word]:
    """Return the words of a recording; those without a label of their own are spread between those with one."""
    known = [(text, start, end) for text, start, end in entry["words"]]
    onsets = [None if start is None else round(1000 * start) for _, start, _ in known]
    last_ms = round(1000 * entry["seconds"])
    found = []
    for index, (text, _, end) in enumerate(known):
        before = max(number for number in range(index + 1) if onsets[number] is not None or number == 0)
        after = next((number for number in range(index + 1, len(known)) if onsets[number] is not None), len(known))
        begin_ms = onsets[before] or 0
        until_ms = (onsets[after] if after < len(known) else None) or last_ms
        step_ms = (until_ms - begin_ms) / (after - before)
        start_ms = round(begin_ms + step_ms * (index - before))
        end_ms = round(1000 * end) if end is not None else round(start_ms + 0.9 * step_ms)
        found += _in_parts(Word(text, at_ms + start_ms, at_ms + max(end_ms, start_ms)), entry["language"])
    return found


def _in_parts(word: Word, language: str) -> list[Word]:
    if language not in _UNSPACED:
        return [word]
    parts = split_words(word.text)
    sizes = [sum(map(len, parts[:number])) / len(word.text) for number in range(len(parts) + 1)]
    length_ms = word.end_ms - word.start_ms
    return [
        Word(part, round(word.start_ms + length_ms * begin), round(word.start_ms + length_ms * end))
        for part, begin, end in zip(parts, sizes, sizes[1:], strict=False)
    ]


def as_transcript(entry: dict[str, Any]) -> Transcript:
    """Return the labelled words of a recording.

    Args:
        entry: What labels.json says of it.
    """
    words = tuple(_labelled(entry, 0))
    glue = "" if entry["language"] in _UNSPACED else " "
    text = glue.join(word.text for word in words)
    return Transcript(text, entry["language"], round(1000 * entry["seconds"]), words=words)


def _first_hour(transcript: Transcript) -> Transcript:
    words = tuple(word for word in transcript.words if word.end_ms < HOUR_MS)
    return replace(transcript, text=" ".join(word.text for word in words), words=words, duration_ms=HOUR_MS)


def _read_out(path: Path) -> Transcript:
    """Read a text aloud again and again for an hour, about 14 characters a second, with pauses after sentences."""
    text = path.read_text(encoding="utf-8")
    is_unspaced = path.stem == "cmn"
    tokens = [part for chunk in text.split() for part in (split_words(chunk) if is_unspaced else [chunk])]
    words: list[Word] = []
    now_ms = 0
    while now_ms < HOUR_MS:
        for token in tokens:
            end_ms = now_ms + (_UNSPACED["zh"] if is_unspaced else 65) * len(token) + 50
            words.append(Word(token, now_ms, end_ms))
            now_ms = end_ms + (_PAUSE_MS if token[-1] in ".?!\u3002" else 20)
    glue = "" if is_unspaced else " "
    return Transcript(glue.join(word.text for word in words), None, now_ms, words=tuple(words))


_LINE_END = "\n"
_LINES = (
    "The ferry leaves at half past ten\nfrom the old harbour.",
    "Children pay half the price,\nand dogs travel for nothing.",
    "If you come by train, change at Ellery.",
    "The path is short, but it is steep.",
    "Please take good shoes with you.",
    "We shall be back before it is dark.",
)


def _good(extension: str) -> str:
    """Return a file without faults, in a format."""
    segments = tuple(Segment(text, 5_000 * n + 1_000, 5_000 * n + 5_000) for n, text in enumerate(_LINES))
    if extension == ".ass":
        head = "[Script Info]\nTitle: t\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
        times = [(one.start_ms // 10, one.end_ms // 10) for one in segments]
        clock = "0:{:02d}:{:02d}.{:02d}"
        return head + "".join(
            "Dialogue: 0,"
            + ",".join(clock.format(at // 6000, at // 100 % 60, at % 100) for at in both)
            + ",Default,"
            + one.text.replace("\n", "\\N")
            + "\n"
            for one, both in zip(segments, times, strict=True)
        )
    if extension == ".ttml":
        body = "".join(
            f'<p begin="{one.start_ms}ms" end="{one.end_ms}ms">{one.text.replace(_LINE_END, "<br/>")}</p>\n'
            for one in segments
        )
        root = '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en">'
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}<body><div>\n{body}</div></body></tt>\n'
    return {".srt": srt, ".vtt": vtt}[extension].render(Transcript("", segments=segments))


_FAULTS = (
    (".srt", "line-length", "it is steep.", "it is steep and there are many stones."),
    (".srt", "line-count", "come by train, change at Ellery.", "come\nby train, change\nat Ellery."),
    (".srt", "speed", "00:00:16,000 -->", "00:00:19,000 -->"),
    (".srt", "overlap", "--> 00:00:10,000", "--> 00:00:12,000"),
    (".srt", "short-gap", "--> 00:00:10,000", "--> 00:00:10,970"),
    (".srt", "open-gap", "--> 00:00:10,000", "--> 00:00:10,750"),
    (".srt", "long-cue", "00:00:26,000 --> 00:00:30,000", "00:00:26,000 --> 00:00:34,000"),
    (".srt", "backwards", "--> 00:00:25,000", "--> 00:00:20,500"),
    (".srt", "numbering", "\n4\n", "\n7\n"),
    (".srt", "timestamp", "00:00:16,000 -->", "00:00:16.000 -->"),
    (".srt", "white-space", "good shoes", "good  shoes"),
    (".srt", "blank-line", "half past ten\n", "half past ten\n\n"),
    (".srt", "line-break", "ten\nfrom the old", "ten from the\nold"),
    (".srt", "tag", "good shoes", "<i>good shoes"),
    (".srt", "dash", "half the price,\nand", "half the price,\n-and"),
    (".vtt", "character", "good shoes", "good sho\ufffds"),
    (".vtt", "empty-cue", "Please take good shoes with you.\n", "\n"),
    (".vtt", "syntax", "00:00:16.000 -->", "00.00.16 -->"),
    (".ass", "overlap", "0:00:10.00", "0:00:11.50"),
    (".ttml", "short-cue", 'end="20000ms"', 'end="16500ms"'),
)
_ALSO = {"short-cue": {"speed"}, "speed": set[str]()}
"""What another fault brings with it."""


def _planted_files() -> Iterator[File]:
    netflix = PROFILES["netflix"]
    found = missed = false = 0
    for extension, rule, old, new in _FAULTS:
        good = _good(extension)
        if judge(good.encode(), extension, netflix, language="en").violations or old not in good:
            raise SystemExit(f"the file without faults has one, or no place for {rule}")
        body = good.replace(old, new, 1).encode()
        rules = {one.rule for one in judge(body, extension, netflix, language="en").violations}
        found += rule in rules
        missed += rule not in rules
        strange = rules - {rule} - _ALSO.get(rule, set())
        false += len(strange)
        if strange or rule not in rules:
            print(f"  {rule} in {extension}: found {sorted(rules)}")
        yield File(rule, body, extension, netflix, "en")
    print(
        f"{len(_FAULTS)} planted faults: precision {found / (found + false):.1%}, recall {found / (found + missed):.1%}"
    )


def _onsets(folder: Path, entries: list[dict[str, Any]]) -> None:
    found = planted = false = clean = 0
    netflix = PROFILES["netflix"]
    for entry in entries:
        cues = _cues_of(entry)
        body = srt.render(Transcript("", segments=tuple(cues)))
        heard = api.align(folder / entry["file"], body, language=entry["language"])
        sound = Sound(heard.words, heard.duration_ms, heard.findings)

        def is_found(cues: list[Segment], index: int, sound: Sound = sound, language: str = entry["language"]) -> bool:
            moved = srt.render(Transcript("", segments=tuple(cues))).encode()
            judgement = judge(moved, ".srt", netflix, language=language, sound=sound, wanted=("onset",))
            return any(one.cue == index for one in judgement.violations)

        for index, cue in enumerate(cues):
            clean += 1
            false += is_found(cues, index)
            for off_ms in (-PLANTED_MS, PLANTED_MS):
                if cue.start_ms + off_ms >= 0:
                    moved = replace(
                        cue, start_ms=cue.start_ms + off_ms, end_ms=max(cue.end_ms, cue.start_ms + off_ms + 1)
                    )
                    planted += 1
                    found += is_found([*cues[:index], moved, *cues[index + 1 :]], index)
    print(
        f"onsets {PLANTED_MS} ms off: {found} of {planted} found ({found / planted:.1%}, wanted 95 %), "
        f"false alarms {false} of {clean} ({false / clean:.1%}, wanted at most 2 %)"
    )


def _cues_of(entry: dict[str, Any]) -> list[Segment]:
    """Make a cue from each label to the next one, of two words or more where there are many."""
    words = entry["words"]
    labelled = [index for index, word in enumerate(words) if word[1] is not None]
    step = 3 if len(labelled) == len(words) and entry["language"] not in _UNSPACED else 1
    begins = labelled[::step]
    cues = []
    for begin, end in zip(begins, [*begins[1:], len(words)], strict=True):
        start_ms = round(1000 * words[begin][1])
        until_ms = round(1000 * (words[end][1] if end < len(words) else entry["seconds"]))
        text = " ".join(word[0] for word in words[begin:end])
        cues.append(Segment(text, start_ms, max(start_ms + 1, until_ms - 84)))
    if begins[0]:
        cues[0] = replace(cues[0], text=" ".join(word[0] for word in words[: begins[0]]) + " " + cues[0].text)
    return cues


def _mended(files: list[File]) -> None:
    mendable = changed = before = after = 0
    for title, body, extension, profile, language in files:
        judgement: Judgement = judge(body, extension, profile, language=language)
        again = judge(judgement.mended, extension, profile, language=language)
        before += len(judgement.violations)
        after += len(again.violations)
        left = [one for one in again.violations if one.is_mendable]
        mendable += len(left)
        if left:
            print(f"  {title}: {left[0]}")
        changed += _characters(body, extension) != _characters(judgement.mended, extension)
    print(
        f"{len(files)} files mended: {before} findings before, {after} after, {mendable} of them mendable; "
        f"characters changed in {changed}"
    )


def _characters(body: bytes, extension: str) -> str:
    cues = sorted(read(body, extension).cues, key=lambda cue: cue.start_ms)
    return re.sub(r"\s", "", "".join(cue.shown for cue in cues))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Times that carry no information are no times: the words are timed here, and what has times keeps them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from audio.tones import write_recording
from loopback import Reply, json_reply
from tiling import assert_cues_hold_their_words
from truthful import TruthfulServer, library

from anyscribe.audio import probe
from anyscribe.formats.wire import parse
from anyscribe.recording.times import judge_times
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program, Run
    from truthful import Spoken

pytest.importorskip("faster_whisper")

WITHIN_MS = 120
WORDS = ["--timestamp-granularities", "word", "--timestamp-granularities", "segment"]


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    """Return half a minute of speech whose every word is known."""
    return library()


def run_with(anyscribe: Program, spoken: Spoken, recording: Path, reply: object, *flags: str) -> Run:
    """Transcribe the recording with a server that sends one reply, as JSON if it is none yet."""
    with TruthfulServer(spoken) as server:
        server.answer(reply if isinstance(reply, Reply) else json_reply(reply))
        run = anyscribe(recording, *flags, "-m", "whisper-1", base_url=server.url)
        assert len(server.requests) == 1
    assert run.code == 0, run.err
    return run


def parts_of(spoken: Spoken, *borders: int) -> list[dict[str, Any]]:
    """Return the server's segments between the words with these indices, with the times of the speech."""
    edges = [0, *borders, len(spoken.words)]
    return [
        {
            "start": spoken.words[first].start_ms / 1000,
            "end": spoken.words[after - 1].end_ms / 1000,
            "text": " ".join(word.text for word in spoken.words[first:after]),
            "words": [
                {"word": word.text, "start": word.start_ms / 1000, "end": word.end_ms / 1000}
                for word in spoken.words[first:after]
            ],
        }
        for first, after in pairwise(edges)
    ]


def bare(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return segments without words."""
    return [{name: value for name, value in segment.items() if name != "words"} for segment in segments]


def scaled(segment: dict[str, Any], factor: float) -> dict[str, Any]:
    """Return a segment with its times in another unit."""
    return {**segment, "start": segment["start"] * factor, "end": segment["end"] * factor}


def uninformative(spoken: Spoken) -> dict[str, dict[str, Any]]:
    """Return replies whose times say nothing."""
    segments = bare(parts_of(spoken, 10, 20, 30))
    seconds = spoken.duration_ms / 1000
    zero = [{**segment, "start": 0, "end": 0} for segment in segments]
    thousandfold = [scaled(segment, 1e3) for segment in segments]
    members: dict[str, dict[str, Any]] = {
        "all zero": {"segments": zero},
        "all zero, and so is the duration": {"segments": zero, "duration": 0},
        "words all zero": {"words": [{"word": word.text, "start": 0, "end": 0} for word in spoken.words]},
        "one segment over everything": {"segments": [{"start": 0, "end": seconds, "text": spoken.text}]},
        "every segment over everything": {"segments": [{**part, "start": 0, "end": seconds} for part in segments]},
        "segments without text": {"segments": [{**part, "text": ""} for part in segments]},
        "milliseconds": {"segments": thousandfold},
        "milliseconds in everything": {"segments": thousandfold, "duration": seconds * 1e3},
        "nanoseconds": {"segments": [scaled(part, 1e9) for part in segments]},
        "epoch seconds": {"segments": [{**part, "start": 1.72e9, "end": 1.72e9 + 2} for part in segments]},
        "thousandths": {"segments": [scaled(part, 1e-3) for part in segments]},
    }
    return {name: {"text": spoken.text, "duration": seconds, **odd} for name, odd in members.items()}


@pytest.mark.parametrize("name", sorted(uninformative(library())))
def test_times_that_say_nothing_are_none(anyscribe: Program, spoken: Spoken, recording: Path, name: str) -> None:
    """The words are aligned as those of bare text, and -v says why."""
    run = run_with(anyscribe, spoken, recording, uninformative(spoken)[name], "-f", "srt", "-v")
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)
    assert "! " in run.err


def test_one_cue_over_everything_from_the_server(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """A server's own subtitles are not passed on if their times say nothing."""
    body = f"1\n00:00:00,000 --> 00:00:35,000\n{spoken.text}\n".encode()
    run = run_with(anyscribe, spoken, recording, Reply(body=body, content_type="text/plain"), "-f", "srt")
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


def test_no_align_keeps_what_the_server_said(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """With --no-align, times that say nothing lead to one cue, and a notice."""
    run = run_with(anyscribe, spoken, recording, uninformative(spoken)["all zero"], "-f", "srt", "--no-align")
    assert run.text.count("-->") == 1
    assert "no times are known" in run.err
    assert "".join(run.text.split("\n")[2:]).split() == spoken.text.split()


def test_a_short_recording_may_be_one_segment(anyscribe: Program, media: Path) -> None:
    """One segment over a few seconds of speech is a fine subtitle, and is passed on."""
    body = b"1\n00:00:00,000 --> 00:00:02,200\nwelcome to the town library\n\n"
    with TruthfulServer(library()) as server:
        server.answer(Reply(body=body, content_type="text/plain"))
        run = anyscribe(media / "hello.wav", "-f", "srt", "-m", "whisper-1", base_url=server.url)
    assert run.out == body


def test_words_of_some_segments_only(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Words that the server timed keep their times; those of the other segments are timed here, within the segment."""
    segments = parts_of(spoken, 10, 20, 30)
    segments[1]["words"] = []
    for word in segments[0]["words"]:
        word["start"] += 0.011
    reply = {"text": spoken.text, "segments": segments}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "verbose_json", *WORDS)
    words = run.json["words"]
    assert [word["word"] for word in words] == [word.text for word in spoken.words]
    timings = [word["timing"] for word in words]
    assert timings[:10] == ["server"] * 10
    assert timings[20:] == ["server"] * (len(words) - 20)
    assert "server" not in timings[10:20]
    assert words[0]["start"] == pytest.approx(segments[0]["words"][0]["start"], abs=0.001)
    for word, known in list(zip(words, spoken.words, strict=True))[10:20]:
        assert word["start"] == pytest.approx(known.start_ms / 1000, abs=0.3)
    starts = [(segment["start"], segment["end"]) for segment in run.json["segments"]]
    assert starts == [(segment["start"], segment["end"]) for segment in segments]


def test_a_segment_without_words_keeps_its_time(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Also without alignment, its words are spread over its own time, not between its neighbours' words."""
    segments = parts_of(spoken, 10, 13)
    segments[1] |= {"words": [], "start": segments[1]["start"] + 0.2, "end": segments[1]["start"] + 0.5}
    reply = {"text": spoken.text, "segments": segments}
    flags = ["--no-align", "--no-check"]
    run = run_with(anyscribe, spoken, recording, reply, "-f", "vtt", *flags)
    cues = parse(run.text, ResponseFormat.VTT).segments
    assert [word for cue in cues for word in cue.text.split()] == spoken.text.split()


def test_a_segment_without_time_among_others(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """A segment of no length is timed here; the others keep their times."""
    segments = bare(parts_of(spoken, 10, 20, 30))
    segments[2] |= {"start": segments[1]["end"], "end": segments[1]["end"]}
    reply = {"text": spoken.text, "segments": segments}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "verbose_json")
    got = run.json["segments"]
    known = [spoken.words[index].start_ms / 1000 for index in (0, 10, 20, 30)]
    assert [segment["start"] for segment in got] == pytest.approx(known, abs=WITHIN_MS / 1000)


@pytest.mark.parametrize("duration", [2.0, 0.5, 36_000, "inf", None])
def test_the_servers_duration_is_not_believed(
    anyscribe: Program, spoken: Spoken, recording: Path, duration: object
) -> None:
    """Times are judged against the recording itself: a wrong duration neither squeezes nor stretches the subtitles."""
    reply = {"text": spoken.text, "duration": duration, "segments": bare(parts_of(spoken, 5, 10, 15, 20, 25, 30, 35))}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "srt", "--max-cps", "30")
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


LATE = "Thanks for watching and see you next time."


@pytest.mark.parametrize("flags", [[], ["--no-check"], ["--no-align"], ["--no-align", "--no-check"]])
def test_text_after_the_end_is_told(anyscribe: Program, spoken: Spoken, recording: Path, flags: list[str]) -> None:
    """A segment that begins after the recording's end is told, and its text is kept."""
    segments = bare(parts_of(spoken, 10, 20, 30))
    late = spoken.duration_ms / 1000 + 5
    segments.append({"start": late, "end": late + 3, "text": LATE})
    reply = {"text": f"{spoken.text} {LATE}", "duration": 60, "segments": segments}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "srt", *flags)
    assert "after the recording's end" in run.err
    assert "Thanks for watching" in run.err
    cues = parse(run.text, ResponseFormat.SRT).segments
    assert " ".join(cue.text for cue in cues).split() == f"{spoken.text} {LATE}".split()
    assert max(cue.end_ms for cue in cues) <= spoken.duration_ms


def test_an_end_after_the_end_is_the_end(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """whisper.cpp lets the last segment end with its window: only the end is changed, and nothing is told."""
    segments = bare(parts_of(spoken, 10, 20, 30))
    segments[-1]["end"] = 60
    reply = {"text": spoken.text, "duration": 60, "segments": segments, "language": "en"}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "vtt", "-q")
    cues = parse(run.text, ResponseFormat.VTT).segments
    assert max(cue.end_ms for cue in cues) <= spoken.duration_ms
    assert run.err == ""


def test_timed_segments_are_still_the_servers(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Segments whose times say nothing keep all else: they begin and end with their words, which are timed here."""
    segments = [{**part, "start": 0, "end": 0, "avg_logprob": -0.25} for part in bare(parts_of(spoken, 10, 20, 30))]
    run = run_with(anyscribe, spoken, recording, {"text": spoken.text, "segments": segments}, "-f", "verbose_json")
    got = run.json["segments"]
    assert [(segment["text"], segment["avg_logprob"]) for segment in got] == [
        (part["text"], -0.25) for part in segments
    ]
    known = [spoken.words[index].start_ms / 1000 for index in (0, 10, 20, 30)]
    assert [segment["start"] for segment in got] == pytest.approx(known, abs=WITHIN_MS / 1000)


@pytest.mark.parametrize("missing", [0, 1, 3])
@pytest.mark.parametrize("flags", [[], ["--no-align"]])
def test_text_that_is_in_no_segment_is_in_the_subtitles(
    anyscribe: Program, spoken: Spoken, recording: Path, missing: int, flags: list[str]
) -> None:
    """If the text says more than the segments, all of it is in the subtitles, where it is spoken."""
    segments = bare(parts_of(spoken, 10, 20, 30))
    del segments[missing]
    reply = {"text": spoken.text, "segments": segments}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "srt", *flags)
    cues = parse(run.text, ResponseFormat.SRT).segments
    assert " ".join(cue.text for cue in cues).split() == spoken.text.split()
    if not flags:
        assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


def test_text_that_fits_nowhere_is_told(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If the segments have other words than the text, a notice says how much is in no segment."""
    segments = [{"start": 1, "end": 3, "text": "something else entirely"}, {"start": 4, "end": 6, "text": "and so on"}]
    run = run_with(anyscribe, spoken, recording, {"text": spoken.text, "segments": segments}, "-f", "srt")
    assert "the transcript's text says more than its segments" in run.err


def test_words_that_end_early(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If the server's words stop halfway, the rest of the text is timed here."""
    half = len(spoken.words) // 2
    (segment,) = parts_of(spoken)
    reply = {"text": spoken.text, "words": segment["words"][:half]}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "srt")
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


def test_text_needs_only_the_text(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """However odd the rest of a reply is, text is the text, and -v names what was ignored."""
    segments = [{"start": "soon", "end": [], "text": {}, "tokens": ["a"], "speaker": ["x"]}, 7]
    reply = {"text": spoken.text, "duration": {}, "language": 5, "segments": segments, "words": "no"}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "text", "-v", "--no-check")
    assert run.text == f"{spoken.text}\n"
    line = next(line for line in run.err.splitlines() if "ignored" in line)
    for path in ("duration", "language", "words", "segments[]", "segments[].start", "segments[].tokens"):
        assert path in line


def test_segments_without_times_take_those_of_their_words(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If only the segments' times say nothing, the server's words have the times, and keep them."""
    segments = parts_of(spoken, 10, 20, 30)
    for segment in segments:
        segment |= {"start": 0, "end": 0}
    run = run_with(
        anyscribe, spoken, recording, {"text": spoken.text, "segments": segments}, "-f", "verbose_json", *WORDS
    )
    assert {word["timing"] for word in run.json["words"]} == {"server"}
    starts = [spoken.words[index].start_ms / 1000 for index in (0, 10, 20, 30)]
    assert [segment["start"] for segment in run.json["segments"]] == starts


def test_words_of_another_text_are_replaced(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If the server's words are not those of its text, the text is what the subtitles say, and its words are timed."""
    words = [{"word": f"palabra{at}", "start": at, "end": at + 0.5} for at in range(20)]
    reply = {"text": spoken.text, "words": words}
    run = run_with(anyscribe, spoken, recording, reply, "-f", "srt")
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)
    run = run_with(anyscribe, spoken, recording, reply, "-f", "verbose_json", *WORDS)
    assert [word["word"] for word in run.json["words"]] == [word.text for word in spoken.words]


def test_speakers_survive_timing(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Segments keep their speakers when their words are timed here, and no cue has the words of two."""
    segments = bare(parts_of(spoken, 10, 20, 30))
    for segment, speaker in zip(segments, "ABAB", strict=True):
        segment |= {"speaker": speaker, "start": 0, "end": spoken.duration_ms / 1000}
    segments[3]["text"] += "!"
    reply = {"text": spoken.text, "segments": segments}
    run = run_with(anyscribe, spoken, recording, reply, "--align", "-f", "vtt")
    cues = parse(run.text, ResponseFormat.VTT).segments
    words = [(cue.speaker, word.strip("!")) for cue in cues for word in cue.text.split()]
    edges = [(0, 10, "A"), (10, 20, "B"), (20, 30, "A"), (30, len(spoken.words), "B")]
    assert words == [(name, word.text) for first, after, name in edges for word in spoken.words[first:after]]


def test_more_text_after_the_end_than_before() -> None:
    """If one segment has a possible time, those after the recording's end are late, however much they say."""
    segments = (Segment("Hello there.", 100, 1_500), Segment("Words that nobody said, a great many.", 40_000, 44_000))
    text = " ".join(segment.text for segment in segments)
    judged = judge_times(Transcript(text, segments=segments), 2_270)
    assert [late.text for late in judged.late] == [segments[1].text]
    assert judged.transcript.segments[0] == segments[0]


def test_a_header_that_says_less(anyscribe: Program, server: LoopbackServer, tmp_path: Path) -> None:
    """Times are judged against the sound that is there, although the recording's header says that it is shorter."""
    path = write_recording(tmp_path / "a.mp3", [(0, 10_000)], codec="mp3")
    content = bytearray(path.read_bytes())
    # The first frame holds the number of all frames.
    at = content.index(b"Info") + 8
    content[at : at + 4] = (int.from_bytes(content[at : at + 4]) // 5).to_bytes(4)
    path.write_bytes(content)
    assert probe(path).duration_ms == pytest.approx(2_000, abs=100)
    segments = [{"start": 0.2, "end": 0.9, "text": "First."}, {"start": 8.5, "end": 9.4, "text": "Last."}]
    server.answer(json_reply({"text": "First. Last.", "segments": segments}))
    run = anyscribe(path, "-f", "srt", "-m", "whisper-1", base_url=server.url)
    assert server.requests[0].part("file").body == path.read_bytes()
    cues = parse(run.text, ResponseFormat.SRT).segments
    assert [(cue.text, cue.start_ms) for cue in cues] == [("First.", 200), ("Last.", 8_500)]
    assert "after the recording's end" not in run.err


def test_tokens_as_words_are_words_in_json(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A reply whose words are tokens is not passed on as it came."""
    tokens = [(" Un", 0.1, 0.4), ("believ", 0.4, 0.8), ("able", 0.8, 1.2), (".", 1.2, 1.2)]
    words = [{"word": text, "start": start, "end": end} for text, start, end in tokens]
    server.answer(json_reply({"text": "Unbelievable.", "words": words}))
    flags = ("-f", "verbose_json", "-m", "whisper-1", "--timestamp-granularities", "word")
    run = anyscribe(media / "hello.wav", *flags, base_url=server.url)
    assert [(word["word"], word["start"], word["end"]) for word in run.json["words"]] == [("Unbelievable.", 0.1, 1.2)]

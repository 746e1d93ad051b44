"""JSON is read as real servers send it and written as a single safe line."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from adversarial_texts import adversarial_text
from documents import render
from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.formats.json_reading import parse_json_reply
from anyscribe.formats.wire import parse, recognise
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Segment, Timing, Transcript, Word

JSON = ResponseFormat.JSON
VERBOSE_JSON = ResponseFormat.VERBOSE_JSON

HI = Segment("Hi", 0, 1_500)
BYE = Segment("Bye", 1_500, 2_250)

finite = st.floats(allow_nan=False, allow_infinity=False)
stripped_text = adversarial_text.map(str.strip)


@st.composite
def spans(draw: st.DrawFn, longest_ms: int) -> tuple[int, int]:
    start_ms, end_ms = sorted((draw(st.integers(0, longest_ms)), draw(st.integers(0, longest_ms))))
    return start_ms, end_ms


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    duration_ms = draw(st.integers(1, 10**9))
    segments = [
        Segment(
            draw(stripped_text),
            *span,
            seek=draw(st.none() | st.integers(0, 10**6)),
            tokens=draw(st.lists(st.integers(0, 60_000), max_size=3).map(tuple)),
            temperature=draw(st.none() | st.floats(0, 1)),
            avg_logprob=draw(st.none() | finite),
            compression_ratio=draw(st.none() | finite),
            no_speech_prob=draw(st.none() | st.floats(0, 1)),
            speaker=draw(st.none() | stripped_text.filter(bool)),
        )
        for span in draw(st.lists(spans(duration_ms), max_size=3))
    ]
    words = [
        Word(
            draw(stripped_text.filter(bool)),
            *span,
            probability=draw(st.none() | st.floats(0, 1)),
            timing=draw(st.sampled_from(Timing)),
        )
        for span in draw(st.lists(spans(duration_ms), max_size=3))
    ]
    names = adversarial_text.filter(
        lambda name: name not in {"task", "language", "duration", "text", "segments", "words"}
    )
    return Transcript(
        text=draw(stripped_text.filter(bool)),
        language=draw(st.none() | adversarial_text),
        duration_ms=duration_ms,
        segments=tuple(sorted(segments, key=lambda segment: segment.start_ms)),
        words=tuple(sorted(words, key=lambda word: word.start_ms)),
        extra=draw(st.dictionaries(names, st.none() | finite | st.integers() | adversarial_text, max_size=2)),
    )


@given(transcripts())
@settings(deadline=None, max_examples=50)
def test_everything_survives_verbose_json(transcript: Transcript) -> None:
    """A document is read back exactly, to the character, millisecond and digit."""
    written = render(transcript, VERBOSE_JSON)
    assert parse(written, VERBOSE_JSON) == transcript
    assert recognise(written) is VERBOSE_JSON


@given(transcripts())
@settings(deadline=None, max_examples=50)
def test_text_and_extra_survive_json(transcript: Transcript) -> None:
    """The short form keeps the text and the server's extra members."""
    written = render(transcript, JSON)
    assert parse(written, JSON) == Transcript(transcript.text, extra=transcript.extra)
    assert recognise(written) is JSON


@given(transcripts())
@settings(deadline=None, max_examples=50)
def test_json_is_one_line_without_raw_control_characters(transcript: Transcript) -> None:
    """A document has no raw control characters or line separators, and any JSON reader reads it."""
    for response_format in (JSON, VERBOSE_JSON):
        written = render(transcript, response_format)
        assert len(written.splitlines()) == 1
        assert written.endswith("}\n")
        assert not re.search("[\\x00-\\x1f\\x7f-\\x9f]", written[:-1])
        assert json.loads(written)["text"] == transcript.text


def test_json_is_written_compact_and_in_utf8() -> None:
    """Characters of other scripts are not escaped; extra members follow the text and cannot replace it."""
    transcript = Transcript("Gr\u00fc\u00dfe \x1b[31m\x9b\u2028", extra={"usage": {"seconds": 3}, "text": "no"})
    assert render(transcript, JSON) == ('{"text":"Gr\u00fc\u00dfe \\u001b[31m\\u009b\\u2028","usage":{"seconds":3}}\n')


def test_verbose_json_has_the_members_of_the_contract() -> None:
    """All members are present in the contract's order; unknown values are null, and extra members replace nothing."""
    transcript = Transcript(
        "Hi Bye",
        "en",
        2_250,
        segments=(Segment("Hi", 0, 1_234, tokens=(1, 2), avg_logprob=-0.5, speaker="A"), Segment("Bye", 1_234, 2_250)),
        words=(Word("Hi", 0, 1_001, 0.5), Word("Bye", 1_234, 2_250, timing=Timing.ALIGNED)),
        extra={"task": "no", "usage": None},
    )
    unknown = {"seek": None, "temperature": None, "compression_ratio": None, "no_speech_prob": None}
    document = json.loads(render(transcript, VERBOSE_JSON))
    assert list(document) == ["task", "language", "duration", "text", "segments", "words", "usage"]
    assert document == {
        "task": "transcribe",
        "language": "en",
        "duration": 2.25,
        "text": "Hi Bye",
        "segments": [
            {
                "id": 0,
                "start": 0,
                "end": 1.234,
                "text": "Hi",
                "tokens": [1, 2],
                "avg_logprob": -0.5,
                **unknown,
                "speaker": "A",
            },
            {"id": 1, "start": 1.234, "end": 2.25, "text": "Bye", "tokens": [], "avg_logprob": None, **unknown},
        ],
        "words": [
            {"word": "Hi", "start": 0, "end": 1.001, "probability": 0.5, "timing": "server"},
            {"word": "Bye", "start": 1.234, "end": 2.25, "timing": "aligned"},
        ],
        "usage": None,
    }


@pytest.mark.parametrize(
    ("transcript", "lists"),
    [
        (Transcript(""), {"segments": []}),
        (
            Transcript("Hi", words=(Word("Hi", 0, 1),)),
            {"words": [{"word": "Hi", "start": 0, "end": 0.001, "timing": "server"}]},
        ),
    ],
)
def test_empty_lists_are_left_out_unless_all_are_empty(transcript: Transcript, lists: dict[str, Any]) -> None:
    """Silence has an empty list of segments; words alone have no list of segments."""
    document = json.loads(render(transcript, VERBOSE_JSON))
    assert {name: document[name] for name in ("segments", "words") if name in document} == lists


@given(st.integers(0, 10**12))
def test_times_are_written_as_exact_decimals(time_ms: int) -> None:
    """Seconds have at most three decimals and are exact."""
    written = render(Transcript("", duration_ms=time_ms), VERBOSE_JSON)
    decimals = written.partition('"duration":')[2].partition(",")[0]
    whole, _, fraction = decimals.partition(".")
    assert int(whole) * 1_000 + int(fraction.ljust(3, "0")) == time_ms
    assert len(fraction) <= 3


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param({"text": " Hi\n"}, Transcript("Hi"), id="whisper.cpp: white space around the text"),
        pytest.param(
            {"text": "Hi", "usage": None, "logprobs": [1.5]},
            Transcript("Hi", extra={"usage": None, "logprobs": [1.5]}),
            id="unknown members are passed on",
        ),
        pytest.param(
            {
                "task": "transcribe",
                "text": "Hi",
                "duration": "2.25",
                "words": None,
                "segments": [
                    {"start": "0", "end": "1.5", "text": "Hi", "seek": "7", "tokens": ["1"], "temperature": "0.0"}
                ],
            },
            Transcript("Hi", None, 2_250, (Segment("Hi", 0, 1_500, seek=7, tokens=(1,), temperature=0.0),)),
            id="vLLM: numbers as strings, null lists",
        ),
        pytest.param(
            {"text": "Hi", "words": [{"text": " Hi", "start": 0, "end": 1}]},
            Transcript("Hi", words=(Word("Hi", 0, 1_000),)),
            id="LocalAI: a word's text under text",
        ),
        pytest.param(
            {
                "text": " Hi Bye",
                "duration": 2.25,
                "segments": [
                    {
                        "start": 0,
                        "end": 1.5,
                        "text": " Hi",
                        "words": [{"word": " Hi", "start": 0, "end": 1, "probability": 0.5}],
                    },
                    {"start": 1.5, "end": 9, "text": " Bye", "words": [{"word": " Bye", "start": 2, "end": 9}]},
                ],
            },
            Transcript(
                "Hi Bye",
                None,
                2_250,
                (HI, Segment("Bye", 1_500, 9_000)),
                (Word("Hi", 0, 1_000, 0.5), Word("Bye", 2_000, 9_000)),
            ),
            id="whisper.cpp: words inside segments, times after the recording's end, which only its audio can tell",
        ),
        pytest.param(
            {
                "segments": {
                    "segments": [{"start": 0, "end": 1.5, "text": "Hi"}],
                    "word_segments": [{"word": "Hi", "start": 0.1, "end": 1.4, "score": 0.9}],
                },
                "language": "english",
            },
            Transcript("Hi", "english", None, (HI,), (Word("Hi", 100, 1_400),)),
            id="WhisperX: segments as an object, no text",
        ),
        pytest.param(
            {
                "model": "voxtral",
                "text": "Hi Bye",
                "language": None,
                "segments": [
                    {"start": 0, "end": 1.5, "text": "Hi", "speaker_id": "speaker_1", "type": "transcription_segment"},
                    {"start": 1.5, "end": 2.25, "text": "Bye", "speaker_id": 2},
                ],
            },
            Transcript(
                "Hi Bye",
                segments=(Segment("Hi", 0, 1_500, speaker="speaker_1"), Segment("Bye", 1_500, 2_250, speaker="2")),
                extra={"model": "voxtral"},
            ),
            id="Mistral: speaker_id",
        ),
        pytest.param(
            {
                "text": "",
                "segments": [
                    {"start": 1.5, "end": 2.25, "text": " Bye"},
                    {"id": "x", "start": 0, "end": 1.5, "text": " Hi", "speaker": None},
                ],
            },
            Transcript("Hi Bye", segments=(HI, BYE)),
            id="no text and segments out of order: text joined by time",
        ),
        pytest.param(
            {
                "words": [
                    {"word": "Hi", "start": 0, "end": 1},
                    {"word": "", "start": 1, "end": 1},
                    {"word": "Bye", "start": 2, "end": 3},
                ]
            },
            Transcript("Hi Bye", words=(Word("Hi", 0, 1_000), Word("Bye", 2_000, 3_000))),
            id="no text and words only: joined",
        ),
        pytest.param(
            {
                "text": "Hi Bye",
                "segments": [{"start": -1, "end": 1.5, "text": "Hi"}, {"start": 1.5, "end": 1, "text": "Bye"}],
            },
            Transcript("Hi Bye", segments=(HI, Segment("Bye", 1_500, 1_500))),
            id="negative times, end before start",
        ),
        pytest.param(
            {"text": "Hi", "duration": 0, "segments": [{"start": 0, "end": 1.5, "text": "Hi"}]},
            Transcript("Hi", segments=(HI,)),
            id="a duration of 0 is unknown where something is timed",
        ),
        pytest.param({"text": "", "duration": 0, "segments": []}, Transcript("", duration_ms=0), id="nothing at all"),
        pytest.param({"segments": []}, Transcript(""), id="silence without a text"),
        pytest.param({"text": "Hi", "segments": None, "words": []}, Transcript("Hi"), id="null and empty lists"),
        pytest.param(
            {"segments": [{"text": "Hi"}, {"text": "Bye"}], "words": [{"word": "Hi"}]},
            Transcript("Hi Bye"),
            id="segments without any time are text",
        ),
        pytest.param(
            {
                "text": "a b c d e f",
                "words": [
                    {"word": "a", "end": 0.5},
                    {"word": "b", "start": 1},
                    {"word": "c"},
                    {"word": "d"},
                    {"word": "e", "start": 3, "end": 4},
                    {"word": "f"},
                ],
            },
            Transcript(
                "a b c d e f",
                words=(
                    Word("a", 0, 500),
                    Word("b", 1_000, 1_000),
                    Word("c", 1_000, 2_000),
                    Word("d", 2_000, 3_000),
                    Word("e", 3_000, 4_000),
                    Word("f", 4_000, 4_000),
                ),
            ),
            id="WhisperX: words without times stand between their neighbours",
        ),
        pytest.param(
            {
                "text": "Hi",
                "duration": 5,
                "words": [{"word": "Hi", "start": 1, "end": 2}, {"word": "5"}, {"word": "%"}],
            },
            Transcript(
                "Hi", None, 5_000, words=(Word("Hi", 1_000, 2_000), Word("5", 2_000, 3_500), Word("%", 3_500, 5_000))
            ),
            id="WhisperX: words without times at the end last until the recording's end",
        ),
        pytest.param(
            {"text": "a b", "words": [{"word": "a", "start": 1}, {"word": "b", "start": 2, "end": 3}]},
            Transcript("a b", words=(Word("a", 1_000, 2_000), Word("b", 2_000, 3_000))),
            id="a missing end is the next start",
        ),
    ],
)
def test_what_real_servers_send_is_read(reply: dict[str, Any], expected: Transcript) -> None:
    """Every deviation in the contract's table is read, as either of the two JSON formats."""
    document = json.dumps(reply)
    assert parse(document, VERBOSE_JSON) == expected
    assert parse("\ufeff \n" + document, JSON) == expected
    assert recognise("\ufeff \n" + document) in {JSON, VERBOSE_JSON}


TIMED = {"start": 0, "end": 1.5, "text": "Hi"}


@pytest.mark.parametrize(
    ("odd", "expected", "ignored"),
    [
        ({"duration": "inf"}, {}, ["duration"]),
        ({"duration": 1e12}, {}, ["duration"]),
        ({"duration": -1e12}, {}, ["duration"]),
        ({"duration": [2]}, {}, ["duration"]),
        ({"duration": True}, {}, ["duration"]),
        ({"duration": "00:00:09"}, {"duration_ms": 9_000}, []),
        ({"duration": "1:02:03.5"}, {"duration_ms": 3_723_500}, []),
        ({"duration": "9.5s"}, {"duration_ms": 9_500}, []),
        ({"duration": "soon"}, {}, ["duration"]),
        ({"language": ["en"]}, {"language": "en"}, []),
        ({"language": ["en", "de"]}, {}, ["language"]),
        ({"language": {"code": "en"}}, {}, ["language"]),
        ({"language": ""}, {"language": ""}, []),
        ({"languages": [{"code": "de"}]}, {"language": "de", "extra": {"languages": [{"code": "de"}]}}, []),
        ({"languages": ["de", "en"]}, {"extra": {"languages": ["de", "en"]}}, []),
        ({"languages": []}, {"extra": {"languages": []}}, []),
        ({"segments": "none"}, {}, ["segments"]),
        ({"segments": 5, "words": {"a": 1}}, {}, ["words", "segments"]),
        ({"segments": [TIMED, 5, None]}, {"segments": (HI,)}, ["segments[]"]),
        ({"segments": [{**TIMED, "speaker": {"name": "Ann"}}]}, {"segments": (replace(HI, speaker="Ann"),)}, []),
        ({"segments": [{**TIMED, "speaker": {"id": 3}}]}, {"segments": (replace(HI, speaker="3"),)}, []),
        ({"segments": [{**TIMED, "speaker": ["A"]}]}, {"segments": (HI,)}, ["segments[].speaker"]),
        ({"segments": [{**TIMED, "speaker": 1.0}]}, {"segments": (replace(HI, speaker="1"),)}, []),
        ({"segments": [{**TIMED, "tokens": ["Hi", "."]}]}, {"segments": (HI,)}, ["segments[].tokens"]),
        ({"segments": [{**TIMED, "tokens": "12"}]}, {"segments": (HI,)}, ["segments[].tokens"]),
        ({"segments": [{**TIMED, "avg_logprob": "-inf", "seek": 1.5}]}, {"segments": (HI,)},
         ["segments[].seek", "segments[].avg_logprob"]),
        ({"segments": [{**TIMED, "start": "00:00:00,000", "end": "00:00:01.500"}]}, {"segments": (HI,)}, []),
        ({"segments": [{**TIMED, "start": 1_720_000_000.5, "end": 1_720_000_002}]}, {},
         ["segments[].start", "segments[].end"]),
        ({"segments": [{**TIMED, "start": "soon"}]}, {"segments": (HI,)}, ["segments[].start"]),
        ({"segments": [{**TIMED, "words": [{"word": 5, "start": 0, "end": 1}]}]}, {"segments": (HI,)},
         ["segments[].words[].word"]),
        ({"words": [{"word": "Hi", "start": 0, "end": "nan"}]}, {"words": (Word("Hi", 0, 0),)}, ["words[].end"]),
        ({"words": [{"word": "Hi", "start": 1e18, "end": 2e18}]}, {}, ["words[].start", "words[].end"]),
        ({"words": ["Hi"]}, {}, []),
        ({"task": 7, "text": "Hi"}, {}, []),
    ],
)  # fmt: skip
def test_an_odd_member_counts_as_absent(odd: dict[str, Any], expected: dict[str, Any], ignored: list[str]) -> None:
    """A member that cannot be read costs nothing but itself, and its name is returned."""
    reading = parse_json_reply(json.dumps({"text": "Hi", **odd}))
    assert reading.transcript == Transcript("Hi", **expected)
    assert list(reading.ignored) == ignored


@pytest.mark.parametrize(
    "document",
    [
        '{"text":"Hi","duration":NaN}',
        '{"text":"Hi","duration":1e999}',
        '{"text":"Hi","duration":-Infinity}',
        '{"text":"Hi","segments":[{"start":0,"end":NaN}],"words":NaN}'.replace("NaN}]", 'NaN,"text":""}]'),
        '{"text":"Hi","x":' + "1" * 5_000 + "}",
    ],
)
def test_numbers_that_are_none_are_null(document: str) -> None:
    """What JSON does not allow and Python's own library writes is read."""
    transcript = parse(document, VERBOSE_JSON)
    assert (transcript.text, transcript.duration_ms, transcript.words) == ("Hi", None, ())


@pytest.mark.parametrize(
    "document", ['{"text":"a\udc80b"}', '{"text":"a\\udc80b"}', '{"text":"a\\ud83db","x":"\\udc00"}']
)
def test_half_a_character_becomes_a_replacement(document: str) -> None:
    """A lone surrogate, raw or escaped, costs one character."""
    assert parse(document, JSON).text == "a\ufffdb"


def test_line_breaks_in_strings_are_read() -> None:
    """Servers that write JSON by hand leave control characters unescaped."""
    assert parse('{"text":"a\nb\tc"}', JSON).text == "a\nb\tc"


PIECES = [" Un", "believ", "able", ".", " It", "'s", " true", "!"]


def as_words(texts: list[str], **members: Any) -> list[dict[str, Any]]:
    """Return words of half a second each."""
    return [{"word": text, "start": at / 2, "end": at / 2 + 0.5, **members} for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (PIECES, ["Unbelievable.", "It's", "true!"]),
        (["Un", *PIECES[1:]], ["Unbelievable.", "It's", "true!"]),
        (["Un", "believ", "able. ", "It", "'s ", "true"], ["Unbelievable.", "It's", "true"]),
        (["It", "is", "true", "."], ["It", "is", "true", "."]),
        ([" It", " is", " true."], ["It", "is", "true."]),
        (["It", " is", " true."], ["It", "is", "true."]),
        (["我", "们", "。", " OK", "ay", "了"], ["我", "们。", "OKay", "了"]),
        (["我", "们", "好"], ["我", "们", "好"]),
        ([" Hi", *"abcdefghijklmnopqrstuvwxyz" * 3], ["Hi", *"abcdefghijklmnopqrstuvwxyz" * 3]),
    ],
)
def test_tokens_become_words(texts: list[str], words: list[str]) -> None:
    """A space marks where a word begins, if some have one and others do not; the words keep their times."""
    read = parse(json.dumps({"words": as_words(texts)}), JSON).words
    assert [word.text for word in read] == words
    assert (read[0].start_ms, read[-1].end_ms) == (0, len(texts) * 500)
    assert all(left.end_ms == right.start_ms for left, right in pairwise(read))


def test_a_stray_space_joins_no_words() -> None:
    """Words that are those of the text stay as they are, also if one of them has a space before it."""
    reply = {"text": "Hi there my friend", "words": as_words(["Hi", "there", " my", "friend"])}
    assert [word.text for word in parse(json.dumps(reply), JSON).words] == ["Hi", "there", "my", "friend"]


def test_joined_tokens_keep_the_least_probability() -> None:
    """A word is as sure as the least sure of its tokens."""
    tokens = as_words(PIECES[:4])
    for token, probability in zip(tokens, [0.9, 0.5, 0.8, 0.95], strict=True):
        token["probability"] = probability
    reply = {"words": [*tokens, *as_words([" Hi"])]}
    assert [word.probability for word in parse(json.dumps(reply), JSON).words if word.text != "Hi"] == [0.5]


def test_speakers_of_words_are_kept() -> None:
    """Words may name speakers; a segment whose words agree has that speaker, and tokens of two speakers stay apart."""
    words = [*as_words([" Hi"], speaker="A"), *as_words(["Bye"], speaker="B")]
    reply = {"text": "Hi Bye", "segments": [{**TIMED, "words": words[:1]}, {"start": 2, "end": 3, "text": "Bye"}]}
    transcript = parse(json.dumps(reply), JSON)
    assert [segment.speaker for segment in transcript.segments] == ["A", None]
    written = json.loads(render(parse(json.dumps({"words": words}), JSON), VERBOSE_JSON))
    assert [(word["word"], word["speaker"]) for word in written["words"]] == [("Hi", "A"), ("Bye", "B")]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"text":["Hi"]}', "no text"),
        ('{"text":null}', "no text"),
        ('{"text":"","segments":"Hi"}', "no text"),
        ('{"text":"","segments":[{"text":["Hi"]}]}', "no text"),
        ('{"segments":[{"start":0,"end":1,"words":[{"word":5}]}]}', "no text"),
        ('{"error":{"message":"no"}}', "no text"),
        ('{"text":"Hi', "truncated"),
        ("", "truncated"),
        ("<html>", "malformed"),
        ('["Hi"]', "object"),
        ('"Hi"', "object"),
        ("[" * 100_000, "nested"),
    ],
)
def test_what_holds_no_text_is_an_error(document: str, message: str) -> None:
    """An unreadable reply is a one-line ValueError, never a transcript."""
    with pytest.raises(ValueError, match=message) as caught:
        parse(document, VERBOSE_JSON)
    assert "\n" not in str(caught.value)


members = st.sampled_from(
    ["text", "task", "language", "duration", "segments", "words", "word", "word_segments", "start", "end", "speaker",
     "speaker_id", "tokens", "seek", "id", "probability", "usage"]
)  # fmt: skip
times = st.floats() | st.integers(-10, 10**4) | st.sampled_from(["1.5", "x", "", "nan", "1e400", None, True])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | times | adversarial_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members, inner, max_size=5),
    max_leaves=12,
)
timed_parts = st.fixed_dictionaries(
    {}, optional={"text": st.none() | adversarial_text, "word": adversarial_text, "start": times, "end": times}
)
likely_replies = st.fixed_dictionaries(
    {},
    optional={
        "text": st.none() | adversarial_text,
        "duration": times,
        "segments": st.lists(timed_parts | values, max_size=3) | values,
        "words": st.lists(timed_parts, max_size=4),
        "usage": values,
    },
)


@given(values | likely_replies)
@settings(deadline=None, max_examples=200)
def test_any_json_is_a_sound_transcript_or_a_value_error(reply: object) -> None:
    """Any JSON gives a valid transcript with the whole text, or a ValueError."""
    document = json.dumps(reply)
    recognise(document)
    try:
        transcript = parse(document, VERBOSE_JSON)
    except ValueError:
        return
    assert isinstance(reply, dict)
    said = reply.get("text")
    text = said.strip() if isinstance(said, str) else ""
    assert transcript.text == text or not text
    for parts in (transcript.segments, transcript.words):
        assert list(parts) == sorted(parts, key=lambda part: part.start_ms)
        assert all(0 <= part.start_ms <= part.end_ms for part in parts)
    assert all(word.text and word.text == word.text.strip() for word in transcript.words)
    render(transcript, VERBOSE_JSON)


def test_seconds_become_milliseconds_by_rounding_once() -> None:
    """A time in seconds is rounded once to the nearest millisecond, for any float."""
    reply = {"text": "Hi", "words": [{"word": "Hi", "start": 0.29, "end": math.nextafter(1.001, 0)}]}
    assert parse(json.dumps(reply), JSON).words == (Word("Hi", 290, 1_001),)


@pytest.mark.parametrize("timing", ["guessed", 5, None, ["aligned"], {"a": 1}])
def test_an_unknown_timing_is_the_servers(timing: object) -> None:
    """An unknown value of our own `timing` member is ignored, and the transcript is read."""
    written = json.dumps({"text": "Hi", "words": [{"word": "Hi", "start": 0, "end": 1, "timing": timing}]})
    assert parse(written, VERBOSE_JSON).words == (Word("Hi", 0, 1_000),)


def test_tokens_of_a_single_word():
    """The tokens of one word are one word, although only the first of them has a space."""
    tokens = [(" Un", 0.1, 0.4), ("believ", 0.4, 0.8), ("able", 0.8, 1.2), (".", 1.2, 1.2)]
    words = [{"word": text, "start": start, "end": end} for text, start, end in tokens]
    read = parse(json.dumps({"text": "Unbelievable.", "words": words}), ResponseFormat.VERBOSE_JSON)
    assert [(word.text, word.start_ms, word.end_ms) for word in read.words] == [("Unbelievable.", 100, 1200)]

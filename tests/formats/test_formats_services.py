"""JSON as services and programs write it, after their public documentation: words, times, speakers, marks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from test_formats_dialects import ASSEMBLY_AI as ASSEMBLED
from test_formats_dialects import TRANSFORMERS, WHISPER_CPP

from anyscribe.formats.documents import read_transcript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.transcript import Transcript


ELEVEN_LABS = {
    "language_code": "eng",
    "language_probability": 0.98,
    "text": "Hello there. (loud laughter) Hi!",
    "words": [
        {"text": "Hello", "start": 0.1, "end": 0.5, "type": "word", "speaker_id": "speaker_0", "logprob": -0.1},
        {"text": " ", "start": 0.5, "end": 0.6, "type": "spacing", "speaker_id": "speaker_0"},
        {"text": "there.", "start": 0.6, "end": 1.0, "type": "word", "speaker_id": "speaker_0", "logprob": None},
        {"text": " ", "start": 1.0, "end": 1.0, "type": "spacing"},
        {"text": "(loud laughter)", "start": 1.0, "end": 1.6, "type": "audio_event", "speaker_id": "speaker_0"},
        {"text": " ", "type": "spacing"},
        {"text": "Hi!", "start": 2.0, "end": 2.5, "type": "word", "speaker_id": "speaker_1"},
    ],
}
AZURE_BATCH = {
    "source": "https://example.org/talk.wav",
    "durationInTicks": 50_000_000,
    "duration": "PT5S",
    "combinedRecognizedPhrases": [{"channel": 0, "lexical": "hello there hi", "display": "Hello there. Hi!"}],
    "recognizedPhrases": [
        {
            "recognitionStatus": "Success",
            "channel": 0,
            "speaker": 1,
            "offset": "PT0.1S",
            "duration": "PT0.9S",
            "offsetInTicks": 1_000_000.0,
            "durationInTicks": 9_000_000.0,
            "locale": "en-US",
            "nBest": [
                {
                    "confidence": 0.9,
                    "lexical": "hello there",
                    "display": "Hello there.",
                    "words": [
                        {"word": "hello", "offset": "PT0.1S", "duration": "PT0.4S", "confidence": 0.8},
                        {"word": "there", "offsetInTicks": 6_000_000, "durationInTicks": 4_000_000},
                    ],
                },
                {"display": "Yellow hair."},
            ],
        },
        {
            "speaker": 2,
            "offsetMilliseconds": 2_000,
            "durationMilliseconds": 500,
            "nBest": [
                {
                    "display": "Hi!",
                    "displayWords": [{"displayText": "Hi!", "offset": "PT2S", "duration": "PT0.5S"}],
                    "words": [{"word": "hi", "offset": "PT2S", "duration": "PT0.5S"}],
                }
            ],
        },
    ],
}
AZURE_FAST = {
    "durationMilliseconds": 5_000,
    "combinedPhrases": [{"channel": 0, "text": "Hello there. Hi!"}],
    "phrases": [
        {
            "channel": 0,
            "speaker": 1,
            "offsetMilliseconds": 100,
            "durationMilliseconds": 900,
            "text": "Hello there.",
            "words": [
                {"text": "Hello", "offsetMilliseconds": 100, "durationMilliseconds": 400},
                {"text": "there.", "offsetMilliseconds": 600, "durationMilliseconds": 400},
            ],
            "locale": "en-US",
        },
        {"channel": 0, "speaker": 2, "offsetMilliseconds": 2_000, "durationMilliseconds": 500, "text": "Hi!"},
    ],
}
SPEECHMATICS = {
    "format": "2.9",
    "job": {"id": "x", "duration": 5},
    "metadata": {"transcription_config": {"language": "en"}, "language_pack_info": {"word_delimiter": " "}},
    "results": [
        {
            "type": "word",
            "start_time": 0.1,
            "end_time": 0.5,
            "alternatives": [{"content": "Hello", "confidence": 0.9, "speaker": "S1"}],
        },
        {"type": "word", "start_time": 0.6, "end_time": 1.0, "alternatives": [{"content": "there", "speaker": "S1"}]},
        {
            "type": "punctuation",
            "attaches_to": "previous",
            "start_time": 1.0,
            "end_time": 1.0,
            "is_eos": True,
            "alternatives": [{"content": ".", "confidence": 1.0, "speaker": "S1"}],
        },
        {"type": "word", "start_time": 2.0, "end_time": 2.5, "alternatives": [{"content": "Hi", "speaker": "S2"}]},
        {
            "type": "punctuation",
            "start_time": 2.5,
            "end_time": 2.5,
            "alternatives": [{"content": "!", "speaker": "S2"}],
        },
    ],
}
GLADIA = {
    "id": "x",
    "status": "done",
    "result": {
        "metadata": {"audio_duration": 5.0, "number_of_distinct_channels": 1},
        "transcription": {
            "full_transcript": "Hello there. Hi!",
            "languages": ["en"],
            "utterances": [
                {
                    "text": "Hello there.",
                    "language": "en",
                    "start": 0.1,
                    "end": 1.0,
                    "speaker": 0,
                    "channel": 0,
                    "words": [
                        {"word": "Hello", "start": 0.1, "end": 0.5, "confidence": 0.9},
                        {"word": " there.", "start": 0.6, "end": 1.0, "confidence": 0.8},
                    ],
                },
                {"text": "Hi!", "start": 2.0, "end": 2.5, "speaker": 1, "channel": 0, "words": None},
            ],
        },
    },
}
REV = {
    "monologues": [
        {
            "speaker": 0,
            "elements": [
                {"type": "text", "value": "Hello", "ts": 0.1, "end_ts": 0.5, "confidence": 0.9},
                {"type": "punct", "value": " "},
                {"type": "text", "value": "there", "timestamp": "00:00:00,600", "end_timestamp": "00:00:01,000"},
                {"type": "punct", "value": "."},
            ],
        },
        {
            "speaker": 1,
            "elements": [
                {"type": "text", "value": "Hi", "ts": 2.0, "end_ts": 2.5},
                {"type": "punct", "value": "!"},
            ],
        },
    ]
}
SONIOX = {
    "id": "x",
    "text": "Hello there. Hi!",
    "tokens": [
        {"text": "Hel", "start_ms": 100, "end_ms": 300, "confidence": 0.9, "speaker": "1", "language": "en"},
        {"text": "lo", "start_ms": 300, "end_ms": 500, "confidence": 0.7, "speaker": "1", "language": "en"},
        {"text": " ", "start_ms": 500, "end_ms": 600, "confidence": 0.9, "speaker": "1"},
        {"text": "the", "start_ms": 600, "end_ms": 800, "speaker": "1"},
        {"text": "re", "start_ms": 800, "end_ms": 1_000, "speaker": "1"},
        {"text": ".", "start_ms": 1_000, "end_ms": 1_000, "speaker": "1"},
        {"text": "Hallo.", "translation_status": "translation", "speaker": "1", "language": "de"},
        {"text": "<end>", "is_final": True},
        {"text": " Hi!", "start_ms": 2_000, "end_ms": 2_500, "speaker": "2"},
    ],
}
WATSON = {
    "results": [
        {
            "final": True,
            "alternatives": [
                {
                    "transcript": "hello there ",
                    "timestamps": [["Hello", 0.1, 0.5], ["%HESITATION", 0.5, 0.6], ["there.", 0.6, 1.0]],
                    "word_confidence": [["Hello", 0.9], ["%HESITATION", 0.2], ["there.", 0.8]],
                }
            ],
        },
        {"final": True, "alternatives": [{"transcript": "hi ", "timestamps": [["Hi!", 2.0, 2.5]]}]},
    ],
    "speaker_labels": [
        {"from": 0.1, "to": 0.5, "speaker": 0},
        {"from": 0.6, "to": 1.0, "speaker": 0},
        {"from": 2.0, "to": 2.5, "speaker": 1},
    ],
}
AWS = {
    "results": {
        "language_code": "en-US",
        "transcripts": [{"transcript": "Hello there. Hi!"}],
        "speaker_labels": {
            "segments": [
                {
                    "items": [
                        {"start_time": "0.1", "speaker_label": "spk_0"},
                        {"start_time": "0.6", "speaker_label": "spk_0"},
                    ]
                },
                {"items": [{"start_time": "2.0", "speaker_label": "spk_1"}]},
            ]
        },
        "items": [
            {"type": "pronunciation", "start_time": "0.1", "end_time": "0.5", "alternatives": [{"content": "Hello"}]},
            {"type": "pronunciation", "start_time": "0.6", "end_time": "1.0", "alternatives": [{"content": "there"}]},
            {"type": "punctuation", "alternatives": [{"content": ".", "confidence": "0.0"}]},
            {"type": "pronunciation", "start_time": "2.0", "end_time": "2.5", "alternatives": [{"content": "Hi"}]},
            {"type": "punctuation", "alternatives": [{"content": "!"}]},
        ],
    }
}
GOOGLE_2 = {
    "results": {
        "gs://bucket/talk.wav": {
            "transcript": {
                "results": [
                    {
                        "alternatives": [
                            {
                                "transcript": "Hello there.",
                                "words": [
                                    {
                                        "startOffset": "0.100s",
                                        "endOffset": "0.500s",
                                        "word": "Hello",
                                        "speakerLabel": "1",
                                    },
                                    {"startOffset": "0.600s", "endOffset": "1s", "word": "there.", "speakerLabel": "1"},
                                ],
                            }
                        ],
                        "languageCode": "en-us",
                    },
                    {
                        "alternatives": [
                            {
                                "transcript": " Hi!",
                                "words": [
                                    {"startOffset": "2s", "endOffset": "2.500s", "word": "Hi!", "speakerLabel": "2"}
                                ],
                            }
                        ]
                    },
                ]
            }
        }
    }
}
GOOGLE_1 = {
    "name": "123",
    "done": True,
    "response": {
        "results": [
            {"alternatives": [{"transcript": "Hello there.", "words": [{"word": "Hello"}, {"word": "there."}]}]},
            {"alternatives": [{"transcript": " Hi!", "words": [{"word": "Hi!"}]}], "languageCode": "en-us"},
            {
                "alternatives": [
                    {
                        "words": [
                            {"word": "Hello", "startTime": "0.100s", "endTime": "0.500s", "speakerTag": 1},
                            {
                                "word": "there.",
                                "start_time": {"nanos": 600_000_000},
                                "end_time": {"seconds": "1"},
                                "speakerTag": 1,
                            },
                            {"word": "Hi!", "startTime": "2s", "endTime": "2.500s", "speakerTag": 2},
                        ]
                    }
                ]
            },
        ]
    },
}
DEEPGRAM = {
    "metadata": {"duration": 5.0, "channels": 2},
    "results": {
        "channels": [
            {
                "alternatives": [
                    {
                        "transcript": "Hello there.",
                        "words": [
                            {"word": "hello", "punctuated_word": "Hello", "start": 0.1, "end": 0.5, "confidence": 0.9},
                            {"word": "there", "punctuated_word": "there.", "start": 0.6, "end": 1.0},
                        ],
                        "paragraphs": {
                            "paragraphs": [{"sentences": [{"text": "Hello there.", "start": 0.1, "end": 1.0}]}]
                        },
                    }
                ]
            },
            {
                "alternatives": [
                    {
                        "transcript": "Hi!",
                        "words": [{"word": "hi", "punctuated_word": "Hi!", "start": 2.0, "end": 2.5}],
                        "paragraphs": {"paragraphs": [{"sentences": [{"text": "Hi!", "start": 2.0, "end": 2.5}]}]},
                    }
                ]
            },
        ]
    },
}
ASSEMBLY_AI = {
    "text": "Hello there. Hi!",
    "audio_duration": 5,
    "multichannel": True,
    "words": None,
    "utterances": [
        {
            "text": "Hello there.",
            "start": 100,
            "end": 1_000,
            "channel": "1",
            "words": [
                {"text": "Hello", "start": 100, "end": 500, "confidence": 0.9, "channel": "1", "speaker": "1A"},
                {"text": "there.", "start": "600", "end": "1000", "channel": "1", "speaker": "1A"},
            ],
            "speaker": "1A",
        },
        {
            "text": "Hi!",
            "start": 2_000,
            "end": 2_500,
            "channel": "2",
            "words": [{"text": "Hi!", "start": 2_000, "end": 2_500, "channel": "2", "speaker": None}],
            "speaker": None,
        },
    ],
}
PREMIERE = {
    "language": "en-us",
    "segments": [
        {
            "start": 0.1,
            "duration": 0.9,
            "speaker": "a1",
            "words": [
                {"text": "Hello", "start": 0.1, "duration": 0.4, "confidence": 0.9, "type": "word", "eos": False},
                {"text": "there.", "start": 0.6, "duration": 0.4, "type": "punctuation", "eos": True},
            ],
        },
        {
            "start": 2.0,
            "duration": 0.5,
            "speaker": "b2",
            "words": [{"text": "Hi!", "start": 2.0, "duration": 0.5, "eos": True}],
        },
    ],
    "speakers": [{"id": "a1", "name": "Ada"}, {"id": "b2", "name": "Bob"}],
}
SERVICES = {
    "eleven_labs": (ELEVEN_LABS, ("speaker_0", "speaker_1")),
    "azure_batch": (AZURE_BATCH, ("Speaker 1", "Speaker 2")),
    "azure_fast": (AZURE_FAST, ("Speaker 1", "Speaker 2")),
    "speechmatics": (SPEECHMATICS, ("S1", "S2")),
    "gladia": (GLADIA, ("Speaker 0", "Speaker 1")),
    "rev": (REV, ("Speaker 0", "Speaker 1")),
    "soniox": (SONIOX, ("Speaker 1", "Speaker 2")),
    "watson": (WATSON, ("Speaker 0", "Speaker 1")),
    "aws": (AWS, ("spk_0", "spk_1")),
    "google_1": (GOOGLE_1, ("Speaker 1", "Speaker 2")),
    "google_2": (GOOGLE_2, ("Speaker 1", "Speaker 2")),
    "deepgram": (DEEPGRAM, ("Channel 1", "Channel 2")),
    "assembly_ai": (ASSEMBLY_AI, ("1A", "Channel 2")),
    "premiere": (PREMIERE, ("Ada", "Bob")),
}


def read(document: Any) -> Transcript:
    transcript = read_transcript(document if isinstance(document, str) else json.dumps(document))
    assert transcript is not None
    return transcript.transcript


def words(transcript: Transcript) -> list[tuple[str, int, int]]:
    return [(word.text.strip(".").lower(), word.start_ms, word.end_ms) for word in transcript.words]


def segments(transcript: Transcript) -> list[tuple[str, int, int]]:
    return [(segment.text, segment.start_ms, segment.end_ms) for segment in transcript.segments]


@pytest.mark.parametrize(("document", "speakers"), SERVICES.values(), ids=SERVICES)
def test_who_says_what_when(document: Any, speakers: tuple[str, str]):
    """Of every service, words have their times, marks belong to their words, and turns to their speakers."""
    transcript = read(document)
    assert words(transcript)[:2] == [("hello", 100, 500), ("there", 600, 1_000)]
    assert transcript.speakers == speakers
    assert transcript.text.startswith("Hello there.")
    assert transcript.text.endswith("Hi!")
    assert {word.timing for word in transcript.words} == {"server"}
    last = (*transcript.segments, *transcript.words)
    assert max(part.end_ms for part in last) == 2_500
    assert transcript.language in (None, "en", "en-US", "en-us", "eng")
    assert transcript.duration_ms in (None, 5_000)


@pytest.mark.parametrize(("document", "speakers"), SERVICES.values(), ids=SERVICES)
def test_lists_may_be_out_of_order_and_members_null(document: Any, speakers: tuple[str, str]):
    """Members that are null or unknown change nothing, wherever they are."""

    def strange(value: Any) -> Any:
        if isinstance(value, list):
            return [strange(one) for one in value]
        if isinstance(value, dict):
            known = {name: strange(one) for name, one in value.items()}
            return {**known, "unknown_member": {"a": [None]}, "confidence": None}
        return value

    assert words(read(strange(document)))[:2] == [("hello", 100, 500), ("there", 600, 1_000)]
    assert read(strange(document)).speakers == speakers


def test_sounds_and_probabilities_of_eleven_labs():
    """Sounds stay in the text, a logarithm becomes a probability, and channels are speakers."""
    transcript = read(ELEVEN_LABS)
    assert segments(transcript) == [
        ("Hello there. (loud laughter)", 100, 1_600),
        ("Hi!", 2_000, 2_500),
    ]
    assert transcript.words[0].probability == pytest.approx(0.905, abs=0.001)
    assert transcript.words[1].probability is None
    channels = [{**ELEVEN_LABS, "channel_index": number, "words": ELEVEN_LABS["words"][:3]} for number in (0, 1)]
    for channel in channels:
        channel["words"] = [{**word, "speaker_id": None} for word in channel["words"]]
    assert read({"transcripts": channels}).speakers == ("Channel 1", "Channel 2")


def test_scripts_without_spaces():
    """Characters that come one by one stay words of their own, and the text has no spaces."""
    tokens = [{"text": one, "start_ms": at * 200, "end_ms": at * 200 + 200} for at, one in enumerate("今日は。")]
    transcript = read({"tokens": tokens})
    assert [word.text for word in transcript.words] == ["今", "日", "は。"]
    assert transcript.text == "今日は。"
    results = [
        {"type": "word", "start_time": at, "end_time": at + 1, "alternatives": [{"content": one}]}
        for at, one in enumerate(("今日", "は"))
    ]
    assert read({"metadata": {"language_pack_info": {"word_delimiter": ""}}, "results": results}).text == "今日は"


def test_automatic_captions_of_youtube():
    """Captions that roll up are read once, each word ends where the next begins, and new lines are no words."""
    document = {
        "wireMagic": "pb3",
        "events": [
            {"tStartMs": 0, "dDurationMs": 9_000, "id": 1, "wpWinPosId": 1, "wsWinStyleId": 1},
            {
                "tStartMs": 100,
                "dDurationMs": 4_000,
                "wWinId": 1,
                "segs": [{"utf8": "hello", "acAsrConf": 0}, {"utf8": " there", "tOffsetMs": 500}],
            },
            {"tStartMs": 2_000, "dDurationMs": 2_100, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]},
            {"tStartMs": 2_100, "dDurationMs": 3_000, "wWinId": 1, "segs": [{"utf8": "hi"}]},
        ],
    }
    transcript = read(document)
    assert words(transcript) == [("hello", 100, 600), ("there", 600, 1_600), ("hi", 2_100, 3_100)]
    assert segments(transcript) == [("hello there", 100, 1_600), ("hi", 2_100, 3_100)]
    by_hand = {"events": [{"tStartMs": 100, "dDurationMs": 900, "segs": [{"utf8": "Hello\nthere."}]}]}
    assert segments(read(by_hand)) == [("Hello\nthere.", 100, 1_000)]


def test_vosk():
    """One utterance, a list of them, and a line for each are the same; those without words are left out."""
    utterances = [
        {
            "result": [
                {"conf": 0.9, "start": 0.1, "end": 0.5, "word": "hello"},
                {"conf": 1.0, "start": 0.6, "end": 1.0, "word": "there"},
            ],
            "text": "hello there",
        },
        {"text": ""},
        {"result": [{"conf": 1.0, "start": 2.0, "end": 2.5, "word": "hi"}], "text": "hi"},
    ]
    lines = "\n".join(map(json.dumps, utterances))
    for document in (utterances, lines):
        assert segments(read(document)) == [("hello there", 100, 1_000), ("hi", 2_000, 2_500)]
    assert words(read(utterances[0])) == [("hello", 100, 500), ("there", 600, 1_000)]


def test_nemo():
    """Lines of a manifest are segments of their recording; several recordings are not one transcript."""
    lines = [
        {"audio_filepath": "a.wav", "offset": 0.0, "duration": 1.0, "text": "", "pred_text": "hello there"},
        {"audio_filepath": "a.wav", "offset": 2.0, "duration": 0.5, "pred_text": "hi"},
    ]
    assert segments(read("\n".join(map(json.dumps, lines)))) == [("hello there", 0, 1_000), ("hi", 2_000, 2_500)]
    lines[1]["audio_filepath"] = "b.wav"
    with pytest.raises(ValueError, match="2 recordings"):
        read(lines)
    timed = {
        "text": "hello there",
        "timestamp": {
            "word": [{"word": "hello", "start": 0.1, "end": 0.5}, {"word": "there", "start": 0.6, "end": 1.0}],
            "segment": [{"segment": "hello there", "start": 0.1, "end": 1.0}],
        },
    }
    assert words(read(timed)) == [("hello", 100, 500), ("there", 600, 1_000)]
    assert segments(read([timed])) == [("hello there", 100, 1_000)]


def test_parakeet():
    """Its tokens are parts of words."""
    tokens = [
        {"text": " Hel", "start": 0.1, "duration": 0.2, "confidence": 0.9},
        {"text": "lo", "start": 0.3, "end": 0.5},
        {"text": " there", "start": 0.6, "end": 0.9},
        {"text": ".", "start": 0.9, "end": 1.0},
    ]
    document = {
        "text": "Hello there.",
        "sentences": [{"text": " Hello there.", "start": 0.1, "end": 1.0, "tokens": tokens}],
    }
    assert words(read(document)) == [("hello", 100, 500), ("there", 600, 1_000)]


@pytest.mark.parametrize(
    "document",
    [
        [
            {"text": "Hello there.", "start": 0.1, "duration": 3.0},
            {"text": "How are you?", "start": 1.0, "duration": 2.0},
        ],
        {
            "version": "1.0.0",
            "segments": [
                {"speaker": "Ada", "startTime": 0.1, "endTime": 1.0, "body": "Hello there."},
                {"speaker": "Bob", "startTime": 1.0, "endTime": 3.0, "body": "How are you?"},
            ],
        },
        {
            "transcript": [
                {"speaker": "Ada", "start_time": "00:00:00,100", "end_time": "00:00:01,000", "text": "Hello there."},
                {"speaker": {"name": "Bob"}, "start_time": 1, "end_time": "3.0", "text": "How are you?"},
            ]
        },
        {
            "captions": [
                {"startMs": 100, "endMs": "1000", "text": "Hello there."},
                {"startMs": 1_000, "endMs": 3_000, "text": "How are you?"},
            ]
        },
        {
            "Transcript": [
                {"Content": "Hello there.", "BeginOffsetMillis": 100, "EndOffsetMillis": 1_000, "ParticipantRole": "A"},
                {
                    "Content": "How are you?",
                    "BeginOffsetMillis": 1_000,
                    "EndOffsetMillis": 3_000,
                    "LoudnessScores": [1],
                },
            ]
        },
        {
            "state": "Processed",
            "videos": [{}],
            "insights": {
                "transcript": [
                    {"text": "Hello there.", "speakerId": 1, "instances": [{"start": "0:00:00.1", "end": "0:00:01"}]},
                    {"text": "How are you?", "speakerId": 2, "instances": [{"start": "0:00:01", "end": "0:00:03"}]},
                ]
            },
        },
        {
            "status": "succeeded",
            "input": {"text": "a prompt"},
            "output": {
                "segments": [
                    {"text": " Hello there.", "start": 0.1, "end": 1.0},
                    {"text": " How are you?", "start": 1.0, "end": 3.0},
                ]
            },
        },
    ],
    ids=["youtube-transcript-api", "podcast", "sonix", "milliseconds", "calls", "video_indexer", "wrapped"],
)
def test_lists_of_parts(document: Any):
    """A list of parts with a text and a time is read, whatever its members are called."""
    assert segments(read(document)) == [("Hello there.", 100, 1_000), ("How are you?", 1_000, 3_000)]


def test_google_without_words():
    """Results of which only the ends are known follow each other."""
    results = [
        {"alternatives": [{"transcript": "Hello there."}], "resultEndTime": "1s", "languageCode": "en-us"},
        {"alternatives": [{"transcript": " Hi!"}], "resultEndTime": "2.500s"},
    ]
    assert segments(read({"results": results})) == [("Hello there.", 0, 1_000), ("Hi!", 1_000, 2_500)]


def test_channels_of_aws():
    """What is said in two channels at a time is not mixed, though marks have no time."""

    def item(text: str, start: float) -> dict[str, Any]:
        times = {"start_time": str(start), "end_time": str(start + 0.4)}
        return {"type": "pronunciation", **times, "alternatives": [{"content": text}]}

    mark = {"type": "punctuation", "alternatives": [{"content": "."}]}
    channels = [
        {"channel_label": "ch_0", "items": [item("Hello", 0.1), item("there", 0.6), mark, item("Bye", 9.0), mark]},
        {"channel_label": "ch_1", "items": [item("Hi", 0.3), mark]},
    ]
    transcript = read({"results": {"transcripts": [{"transcript": ""}], "channel_labels": {"channels": channels}}})
    assert [(one.speaker, one.text) for one in transcript.segments] == [
        ("ch_0", "Hello there."),
        ("ch_1", "Hi."),
        ("ch_0", "Bye."),
    ]


@pytest.mark.parametrize(
    "document",
    [WHISPER_CPP, TRANSFORMERS, ASSEMBLED, *(document for document, _ in SERVICES.values())],
    ids=["whisper_cpp", "transformers", "assembled", *SERVICES],
)
@pytest.mark.parametrize("junk", [None, 5, "x", True, [], {}, [[1, {}]], {"results": "x"}, 1e300, "1e999"], ids=repr)
def test_damage(document: Any, junk: Any):
    """Whatever stands in the place of a member, the document is read, or an error of one line says why not."""

    def damaged(value: Any) -> Iterator[Any]:
        yield junk
        parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, part in parts:
            for other in damaged(part):
                copy = dict(value) if isinstance(value, dict) else list(value)
                copy[name] = other
                yield copy

    for one in damaged(document):
        try:
            read_transcript(json.dumps(one))
        except ValueError as error:
            assert "\n" not in str(error)  # noqa: PT017 - most are read

"""JSON of other programs is read as they write it."""

from __future__ import annotations

import json

import pytest

from anyscribe.errors import UsageError
from anyscribe.formats import documents, verbose_json
from anyscribe.formats.documents import read_document
from anyscribe.transcript import Segment, Timing, Transcript, Word

DEEPGRAM = {
    "metadata": {"duration": 5.2, "request_id": "x"},
    "results": {
        "channels": [
            {
                "detected_language": "en",
                "alternatives": [
                    {
                        "transcript": "hello there how are you",
                        "words": [
                            {"word": "hello", "punctuated_word": "Hello", "start": 0.1, "end": 0.5, "confidence": 0.9},
                            {"word": "there", "punctuated_word": "there.", "start": 0.6, "end": 1.0, "speaker": 1},
                        ],
                    }
                ],
            }
        ],
        "utterances": [{"transcript": "Hello there.", "start": 0.1, "end": 1.0, "speaker": 0, "words": []}],
    },
}
ASSEMBLY_AI = {
    "id": "x",
    "status": "completed",
    "text": "Hello there.",
    "language_code": "en_us",
    "audio_duration": 5,
    "words": [
        {"text": "Hello", "start": 100, "end": 500, "confidence": 0.9, "speaker": "A"},
        {"text": "there.", "start": 600, "end": 1_000, "confidence": 0.8, "speaker": "A"},
    ],
    "utterances": [{"text": "Hello there.", "start": 100, "end": 1_000, "speaker": "A"}],
}
WHISPER_CPP = {
    "systeminfo": "x",
    "result": {"language": "en"},
    "transcription": [
        {
            "timestamps": {"from": "00:00:00,100", "to": "00:00:01,000"},
            "offsets": {"from": 100, "to": 1_000},
            "text": " Hello there.",
            "tokens": [
                {"text": "[_BEG_]", "offsets": {"from": 0, "to": 0}, "id": 50363, "p": 0.9},
                {"text": " Hel", "offsets": {"from": 100, "to": 300}, "id": 1, "p": 0.9},
                {"text": "lo", "offsets": {"from": 300, "to": 500}, "id": 2, "p": 0.7},
                {"text": " there", "offsets": {"from": 600, "to": 900}, "id": 3, "p": 0.9},
                {"text": ".", "offsets": {"from": 900, "to": 1_000}, "id": 4, "p": 0.9},
                {"text": "[_TT_50]", "offsets": {"from": 1_000, "to": 1_000}, "id": 5, "p": 0.9},
            ],
        },
        {"offsets": {"from": 1_000, "to": 2_000}, "text": " 图", "tokens": [{"text": "\ufffd"}, {"text": "\ufffd"}]},
    ],
}
WHISPERX = {
    "segments": [
        {
            "start": 0.1,
            "end": 1.0,
            "text": " Hello there.",
            "speaker": "SPEAKER_00",
            "words": [
                {"word": "Hello", "start": 0.1, "end": 0.5, "score": 0.9, "speaker": "SPEAKER_00"},
                {"word": "there.", "start": 0.6, "end": 1.0, "score": 0.9},
            ],
        }
    ],
    "word_segments": [],
    "language": "en",
}
TRANSFORMERS = {
    "text": " Hello there.",
    "chunks": [{"text": " Hello", "timestamp": [0.1, 0.5]}, {"text": " there.", "timestamp": [0.6, 1.0]}],
}
GOOGLE = {
    "results": [
        {
            "alternatives": [
                {
                    "transcript": "Hello there.",
                    "words": [
                        {"word": "Hello", "startTime": "0.100s", "endTime": "0.500s", "speakerTag": 2},
                        {"word": "there.", "startTime": "0.600s", "endTime": "1s", "speakerTag": 2},
                    ],
                }
            ],
            "languageCode": "en-us",
        }
    ]
}
AWS = {
    "jobName": "x",
    "results": {
        "transcripts": [{"transcript": "Hello there."}],
        "items": [
            {"type": "pronunciation", "start_time": "0.1", "end_time": "0.5", "alternatives": [{"content": "Hello"}]},
            {
                "type": "pronunciation",
                "start_time": "0.6",
                "end_time": "1.0",
                "speaker_label": "spk_0",
                "alternatives": [{"content": "there", "confidence": "0.8"}],
            },
            {"type": "punctuation", "alternatives": [{"content": "."}]},
        ],
    },
}
OPENAI = {
    "task": "transcribe",
    "text": "Hello there.",
    "words": [{"word": "Hello", "start": 0.1, "end": 0.5}, {"word": "there.", "start": 0.6, "end": 1.0}],
}
LIST = [{"start": 0.1, "end": 1.0, "text": "Hello there.", "words": OPENAI["words"]}]


def read_transcript(text: str) -> Transcript | None:
    found = documents.read_transcript(text)
    return None if found is None else found.transcript


@pytest.mark.parametrize(
    "document",
    [DEEPGRAM, ASSEMBLY_AI, WHISPERX, TRANSFORMERS, GOOGLE, AWS, OPENAI, LIST],
    ids=["deepgram", "assembly_ai", "whisperx", "transformers", "google", "aws", "openai", "list"],
)
def test_words_and_times(document: object):
    """Whoever wrote it, the words have their times, in seconds or in milliseconds."""
    transcript = read_transcript("\ufeff " + json.dumps(document))
    assert transcript is not None
    assert [(word.text, word.start_ms, word.end_ms) for word in transcript.words] == [
        ("Hello", 100, 500),
        ("there.", 600, 1_000),
    ]
    assert transcript.text.lower().startswith("hello there")


def test_whisper_cpp():
    """Parts of words are joined, special tokens are none, and characters that were cut are not shown."""
    transcript = read_transcript(json.dumps(WHISPER_CPP))
    assert transcript is not None
    assert [(word.text, word.start_ms, word.end_ms) for word in transcript.words] == [
        ("Hello", 100, 500),
        ("there.", 600, 1_000),
    ]
    assert transcript.words[0].probability == 0.7
    assert [segment.text for segment in transcript.segments] == ["Hello there.", "图"]
    assert transcript.language == "en"


def test_what_else_they_say():
    """Speakers, confidence, language and length are kept."""
    deepgram = read_transcript(json.dumps(DEEPGRAM))
    assert deepgram is not None
    assert (deepgram.language, deepgram.duration_ms) == ("en", 5_200)
    assert [word.speaker for word in deepgram.words] == [None, "Speaker 1"]
    assert deepgram.segments == (Segment("Hello there.", 100, 1_000, speaker="Speaker 0"),)
    assembly = read_transcript(json.dumps(ASSEMBLY_AI))
    assert assembly is not None
    assert assembly.segments[0].speaker == assembly.words[0].speaker == "A"
    google = read_transcript(json.dumps(GOOGLE))
    assert google is not None
    assert [word.speaker for word in google.words] == ["Speaker 2", "Speaker 2"]


def test_our_own_is_read_whole():
    """What we write of words is read back: also how their times were found, and how sure that is."""
    word = Word("Hello", 100, 500, 0.5, Timing.ALIGNED, "A", 0.75)
    ours = Transcript("Hello", "en", 1_000, (Segment("Hello", 100, 500, speaker="A"),), (word,))
    read = read_transcript(verbose_json.render(ours))
    assert read is not None
    assert read.words == (word,)


@pytest.mark.parametrize(
    "text", ["", "Hello there.", "{", "[Music]", '{"a": 1}', "[]", "[1]", '{"results": {}}', '{"chunks": 1}', "null"]
)
def test_other_text_is_none(text: str):
    """What is in no known dialect is no transcript, and prose stays prose."""
    assert read_transcript(text) is None
    if text:
        assert read_document(text).text == text
    else:
        with pytest.raises(UsageError, match="there is no text"):
            read_document(text)


def test_damaged():
    """A document of a known kind without text is an error of one line."""
    with pytest.raises(ValueError, match="no text"):
        read_transcript('{"segments": [], "words": null, "text": 5}')

"""A reply of any shape becomes the right transcript or an error, never a wrong transcript."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from failures import error_lines, the_error
from loopback import Reply, json_reply

from anyscribe.engines.remote.replies import EmptyReplyError, read_reply
from anyscribe.errors import UnreadableReplyError
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
SRT = "1\n00:00:00,000 --> 00:00:01,500\n Grüße\n\n2\n00:00:01,500 --> 00:00:02,000\nzwei\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500\nGrüße\n\n00:01.500 --> 00:02.000\nzwei\n"
SPANS = [(0, 1500), (1500, 2000)]


def as_json(value: object) -> bytes:
    """Encode a reply as servers in Python do."""
    return json.dumps(value).encode()


VERBOSE = {
    "task": "transcribe",
    "language": "english",
    "duration": 2.0,
    "text": " Grüße zwei",
    "segments": [
        {"id": 0, "seek": 0, "start": 0.0, "end": 1.5, "text": " Grüße", "tokens": [1], "avg_logprob": -0.1},
        {"id": 1, "seek": 0, "start": 1.5, "end": 2.0, "text": " zwei"},
    ],
    "words": [{"word": "Grüße", "start": 0.0, "end": 1.5}, {"word": "zwei", "start": 1.5, "end": 2.0}],
}
SEGMENTS = [{"start": 0, "end": 1.5, "text": "Grüße"}, {"start": 1.5, "end": 2, "text": "zwei"}]
WORDS = [{"word": " Grüße", "start": 0, "end": 1.5}, {"word": " zwei", "start": 1.5, "end": 2}]
LOCALAI_WORDS = [{"text": "Grüße", "start": 0, "end": 1.5}, {"text": "zwei", "start": 1.5, "end": 2}]

# For each: the body, its content type, its format, the segments' times, the number of words with times.
READABLE = {
    "json": (as_json({"text": "Grüße zwei", "usage": {"seconds": 2}}), JSON, "json", [], 0),
    "verbose_json": (as_json(VERBOSE), JSON, "verbose_json", SPANS, 2),
    "text": ("Grüße zwei\n".encode(), TEXT, "text", [], 0),
    "text with a leading space": (" Grüße zwei\n".encode(), TEXT, "text", [], 0),
    "text as whisper.cpp types it": (" Grüße zwei\n".encode(), "text/html; charset=utf-8", "text", [], 0),
    "text of no type": ("Grüße zwei".encode(), "", "text", [], 0),
    "text in another encoding": ("Grüße zwei".encode("latin-1"), "text/plain; charset=ISO-8859-1", "text", [], 0),
    "text with a byte order mark": ("\ufeffGrüße zwei".encode(), TEXT, "text", [], 0),
    "srt": (SRT.encode(), TEXT, "srt", SPANS, 0),
    "srt by its own type": (SRT.encode(), "application/x-subrip", "srt", SPANS, 0),
    "srt of an unknown type": (SRT.encode(), "application/octet-stream", "srt", SPANS, 0),
    "srt with carriage returns": (SRT.replace("\n", "\r\n").encode(), TEXT, "srt", SPANS, 0),
    "srt after blank lines": (("\n\n" + SRT).encode(), TEXT, "srt", SPANS, 0),
    "srt with minutes beyond 59": (
        b"1\n00:75:03,000 --> 01:75:03,500\nGr\xc3\xbc\xc3\x9fe zwei\n",
        TEXT,
        "srt",
        [(4503000, 8103500)],
        0,
    ),
    "vtt without hours": (VTT.encode(), "text/vtt", "vtt", SPANS, 0),
    "vtt as plain text": (VTT.replace("00:0", "00:00:0").encode(), TEXT, "vtt", SPANS, 0),
    "AnyAPI's page: all of it in json": (as_json({**VERBOSE, "usage": None}), JSON, "verbose_json", SPANS, 2),
    "vLLM: a duration that is a string": (
        as_json({"duration": "2.0", "language": "de", "text": "Grüße zwei", "segments": SEGMENTS, "words": None}),
        JSON,
        "verbose_json",
        SPANS,
        0,
    ),
    "vLLM: json where text was asked for": (as_json({"text": "Grüße zwei"}), JSON, "json", [], 0),
    "speaches: nulls": (
        as_json({"text": "Grüße zwei", "segments": SEGMENTS, "words": None, "usage": None}),
        JSON,
        "verbose_json",
        SPANS,
        0,
    ),
    "null lists alone": (
        as_json({"text": "Grüße zwei", "segments": None, "words": None, "duration": None}),
        JSON,
        "json",
        [],
        0,
    ),
    "whisper.cpp: words in segments, an end after the recording": (
        as_json(
            {
                "text": " Grüße zwei\n",
                "duration": 2,
                "segments": [{**SEGMENTS[0], "words": WORDS[:1]}, {**SEGMENTS[1], "end": 29.5, "words": WORDS[1:]}],
            }
        ),
        JSON,
        "verbose_json",
        [(0, 1500), (1500, 29500)],
        2,
    ),
    "LocalAI: the word is under text": (
        as_json({"text": "Grüße zwei", "duration": 2, "segments": SEGMENTS, "words": LOCALAI_WORDS}),
        JSON,
        "verbose_json",
        SPANS,
        2,
    ),
    "LiteLLM: srt in json": (as_json({"text": SRT}), JSON, "srt", SPANS, 0),
    "LiteLLM: vtt in json": (as_json({"text": VTT}), JSON, "vtt", SPANS, 0),
    "LiteLLM: text in json": (as_json({"text": "Grüße zwei\n"}), JSON, "json", [], 0),
    "Mistral: speakers, its own members": (
        as_json(
            {
                "model": "voxtral",
                "text": "Grüße zwei",
                "language": None,
                "segments": [{**part, "speaker_id": "speaker_1", "type": "transcription_segment"} for part in SEGMENTS],
                "usage": {"prompt_audio_seconds": 2},
            }
        ),
        JSON,
        "verbose_json",
        SPANS,
        0,
    ),
    "a wrapper: srt as a string of json": (as_json(SRT), JSON, "srt", SPANS, 0),
    "a wrapper: the same, called text": (as_json(SRT), TEXT, "srt", SPANS, 0),
    "a wrapper: text as a string of json": (as_json("Grüße zwei"), JSON, "text", [], 0),
    "a wrapper: segments in segments": (
        as_json({"segments": {"segments": SEGMENTS, "word_segments": WORDS}, "language": "de"}),
        JSON,
        None,
        SPANS,
        2,
    ),
    "WhisperX: no text": (as_json({"segments": SEGMENTS, "language": "de"}), JSON, None, SPANS, 0),
    "words alone": (as_json({"text": "Grüße zwei", "words": WORDS}), JSON, "verbose_json", [], 2),
    "json with a byte order mark": (b"\xef\xbb\xbf" + as_json({"text": "Grüße zwei"}), JSON, "json", [], 0),
    "json of a type of its own": (as_json({"text": "Grüße zwei"}), "application/problem+json", "json", [], 0),
    "json of no type": (as_json({"text": "Grüße zwei"}), "", "json", [], 0),
    "an object in an array": (as_json([{"text": "Grüße zwei"}]), JSON, None, [], 0),
    "an object in an array, called text": (as_json([{"text": "Grüße zwei"}]), TEXT, None, [], 0),
    "verbose_json in an array": (as_json([VERBOSE]), JSON, None, SPANS, 2),
    "an array of segments": (as_json(SEGMENTS), JSON, None, SPANS, 0),
    "an array of one segment": (as_json([{**SEGMENTS[0], "text": "Grüße zwei"}]), JSON, None, SPANS[:1], 0),
    "utf-16 with its mark": ("Grüße zwei".encode("utf-16"), TEXT, "text", [], 0),
    "utf-16 by its name": ("Grüße zwei".encode("utf-16-le"), "text/plain; charset=utf-16le", "text", [], 0),
    "json in utf-16": (json.dumps({"text": "Grüße zwei"}).encode("utf-16"), JSON, "json", [], 0),
    "Chinese characters' own encoding": ("Grüße zwei".encode("gb18030"), "text/plain; charset=GB18030", "text", [], 0),
    "quotes around the charset": ("Grüße zwei".encode("cp1252"), 'text/plain; charset="windows-1252"', "text", [], 0),
    "numbers that JSON does not have": (b'{"text": "Gr\xc3\xbc\xc3\x9fe zwei", "duration": NaN}', JSON, None, [], 0),
    "times that are none": (
        as_json({"text": "Grüße zwei", "segments": [{"start": "soon", "text": "Grüße zwei"}]}),
        JSON,
        "verbose_json",
        [],
        0,
    ),
}


@pytest.mark.parametrize("name", READABLE)
def test_every_known_shape_is_read(name: str) -> None:
    """Each reply shape that servers are known to send becomes its transcript, and its format is detected."""
    body, content_type, wire_format, spans, words = READABLE[name]
    answer = read_reply(body, content_type)
    assert answer.transcript.text == "Grüße zwei"
    assert (answer.rendering.format if answer.rendering else None) == wire_format
    assert [(part.start_ms, part.end_ms) for part in answer.transcript.segments] == spans
    assert len(answer.transcript.words) == words


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT is a subtitle format.",
        "[music]",
        '"Hello," she said.',
        '"Hello"',
        "{laughs} hi",
        "[1, 2]",
        "<laughs> hi",
        "1\nand then 2",
        "42",
        "null",
        "data: hello",
        "\x1b[31mred\x1b[0m",
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_words_that_look_like_a_format_stay_words(text: str, wrapped: bool) -> None:  # noqa: FBT001 - pytest calls it
    """Spoken text is not mistaken for markup, JSON or subtitles."""
    answer = read_reply(as_json({"text": text}), JSON) if wrapped else read_reply(text.encode(), TEXT)
    assert answer.transcript.text == text
    assert answer.rendering is not None
    assert answer.rendering.format is (ResponseFormat.JSON if wrapped else ResponseFormat.TEXT)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (as_json({"text": ""}), JSON),
        (as_json({"text": "", "segments": [], "duration": 3.0}), JSON),
        (b"\n", TEXT),
        (b" \n", "application/x-subrip"),
        (b"WEBVTT\n\n", "text/vtt"),
        (b"WEBVTT - made by a server\n\n", "text/vtt"),
        (as_json({"text": "WEBVTT\n\n"}), JSON),
    ],
)
def test_silence_is_a_transcript(body: bytes, content_type: str) -> None:
    """A reply with an empty transcript is not an error."""
    assert read_reply(body, content_type).transcript.text == ""


PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
TRANSCRIPTS_OF_HTML = [
    "You open it with <div> and write <p> for a paragraph.",
    "<div> is what we use for layout.",
    "<laughs> hi",
    "a < b and c > d",
    "Use <script> and </script>.",
]


@pytest.mark.parametrize("text", TRANSCRIPTS_OF_HTML)
def test_people_may_speak_about_html(text: str) -> None:
    """whisper.cpp calls its text HTML; a tag in it does not make it a page."""
    assert read_reply(f" {text}\n".encode(), "text/html; charset=utf-8").transcript.text == text


DAMAGED = {
    "text": (b"Gr\xc3\xbc\xc3\x9fe \xff zwei", TEXT, "Grüße \ufffd zwei"),
    "text whose last character is cut": ("Grüße zweiß".encode()[:-1], TEXT, "Grüße zwei\ufffd"),
    "text in an unnamed encoding": ("Grüße zwei Straßen".encode("latin-1"), "", None),
    "a short text": (b"Gr\xfcn", TEXT, "Gr\ufffdn"),
    "json": (b'{"text": "Gr\xc3\xbc\xc3\x9fe \xff zwei"}', JSON, "Grüße \ufffd zwei"),
    "srt": (b"1\n00:00:00,000 --> 00:00:01,500\nGr\xff\xc3\x9fe\n", TEXT, "Gr\ufffdße"),
    "vtt": (b"WEBVTT\n\n00:00.000 --> 00:01.500\nGr\xff\xc3\x9fe\n", "text/vtt", "Gr\ufffdße"),
    "half a character in json": (b'{"text": "a\\ud83d b"}', JSON, "a\ufffd b"),
    "a charset that is not known": (b"Gr\xfcn und gut", "text/plain; charset=klingon", "Gr\ufffdn und gut"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_stray_byte_costs_one_character(name: str) -> None:
    """What is not UTF-8 becomes U+FFFD, in every format, and the rest is kept."""
    body, content_type, text = DAMAGED[name]
    assert read_reply(body, content_type).transcript.text == (text or "Gr\ufffd\ufffde zwei Stra\ufffden")


@pytest.mark.parametrize(
    "error",
    ["", "none", "None", "null", None, False, 0, {}, [], {"message": ""}, {"code": None, "message": "none"}, "ok"],
)
def test_an_error_that_is_none(error: object) -> None:
    """Servers that always send an error member say nothing with an empty one."""
    assert read_reply(as_json({"text": "Hi", "error": error}), JSON).transcript.text == "Hi"


UNREADABLE = {
    "a page": (PAGE, "text/html", "web page"),
    "a page called text": (PAGE, TEXT, "web page"),
    "a page after a byte order mark": (b"\xef\xbb\xbf" + PAGE, "text/html", "web page"),
    "a page after a comment": (b"<!-- x -->" + PAGE, "text/html", "web page"),
    "a page that begins with words": (b"Loading <div class=x>", "text/html", "web page"),
    "xml": (b'<?xml version="1.0"?><error/>', "application/xml", "web page"),
    "half of json": (b'{"text": "Gr', JSON, "broken JSON"),
    "half of json called text": (b'{"text": "Gr', TEXT, "broken JSON"),
    "json and something after it": (b'{"text": "a"}{"text": "b"}', JSON, "broken JSON"),
    "json too deep": (b"[" * 100_000, JSON, "broken JSON"),
    "text called json": (b"hello", JSON, "broken JSON"),
    "json without text": (b'{"status": "queued"}', JSON, "not a transcript"),
    "text that is no text": (b'{"text": 5}', JSON, "not a transcript"),
    "null text": (b'{"text": null}', JSON, "not a transcript"),
    "several objects": (b'[{"text": "a"}, {"text": "b"}]', JSON, "not a transcript"),
    "an empty array": (b"[]", JSON, "not a transcript"),
    "an object in two arrays": (b'[[{"text": "a"}]]', JSON, "not a transcript"),
    "an array of errors": (b'[{"text": "a", "error": "overloaded"}]', JSON, "reports an error"),
    "null": (b"null", JSON, "not a transcript"),
    "an error with status 200": (b'{"error": {"message": "overloaded"}}', JSON, "reports an error"),
    "an error beside a text": (b'{"error": "overloaded", "text": ""}', JSON, "reports an error"),
    "garbage": (b"\x00\x01\xfe\xff\x80garbage", TEXT, "not text"),
    "garbage without a type": (b"\x89PNG\r\n\x1a\n\x00\x00", "", "not text"),
    "garbage in an encoding that takes all": (b"\x00\x01\xfe", "text/plain; charset=latin-1", "not text"),
    "an encoding that there is not": (b"\xff\xfe", "text/plain; charset=klingon", "charset klingon is not known"),
    "a codec that is no encoding of text": (b"\xff\xff\xff", "text/plain; charset=unicode_escape", "not known here"),
    "many bytes that are not UTF-8": ("Привет, как дела".encode("koi8-r"), TEXT, "not text"),
    "compressed": (bytes(range(128, 256)) * 4, TEXT, "not text"),
    "a page in pieces": (b"<h1>502 Bad Gateway</h1>", "text/html", "web page"),
    "a page of a paragraph": (b" \n<p>No such route</p>", "text/html", "web page"),
    "another kind": (b"hello", "audio/mpeg", "of a type that holds no transcript"),
    "a stream": (b'data: {"type": "transcript.text.delta"}\n\n', "text/event-stream", "stream"),
    "srt that is cut off": (b"1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2", TEXT, "cannot be read"),
    "srt in json that is cut off": (
        as_json({"text": "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2"}),
        JSON,
        "cannot be read",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_transcript_is_an_error(name: str) -> None:
    """An unreadable reply is an error that shows the content type and the beginning of the reply."""
    body, content_type, message = UNREADABLE[name]
    with pytest.raises(UnreadableReplyError, match=message) as caught:
        read_reply(body, content_type)
    assert f"content type {content_type or 'missing'}; begins: " in caught.value.message
    assert len(caught.value.message) < 450


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"", TEXT), (b"", ""), (b"", JSON), (b" \r\n", JSON), (b"\n", "text/html"), (b"\n", "")]
)
def test_nothing_is_an_error_of_its_own(body: bytes, content_type: str) -> None:
    """An empty reply is an error of its own type, as only the recording can tell whether it is right."""
    with pytest.raises(EmptyReplyError, match="empty reply"):
        read_reply(body, content_type)


RENDERED = {
    "json": Reply(body=b'{ "usage" : null,\t"text":"Gr\\u00fc\xc3\x9fe" }\r\n'),
    "verbose_json": Reply(body=b'{"segments":[{"end":"1.50","start":0,"text":" a"}],"text":"a","odd":1.0}\n\n'),
    "text": Reply(body=" \tGrüße \x1b[31m\r\n\n".encode(), content_type="text/html"),
    "srt": Reply(body=b"\xef\xbb\xbf\r\n7\r\n00:00:00.0 --> 0:0:1,5\r\n<i>a</i>\r\n\r\n", content_type="text/plain"),
    "vtt": Reply(body=b"WEBVTT x\n\nNOTE y\n\n00:00.000 --> 00:01.500 align:left\n<v A>a\n", content_type="text/vtt"),
}


@pytest.mark.parametrize("wanted", RENDERED)
def test_a_rendering_is_passed_on_byte_for_byte(
    anyscribe: Program, server: LoopbackServer, media: Path, wanted: str
) -> None:
    """A reply in the requested format is passed on byte for byte, however it looks."""
    server.answer(RENDERED[wanted])
    run = anyscribe(media / "hello.ogg", "-f", wanted, base_url=server.url)
    assert (run.code, run.out, run.err) == (0, RENDERED[wanted].body, "")


def test_unreadable_replies_are_errors_of_one_line(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """Unreadable replies with status 200 fail without a retry and leave no files."""
    replies = [
        Reply(body=PAGE, content_type="text/html"),
        Reply(body=b'{"text": "Gr'),
        Reply(body=b"\x00\xffgarbage", content_type="application/octet-stream"),
        Reply(body=b'{"error": "\x1b]0;owned\x07 \x9b31m"}', headers={"x-request-id": "req_7"}),
        Reply(raw=b"\x00\xff\x1b[31m no HTTP\r\n\r\n"),
        Reply(body=b"data: x\n\n", content_type="text/event-stream"),
    ]
    server.answer(*replies, Reply(599))
    names = [tmp_path / f"{number}.ogg" for number in range(len(replies))]
    for name in names:
        shutil.copy(media / "hello.ogg", name)
    run = anyscribe(*names, "-j", "1", "-f", "srt", "-m", "m", base_url=server.url)
    lines = error_lines(run)
    assert (run.code, run.out, len(lines), len(server.requests)) == (1, b"", len(replies), len(replies)), run.err
    expected = ["Sign in", '{"text": "Gr', "garbage", "(request id req_7)", "not HTTP", "stream"]
    for line, words in zip(lines, expected, strict=True):
        assert words in line
    assert "status 200" in lines[0]
    assert "content type text/html" in lines[0]
    assert sorted(tmp_path.iterdir()) == names


def test_an_empty_reply_is_asked_about(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """An empty reply may mean silence: the server is asked again in json, and a second empty reply is an error."""
    server.answer(Reply(content_type="text/plain"), json_reply({"text": ""}))
    run = anyscribe(media / "silence.flac", "-f", "vtt", "-m", "m", base_url=server.url)
    assert (run.code, run.text) == (0, "WEBVTT\n"), run.err
    assert [request.fields["response_format"] for request in server.requests] == [["vtt"], ["json"]]
    server.answer(Reply(content_type="text/plain"))
    assert "empty reply" in the_error(anyscribe(media / "silence.flac", base_url=server.url), 1)
    assert len(server.requests) == 4


@pytest.mark.parametrize("content_type", [JSON, TEXT])
def test_no_reply_is_read_without_end(
    anyscribe: Program, server: LoopbackServer, media: Path, content_type: str
) -> None:
    """At most 32 MB of a transcript are read."""
    body = b'{"text": "' + b"a " * (1 << 24) + b'"}'
    server.answer(Reply(body=body, content_type=content_type))
    error = the_error(anyscribe(media / "hello.ogg", base_url=server.url), 1)
    assert "longer than 33,554,432 bytes" in error

"""One registry holds every format of the contract, and a document's format is detected by its shape."""

from __future__ import annotations

import subprocess
import sys

import pytest
from adversarial_texts import adversarial_text
from documents import render
from hypothesis import given

from anyscribe import formats
from anyscribe.formats import OUTPUT_FORMATS, format_of_wire
from anyscribe.formats.wire import parse, recognise
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Segment, Transcript, Word


def test_every_format_of_the_contract_is_registered_in_its_order() -> None:
    """Every response_format has an output format, so that it can be rendered."""
    assert [known.wire for known in OUTPUT_FORMATS.values() if known.wire] == list(ResponseFormat)
    assert [format_of_wire(wire).name for wire in ResponseFormat] == list(ResponseFormat)


def test_wire_formats_and_output_formats_are_two_things() -> None:
    """An output format that no server supports has no wire format and is never requested."""
    assert all(known.wire is None for name, known in OUTPUT_FORMATS.items() if name not in tuple(ResponseFormat))
    assert [name for name, known in OUTPUT_FORMATS.items() if known.name != name] == []


def test_extensions_are_those_that_other_programs_know() -> None:
    """Sidecar files have the extensions that players and editors look for."""
    assert [format_of_wire(wire).extension for wire in ResponseFormat] == ["txt", "json", "json", "srt", "vtt", "json"]


def test_exported_names() -> None:
    """The package's public names are these."""
    assert formats.__all__ == [
        "ASS",
        "KARAOKE",
        "NO_METADATA",
        "OUTPUT_FORMATS",
        "TEXT",
        "TIMED_TEXT",
        "VERBOSE_JSON",
        "Content",
        "Metadata",
        "OutputFormat",
        "Provenance",
        "format_called",
        "format_of_record",
        "format_of_wire",
        "formats_of_file",
    ]
    assert all(hasattr(formats, name) for name in formats.__all__)


def test_msgspec_is_loaded_only_when_json_is_met() -> None:
    """Importing the package and writing subtitles do not import msgspec; writing JSON does."""
    script = (
        "import sys\n"
        "from anyscribe.formats import OUTPUT_FORMATS, Metadata\n"
        "from anyscribe.formats.wire import recognise\n"
        "from anyscribe.transcript import Transcript\n"
        "recognise('Hi')\n"
        "for name in ('text', 'srt', 'vtt'):\n"
        "    OUTPUT_FORMATS[name].render(Transcript(''), Metadata())\n"
        "assert 'msgspec' not in sys.modules\n"
        "OUTPUT_FORMATS['json'].render(Transcript(''), Metadata())\n"
        "assert 'msgspec' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_text_is_the_text_and_a_line_feed() -> None:
    """Plain text ends in one line feed, silence is empty, and whitespace around a reply is dropped."""
    assert render(Transcript("Hi\nall"), ResponseFormat.TEXT) == "Hi\nall\n"
    assert render(Transcript(""), ResponseFormat.TEXT) == ""
    assert parse("\ufeff Hi\nall\n\n", ResponseFormat.TEXT) == Transcript("Hi\nall")


@given(adversarial_text.map(str.strip))
def test_text_survives_text(text: str) -> None:
    """Text is read back as it was written."""
    expected = text.removeprefix("\ufeff").strip()
    assert parse(render(Transcript(text), ResponseFormat.TEXT), ResponseFormat.TEXT).text == expected


@pytest.mark.parametrize(
    ("document", "shape"),
    [
        ("", None),
        ("Hello there", None),
        ("WEBVTTX", None),
        ("webvtt\n", None),
        ("WEBVTT", "vtt"),
        ("\ufeffWEBVTT - title\r\n", "vtt"),
        ("\ufeff\r\n\r\n1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", "srt"),
        ("00:01.5 --> 00:02.5\nHi", "srt"),
        ("1\n\n01:75:03,000 --> 01:75:04,000\n", "srt"),
        ("1\nHello --> there", None),
        ("Hello\n\n1\n00:00:01,000 --> 00:00:02,000\nHi", None),
        ("12 monkeys", None),
        ("1" * 10_000 + "\n" * 10_000, None),
        (' {"text":"Hi"}', "json"),
        ('{"text":"Hi","usage":{"type":"duration","seconds":3}}', "json"),
        ('{"text":"Hi","segments":null,"words":null,"duration":null}', "json"),
        ('{"text":"Hi","duration":"12.5"}', "verbose_json"),
        ('{"text":"Hi","segments":[]}', "verbose_json"),
        ('{"segments":{"segments":[]}}', "verbose_json"),
        ('{"words":[{"word":"Hi"}]}', "verbose_json"),
        ('{"text":null}', None),
        ('{"text":5}', None),
        ('{"error":{"message":"no"}}', None),
        ('{"duration":12.5}', None),
        ('{"text":"Hi"', None),
        ('{"text":"Hi"} trailing', None),
        ('"WEBVTT\\n\\n"', None),
        ('["text"]', None),
        ("{" * 100_000, None),
        ('{"text":"\udc80"}', "json"),
        ("<!DOCTYPE html><html>", None),
    ],
)
def test_the_shape_tells_the_format(document: str, shape: str | None) -> None:
    """The format is detected without the requested format or a content type; unknown shapes have no format."""
    assert recognise(document) == shape


@given(adversarial_text)
def test_recognising_never_fails(text: str) -> None:
    """Any text has a format or None."""
    for prefix in ("", "{", "1\n", "WEBVTT\n", '{"text":'):
        recognise(prefix + text)


@pytest.mark.parametrize("response_format", list(ResponseFormat))
def test_hours_of_speech_are_written_and_read_back(response_format: ResponseFormat) -> None:
    """A long transcript is written, recognised and read back."""
    segments = tuple(
        Segment(f"ten words & more <{number}>", number * 3_000, number * 3_000 + 2_900) for number in range(2_000)
    )
    words = tuple(Word("word", number * 300, number * 300 + 290) for number in range(20_000))
    text = " ".join(segment.text for segment in segments)
    transcript = Transcript(text, None, 6_000_000, segments, words)
    written = render(transcript, response_format)
    assert recognise(written) is (None if response_format is ResponseFormat.TEXT else response_format)
    assert parse(written, response_format).text == text

"""Forms as clients write them, and malformed ones: all are read or refused, without harm."""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING

import pytest
from scripted_engine import HELLO, ScriptedEngine
from served import MEDIA, Answer, field, form, recording, request, serving_here

from anyscribe.errors import FieldError
from anyscribe.server.failures import RefusedError
from anyscribe.server.form_reader import FormReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from served import Served

MODEL = field("model", "tiny.en")
WAV = (MEDIA / "hello.wav").read_bytes()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Yield a server that reports nothing, keeps nothing, and still works after all forms."""
    with serving_here(ScriptedEngine()) as running:
        yield running
        assert running.transcribes()
        assert running.leftovers() == []
    assert running.journal.failures == []


def heard(answer: Answer) -> bool:
    """Return whether the recording was read correctly."""
    return (answer.status, answer.body) == (200, f'{{"text":"{HELLO}"}}\n'.encode())


@pytest.mark.parametrize(
    "content_type",
    [
        b'multipart/form-data; boundary="XX"',
        b"Multipart/Form-Data; charset=utf-8; Boundary=XX",
        b"multipart/form-data;boundary=XX",
    ],
)
def test_boundary_as_clients_write_it(served: Served, content_type: bytes):
    """The boundary may be quoted, and accompanied by other parameters."""
    assert heard(served.exchange(request(form(MODEL, recording()), content_type=content_type)))


def test_odd_boundary(served: Served):
    """A boundary may hold any character that RFC 2046 allows."""
    boundary = b"--'()+_,-./:=? x" + b"9" * 50
    body = form(MODEL, recording(), boundary=boundary)
    assert heard(served.exchange(request(body, content_type=b'multipart/form-data; boundary="%b"' % boundary)))


@pytest.mark.parametrize(
    "disposition",
    [
        'name="file"',
        "name=file; filename=a.wav",
        'filename="a.wav"; name="file"',
        'name="file"; filename=""',
        "name=\"file\"; filename*=UTF-8''Gespr%C3%A4ch.wav",
        'name="file"; filename="a.wav"; filename*=UTF-8\'\'%e2%82%ac.wav',
        'name="file"; filename="Gespräch.wav"',
        'name="file"; filename="a;b\\"c.wav"',
        'name="file"; filename="../../../../etc/passwd"',
        'name="file"; filename="/etc/passwd.wav"',
        'name="file"; filename="C:\\\\temp\\\\a.wav"',
        'name="file"; filename="a\0b.wav"',
        'name="file"; filename="..";',
        'name="file"; filename="%s.wav"' % ("x" * 3000),
        'name="file"; filename="a.mp3"',
        'name="file"; filename="http://127.0.0.1:1/a.wav"',
    ],
)
def test_name_of_the_recording_is_no_path(served: Served, disposition: str):
    """The recording is read by its content; its name is harmless, and may be missing."""
    part = (f"content-disposition: form-data; {disposition}".encode(), WAV)
    assert heard(served.exchange(request(form(MODEL, part))))


def test_boundary_within_the_content(served: Served):
    """Text that looks like a boundary in the middle of a line, or like half of one, is content."""
    prompt = "a --XX b\r\n--X\r\n-\r\n--\r\n--xx--\r\n--XY\r\n --XX\r\n"
    assert heard(served.exchange(request(form(field("prompt", prompt), MODEL, recording()))))


def test_preamble_and_epilogue(served: Served):
    """Line breaks before the first boundary and anything after the last one are ignored."""
    assert heard(served.exchange(request(b"\r\n" + form(MODEL, recording()) + b"and so on\r\n--XX\r\n")))


def test_part_headers_in_any_order(served: Served):
    """Other headers of a part, and their order, do not matter."""
    head = b"Content-Type: audio/wav\r\nX-Other: 1\r\nContent-Length: 5\r\nCONTENT-DISPOSITION: form-data; name=file"
    assert heard(served.exchange(request(form((head, WAV), MODEL))))


def test_chunked(served: Served):
    """A body in the chunked encoding, in pieces of any size, is read like any other."""
    body = form(MODEL, recording())
    head = request(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
    dice = random.Random(1)  # noqa: S311 - not a secret
    pieces = []
    while body:
        size = dice.choice([1, 2, 7, 1000, 40_000])
        piece, body = body[:size], body[size:]
        pieces.append(b"%x\r\n%b\r\n" % (len(piece), piece))
    assert heard(served.exchange(head, *pieces, b"0\r\n\r\n"))


def test_one_byte_at_a_time(served: Served):
    """A client that sends single bytes is read as well."""
    body = form(MODEL, field("response_format", "json"), recording())
    whole = request(body)
    start = whole[:900]
    assert heard(
        served.exchange(*(bytes([byte]) for byte in start), whole[900:-40], *(bytes([b]) for b in whole[-40:]))
    )


@pytest.mark.parametrize(
    "body",
    [
        form(MODEL, recording()).replace(b"\r\n", b"\n"),
        form(MODEL, recording())[:-8],
        form(MODEL, recording())[:-3],
        form(MODEL, recording(), boundary=b"YY"),
        b"--XX\r\n" + form(MODEL, recording()),
        b"",
        b"--XX",
        b"\x00" * 5000,
        b"--XX--\r\n",
        form((b"Content-Disposition: form-data", b"tiny.en"), recording()),
        form((b'Content-Disposition: form-data; name=""', b"tiny.en"), recording()),
        form((b"Content-Type: text/plain", b"tiny.en"), recording()),
        form((b"No colon here", b"tiny.en"), recording()),
        form((b": no name", b"tiny.en"), recording()),
        form((b'Content-Disposition: form-data; name="\xff\xfe"', b"x"), recording()),
        form((b'Content-Disposition: form-data; name="prompt"', b"\xff\xfe"), MODEL, recording()),
        form((b'Content-Disposition: form-data; name="model"; x="' + b"y" * 100_000 + b'"', b"x"), recording()),
        form((b"X: y\r\n" * 2000 + b'Content-Disposition: form-data; name="model"', b"tiny.en"), recording()),
        form((b"X" * 100_000 + b": y", b"tiny.en"), recording()),
        form(
            (b"X: %b\r\n" % (b"y" * 3000) * 4 + b'Content-Disposition: form-data; name="model"', b"tiny.en"),
            recording(),
        ),
        form(*[field(f"f{number}", "x") for number in range(10_000)], MODEL, recording()),
        form(*[field("include[]", "logprobs")] * 10_000, MODEL, recording()),
        form(field("prompt", "x" * 9_000_000), MODEL, recording()),
        form(*[field("prompt", "x" * 1_000_000)] * 10, MODEL, recording()),
    ],
)
def test_form_that_cannot_be_read(served: Served, body: bytes):
    """A form that is broken, cut off, or far too large is refused in one line, even if more data follows."""
    answer = served.exchange(request(body))
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert "\n" not in answer.error["message"]


def test_temporary_file_is_private(served: Served, tmp_path: Path):
    """While a recording is stored, no other user can read it."""
    del tmp_path
    body = form(MODEL, recording())
    with served.connect() as connection:
        connection.sendall(request(body)[:-20_000])
        while not served.leftovers():
            pass
        (place,) = served.folder.iterdir()
        assert place.stat().st_mode & 0o077 == 0


SAMPLE = form(field("prompt", "ä\r\n--X\r\n"), MODEL, recording(), field("language", "en"))


def read(pieces: list[bytes]) -> tuple[list[tuple[str, str]], str, bytes]:
    """Read a form in pieces; return its fields, file name and audio."""
    reader = FormReader(b"XX")
    sound = b""
    for piece in pieces:
        reader.feed(piece)
        sound += reader.take()
    reader.finish()
    return reader.fields, reader.filename, sound


def test_division_does_not_matter():
    """A form is read the same way, however it is divided."""
    expected = ([("prompt", "ä\r\n--X\r\n"), ("model", "tiny.en"), ("language", "en")], "a.wav", WAV)
    assert read([SAMPLE]) == expected
    for size in (1, 2, 3, 5, 64, 4096):
        pieces = [SAMPLE[start : start + size] for start in range(0, len(SAMPLE), size)]
        assert read(pieces) == expected


def test_any_form_is_read_or_refused():
    """Bytes that were damaged anywhere are read or refused, with no other exception."""
    dice = random.Random(7)  # noqa: S311 - not a secret
    sample = form(field("prompt", "x" * 50), MODEL, (b'Content-Disposition: form-data; name="file"', b"y" * 90))
    for _ in range(3000):
        data = bytearray(sample)
        for _ in range(dice.randint(1, 4)):
            where = dice.randrange(len(data))
            data[where : where + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
        half = dice.randrange(len(data))
        with contextlib.suppress(RefusedError, FieldError):
            read([bytes(data[:half]), bytes(data[half:])])

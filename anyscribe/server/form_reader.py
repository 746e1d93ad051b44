"""Parse a multipart form incrementally: fields are kept, within limits; the recording is passed on."""

from __future__ import annotations

from typing import Final

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from anyscribe.errors import FieldError
from anyscribe.server.failures import Failure, RefusedError

_FORM_TYPE: Final = b"multipart/form-data"
_RECORDING: Final = "file"
_MOST_FIELDS: Final = 64
_MOST_FIELD_BYTES: Final = 8 << 20
"""A few samples of voices."""

_MOST_HEADER_BYTES: Final = 1 << 13
_LEAST_HEADER_BYTES: Final = 4
"""The bytes of a header besides its name and value: a colon, a space and a line break (CRLF)."""

_LONGEST_BOUNDARY: Final = 200
"""RFC 2046 allows 70 characters; no client is known to use more, but one that does need not fail."""


def boundary_of(content_type: str) -> bytes:
    """Return a form's boundary.

    Args:
        content_type: The request's Content-Type; empty if it has none.

    Returns:
        The boundary between the parts, without its leading hyphens.

    Raises:
        RefusedError: The request is not a multipart form, or has no usable boundary.
    """
    kind, options = _options_of(content_type)
    if kind != _FORM_TYPE:
        raise RefusedError(
            Failure(415, "the request must be multipart/form-data with the recording in the part named file")
        )
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise _unreadable("its Content-Type names no boundary")
    return boundary


class FormReader:
    """Parses a form's body from pieces of any size.

    Args:
        boundary: The boundary between its parts; see `boundary_of`.
    """

    def __init__(self, boundary: bytes) -> None:
        self.fields: list[tuple[str, str]] = []
        self.filename = ""
        self._recording = bytearray()
        self._has_recording = False
        self._is_over = False
        self._headers: dict[bytes, bytes] = {}
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._header_bytes = 0
        self._field_bytes = 0
        self._name: str | None = None
        self._value = bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_header_name,
                "on_header_value": self._add_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    @property
    def waiting_bytes(self) -> int:
        """The number of bytes of the recording that were read and not yet taken."""
        return len(self._recording)

    def take(self) -> bytes:
        """Return the bytes of the recording read since the last call."""
        taken = bytes(self._recording)
        self._recording.clear()
        return taken

    def feed(self, data: bytes) -> None:
        """Parse the next piece.

        Raises:
            RefusedError: The form is malformed, or exceeds a limit.
            FieldError: The form holds two recordings.
        """
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _unreadable(str(error)) from error

    def finish(self) -> None:
        """Check that the form is complete.

        Raises:
            RefusedError: The form is truncated.
            FieldError: The form holds no recording.
        """
        if not self._is_over:
            raise _unreadable("it ends before its last boundary")
        if not self._has_recording:
            raise FieldError(_RECORDING, "", "it is missing", remedy="send the recording in a part of that name")

    def _begin_part(self) -> None:
        self._headers.clear()
        self._header_bytes = 0
        self._name = None

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_value += data[start:end]

    def _count_header(self, count: int) -> None:
        self._header_bytes += count
        if self._header_bytes > _MOST_HEADER_BYTES:
            raise _unreadable("the headers of a part are too long")

    def _end_header(self) -> None:
        self._count_header(_LEAST_HEADER_BYTES)
        self._headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        _, options = _options_of(self._headers.get(b"content-disposition", b""))
        name = _text(options.get(b"name", b""), "the name of a part")
        if not name:
            raise _unreadable("a part has no name")
        if name == _RECORDING:
            self._begin_recording(options.get(b"filename", b""))
        elif b"filename" in options:
            raise RefusedError(
                Failure(400, f"{name[:64]}: only one file can be sent, in the part named file", name[:64])
            )
        elif len(self.fields) >= _MOST_FIELDS:
            raise RefusedError(Failure(400, f"more than {_MOST_FIELDS} fields"))
        self._name = name

    def _begin_recording(self, filename: bytes) -> None:
        if self._has_recording:
            raise FieldError(_RECORDING, "", "it was sent twice", remedy="send one recording at a time")
        self._has_recording = True
        self.filename = filename.decode("utf-8", "replace")

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == _RECORDING:
            self._recording += data[start:end]
            return
        self._field_bytes += end - start
        if self._field_bytes > _MOST_FIELD_BYTES:
            limit = f"the fields hold more than {_MOST_FIELD_BYTES:,} bytes"
            raise RefusedError(Failure(400, f"{limit}; the recording belongs in the part named file"))
        self._value += data[start:end]

    def _end_part(self) -> None:
        if self._name is not None and self._name != _RECORDING:
            self.fields.append((self._name, _text(bytes(self._value), f"the field {self._name[:64]}")))
        self._value.clear()

    def _end(self) -> None:
        self._is_over = True


def _options_of(header: bytes | str) -> tuple[bytes, dict[bytes, bytes]]:
    """Split a header into its value and its options; the value and the option names are in lower case."""
    value, options = parse_options_header(header)
    # Option names are case-insensitive, but not all versions of the library treat them so.
    return value.strip().lower(), {name.lower(): option for name, option in options.items()}


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _unreadable(f"{what} is not UTF-8") from None


def _unreadable(reason: str) -> RefusedError:
    return RefusedError(Failure(400, f"the form cannot be read: {reason}"))

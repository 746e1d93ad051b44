"""An incremental reader for multipart forms that keeps little of the data."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

KEEP_BYTES = 1 << 20


@dataclass
class Part:
    """One part of a multipart body, as received.

    `body` holds at most the first `KEEP_BYTES`, or another requested limit. `length` and `sha256` cover the whole part;
    `sha256` is in hexadecimal and empty until the part has ended.
    """

    headers: Message
    body: bytes = b""
    length: int = 0
    sha256: str = ""

    @property
    def disposition(self) -> str:
        """The Content-Disposition header as sent."""
        return str(self.headers.get("Content-Disposition", ""))

    @property
    def name(self) -> str:
        """The form field's name."""
        return self._parameter("name") or ""

    @property
    def filename(self) -> str | None:
        """The file name: the decoded `filename*` if present, else `filename`; None if there is neither."""
        extended = re.search(r"filename\*=([\w-]+)'[^']*'([^;\s]*)", self.disposition)
        if extended:
            return urllib.parse.unquote(extended[2], encoding=extended[1])
        return self._parameter("filename")

    @property
    def content_type(self) -> str | None:
        """The part's media type with its parameters; None if not sent."""
        return self.headers.get("Content-Type")

    @property
    def text(self) -> str:
        """The body as the text of a form field."""
        return self.body.decode()

    def _parameter(self, name: str) -> str | None:
        quoted = re.search(rf';\s*{name}="((?:[^"\\]|\\.)*)"', self.disposition)
        return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else None


class MultipartReader:
    """A reader that takes a multipart body in pieces of any size and keeps little of it."""

    def __init__(self, boundary: bytes, parts: list[Part], keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._delimiter = b"\r\n--" + boundary
        self._parts = parts
        self._buffer = bytearray(b"\r\n")  # as if a line break preceded the first delimiter
        self._step: Callable[[], bool] = self._skip_preamble
        self._hash = hashlib.sha256()

    def feed(self, data: bytes) -> None:
        """Process the next piece."""
        self._buffer += data
        while self._step():
            pass

    def _skip_preamble(self) -> bool:
        return self._pass_delimiter(lambda _: None)

    def _read_headers(self) -> bool:
        if self._buffer.startswith(b"--"):
            self._step = self._skip_epilogue
            return True
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        # The parser gets text: these headers may hold names in UTF-8, which it would not decode from bytes.
        self._parts.append(Part(HeaderParser().parsestr(self._buffer[2:end].decode(errors="backslashreplace"))))
        self._hash = hashlib.sha256()
        del self._buffer[: end + 4]
        self._step = self._read_body
        return True

    def _read_body(self) -> bool:
        part = self._parts[-1]

        def keep(data: bytes) -> None:
            part.length += len(data)
            part.body += data[: self._keep_bytes - len(part.body)]
            self._hash.update(data)

        over = self._pass_delimiter(keep)
        if over:
            part.sha256 = self._hash.hexdigest()
        return over

    def _skip_epilogue(self) -> bool:
        self._buffer.clear()
        return False

    def _pass_delimiter(self, keep: Callable[[bytes], None]) -> bool:
        """Pass on the data before the next delimiter and drop the delimiter; return whether it was found."""
        found = self._buffer.find(self._delimiter)
        # Without a delimiter, the end of the buffer may still be the beginning of one.
        end = found if found >= 0 else max(len(self._buffer) - len(self._delimiter) + 1, 0)
        keep(bytes(self._buffer[:end]))
        del self._buffer[: end if found < 0 else end + len(self._delimiter)]
        if found >= 0:
            self._step = self._read_headers
        return found >= 0

"""What an ONNX file says about itself, read without loading the model: sherpa-onnx ends the process if it is wrong.

An ONNX file is a message of Protocol Buffers; its fields are passed over, however long they are, except for the pairs
of texts that describe the model.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_METADATA: Final = 14
_GRAPH: Final = 7
"""Fields of a model. Source: `ModelProto` and `StringStringEntryProto` in onnx/onnx.proto of ONNX."""

_VARINT: Final = 0
_LENGTH: Final = 2
_FIXED_BYTES: Final = {1: 8, 5: 4}
"""How the value of a field is written; the others are not used in ONNX. Source: "Encoding" of Protocol Buffers."""

_LONGEST_BYTES: Final = 1 << 20
_LONGEST_VARINT_BYTES: Final = 10


def read_metadata(path: Path) -> dict[str, str]:
    """Read the description of a model.

    Args:
        path: An ONNX file.

    Returns:
        Its keys and values.

    Raises:
        ValueError: The file is not an ONNX model, or is cut off.
        OSError: It cannot be read.
    """
    found = {}
    is_model = False
    with path.open("rb") as file:
        for number, value_bytes in _fields(file, os.fstat(file.fileno()).st_size):
            is_model = is_model or number == _GRAPH
            if number != _METADATA:
                file.seek(value_bytes, os.SEEK_CUR)
                continue
            if value_bytes > _LONGEST_BYTES:
                raise ValueError("a description is too long")
            end = file.tell() + value_bytes
            pair = {field: file.read(length) for field, length in _fields(file, end)}
            found[pair.get(1, b"").decode(errors="replace")] = pair.get(2, b"").decode(errors="replace")
    if not is_model:
        raise ValueError("there is no graph")
    return found


def _fields(file: BinaryIO, end: int) -> Iterator[tuple[int, int]]:
    """Yield the number of each field of a message, and the length of its value, which whoever asks reads or passes."""
    while file.tell() < end:
        key = _varint(file)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            _varint(file)
            continue
        length = _varint(file) if kind == _LENGTH else _FIXED_BYTES.get(kind)
        if number == 0 or length is None or file.tell() + length > end:
            raise ValueError("it is not an ONNX model, or is cut off")
        yield number, length


def _varint(file: BinaryIO) -> int:
    value = 0
    for index in range(_LONGEST_VARINT_BYTES):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << (7 * index)
        if byte[0] < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return value
    raise ValueError("it is not an ONNX model, or is cut off")

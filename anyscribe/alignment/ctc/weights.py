"""Read the phoneme model's weights from the files of the installed package `hama`, which is not imported."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.errors import AlignerUnavailableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE: Final = "hama"
VERSION: Final = "1.7.0"
"""The version of the package whose model is known."""

_REMEDY: Final = f"install {PACKAGE}=={VERSION} again"
_MODEL: Final = Path("assets", "asr_waveform.hama")
_SYMBOLS: Final = Path("assets", "g2p_vocab.json")
_SHA256: Final = {
    _MODEL: "a9fcfe73e179ca48e399cd76a90a6b3e1887bf5037ecc52b778d13a149563328",
    _SYMBOLS: "520d19e4e6ae58658eed53594e0feab8ea8e1b4b04a7746e25e50c16c29b91bf",
}
"""What is trusted: these bytes, whatever the package's version says."""

_DTYPES: Final = (np.float32, np.float16, np.int64, np.int32, np.uint8)
_HEADER: Final = struct.Struct("<6sBBI")
_NAME_LENGTH: Final = struct.Struct("<H")
_PLACE: Final = struct.Struct("<QQ")
_BOUNDARY_BYTES: Final = 16


class PhonemeWeights(NamedTuple):
    """The phoneme model as it is stored.

    Args:
        tensors: Every tensor by its name.
        symbols: The symbol of each output: IPA symbols and a few marks, then `<wb>` and `<blank>`.
    """

    tensors: dict[str, NDArray[np.generic]]
    symbols: tuple[str, ...]


def read_weights() -> PhonemeWeights:
    """Read the model.

    Raises:
        AlignerUnavailableError: The package is not installed, or its model is damaged or another one.
    """
    spec = importlib.util.find_spec(PACKAGE)
    folders = None if spec is None else spec.submodule_search_locations
    if not folders:
        raise AlignerUnavailableError(f"the package {PACKAGE} is not installed", remedy=_REMEDY)
    folder = Path(folders[0])
    vocabulary = json.loads(_trusted(folder, _SYMBOLS))
    return PhonemeWeights(_tensors(_trusted(folder, _MODEL)), (*vocabulary["decoder"], "<wb>", "<blank>"))


def _trusted(folder: Path, name: Path) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"the phoneme model cannot be read ({folder / name}: {reason.lower()})"
        raise AlignerUnavailableError(message, remedy=_REMEDY) from error
    if hashlib.sha256(content).hexdigest() != _SHA256[name]:
        message = f"{folder / name} is damaged, or not the phoneme model of {PACKAGE} {VERSION}"
        raise AlignerUnavailableError(message, remedy=_REMEDY)
    return content


def _tensors(archive: bytes) -> dict[str, NDArray[np.generic]]:
    """Read an archive: a header, an entry for each tensor, then the data, each at a multiple of 16 bytes."""
    *_, count = _HEADER.unpack_from(archive)
    at = _HEADER.size
    entries = []
    for _ in range(count):
        (length,) = _NAME_LENGTH.unpack_from(archive, at)
        at += _NAME_LENGTH.size
        name = archive[at : at + length].decode()
        at += length
        dtype, rank = archive[at], archive[at + 1]
        shape = struct.unpack_from(f"<{rank}I", archive, at + 2)
        at += 2 + 4 * rank
        entries.append((name, np.dtype(_DTYPES[dtype]), shape, *_PLACE.unpack_from(archive, at)))
        at += _PLACE.size
    data = at + -at % _BOUNDARY_BYTES
    return {
        name: np.frombuffer(archive, dtype, size // dtype.itemsize, data + offset).reshape(shape)
        for name, dtype, shape, offset, size in entries
    }

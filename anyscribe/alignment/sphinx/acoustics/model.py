"""The acoustic model's files: the distributions of the sounds of English without noise.

Source: the formats of SphinxTrain. The model's mixtures are phonetically tied: each phone has one codebook of densities
for each stream of features, and its senones differ in how they weigh them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from anyscribe.alignment.sphinx.acoustics.spectrum import Floats

    Weights: TypeAlias = NDArray[np.uint8]

SILENCE: Final = "SIL"
NOISE: Final = "+NSN+"

WEIGHT_STEP: Final = 1024 * math.log(1.0001)
LEAST_WEIGHT: Final = 255

_STATES: Final = 3
_MEANS: Final = "means"
_VARIANCES: Final = "variances"
_WEIGHTS: Final = "sendump"
_FEATURES: Final = "feat.params"
_DEFINITION: Final = "mdef"
_FIRST_PHONE: Final = f"{NOISE}\0".encode()
_END_OF_HEADER: Final = b"endhdr\n"
_HEADER: Final = b"s3\nversion 1.0\n" + _END_OF_HEADER
_ORDER: Final = 0x11223344
"""The magic number that shows a file's byte order."""

_INT: Final = np.dtype("<i4")
_FLOAT: Final = np.dtype("<f4")

_AS_IT_IS: Final = (("-cmn batch", "-cmn none"), ("-remove_noise yes", "-remove_noise no"))
"""How the features are made for an adapted model: what the decoder would take away is in the model."""


@dataclass(frozen=True, slots=True)
class AcousticModel:
    """The model's numbers.

    Args:
        phones: The phones' names in the order of the codebooks, fillers such as silence among them.
        means: The densities' means in features: codebooks, streams (cepstra, their first and second differences),
            densities, cepstra.
        variances: Their variances, likewise.
        weights: Streams, densities, senones: minus the logarithm of the density's weight, in steps of `WEIGHT_STEP`, up
            to `LEAST_WEIGHT`.
        description: What precedes the numbers in the file of weights.
        features: How features are made.
    """

    phones: tuple[str, ...]
    means: Floats
    variances: Floats
    weights: Weights
    description: bytes
    features: str

    def senones_of(self, phone: int) -> slice:
        """Return the context-independent senones of a phone; fillers have no others.

        Args:
            phone: Its index.
        """
        return slice(phone * _STATES, (phone + 1) * _STATES)

    def beside(self, other: AcousticModel) -> AcousticModel:
        """Return the mixture of this model and another one.

        Args:
            other: As many densities of the same phones.
        """
        weights = np.concatenate((self.weights, other.weights), axis=1).astype(int) + round(math.log(2) / WEIGHT_STEP)
        return replace(
            self,
            means=np.concatenate((self.means, other.means), axis=2),
            variances=np.concatenate((self.variances, other.variances), axis=2),
            weights=np.minimum(weights, LEAST_WEIGHT).astype(np.uint8),
        )

    def write(self, folder: Path) -> dict[str, str]:
        """Write the model to files, the only form that the decoder accepts.

        Args:
            folder: Takes the files.

        Returns:
            The decoder's options that make it read them.
        """
        codebooks, streams, densities, length = self.means.shape
        sizes = [_ORDER, codebooks, streams, densities, *[length] * streams, self.means.size]
        of_numbers = _HEADER + np.array(sizes, _INT).tobytes()
        (folder / _MEANS).write_bytes(of_numbers + self.means.astype(_FLOAT).tobytes())
        (folder / _VARIANCES).write_bytes(of_numbers + self.variances.astype(_FLOAT).tobytes())
        of_weights = np.array(self.weights.shape[1:], _INT).tobytes()
        (folder / _WEIGHTS).write_bytes(self.description + of_weights + self.weights.tobytes())
        (folder / _FEATURES).write_text(self.features, "utf-8")
        options = {"mean": _MEANS, "var": _VARIANCES, "sendump": _WEIGHTS, "featparams": _FEATURES}
        return {option: str(folder / name) for option, name in options.items()}


@cache
def acoustic_model() -> AcousticModel:
    """Read the model for English that comes with PocketSphinx; 4 MB."""
    import pocketsphinx  # noqa: PLC0415 - loads a native library, and only workers need it

    folder = Path(pocketsphinx.get_model_path("en-us")) / "en-us"
    means = _numbers((folder / _MEANS).read_bytes())
    variances = _numbers((folder / _VARIANCES).read_bytes())
    codebooks, streams, densities, _ = means.shape
    weights = (folder / _WEIGHTS).read_bytes()
    sizes_start = _start_of_sizes(weights)
    definition = (folder / _DEFINITION).read_bytes()
    phones = definition[definition.index(_FIRST_PHONE) :].split(b"\0", codebooks)[:codebooks]
    features = (folder / _FEATURES).read_text("utf-8")
    for before, after in _AS_IT_IS:
        features = features.replace(before, after)
    return AcousticModel(
        tuple(phone.decode() for phone in phones),
        means,
        variances,
        np.frombuffer(weights, np.uint8, offset=sizes_start + 2 * _INT.itemsize).reshape(streams, densities, -1),
        weights[:sizes_start],
        features,
    )


def _numbers(file: bytes) -> Floats:
    """Read a file of means or variances."""
    start = file.index(_END_OF_HEADER) + len(_END_OF_HEADER)
    # The order of bytes, three sizes, the lengths of the streams' vectors, and how many numbers there are.
    _, codebooks, streams, densities, length = map(int, np.frombuffer(file, _INT, 5, start))
    numbers_start = start + (5 + streams) * _INT.itemsize
    numbers = np.frombuffer(file, _FLOAT, codebooks * streams * densities * length, numbers_start)
    return numbers.reshape(codebooks, streams, densities, length)


def _start_of_sizes(file: bytes) -> int:
    """Pass over the strings at the beginning, each after its length, and the zero that ends them."""
    start = 0
    while length := int.from_bytes(file[start : start + 4], "little"):
        start += 4 + length
    return start + _INT.itemsize

"""The two models that are needed, found in a folder by what they say about themselves; names do not matter."""

from __future__ import annotations

from itertools import chain
from math import comb
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.errors import DiarizerUnavailableError
from anyscribe.request import PCM_RATE_HZ
from anyscribe.speakers.sherpa.metadata import read_metadata

if TYPE_CHECKING:
    from pathlib import Path

_SMALL: Final = "int8"
"""What is in the name of a model with numbers of 8 bits, beside the full one."""

_FRAMEWORKS: Final = frozenset({"3d-speaker", "nemo", "wespeaker"})
_MOST_AT_ONCE: Final = 2
"""How many who speak at the same time sherpa-onnx reads from a model. Source:
`offline-speaker-diarization-pyannote-impl.h` of sherpa-onnx."""


class VoiceModels(NamedTuple):
    """The models that voices are told apart with.

    Args:
        segmentation: The file of the one that hears when how many speak.
        embedding: The file of the one that makes a vector of a voice.
    """

    segmentation: Path
    embedding: Path


class _Kind(NamedTuple):
    """A kind of model: what it is called, what each says about itself, and which one to get."""

    name: str
    keys: frozenset[str]
    remedy: str


_SEGMENTATION: Final = _Kind(
    "segmentation",
    frozenset({"num_classes", "num_speakers", "powerset_max_classes", "receptive_field_shift", "window_size"}),
    "put sherpa-onnx-pyannote-segmentation-3-0 there, unpacked, from speaker-segmentation-models among the releases of"
    " k2-fsa/sherpa-onnx",
)
_EMBEDDING: Final = _Kind(
    "embedding",
    frozenset({"framework", "output_dim", "sample_rate"}),
    # The release's name is spelt like this.
    "put a model of 3D-Speaker, WeSpeaker or NeMo there, from speaker-recongition-models among the releases of"
    " k2-fsa/sherpa-onnx",
)
"""Source for the keys: `offline-speaker-segmentation-pyannote-model.cc` and `speaker-embedding-extractor-model.cc` of
sherpa-onnx."""


class _Folder(NamedTuple):
    """The ONNX files of a folder: what each says about itself, and why some cannot be read."""

    path: Path
    files: dict[Path, dict[str, str]]
    damaged: dict[Path, str]


def find_models(folder: Path) -> VoiceModels:
    """Find the models in a folder or its sub-folders; those with full numbers are preferred to those of 8 bits.

    Args:
        folder: The folder.

    Raises:
        DiarizerUnavailableError: One is missing or damaged, there are several, or it is one that cannot be used.
    """
    if not folder.is_dir():
        raise DiarizerUnavailableError(f"there is no folder {folder} with models", remedy="name one that is there")
    known = _Folder(folder, {}, {})
    for path in sorted(chain(folder.glob("*.onnx"), folder.glob("*/*.onnx"))):
        try:
            known.files[path] = read_metadata(path)
        except OSError as error:
            known.damaged[path] = (error.strerror or str(error)).lower()
        except ValueError as error:
            known.damaged[path] = str(error)
    segmentation, embedding = _only(known, _SEGMENTATION), _only(known, _EMBEDDING)
    if not _is_segmentation(known.files[segmentation]):
        message = f"{segmentation} is another kind of segmentation model than sherpa-onnx can use"
        raise DiarizerUnavailableError(message, remedy=_SEGMENTATION.remedy)
    if known.files[embedding]["framework"] not in _FRAMEWORKS:
        message = f"{embedding} is another kind of embedding model than sherpa-onnx can use"
        raise DiarizerUnavailableError(message, remedy=_EMBEDDING.remedy)
    return VoiceModels(segmentation, embedding)


def _only(folder: _Folder, kind: _Kind) -> Path:
    """Return the only model of a kind."""
    found = [path for path, said in folder.files.items() if said.keys() >= kind.keys]
    found = [path for path in found if _SMALL not in path.name] or found
    if len(found) > 1:
        message = f"{found[0]} and {found[1]} are both speaker {kind.name} models"
        raise DiarizerUnavailableError(message, remedy="leave one in the folder")
    if found:
        return found[0]
    message = f"no speaker {kind.name} model is in {folder.path}"
    if folder.damaged:
        path, reason = next(iter(folder.damaged.items()))
        message = f"{message}, and {path} cannot be read ({reason})"
    elif folder.files:
        message = f"{message}: {_named(folder.files)} something else"
    raise DiarizerUnavailableError(message, remedy=kind.remedy)


def _named(files: dict[Path, dict[str, str]]) -> str:
    first, *others = (path.name for path in files)
    return f"{first} and {len(others)} more are" if others else f"{first} is"


def _is_segmentation(said: dict[str, str]) -> bool:
    """Return whether numbers fit together: sherpa-onnx would read beyond its memory otherwise."""
    try:
        speakers, at_once = int(said["num_speakers"]), int(said["powerset_max_classes"])
        window, step = int(said["window_size"]), int(said["receptive_field_shift"])
        classes, rate_hz = int(said["num_classes"]), int(said.get("sample_rate", "0"))
    except ValueError:
        return False
    if not (0 < at_once <= min(speakers, _MOST_AT_ONCE) and 0 < step < window and rate_hz == PCM_RATE_HZ):
        return False
    return classes == sum(comb(speakers, count) for count in range(at_once + 1))

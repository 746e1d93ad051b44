"""Write the mean vector of voices on the telephone, which CAM++ vectors of telephone recordings are moved away from.

    python bench/telephone_voice.py FOLDER

Each file of FOLDER is one voice. What is written, `anyscribe/speakers/camplus/telephone.npy`, was made from the first
130 files of 251 readers of LibriSpeech's train-clean-100, in an order by chance, that are longer than 13.5 s.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from pathlib import Path

import numpy as np
from diarization import _pcm, _telephone, _voice

from anyscribe.speakers.camplus.listening import listen
from anyscribe.speakers.camplus.model import TELEPHONE_FILE
from anyscribe.speakers.camplus.network import CamplusNetwork
from anyscribe.speakers.camplus.weights import read_weights
from anyscribe.speakers.units import divide

_FILES = 130
_LEAST_SAMPLES = 216_000


def main() -> None:
    """Write the file."""
    network = CamplusNetwork(read_weights())
    paths = sorted(Path(sys.argv[1]).glob("*.flac"))
    generator = np.random.default_rng(0)
    generator.shuffle(paths)
    voices = [voice for voice in (_voice([path]) for path in paths[:_FILES]) if len(voice.sound) > _LEAST_SAMPLES]
    means = [
        listen(network, [_pcm(_telephone(voice.sound, generator))], divide(voice.speech))[0].mean(axis=0)
        for voice in voices
    ]
    np.save(TELEPHONE_FILE, np.mean(means, axis=0).astype(np.float32), allow_pickle=False)


if __name__ == "__main__":
    main()

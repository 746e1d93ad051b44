"""Python without some installed packages, as if an extra were not installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from anyscribe.engines.whisper.packaged import PACKAGED

if TYPE_CHECKING:
    from pathlib import Path

WEIGHT_PACKAGES = tuple(part[0] for known in PACKAGED for part in known.parts)
"""The packages that carry weights of Whisper, which may be installed on a developer's machine or not."""

CUSTOMISED = """
import importlib.machinery
import sys

class PathFinder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = name.partition(".")[0] in {packages}
        return None if hidden else super().find_spec(name, path, target)

sys.meta_path[:] = [PathFinder if one is importlib.machinery.PathFinder else one for one in sys.meta_path]
"""


def without(folder: Path, *packages: str) -> dict[str, str]:
    """Return an environment in which Python finds every installed package except these.

    Args:
        folder: An empty folder for the module that hides them.
        packages: The names of the packages to hide.
    """
    (folder / "sitecustomize.py").write_text(CUSTOMISED.format(packages=set(packages)), encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))}

"""Packages that need not be installed."""

from __future__ import annotations

import importlib.util


def is_installed(*packages: str) -> bool:
    """Return whether packages are installed, without loading them.

    Args:
        packages: The names they are imported by.
    """
    return all(importlib.util.find_spec(package) is not None for package in packages)

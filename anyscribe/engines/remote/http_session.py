"""The session that requests are made in."""

from __future__ import annotations

import requests

from anyscribe.version import __version__


class HttpSession(requests.Session):
    """A session that names this program, and leaves redirects alone.

    The original reads the whole body of a redirect, and fails on odd addresses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = f"anyscribe/{__version__}"

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find nothing to follow, or to prepare for others to follow."""

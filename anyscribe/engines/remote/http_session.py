"""The HTTP session that requests are sent with."""

from __future__ import annotations

import requests

from anyscribe.engines.remote.patient_response import PatientAdapter
from anyscribe.version import __version__


class HttpSession(requests.Session):
    """A session that identifies this program, and does not process redirects.

    `requests.Session` reads the whole body of a redirect, and fails on malformed addresses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = f"anyscribe/{__version__}"
        for scheme in ("http://", "https://"):
            self.mount(scheme, PatientAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: no redirect is followed, and no next request is prepared."""

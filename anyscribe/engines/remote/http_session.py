"""The HTTP session that requests are sent with."""

from __future__ import annotations

import os
from typing import Final

import requests

from anyscribe.engines.remote.patient_response import PatientAdapter
from anyscribe.version import __version__

_OF_REQUESTS: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_OF_OPENSSL: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def trust_variable() -> str:
    """Return the environment variable that names the trusted certificates; empty if none does."""
    return next((name for name in (*_OF_REQUESTS, *_OF_OPENSSL) if os.environ.get(name)), "")


class HttpSession(requests.Session):
    """A session that identifies this program, and does not process redirects.

    `requests.Session` reads the whole body of a redirect, and fails on malformed addresses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = f"anyscribe/{__version__}"
        for scheme in ("http://", "https://"):
            self.mount(scheme, PatientAdapter())
        # requests reads its own variables, which outweigh this, and not those of OpenSSL.
        self.verify = os.environ.get(trust_variable()) or True

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: no redirect is followed, and no next request is prepared."""

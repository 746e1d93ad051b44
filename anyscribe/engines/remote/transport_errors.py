"""Missing or incomplete replies: exceptions of requests and the layers below it, translated only in this module."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import requests
import urllib3.exceptions

from anyscribe.engines.remote.error_replies import Refusal
from anyscribe.engines.remote.http_session import trust_variable
from anyscribe.errors import UnavailableError, UnreadableReplyError
from anyscribe.sentence import Extra, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.sentence import Text

TRANSPORT_ERRORS: Final = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError, UnicodeError)
"""What a request can raise: requests' own exceptions are OSErrors, and some of the others pass through it."""

_CUT: Final = (requests.exceptions.ChunkedEncodingError, http.client.IncompleteRead)
_UNDECODABLE: Final = (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError)
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
_CERTIFICATE_FILES: Final = ("X509", "PEM", "ASN1")
"""OpenSSL's libraries that read files of certificates; a connection's errors are of SSL."""

_TRUST: Final = "REQUESTS_CA_BUNDLE"
_CHECK_NETWORK: Final = "check the address and the network"
_LATER: Final = "try again later"
_SOCKS: Final = "urllib3.contrib.socks"
_CHECK_PROXY: Final = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
_TIMEOUT: Final = Sentence("{} sets how long to wait", Option("timeout"))


class AttemptError(Exception):
    """A failed attempt; never leaves this package.

    Args:
        refusal: The error, and whether to retry.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.error))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an attempt got before it failed, and its timeouts.

    Args:
        host: The server, for messages.
        sent_bytes: The number of the body's bytes handed to the network.
        total_bytes: The body's size.
        connect_seconds: The longest wait for a connection, and for a chunk to be sent.
        read_seconds: The longest wait for the reply.
    """

    host: str
    sent_bytes: int
    total_bytes: int
    connect_seconds: float
    read_seconds: float

    @property
    def amount(self) -> str:
        """The amount sent, as text for messages."""
        return f"{self.sent_bytes:,} of {self.total_bytes:,} bytes"


def read_transport_error(error: Exception, progress: Progress) -> Refusal:
    """Return the reason why no reply arrived.

    Args:
        error: One of `TRANSPORT_ERRORS`.
        progress: How far the attempt got.

    Returns:
        The error, and whether the next attempt may succeed.
    """
    causes = list(_causes(error))
    for read in (_trust_error, _proxy_error, _timeout, _half_reply, _no_reply):
        refusal = read(causes, progress)
        if refusal is not None:
            return refusal
    # For an invalid address, proxy address or header, requests raises a ValueError.
    remedy: Text = f"check {trust_variable() or _TRUST}"
    if isinstance(error, ValueError):
        remedy = Sentence("check {}, HTTPS_PROXY and HTTP_PROXY", Option("base_url"))
    elif isinstance(error, requests.exceptions.RequestException):
        remedy = _CHECK_NETWORK
    return _unavailable(f"the request cannot be made ({error})", remedy, temporary=False)


def read_cut(error: Exception | None, host: str, *, text_chars: int, read_seconds: float) -> Refusal:
    """Return the error for a stream that ended before its text was complete.

    Args:
        error: One of `TRANSPORT_ERRORS`; None if the stream just ended.
        host: The server, for messages.
        text_chars: The number of characters that had arrived.
        read_seconds: The longest wait between two bytes of the stream.

    Returns:
        The error; the next attempt may succeed.
    """
    is_late = error is not None and _is_late(list(_causes(error)))
    why = f" (nothing arrived for {read_seconds:g} s)" if is_late else ""
    remedy = _TIMEOUT if is_late else _LATER
    if not text_chars:
        return _unavailable(f"the stream from {host} was cut off before any text arrived{why}", remedy)
    message = f"the stream from {host} was cut off after {text_chars:,} characters{why}"
    return _unavailable(f"{message}; the text so far is incomplete", remedy)


def _trust_error(causes: list[BaseException], progress: Progress) -> Refusal | None:
    """Read a TLS error: a wrong certificate or protocol is permanent, all else may be temporary."""
    host = progress.host
    untrusted = _first(causes, ssl.SSLCertVerificationError)
    if isinstance(untrusted, ssl.SSLCertVerificationError):
        message = f"no trusted connection to {host} ({untrusted.verify_message})"
        return _unavailable(message, f"check the address; {_TRUST} names your own CA", temporary=False)
    broken = _first(causes, ssl.SSLError)
    if isinstance(broken, ssl.SSLError) and broken.reason in _NOT_TLS:
        remedy = Sentence("if it speaks plain http, {} must say http://", Option("base_url"))
        return _unavailable(f"no trusted connection to {host} (it does not speak TLS)", remedy, temporary=False)
    if isinstance(broken, ssl.SSLError) and broken.library in _CERTIFICATE_FILES:
        message = f"the trusted certificates cannot be read ({(broken.reason or 'damaged').lower().replace('_', ' ')})"
        return _unavailable(message, f"check {trust_variable() or _TRUST}", temporary=False)
    if broken or _first(causes, requests.exceptions.SSLError):
        return _unavailable(f"no trusted connection to {host} ({_reason(causes)})", _CHECK_NETWORK)
    return None


def _proxy_error(causes: list[BaseException], progress: Progress) -> Refusal | None:
    if _first(causes, requests.exceptions.InvalidSchema) and "SOCKS" in str(causes[0]):
        remedy = Sentence("{}, or {}", Extra("socks"), _CHECK_PROXY)
        return _unavailable("the proxy speaks SOCKS, which needs another package", remedy, temporary=False)
    if any(type(vars(cause).get("pool")).__module__ == _SOCKS for cause in causes):
        # Of the proxy's errors only the text is kept.
        unconnected = _first(causes, urllib3.exceptions.NewConnectionError)
        reason = str(unconnected).rpartition("new connection: ")[2] if unconnected else _reason(causes)
        return _unavailable(f"cannot reach {progress.host} through the SOCKS proxy ({reason.lower()})", _CHECK_PROXY)
    if not _first(causes, requests.exceptions.ProxyError, urllib3.exceptions.ProxyError):
        return None
    # A proxy that refuses with a status, such as 407, will refuse again.
    temporary = not any("Tunnel connection failed: 4" in str(cause) for cause in causes)
    message = f"the proxy cannot be used ({_reason(causes)})"
    return _unavailable(message, _CHECK_PROXY, temporary=temporary)


def _timeout(causes: list[BaseException], progress: Progress) -> Refusal | None:
    if _first(causes, requests.exceptions.ConnectTimeout):
        message = f"{progress.host} did not accept the connection within {progress.connect_seconds:g} s"
        return _unavailable(message, _CHECK_NETWORK)
    if not _is_late(causes):
        return None
    if progress.sent_bytes < progress.total_bytes:
        message = f"{progress.host} took nothing for {progress.connect_seconds:g} s, after {progress.amount}"
        return _unavailable(message, Sentence("{} sets how long to wait", Option("connect_timeout")))
    return _unavailable(f"no answer from {progress.host} within {progress.read_seconds:g} s", _TIMEOUT)


def _is_late(causes: list[BaseException]) -> bool:
    late = (TimeoutError, requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)
    return _first(causes, *late) is not None


def _half_reply(causes: list[BaseException], progress: Progress) -> Refusal | None:
    if _first(causes, *_UNDECODABLE):
        return _unavailable(f"the reply from {progress.host} is compressed, and damaged", _LATER)
    if _first(causes, *_CUT):
        return _unavailable(f"the reply from {progress.host} was cut off", _LATER)
    return None


def _no_reply(causes: list[BaseException], progress: Progress) -> Refusal | None:
    """Read how a connection ended from the exceptions of the layers."""
    host = progress.host
    if not _first(causes, requests.exceptions.ConnectionError):
        return None
    if 0 < progress.sent_bytes < progress.total_bytes:
        return _unavailable(f"{host} broke off after {progress.amount}", "it may take only smaller files")
    if _first(causes, http.client.RemoteDisconnected):
        return _unavailable(f"{host} closed the connection without an answer", _LATER)
    if _first(causes, http.client.HTTPException):
        remedy = Sentence("check {}", Option("base_url"))
        return Refusal(UnreadableReplyError(f"the answer of {host} is not HTTP", remedy=remedy), is_temporary=False)
    if _first(causes, ConnectionResetError, ConnectionAbortedError, BrokenPipeError):
        return _unavailable(f"{host} broke off the connection", _CHECK_NETWORK)
    return _unavailable(f"cannot reach {host} ({_reason(causes)})", _CHECK_NETWORK)


def _unavailable(message: str, remedy: Text, *, temporary: bool = True) -> Refusal:
    return Refusal(UnavailableError(message, remedy=remedy), temporary)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors that it wraps: requests and urllib3 store the inner one in many places."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (*cause.args, getattr(cause, "reason", None), cause.__cause__)
        waiting += [one for one in inner if isinstance(one, BaseException)]


def _first(causes: list[BaseException], *kinds: type[BaseException]) -> BaseException | None:
    return next((cause for cause in causes if isinstance(cause, kinds)), None)


def _reason(causes: list[BaseException]) -> str:
    """Return the operating system's message for the error."""
    words = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
    tunnel = (str(cause) for cause in causes if type(cause) is OSError and cause.args)
    return next(words, next(tunnel, "the connection broke")).lower()

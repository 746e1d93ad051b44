"""List the models that a server offers: ``GET /models``, next to the route of the contract."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from anyscribe.engines.remote.engine import elsewhere
from anyscribe.engines.remote.error_replies import read_refusal
from anyscribe.engines.remote.http_session import HttpSession
from anyscribe.engines.remote.replies import excerpt_of
from anyscribe.engines.remote.transport_errors import TRANSPORT_ERRORS, Progress, read_transport_error
from anyscribe.errors import ServerError, UnavailableError, UnreadableReplyError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import requests

    from anyscribe.engines.remote.endpoint import Endpoint

_TRANSCRIPTIONS: Final = "/audio/transcriptions"
_MODELS: Final = "/models"
_REDIRECTS: Final = 5
_REPLY_BYTES: Final = 1 << 24
_READ_BYTES: Final = 1 << 16
_LISTS: Final = ("data", "models", "result")
_NAMES: Final = ("id", "name", "model")
KNOWS_NO_LIST: Final = frozenset({404, 405, 501})
"""What servers answer that do not list their models."""

_ENDS: Final = ("shutdown_date", "deprecation", "expiration_date")
"""OpenAI's, Mistral's and Azure's, and OpenRouter's name for a model's last day."""

_SUCCESSOR: Final = "deprecation_replacement_model"
_OF_INFERENCE: Final = "inference"
"""Azure has one date for fine-tuning and one for this."""

_TRANSCRIBES: Final = re.compile(
    r"transcri|whisper|voxtral|scribe|speech.?to.?text|parakeet|canary|moonshine|sensevoice|paraformer"
    r"|(^|[^a-z])(asr|stt)([^a-z]|$)",
    re.IGNORECASE,
)
_NOT_OF_FILES: Final = re.compile(r"realtime|(^|[^a-z])(live|tts)([^a-z]|$)", re.IGNORECASE)
_RETIRING: Final = re.compile(r"(?P<place>.*/)?(whisper-1|gpt-4o-(mini-)?transcribe(-\d[-\d]*)?)")
_FOLLOWS_THEM: Final = "gpt-transcribe"
"""What OpenAI names instead of its older models; its list does not."""


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model in a server's list; all text is the server's.

    Args:
        name: Its name.
        ends: Its last day; None if the server states none.
        successor: The model that follows it; empty if none is known.
    """

    name: str
    ends: date | None = None
    successor: str = ""


@dataclass(frozen=True, slots=True)
class ModelList:
    """What a server answers when it is asked for its models.

    Args:
        models: The models, as `list_models` returns them.
        ahead_seconds: How far its clock is ahead of this machine's; None if it does not say.
    """

    models: Sequence[OfferedModel]
    ahead_seconds: float | None


def list_models(endpoint: Endpoint, *, connect_seconds: float, read_seconds: float) -> Sequence[OfferedModel]:
    """Request a server's models, without retries: the user waits for the list and can ask again.

    Args:
        endpoint: The server and its key. A query in its URL, such as Azure's, is kept.
        connect_seconds: The longest wait for a connection.
        read_seconds: The longest wait for the list, and between its bytes.

    Returns:
        The models in the server's order, without duplicates. Their names are untrusted text from the server.

    Raises:
        ServerError: Or any of its subclasses; none of its text contains the key.
    """
    return fetch_models(endpoint, connect_seconds=connect_seconds, read_seconds=read_seconds).models


def fetch_models(endpoint: Endpoint, *, connect_seconds: float, read_seconds: float) -> ModelList:
    """Request a server's models, and keep what else its reply says; see `list_models`.

    Args:
        endpoint: The server and its key.
        connect_seconds: The longest wait for a connection.
        read_seconds: The longest wait for the list, and between its bytes.
    """
    try:
        body, headers = _fetch(endpoint, (connect_seconds, read_seconds))
    except TRANSPORT_ERRORS as error:
        refusal = read_transport_error(error, Progress(endpoint.host, 0, 0, connect_seconds, read_seconds))
        # Drop the cause: a library's message may contain raw text from the server.
        raise refusal.redacted(endpoint.redacted).error from None
    models = parse_model_list(body)
    if models is None:
        excerpt = excerpt_of(endpoint.redacted_bytes(body))
        shown = f"content type {headers.get('content-type') or 'missing'}" + (f"; begins: {excerpt}" if excerpt else "")
        raise UnreadableReplyError(
            f"the server sent no list of models ({endpoint.redacted(shown)})",
            remedy=Sentence("check {}", Option("base_url")),
            status=200,
        )
    redacted = endpoint.redacted
    models = [replace(model, name=redacted(model.name), successor=redacted(model.successor)) for model in models]
    return ModelList(models, _clock_difference(headers.get("date")))


def _clock_difference(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date or "").timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def transcribing(models: Iterable[OfferedModel]) -> Sequence[OfferedModel]:
    """Return the models that look as if they transcribe files, those that stay first; all if none looks so.

    Args:
        models: A server's models.
    """
    offered = list(models)
    found = [model for model in offered if _TRANSCRIBES.search(model.name) and not _NOT_OF_FILES.search(model.name)]
    return sorted(found or offered, key=lambda model: model.ends is not None)


def parse_model_list(body: bytes) -> Sequence[OfferedModel] | None:
    """Find the models in any of the shapes that servers use for a list.

    Args:
        body: ``{"data": [{"id": …}]}`` as OpenAI sends it, ``{"models": …}``, or a list; of records or of names.

    Returns:
        The models in their order, without duplicates; None if there is no list.
    """
    try:
        value = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((value[name] for name in _LISTS if isinstance(value.get(name), list | dict)), None)
    if isinstance(value, dict):
        # The keys are the names of the records.
        value = list(value)
    if not isinstance(value, list):
        return None
    models: dict[str, OfferedModel] = {}
    for entry in value:
        name = _name_of(entry)
        if name:
            models.setdefault(name, OfferedModel(name, *_end_of(entry)))
    return list(_with_known_successors(models))


def _name_of(entry: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(entry, dict):
        entry = next((entry[name] for name in _NAMES if isinstance(entry.get(name), str)), "")
    return entry if isinstance(entry, str) else ""


def _end_of(entry: Any) -> tuple[date | None, str]:  # noqa: ANN401 - any JSON
    """Return a model's last day and what follows it, as far as they are stated."""
    if not isinstance(entry, dict):
        return None, ""
    ends = next(filter(None, (_day_of(entry.get(name)) for name in _ENDS)), None)
    successor = entry.get(_SUCCESSOR)
    return ends, successor if isinstance(successor, str) else ""


def _day_of(value: Any) -> date | None:  # noqa: ANN401 - any JSON
    """Read a day: ``2027-02-26``, with or without a time, or seconds since 1970."""
    if isinstance(value, dict):
        value = value.get(_OF_INFERENCE)
    try:
        if isinstance(value, str):
            return date.fromisoformat(value[:10])
        if isinstance(value, int | float) and value > 1:
            return datetime.fromtimestamp(value, UTC).date()
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _with_known_successors(models: dict[str, OfferedModel]) -> Iterator[OfferedModel]:
    for model in models.values():
        retiring = _RETIRING.fullmatch(model.name)
        follows = f"{retiring['place'] or ''}{_FOLLOWS_THEM}" if retiring else ""
        known = model.ends is not None and not model.successor and follows in models
        yield replace(model, successor=follows) if known else model


def _fetch(endpoint: Endpoint, timeouts: tuple[float, float]) -> tuple[bytes, Mapping[str, str]]:
    """Send the request, following redirects on the same server; return the reply and its headers."""
    url = _models_url(endpoint)
    with HttpSession() as session:
        for _ in range(_REDIRECTS):
            with session.get(url, auth=endpoint.auth, timeout=timeouts, allow_redirects=False, stream=True) as response:
                if not response.is_redirect:
                    return _read(response, endpoint), response.headers
                url = _follow(endpoint, url, response.headers["location"], response.status_code)
    raise UnavailableError("the server redirects in circles")


def _models_url(endpoint: Endpoint) -> str:
    parts = urlsplit(endpoint.transcriptions_url)
    return parts._replace(path=parts.path.removesuffix(_TRANSCRIPTIONS) + _MODELS).geturl()


def _follow(endpoint: Endpoint, url: str, location: str, status: int) -> str:
    """Return a redirect's target; raise unless the key stays on the server that the user named."""
    target = endpoint.follow(url, location)
    if target is None:
        raise elsewhere(location, status).mapped(endpoint.redacted)
    return target


def _read(response: requests.Response, endpoint: Endpoint) -> bytes:
    status = response.status_code
    body = bytearray()
    for chunk in response.iter_content(_READ_BYTES):
        body += chunk
        if len(body) > _REPLY_BYTES:
            raise UnreadableReplyError(f"the server's list of models is longer than {_REPLY_BYTES:,} bytes")
    if 200 <= status < 300:  # noqa: PLR2004 - the HTTP success statuses
        return bytes(body)
    page = endpoint.redacted_bytes(bytes(body))
    error = read_refusal(status, response.headers, page, endpoint.sender, now=time.time()).error
    if status in KNOWS_NO_LIST:
        remedy = Sentence("check {}, which often ends in /v1; not every server lists its models", Option("base_url"))
        error = ServerError(error.message, remedy=remedy, status=status, request_id=error.request_id)
    raise error.mapped(endpoint.redacted)

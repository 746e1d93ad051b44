"""The routes and their middleware."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route

from anyscribe.formats.json_writing import json_line
from anyscribe.server.error_middleware import ErrorMiddleware
from anyscribe.server.failures import Failure, RefusedError
from anyscribe.server.lingering_close import LEAST_LINGERING_BYTES, LingeringClose
from anyscribe.server.request_target import RequestTarget
from anyscribe.server.transcriptions import no_such_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from anyscribe.server.error_middleware import Journal
    from anyscribe.server.server_settings import ServerSettings

_OPEN: Final = "/health"
_OPTIONS: Final = "OPTIONS"
_METHODS: Final = ("GET", "HEAD", _OPTIONS, "POST")
_WHOLE_SERVER: Final = "*"
_READABLE_HEADERS: Final = ("Retry-After", "X-Request-Id")
"""The headers, besides those that any page may read, that pages of allowed origins may read."""

_NO_ROUTE: Final = (
    "no such route; the routes are POST /v1/audio/transcriptions and /v1/audio/translations, GET /v1/models and "
    "GET /health"
)


def build_app(settings: ServerSettings, transcriptions: ASGIApp, translations: ASGIApp, journal: Journal) -> ASGIApp:
    """Build the ASGI app from the routes.

    Args:
        settings: The server's settings.
        transcriptions: The app for the transcription route.
        translations: The app for the translation route.
        journal: Records each request and the server's own errors.

    Returns:
        The ASGI app; it raises no exceptions.
    """
    models = _Models(settings.models)
    app = Starlette(
        routes=[
            Route("/v1/audio/transcriptions", transcriptions, methods=["POST"]),
            Route("/v1/audio/translations", translations, methods=["POST"]),
            Route("/v1/models", models.all),
            Route("/v1/models/{name:path}", models.one),
            Route(_OPEN, _health),
        ],
        middleware=[
            Middleware(LingeringClose, lingering_bytes=max(settings.max_upload_bytes, LEAST_LINGERING_BYTES)),
            *_cross_origin(settings.origins),
            Middleware(ErrorMiddleware, journal=journal),
            Middleware(RequestTarget, hosts=settings.hosts if settings.key is None else None),
            Middleware(_Gate, key=settings.key),
        ],
        exception_handlers={HTTPException: _refuse},
    )
    # Slashes at the end are gone by then.
    app.router.redirect_slashes = False
    return app


def _cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """Return the middleware that lets web pages of other origins use the server; outside all that sends replies."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            # Clients in browsers send many of their own: x-stainless-os, …
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=_READABLE_HEADERS,
        )
    ]


class _Gate:
    """ASGI middleware that checks the key before any of the request's body is read.

    Args:
        app: The protected app.
        key: The key; None disables the check.
    """

    def __init__(self, app: ASGIApp, *, key: bytes | None) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or raise a `RefusedError`."""
        # A browser asks for the options without the key.
        if self._key is not None and scope["path"] != _OPEN and scope["method"] != _OPTIONS:
            scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
            if scheme.lower() != "bearer":
                raise RefusedError(_denied("the key is missing"))
            if not hmac.compare_digest(given.strip().encode(), self._key):
                raise RefusedError(_denied("the key is wrong"))
        await self._app(scope, receive, send)


class _Models:
    """The routes that list the offered models.

    Args:
        models: Maps each offered name to the engine's model.
    """

    def __init__(self, models: Mapping[str, str]) -> None:
        self._models = models
        self._created = int(time.time())

    async def all(self, request: Request) -> Response:
        """List all models."""
        del request
        return _json({"object": "list", "data": [self._members(name) for name in self._models]})

    async def one(self, request: Request) -> Response:
        """Return one model."""
        name = request.path_params["name"]
        if name not in self._models:
            raise RefusedError(no_such_model(name, self._models))
        return _json(self._members(name))

    def _members(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": self._created, "owned_by": "anyscribe"}


async def _health(request: Request) -> Response:
    del request
    return _json({"status": "ok"})


async def _refuse(request: Request, error: Exception) -> Response:
    """Translate the errors of Starlette's router into the contract's error envelope; answer what OPTIONS asks."""
    is_asked = request.method == _OPTIONS
    if isinstance(error, HTTPException) and error.status_code == 405:  # noqa: PLR2004 - an HTTP status
        methods = {*(error.headers or {}).get("Allow", "").split(", "), _OPTIONS}
    elif is_asked and request.scope["path"] == _WHOLE_SERVER:
        methods = set(_METHODS)
    else:
        raise RefusedError(Failure(404, _NO_ROUTE, code="unknown_url"))
    allowed = ", ".join(sorted(methods))
    if is_asked:
        return Response(status_code=204, headers={"Allow": allowed})
    raise RefusedError(Failure(405, f"this route only accepts {allowed}", headers={"Allow": allowed}))


def _denied(reason: str) -> Failure:
    message = f"{reason}: send it as Authorization: Bearer KEY"
    return Failure(401, message, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})


def _json(members: Mapping[str, Any]) -> Response:
    return Response(json_line(members, {}), media_type="application/json")

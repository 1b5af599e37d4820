"""The hub's door: agents bring failures, runs and the large parts of records, over HTTP.

Belongs here: routes, how a body is read up to its limit, and what is answered. Does not belong
here: what a document means and who may bring it (`healer.app.hub`), and the page for people
(`app`). What comes in is hostile until it was read; nothing of the inside is told.

    POST /v1/failures            one failure; 409 with `missing` names parts to send first
    PUT /v1/blobs/DIGEST         one large part, for `?repository=`
    POST /v1/runs                runs that ended
    GET /v1/health               whether the hub can take anything; of a token that comes, too
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BODY_S = 60
"""The longest that a body may take to come in."""
_MOST_PARTS_AT_ONCE = 4
"""Bodies of large parts that are in memory at one time."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class RefusedPostError(Exception):
    """What an agent brought is not taken: one sentence, and what it may do about it."""

    def __init__(
        self, status: int, sentence: str, *, retry_after_s: int = 0, missing: tuple[str, ...] = ()
    ) -> None:
        """`retry_after_s`: it may come again then. `missing`: digests that have to come first."""
        super().__init__(sentence)
        self.status, self.retry_after_s, self.missing = status, retry_after_s, missing


@dataclass(frozen=True)
class Limits:
    """The largest bodies, in bytes."""

    failure: int
    runs: int
    blob: int


@dataclass(frozen=True)
class Receipt:
    """What was taken."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    """For the agent, as JSON."""


class HubBackend(Protocol):
    """What the door hands over to. Each raises RefusedPostError; they may block."""

    limits: Limits

    def admit(self, token: str) -> object:
        """What a token allows; it is handed to the others."""

    def take_failure(self, grant: Any, body: bytes) -> Receipt:
        """One failure."""

    def take_runs(self, grant: Any, body: bytes) -> Receipt:
        """Runs that ended."""

    def take_blob(self, grant: Any, digest: str, repository: str, body: bytes) -> Receipt:
        """One large part."""

    def check_health(self) -> None:
        """Raises what keeps it from taking anything."""


def build_hub(backend: HubBackend) -> Starlette:
    """The application."""
    limits = backend.limits
    large = asyncio.Semaphore(_MOST_PARTS_AT_ONCE)

    async def take_failure(request: Request) -> Response:
        grant = await _admit(backend, request)
        body = await _read(request, limits.failure)
        return _answer(await run_in_threadpool(backend.take_failure, grant, body))

    async def take_runs(request: Request) -> Response:
        grant = await _admit(backend, request)
        body = await _read(request, limits.runs)
        return _answer(await run_in_threadpool(backend.take_runs, grant, body))

    async def take_blob(request: Request) -> Response:
        grant = await _admit(backend, request)
        digest, repository = request.path_params["digest"], request.query_params.get("repository")
        if not _DIGEST.fullmatch(digest) or not repository:
            raise RefusedPostError(422, "send PUT /v1/blobs/SHA-256?repository=…")
        async with large:
            body = await _read(request, limits.blob)
            receipt = await run_in_threadpool(backend.take_blob, grant, digest, repository, body)
        return _answer(receipt)

    async def show_health(request: Request) -> Response:
        if "authorization" in request.headers:  # an agent asks whether it may
            await _admit(backend, request)
        await run_in_threadpool(backend.check_health)
        return _answer(Receipt({"status": "ok"}))

    routes = [
        Route("/v1/failures", take_failure, methods=["POST"]),
        Route("/v1/runs", take_runs, methods=["POST"]),
        Route("/v1/blobs/{digest}", take_blob, methods=["PUT"]),
        Route("/v1/health", show_health, methods=["GET"]),
    ]
    answers: Mapping[Any, Callable[[Request, Any], Awaitable[Response] | Response]] = {
        RefusedPostError: _refuse,
        HTTPException: _refuse_route,
        Exception: _answer_bug,
    }
    return Starlette(routes=routes, exception_handlers=answers)


async def _admit(backend: HubBackend, request: Request) -> object:
    """Before a byte of the body is read."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise RefusedPostError(401, "send the header `Authorization: Bearer` with a token")
    return await run_in_threadpool(backend.admit, token.strip())


async def _read(request: Request, most: int) -> bytes:
    """Raises RefusedPostError for a body that is too large, or does not come to an end."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and len(length) < len(str(1 << 64)) and int(length) > most:
        raise RefusedPostError(413, f"more than {most} bytes; send less")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    raise RefusedPostError(413, f"more than {most} bytes; send less")
    except TimeoutError:
        raise RefusedPostError(408, f"the body took more than {BODY_S} s") from None
    return bytes(body)


def _answer(receipt: Receipt) -> Response:
    return JSONResponse(dict(receipt.facts))


def _refuse(_: Request, error: RefusedPostError) -> Response:
    document: dict[str, object] = {"error": str(error)}
    if error.missing:
        document["missing"] = list(error.missing)
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else {}
    if error.status == 401:  # noqa: PLR2004 - HTTP's own number
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(document, error.status, headers)


def _refuse_route(_: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, dict(error.headers or {}))


def _answer_bug(_request: Request, _error: Exception) -> Response:
    """Says nothing of the inside; the server's log has the traceback."""
    return JSONResponse({"error": "a bug in healer; its traceback is in the log"}, 500)

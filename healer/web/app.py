"""The application: every route in one table, and one edge that turns errors into answers.

Belongs here: wiring. Does not belong here: pages (`pages`), JSON (`api`), who may (`security`).
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from healer.web.api import Api, answer
from healer.web.body import TooLargeError
from healer.web.links import Links
from healer.web.live import Live
from healer.web.pages import Pages
from healer.web.repairs import RefusedError, Repairs
from healer.web.security import Guard, Shield

_STATIC = Path(__file__).parent / "static"
Handler = Callable[[Request], Awaitable[Response]]


def build_app(repairs: Repairs, token: str, name: str = "", *, public_host: str = "") -> Starlette:
    """The whole application. `token` opens it; `name` is the repository's, for the title;
    `public_host` the name by which the pages of links are reached from outside."""
    guard = Guard(token)
    pages = Pages(repairs, guard, name)
    api = Api(repairs)
    live = Live(repairs)
    links = Links(repairs, pages)
    routes = [
        Route("/", _for_people(guard, pages, pages.overview)),
        Route("/repairs", _for_people(guard, pages, pages.submit), methods=["POST"]),
        Route("/repairs/{repair}", _for_people(guard, pages, pages.repair)),
        Route(
            "/repairs/{repair}/approve", _for_people(guard, pages, pages.approve), methods=["POST"]
        ),
        Route(
            "/repairs/{repair}/answer", _for_people(guard, pages, pages.answer), methods=["POST"]
        ),
        Route(
            "/repairs/{repair}/reject", _for_people(guard, pages, pages.reject), methods=["POST"]
        ),
        Route("/incidents", _for_people(guard, pages, pages.incidents)),
        Route("/incidents/{incident}", _for_people(guard, pages, pages.incident)),
        Route(
            "/incidents/{incident}/put-off",
            _for_people(guard, pages, pages.put_off),
            methods=["POST"],
        ),
        Route("/health", _for_people(guard, pages, pages.health)),
        Route("/decide/{reference}", _for_anyone(pages, links.show)),
        Route("/decide/{reference}", _for_anyone(pages, links.decide), methods=["POST"]),
        Route("/ledger", _for_people(guard, pages, pages.ledger)),
        Route("/costs", _for_people(guard, pages, pages.costs)),
        Route("/live", _for_people(guard, pages, live.stream)),
        Route("/login", pages.login, methods=["GET", "POST"]),
        *(
            Route(path, _for_programs(guard, handler), methods=[method])
            for (method, path), handler in api.routes.items()
        ),
        Route("/metrics", _for_programs(guard, api.metrics)),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    answers = {HTTPException: _answer_http(pages), Exception: _answer_bug}
    return Starlette(
        routes=routes,
        middleware=[Middleware(Shield, public_host=public_host)],
        exception_handlers=answers,  # type: ignore[arg-type]  # its type asks for handlers of the base class
    )


def _for_anyone(pages: Pages, handler: Handler) -> Handler:
    """What a page refuses is a page, too. Alone it is for whoever has a link: the signature in
    its address is what opens that."""

    async def respond(request: Request) -> Response:
        try:
            return await handler(request)
        except TooLargeError as error:
            return pages.message(request, str(error), 413)
        except RefusedError as error:
            return pages.message(request, str(error), 409)

    return respond


def _for_people(guard: Guard, pages: Pages, handler: Handler) -> Handler:
    """Needs a session; the token in the address opens one."""
    answer_page = _for_anyone(pages, handler)

    async def respond(request: Request) -> Response:
        if request.method == "GET" and "token" in request.query_params:
            return pages.enter(request)
        if not guard.has_session(request):
            return pages.ask_for_token(request)
        return await answer_page(request)

    return respond


def _for_programs(guard: Guard, handler: Handler) -> Handler:
    """Needs the token as a bearer; a session is enough to read, never to change anything."""

    async def respond(request: Request) -> Response:
        reads = request.method == "GET" and guard.has_session(request)
        if not (reads or guard.has_bearer(request)):
            problem = {"error": "send the header `Authorization: Bearer` with the printed token"}
            return answer(problem, 401, **{"WWW-Authenticate": "Bearer"})
        try:
            return await handler(request)
        except TooLargeError as error:
            return answer({"error": str(error)}, 413)
        except RefusedError as error:
            return answer({"error": str(error)}, 409)

    return respond


def _answer_http(pages: Pages) -> Callable[[Request, HTTPException], Response]:
    def handler(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith("/api/"):
            headers = dict(error.headers or {})
            return answer({"error": error.detail}, error.status_code, **headers)
        return pages.message(request, error.detail, error.status_code)

    return handler


def _answer_bug(_request: Request, _error: Exception) -> Response:
    """Says nothing of the inside; the server's log has the traceback."""
    return answer({"error": "a bug in healer; its traceback is in the log"}, 500)

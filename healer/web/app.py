"""The application: every route in one table, and one edge that turns errors into answers.

Belongs here: wiring. Does not belong here: pages (`pages`, `fleet_pages`), JSON (`api`), who may
what (`roles`).
"""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from healer.web.api import Api, answer
from healer.web.body import TooLargeError
from healer.web.fleet import Fleet
from healer.web.fleet_pages import FleetPages
from healer.web.links import Links
from healer.web.live import Live
from healer.web.pages import Pages
from healer.web.repairs import AwayError, ForbiddenError, RefusedError, Repairs
from healer.web.roles import Act
from healer.web.security import Guard, Shield
from healer.web.shell import FLEET_MENU, OWN_MENU, Shell, redirect
from healer.web.sign_on import BACK, OUT, START, SignOn

_STATIC = Path(__file__).parent / "static"
Handler = Callable[[Request], Awaitable[Response]]


def build_app(
    repairs: Repairs | None,
    token: str,
    name: str = "",
    *,
    public_host: str = "",
    fleet: Fleet | None = None,
    tenant: str = "",
    sign_on: SignOn | None = None,
) -> Starlette:
    """The whole application. `token` opens it; `name` is the repository's, for the title;
    `public_host` the name by which the pages of links are reached from outside. Without `repairs`
    it has the pages of the `fleet` alone; `tenant` is the only one that the token opens. With
    `sign_on` people sign on from outside, too, and a link of a mail opens nothing without."""
    menu = (OWN_MENU if repairs else {}) | (FLEET_MENU if fleet else {})
    guard = Guard(token, tenant, sign_on.sessions if sign_on else None)
    door = _Door(guard, Shell(guard, name, menu, tenant), tenant)
    routes: list[BaseRoute] = [
        *(
            _own_routes(door, repairs)
            if repairs
            else (Route("/", door.for_people(_go_to_fleet, None)),)
        ),
        *(_fleet_routes(door, fleet) if fleet else ()),
        *(_sign_on_routes(door, sign_on) if sign_on else ()),
        Route("/login", door.shell.login, methods=["GET", "POST"]),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    answers = {HTTPException: _answer_http(door.shell), Exception: _answer_bug}
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(
                Shield, public_host=public_host, sign_on_host=sign_on.host if sign_on else ""
            )
        ],
        exception_handlers=answers,  # type: ignore[arg-type]  # its type asks for handlers of the base class
    )


def _own_routes(door: "_Door", repairs: Repairs) -> Iterator[BaseRoute]:
    """Of the repository that the page is of."""
    pages, api, live = Pages(repairs, door.shell), Api(repairs), Live(repairs)
    links = Links(repairs, door.shell, door.tenant)
    views: dict[str, Handler] = {
        "/": pages.overview,
        "/repairs/{repair}": pages.repair,
        "/incidents": pages.incidents,
        "/incidents/{incident}": pages.incident,
        "/health": pages.health,
        "/ledger": pages.ledger,
        "/costs": pages.costs,
        "/live": live.stream,
    }
    acts: dict[str, tuple[Act, Handler]] = {
        "/repairs": ("submit", pages.submit),
        "/repairs/{repair}/approve": ("approve", pages.approve),
        "/repairs/{repair}/answer": ("answer", pages.answer),
        "/repairs/{repair}/reject": ("reject", pages.reject),
        "/incidents/{incident}/put-off": ("put_off", pages.put_off),
        "/health/pause": ("pause", pages.pause),
        "/health/trust": ("trust", pages.trust),
    }
    for path, handler in views.items():
        yield Route(path, door.for_people(handler, "look"))
    for path, (act, handler) in acts.items():
        yield Route(path, door.for_people(handler, act), methods=["POST"])
    yield Route("/decide/{reference}", door.for_links(links.show))
    yield Route("/decide/{reference}", door.for_links(links.decide), methods=["POST"])
    for (method, path), handler in api.routes.items():
        act = api.acts.get((method, path), "look")
        yield Route(path, door.for_programs(handler, act), methods=[method])
    yield Route("/metrics", door.for_programs(api.metrics, "look"))


def _fleet_routes(door: "_Door", fleet: Fleet) -> Iterator[BaseRoute]:
    """Of all repositories of the shared database. Which tenant it is about stands in the query, so
    each page asks itself whether the person may."""
    pages = FleetPages(fleet, door.shell)
    views: dict[str, Handler] = {
        "/fleet": pages.overview,
        "/fleet/repositories": pages.repositories,
        "/fleet/incidents": pages.incidents,
        "/fleet/incident": pages.incident,
        "/fleet/repair": pages.repair,
    }
    for path, handler in views.items():
        yield Route(path, door.for_people(handler, None))
    yield Route("/fleet/decide", door.for_people(pages.decide, None), methods=["POST"])
    yield Route("/fleet/put-off", door.for_people(pages.put_off, None), methods=["POST"])


def _sign_on_routes(door: "_Door", sign_on: SignOn) -> Iterator[BaseRoute]:
    yield Route(START, door.for_anyone(sign_on.start))
    yield Route(BACK, door.for_anyone(sign_on.come_back))
    yield Route(OUT, door.for_anyone(sign_on.make_sign_out(door.shell)), methods=["POST"])


async def _go_to_fleet(_: Request) -> Response:
    return redirect("/fleet")


class _Door:
    """Who gets through to a handler, and what an error becomes."""

    def __init__(self, guard: Guard, shell: Shell, tenant: str) -> None:
        self._guard, self.shell, self.tenant = guard, shell, tenant

    def for_anyone(self, handler: Handler) -> Handler:
        """What a page refuses is a page, too. Alone it is for whoever has a link: the signature in
        its address is what opens that."""

        async def respond(request: Request) -> Response:
            try:
                return await handler(request)
            except RefusedError as error:
                return self.shell.message(request, str(error), _status_of(error))

        return respond

    def for_links(self, handler: Handler) -> Handler:
        """What whoever has a link may open; where people sign on, only who may look, too."""
        if self._guard.has_sign_on:
            return self.for_people(handler, "look")
        return self.for_anyone(handler)

    def for_people(self, handler: Handler, act: Act | None) -> Handler:
        """Needs a session of somebody who may; the token in the address opens one. None: the
        handler asks itself whether they may."""
        answer_page = self.for_anyone(handler)

        async def respond(request: Request) -> Response:
            if request.method == "GET" and "token" in request.query_params:
                return self.shell.enter(request)
            person = self._guard.identify_browser(request)
            if person is None:
                return self.shell.ask_for_token(request)
            if act is not None and not person.may(act, self.tenant):
                why = person.explain_refusal(act, self.tenant)
                return self.shell.message(request, why, 403)
            request.state.person = person
            return await answer_page(request)

        return respond

    def for_programs(self, handler: Handler, act: Act) -> Handler:
        """Needs the token as a bearer; a session is enough to read, never to change anything."""

        async def respond(request: Request) -> Response:
            person = self._guard.identify_program(request)
            if person is None and request.method == "GET":
                person = self._guard.identify_browser(request)
            if person is None:
                problem = {
                    "error": "send the header `Authorization: Bearer` with the printed token"
                }
                return answer(problem, 401, **{"WWW-Authenticate": "Bearer"})
            if not person.may(act, self.tenant):
                return answer({"error": person.explain_refusal(act, self.tenant)}, 403)
            request.state.person = person
            try:
                return await handler(request)
            except RefusedError as error:
                return answer({"error": str(error)}, _status_of(error))

        return respond


def _status_of(error: RefusedError) -> int:
    """HTTP's number for a refusal."""
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, ForbiddenError):
        return 403
    return 503 if isinstance(error, AwayError) else 409


def _answer_http(shell: Shell) -> Callable[[Request, HTTPException], Response]:
    def handler(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith("/api/"):
            headers = dict(error.headers or {})
            return answer({"error": error.detail}, error.status_code, **headers)
        return shell.message(request, error.detail, error.status_code)

    return handler


def _answer_bug(_request: Request, _error: Exception) -> Response:
    """Says nothing of the inside; the server's log has the traceback."""
    return answer({"error": "a bug in healer; its traceback is in the log"}, 500)

"""What every page shares: templates, the way in and out, and forms that are ours.

Belongs here: rendering, opening a session by the token, messages. Does not belong here: any single
page (`pages`, `fleet_pages`), what the token proves (`security`).
"""

from collections.abc import Mapping
from http import HTTPStatus

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from healer.render import one_line
from healer.render.clean import printable
from healer.render.document import Block, Commands, Diff, Lines, Table, Words
from healer.render.notice import format_time
from healer.render.repair import STATES
from healer.web.body import read_form
from healer.web.repairs import RefusedError
from healer.web.roles import Act
from healer.web.security import Guard

ROWS_SHOWN = 50
"""Rows of one page."""
BLOCK_KINDS: dict[type[Block], str] = {
    Words: "words",
    Lines: "lines",
    Commands: "commands",
    Table: "table",
    Diff: "diff",
}
"""What `blocks.html` calls each block."""
OWN_MENU = {
    "/": "Repairs", "/incidents": "Incidents", "/health": "Health", "/ledger": "Ledger",
    "/costs": "Costs",
}  # fmt: skip
FLEET_MENU = {"/fleet": "Fleet"}


class Shell:
    """The frame of one server's pages."""

    def __init__(self, guard: Guard, name: str, menu: Mapping[str, str], tenant: str = "") -> None:
        """`name` is for the title, `menu` has the label of each address, `tenant` is that of the
        repository whose pages these are."""
        self.guard, self._tenant = guard, tenant
        self._home = next(iter(menu))
        self._templates = _templates(name, menu)

    async def login(self, request: Request) -> Response:
        """Takes the token that `healer web` printed, and opens a session."""
        if request.method == "GET":
            return self.ask_for_token(request, status=200)
        form = await read_form(request)
        if not self.guard.is_token(request, form.get("token", "").strip()):
            return self.ask_for_token(request, problem="That is not the token of this server.")
        return self._open_session(request, self._home)

    def enter(self, request: Request) -> Response:
        """A session for the token in the address, and the address without it."""
        if not self.guard.is_token(request, request.query_params["token"]):
            return self.ask_for_token(request, problem="That is not the token of this server.")
        return self._open_session(request, request.url.path)

    def ask_for_token(self, request: Request, problem: str = "", status: int = 401) -> Response:
        """The page that asks for the token, or to sign on."""
        guard, here = self.guard, request.url
        return self.page(
            request,
            "login.html",
            status,
            title="Sign in" if guard.has_sign_on else "Token",
            problem=problem,
            inside=False,
            has_sign_on=guard.has_sign_on,
            takes_token=guard.takes_token(request),
            to=f"{here.path}?{here.query}" if here.query else here.path,
        )

    def message(self, request: Request, text: str, status: int) -> Response:
        """One sentence, and the way back."""
        title = HTTPStatus(status).phrase
        inside = self.guard.identify_browser(request) is not None
        return self.page(request, "message.html", status, title=title, text=text, inside=inside)

    async def read_form(self, request: Request) -> dict[str, str]:
        """The fields of a form of ours. Raises RefusedError for another site's."""
        form = await read_form(request)
        if not self.guard.is_our_form(request, form):
            raise RefusedError("this form is not from this server; go back, reload, send it again")
        return form

    def page(self, request: Request, template: str, status: int = 200, **facts: object) -> Response:
        """One of our templates with these facts."""
        person = self.guard.identify_browser(request)

        def may(act: Act, tenant: str = self._tenant) -> bool:
            return person is not None and person.may(act, tenant)

        page = self._templates.get_template(template).render(
            {"inside": True, "refresh": False, "path": request.url.path}
            | facts
            | {
                "form_token": self.guard.make_form_token(request),
                "may": may,
                "signed_on_as": person.name if person else "",
                "home": self._home,
            }
        )
        return HTMLResponse(page, status)

    def _open_session(self, request: Request, path: str) -> Response:
        response = redirect(path)
        response.headers.append("Set-Cookie", self.guard.cookie(request.url.port or 80))
        return response


def redirect(path: str) -> RedirectResponse:
    """To a page of ours, after a form: reloading it sends nothing again."""
    return RedirectResponse("/" + path.lstrip("/"), 303)


def _templates(name: str, menu: Mapping[str, str]) -> Environment:
    templates = Environment(
        loader=PackageLoader("healer.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever a template shows goes through this: no control character, no hidden direction.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    templates.globals |= {
        "name": name, "states": STATES, "rows_shown": ROWS_SHOWN, "menu": menu
    }  # fmt: skip
    templates.filters |= {
        "age": one_line.format_age,
        "block_kind": lambda block: BLOCK_KINDS[type(block)],
        "duration": one_line.format_duration,
        "failure_line": one_line.format_failure,
        "count_of": one_line.format_count,
        "money": one_line.format_money,
        "stamp": format_time,
    }
    return templates

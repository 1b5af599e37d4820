"""The pages for people: server-rendered, whole without JavaScript.

Belongs here: one method for each page. Does not belong here: the facts (`repairs`), the look
(`templates`, `static`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from healer.render import one_line
from healer.render.clean import printable
from healer.render.document import Block, Commands, Diff, Lines, Table, Words
from healer.render.notice import format_time
from healer.render.repair import STATES, repair_document
from healer.render.repair_view import ENDED, RepairView
from healer.web.body import read_form
from healer.web.plot import by_day, cost_plot
from healer.web.repairs import RefusedError, Repairs
from healer.web.security import Guard

Row = TypeVar("Row")
ENDED_SHOWN = 50
"""Rows of one page."""
LEDGER_SHOWN = 200
BLOCK_KINDS: dict[type[Block], str] = {
    Words: "words",
    Lines: "lines",
    Commands: "commands",
    Table: "table",
    Diff: "diff",
}
"""What `blocks.html` calls each block."""


@dataclass(frozen=True)
class Choice:
    """What of a list is shown, as the address says it."""

    script: str = ""
    """A part of its path."""
    state: str = ""
    page: int = 1

    @classmethod
    def of(cls, request: Request) -> "Choice":
        """What is not a page of ours is the first."""
        query = request.query_params
        page = query.get("page", "1")
        number = int(page) if re.fullmatch("[0-9]{1,5}", page) else 1
        return cls(query.get("script", "").strip(), query.get("state", ""), max(1, number))

    def takes(self, repair: RepairView) -> bool:
        """Whether a repair is one of those."""
        return self.script in repair.script and self.state in ("", repair.state)

    def cut(self, rows: list[Row]) -> list[Row]:
        """The rows of this page, and one more where there is a next one."""
        start = (self.page - 1) * ENDED_SHOWN
        return rows[start : start + ENDED_SHOWN + 1]


class Pages:
    """Every page of one server."""

    def __init__(self, repairs: Repairs, guard: Guard, name: str) -> None:
        self._repairs = repairs
        self._guard = guard
        self._templates = _templates(name)

    async def overview(self, request: Request) -> Response:
        """What waits for a person, what runs, what ended; `?script=` and `?state=` choose."""
        choice = Choice.of(request)
        repairs = [r for r in await run_in_threadpool(self._repairs.all) if choice.takes(r)]
        now = datetime.now(UTC)
        waiting = sorted((r for r in repairs if r.state == "review"), key=lambda r: r.opened_at)
        running = [r for r in repairs if r.state in ("running", "waiting")]
        return self.page(
            request,
            "overview.html",
            title="Repairs",
            waiting=waiting,
            running=running,
            ended=choice.cut([r for r in repairs if r.state in ENDED]),
            choice=choice,
            now=now,
            refresh=bool(running),
        )

    async def incidents(self, request: Request) -> Response:
        """What fails, is repaired or waits; `?script=` and `?all=yes` choose."""
        choice = Choice.of(request)
        with_old = request.query_params.get("all") == "yes"
        lines = await run_in_threadpool(self._repairs.incidents)
        rows = [each for each in lines if with_old or not each.is_over]
        rows = [each for each in rows if choice.script in each.script]
        return self.page(
            request,
            "incidents.html",
            title="Incidents",
            incidents=choice.cut(rows),
            choice=choice,
            with_old=with_old,
            now=datetime.now(UTC),
        )

    async def incident(self, request: Request) -> Response:
        """The life of one incident, as `healer incident` tells it."""
        fingerprint = request.path_params["incident"]
        view = await run_in_threadpool(self._repairs.incident, fingerprint)
        if view is None:
            raise RefusedError(f"there is no incident {fingerprint!r}; the list has them all")
        return self.page(
            request, "incident.html", title=f"{view.script}: {view.state}", incident=view,
            now=datetime.now(UTC),
        )  # fmt: skip

    async def put_off(self, request: Request) -> Response:
        """Acknowledges an incident, or leaves it alone for a while."""
        form = await self._form(request)
        fingerprint = request.path_params["incident"]
        duration = form.get("duration", "").strip()
        await run_in_threadpool(self._repairs.put_off, fingerprint, duration)
        return _see(f"/incidents/{fingerprint}")

    async def health(self, request: Request) -> Response:
        """Jobs, and what a repair needs."""
        health = await run_in_threadpool(self._repairs.health)
        return self.page(request, "health.html", title="Health", health=health)

    async def repair(self, request: Request) -> Response:
        """One repair with its evidence, and what can be decided."""
        repair = await self._get(request)
        return self.page(
            request,
            "repair.html",
            title=f"{repair.script} {STATES[repair.state]}",
            repair=repair,
            document=repair_document(repair),
            refresh=repair.state in ("running", "waiting"),
        )

    async def submit(self, request: Request) -> Response:
        """Starts a repair."""
        form = await self._form(request)
        script, words = form.get("script", "").strip(), form.get("args", "").split()
        if not script:
            raise RefusedError("no script was named; type its path in the repository")
        args = tuple(words) if words or form.get("run") == "yes" else None
        repair = await run_in_threadpool(self._repairs.submit, script, args)
        return _see(f"/repairs/{repair}")

    async def approve(self, request: Request) -> Response:
        """Has it checked again and merged."""
        form = await self._form(request)
        repair = (await self._get(request)).repair
        overrule = form.get("overrule") == "yes"
        await run_in_threadpool(self._repairs.approve, repair, overrule=overrule)
        return _see(f"/repairs/{repair}")

    async def answer(self, request: Request) -> Response:
        """Keeps the answer as a test, and merges the fix that agrees with it."""
        form = await self._form(request)
        repair = (await self._get(request)).repair
        choice, value = form.get("choice", "").strip(), form.get("value", "").strip()
        if not choice:
            raise RefusedError("no answer was chosen; go back and choose one")
        await run_in_threadpool(self._repairs.answer, repair, choice, value)
        return _see(f"/repairs/{repair}")

    async def reject(self, request: Request) -> Response:
        """Ends it, with a reason that the next draft is told."""
        form = await self._form(request)
        repair = (await self._get(request)).repair
        reason = form.get("reason", "").strip()
        if not reason:
            raise RefusedError("a rejection needs a reason: the next draft is told it")
        await run_in_threadpool(self._repairs.reject, repair, reason)
        return _see(f"/repairs/{repair}")

    async def ledger(self, request: Request) -> Response:
        """Decisions, newest first."""
        lines = await run_in_threadpool(self._repairs.ledger, LEDGER_SHOWN)
        return self.page(request, "ledger.html", title="Ledger", lines=lines)

    async def costs(self, request: Request) -> Response:
        """What was spent, drawn by day and listed."""
        rows = await run_in_threadpool(self._repairs.costs)
        days = by_day(rows)
        # The drawing is made of our own numbers and escaped dates only.
        plot = Markup(cost_plot(days)) if days else ""  # noqa: S704 - as the line above says
        newest = tuple(reversed(rows))
        return self.page(request, "costs.html", title="Costs", rows=newest, plot=plot)

    async def login(self, request: Request) -> Response:
        """Takes the token that `healer web` printed, and opens a session."""
        if request.method == "GET":
            return self.ask_for_token(request, status=200)
        form = await read_form(request)
        if not self._guard.is_token(form.get("token", "").strip()):
            return self.ask_for_token(request, problem="That is not the token of this server.")
        return self._open_session(request, "/")

    def enter(self, request: Request) -> Response:
        """A session for the token in the address, and the address without it."""
        if not self._guard.is_token(request.query_params["token"]):
            return self.ask_for_token(request, problem="That is not the token of this server.")
        return self._open_session(request, request.url.path)

    def ask_for_token(self, request: Request, problem: str = "", status: int = 401) -> Response:
        """The page that asks for the token."""
        return self.page(
            request, "login.html", status, title="Token", problem=problem, inside=False
        )

    def message(self, request: Request, text: str, status: int) -> Response:
        """One sentence, and the way back."""
        title = HTTPStatus(status).phrase
        inside = self._guard.has_session(request)
        return self.page(request, "message.html", status, title=title, text=text, inside=inside)

    async def _get(self, request: Request) -> RepairView:
        repair = request.path_params["repair"]
        view = await run_in_threadpool(self._repairs.get, repair)
        if view is None:
            raise RefusedError(f"there is no repair {repair!r}; the overview lists them")
        return view

    async def _form(self, request: Request) -> dict[str, str]:
        form = await read_form(request)
        if not self._guard.is_our_form(request, form):
            raise RefusedError("this form is not from this server; go back, reload, send it again")
        return form

    def _open_session(self, request: Request, path: str) -> Response:
        response = _see(path)
        response.headers.append("Set-Cookie", self._guard.cookie(request.url.port or 80))
        return response

    def page(self, request: Request, template: str, status: int = 200, **facts: object) -> Response:
        """One of our templates with these facts."""
        page = self._templates.get_template(template).render(
            {"inside": True, "refresh": False, "path": request.url.path}
            | facts
            | {"form_token": self._guard.form_token}
        )
        return HTMLResponse(page, status)


def _see(path: str) -> RedirectResponse:
    """To a page of ours, after a form: reloading it sends nothing again."""
    return RedirectResponse("/" + path.lstrip("/"), 303)


def _templates(name: str) -> Environment:
    templates = Environment(
        loader=PackageLoader("healer.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever a template shows goes through this: no control character, no hidden direction.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    templates.globals |= {"name": name, "states": STATES, "rows_shown": ENDED_SHOWN}
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

"""The pages for people: server-rendered, whole without JavaScript.

Belongs here: one method for each page. Does not belong here: the facts (`repairs`), the look
(`templates`, `static`).
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from markupsafe import Markup
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from healer.facts.states import OF_SEVERAL
from healer.render.repair import STATES, repair_document
from healer.render.repair_view import ENDED, RepairView
from healer.web.plot import by_day, cost_plot
from healer.web.repairs import RefusedError, Repairs, SettingLine
from healer.web.security import person_of
from healer.web.shell import ROWS_SHOWN, Shell, redirect

Row = TypeVar("Row")
LEDGER_SHOWN = 200
_SETTINGS = TypeAdapter(tuple[SettingLine, ...])


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

    @property
    def is_narrow(self) -> bool:
        """It leaves some out."""
        return bool(self.script or self.state or self.page > 1)

    def takes(self, repair: RepairView) -> bool:
        """Whether a repair is one of those."""
        return self.script in repair.script and self.state in ("", repair.state)

    def cut(self, rows: list[Row]) -> list[Row]:
        """The rows of this page, and one more where there is a next one."""
        start = (self.page - 1) * ROWS_SHOWN
        return rows[start : start + ROWS_SHOWN + 1]


class Pages:
    """Every page of one repository."""

    def __init__(self, repairs: Repairs, shell: Shell) -> None:
        self._repairs, self._shell = repairs, shell

    async def overview(self, request: Request) -> Response:
        """What waits for a person, what runs, what ended; `?script=` and `?state=` choose."""
        choice = Choice.of(request)
        repairs = [r for r in await run_in_threadpool(self._repairs.all) if choice.takes(r)]
        now = datetime.now(UTC)
        waiting = sorted((r for r in repairs if r.state == "review"), key=lambda r: r.opened_at)
        running = [r for r in repairs if r.state in ("running", "waiting")]
        lines = await run_in_threadpool(self._repairs.incidents)
        return self._shell.page(
            request,
            "overview.html",
            title="Repairs",
            waiting=waiting,
            running=running,
            ended=choice.cut([r for r in repairs if r.state in ENDED]),
            choice=choice,
            is_narrow=choice.is_narrow,
            now=now,
            refresh=bool(running),
            open_states=Counter(each.state for each in lines if not each.is_over),
            several=OF_SEVERAL,
            untaken=await run_in_threadpool(self._repairs.untaken),
        )

    async def incidents(self, request: Request) -> Response:
        """What fails, is repaired or waits; `?script=` and `?all=yes` choose."""
        choice = Choice.of(request)
        with_old = request.query_params.get("all") == "yes"
        lines = await run_in_threadpool(self._repairs.incidents)
        rows = [each for each in lines if with_old or not each.is_over]
        rows = [each for each in rows if choice.script in each.script]
        return self._shell.page(
            request,
            "incidents.html",
            title="Incidents",
            incidents=choice.cut(rows),
            choice=choice,
            is_narrow=choice.is_narrow,
            with_old=with_old,
            untaken=await run_in_threadpool(self._repairs.untaken),
            now=datetime.now(UTC),
        )

    async def incident(self, request: Request) -> Response:
        """The life of one incident, as `healer incident` tells it."""
        fingerprint = request.path_params["incident"]
        view = await run_in_threadpool(self._repairs.incident, fingerprint)
        if view is None:
            raise RefusedError(f"there is no incident {fingerprint!r}; the list has them all")
        return self._shell.page(
            request, "incident.html", title=f"{view.script}: {view.state}", incident=view,
            now=datetime.now(UTC),
        )  # fmt: skip

    async def put_off(self, request: Request) -> Response:
        """Acknowledges an incident, or leaves it alone for a while."""
        form = await self._shell.read_form(request)
        fingerprint = request.path_params["incident"]
        duration = form.get("duration", "").strip()
        await run_in_threadpool(
            self._repairs.put_off, fingerprint, duration, by=person_of(request).by
        )
        return redirect(f"/incidents/{fingerprint}")

    async def health(self, request: Request) -> Response:
        """Jobs, and what a repair needs."""
        health = await run_in_threadpool(self._repairs.health)
        settings = _SETTINGS.dump_json(health.settings).decode()
        return self._shell.page(
            request, "health.html", title="Health", health=health, shown_settings=settings
        )

    async def pause(self, request: Request) -> Response:
        """Stops all merging, or goes on, as the button says."""
        form = await self._shell.read_form(request)
        act = self._repairs.resume if form.get("resume") == "yes" else self._repairs.pause
        await run_in_threadpool(act, by=person_of(request).by)
        return redirect("/health")

    async def trust(self, request: Request) -> Response:
        """Allows what healer.toml newly has this machine do: what was shown, and nothing else."""
        form = await self._shell.read_form(request)
        try:
            settings = _SETTINGS.validate_json(form.get("shown", ""))
        except ValidationError:
            raise RefusedError("the form does not say what is allowed; reload the page") from None
        await run_in_threadpool(self._repairs.trust, settings, by=person_of(request).by)
        return redirect("/health")

    async def repair(self, request: Request) -> Response:
        """One repair with its evidence, and what can be decided."""
        repair = await self._get(request)
        return self._shell.page(
            request,
            "repair.html",
            title=f"{repair.script} {STATES[repair.state]}",
            repair=repair,
            document=repair_document(repair),
            refresh=repair.state in ("running", "waiting"),
        )

    async def submit(self, request: Request) -> Response:
        """Starts a repair."""
        form = await self._shell.read_form(request)
        script, words = form.get("script", "").strip(), form.get("args", "").split()
        if not script:
            raise RefusedError("no script was named; type its path in the repository")
        args = tuple(words) if words or form.get("run") == "yes" else None
        repair = await run_in_threadpool(self._repairs.submit, script, args)
        return redirect(f"/repairs/{repair}")

    async def approve(self, request: Request) -> Response:
        """Has it checked again and merged."""
        form = await self._shell.read_form(request)
        repair = (await self._get(request)).repair
        overrule = form.get("overrule") == "yes"
        await run_in_threadpool(
            self._repairs.approve, repair, overrule=overrule, by=person_of(request).by
        )
        return redirect(f"/repairs/{repair}")

    async def answer(self, request: Request) -> Response:
        """Keeps the answer as a test, and merges the fix that agrees with it."""
        form = await self._shell.read_form(request)
        repair = (await self._get(request)).repair
        choice, value = form.get("choice", "").strip(), form.get("value", "").strip()
        if not choice:
            raise RefusedError("no answer was chosen; go back and choose one")
        await run_in_threadpool(
            self._repairs.answer, repair, choice, value, by=person_of(request).by
        )
        return redirect(f"/repairs/{repair}")

    async def reject(self, request: Request) -> Response:
        """Ends it, with a reason that the next draft is told."""
        form = await self._shell.read_form(request)
        repair = (await self._get(request)).repair
        reason = form.get("reason", "").strip()
        if not reason:
            raise RefusedError("a rejection needs a reason, which is kept")
        await run_in_threadpool(self._repairs.reject, repair, reason, by=person_of(request).by)
        return redirect(f"/repairs/{repair}")

    async def ledger(self, request: Request) -> Response:
        """Decisions, newest first."""
        lines = await run_in_threadpool(self._repairs.ledger, LEDGER_SHOWN)
        return self._shell.page(request, "ledger.html", title="Ledger", lines=lines)

    async def costs(self, request: Request) -> Response:
        """What was spent, drawn by day and listed."""
        rows = await run_in_threadpool(self._repairs.costs)
        days = by_day(rows)
        # The drawing is made of our own numbers and escaped dates only.
        plot = Markup(cost_plot(days)) if days else ""  # noqa: S704 - as the line above says
        newest = tuple(reversed(rows))
        return self._shell.page(request, "costs.html", title="Costs", rows=newest, plot=plot)

    async def _get(self, request: Request) -> RepairView:
        repair = request.path_params["repair"]
        view = await run_in_threadpool(self._repairs.get, repair)
        if view is None:
            raise RefusedError(f"there is no repair {repair!r}; the overview lists them")
        return view

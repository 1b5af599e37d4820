"""The same as JSON, for programs.

Belongs here: the routes under `/api`, what each takes and gives. Does not belong here: the document
that describes them (`openapi`), who may (`security`).
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import get_args

from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from healer.render.repair_view import RepairView, State
from healer.support.version import read_version
from healer.web.body import read_json
from healer.web.openapi import describe_api
from healer.web.repairs import IncidentView, Repairs
from healer.web.roles import Act
from healer.web.security import person_of

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""https://prometheus.io/docs/instrumenting/exposition_formats/"""
_PAGE, _PAGE_MOST = 100, 500
_LEDGER_DEFAULT, _LEDGER_MOST = 200, 5000
_NUMBER_MOST = 999_999_999


class Submission(BaseModel, extra="forbid"):
    """What to repair."""

    script: str = Field(min_length=1, max_length=4096)
    args: tuple[str, ...] | None = Field(None, max_length=1000)
    """Run it with these; null takes its newest recorded failure, or its own checks."""


class Approval(BaseModel, extra="forbid"):
    """Consent to a waiting repair."""

    overrule: bool = False
    """Needed where rules that say reject have found something."""


class Rejection(BaseModel, extra="forbid"):
    """Why a draft is not wanted."""

    reason: str = Field(min_length=1, max_length=4000)


class Rollback(BaseModel, extra="forbid"):
    """Why a merged fix is taken out."""

    reason: str = Field("by a program", min_length=1, max_length=4000)
    """Goes into the commit message."""


class Choice(BaseModel, extra="forbid"):
    """An answer to a repair's question."""

    choice: str = Field(pattern="^([1-9][0-9]?|none)$")
    """The number of one of its choices, from 1, or `none`."""
    value: str = Field("", max_length=4000)
    """After `none`: the right one, as a Python literal; may be empty."""


class Snooze(BaseModel, extra="forbid"):
    """How long an incident is left alone."""

    duration: str = Field(min_length=2, max_length=20)
    """Such as `30m`, `2h` or `3d`."""


class Api:
    """Every call of one server."""

    def __init__(self, repairs: Repairs) -> None:
        self._repairs = repairs
        self.acts: dict[tuple[str, str], Act] = {
            ("POST", "/api/repairs"): "submit",
            ("POST", "/api/repairs/{repair}/approve"): "approve",
            ("POST", "/api/repairs/{repair}/answer"): "answer",
            ("POST", "/api/repairs/{repair}/reject"): "reject",
            ("POST", "/api/repairs/{repair}/rollback"): "roll_back",
            ("POST", "/api/incidents/{incident}/ack"): "put_off",
            ("POST", "/api/incidents/{incident}/snooze"): "put_off",
        }
        """What a call does, where it does more than look."""
        self.routes: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("GET", "/api/status"): self.status,
            ("GET", "/api/repairs"): self.list,
            ("POST", "/api/repairs"): self.submit,
            ("GET", "/api/repairs/{repair}"): self.get,
            ("POST", "/api/repairs/{repair}/approve"): self.approve,
            ("POST", "/api/repairs/{repair}/answer"): self.answer_question,
            ("POST", "/api/repairs/{repair}/reject"): self.reject,
            ("POST", "/api/repairs/{repair}/rollback"): self.roll_back,
            ("GET", "/api/incidents"): self.incidents,
            ("GET", "/api/incidents/{incident}"): self.incident,
            ("POST", "/api/incidents/{incident}/ack"): self.acknowledge,
            ("POST", "/api/incidents/{incident}/snooze"): self.snooze,
            ("GET", "/api/health"): self.health,
            ("GET", "/api/ledger"): self.ledger,
            ("GET", "/api/costs"): self.costs,
            ("GET", "/api/openapi.json"): self.openapi,
        }

    async def status(self, _request: Request) -> Response:
        """How many repairs are in each state."""
        states = [repair.state for repair in await run_in_threadpool(self._repairs.all)]
        counts = {state: states.count(state) for state in get_args(State)}
        return answer({"version": read_version(), "repairs": counts})

    async def list(self, request: Request) -> Response:
        """One page of repairs, newest first; `?state=` keeps those in one state."""
        state = request.query_params.get("state", "")
        if state and state not in get_args(State):
            states = ", ".join(get_args(State))
            raise HTTPException(400, f"there is no state {state!r}; there are {states}")
        limit = _read_number(request, "limit", _PAGE, _PAGE_MOST)
        after = request.query_params.get("after", "")
        views = await run_in_threadpool(self._repairs.page, state, limit, after)
        return _answer_page("repairs", views, views[-1].repair if len(views) == limit else None)

    async def get(self, request: Request) -> Response:
        """One repair with everything that is known of it."""
        return answer(_dump(await self._get(request)))

    async def submit(self, request: Request) -> Response:
        """Starts a repair, or finds the open one of the same."""
        submission = await read_json(request, Submission)
        repair = await run_in_threadpool(self._repairs.submit, submission.script, submission.args)
        path = f"/api/repairs/{repair}"
        return answer({"repair": repair, "status": path}, 202, Location=path)

    async def approve(self, request: Request) -> Response:
        """Has a waiting repair checked again and merged."""
        approval = await read_json(request, Approval)
        repair = (await self._get(request)).repair
        await run_in_threadpool(
            self._repairs.approve, repair, overrule=approval.overrule, by=person_of(request).by
        )
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"}, 202)

    async def reject(self, request: Request) -> Response:
        """Ends a waiting repair; the reason is kept for the next draft."""
        rejection = await read_json(request, Rejection)
        repair = (await self._get(request)).repair
        await run_in_threadpool(
            self._repairs.reject, repair, rejection.reason, by=person_of(request).by
        )
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"})

    async def roll_back(self, request: Request) -> Response:
        """Has a merged repair taken out again."""
        body = await read_json(request, Rollback)
        repair = (await self._get(request)).repair
        await run_in_threadpool(
            self._repairs.roll_back, repair, body.reason, by=person_of(request).by
        )
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"}, 202)

    async def answer_question(self, request: Request) -> Response:
        """Keeps the answer to a repair's question as a test, and merges the fix that agrees."""
        body = await read_json(request, Choice)
        repair = (await self._get(request)).repair
        await run_in_threadpool(
            self._repairs.answer, repair, body.choice, body.value, by=person_of(request).by
        )
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"}, 202)

    async def incidents(self, request: Request) -> Response:
        """One page of incidents, the one that failed last first; `?is_over=` keeps one kind."""
        is_over = request.query_params.get("is_over", "")
        if is_over not in ("", "true", "false"):
            raise HTTPException(400, f"is_over={is_over!r} is neither true nor false")
        limit = _read_number(request, "limit", _PAGE, _PAGE_MOST)
        lines = await run_in_threadpool(self._repairs.incidents)
        if after := request.query_params.get("after", ""):
            names = [each.fingerprint for each in lines]
            if after not in names:
                raise HTTPException(400, f"there is no incident {after!r}; leave `after` out")
            lines = lines[names.index(after) + 1 :]
        page = [each for each in lines if is_over in ("", str(each.is_over).lower())][:limit]
        last = page[-1].fingerprint if len(page) == limit else None
        return _answer_page("incidents", page, last)

    async def incident(self, request: Request) -> Response:
        """One incident with its life."""
        return answer(_dump(await self._get_incident(request)))

    async def acknowledge(self, request: Request) -> Response:
        """Says that somebody is at it: no reminder."""
        return await self._put_off(request, "")

    async def snooze(self, request: Request) -> Response:
        """Leaves it alone for a while."""
        return await self._put_off(request, (await read_json(request, Snooze)).duration)

    async def health(self, _request: Request) -> Response:
        """What a repair needs, and the jobs."""
        return answer(_dump(await run_in_threadpool(self._repairs.health)))

    async def ledger(self, request: Request) -> Response:
        """One page of decisions, newest first; `?repair=` keeps those of one."""
        limit = _read_number(request, "limit", _LEDGER_DEFAULT, _LEDGER_MOST)
        before = 0
        if request.query_params.get("after"):
            before = _read_number(request, "after", 1, _NUMBER_MOST)
        repair = request.query_params.get("repair", "")
        lines = await run_in_threadpool(self._repairs.ledger, limit, repair, before)
        last = str(lines[-1].number) if len(lines) == limit else None
        return _answer_page("ledger", lines, last)

    async def costs(self, _request: Request) -> Response:
        """What was spent by day, script, model and outcome."""
        rows = await run_in_threadpool(self._repairs.costs)
        return answer({"costs": [_dump(row) for row in rows]})

    async def metrics(self, _request: Request) -> Response:
        """What Prometheus asks for, which is no part of the document."""
        text = await run_in_threadpool(self._repairs.metrics)
        return Response(text, media_type=_METRICS_TYPE)

    async def openapi(self, _request: Request) -> Response:
        """The description of all this."""
        return answer(describe_api(Submission, Approval, Rejection, Rollback, Choice, Snooze))

    async def _get(self, request: Request) -> RepairView:
        repair = request.path_params["repair"]
        view = await run_in_threadpool(self._repairs.get, repair)
        if view is None:
            raise HTTPException(404, f"there is no repair {repair!r}; GET /api/repairs lists them")
        return view

    async def _get_incident(self, request: Request) -> IncidentView:
        fingerprint = request.path_params["incident"]
        view = await run_in_threadpool(self._repairs.incident, fingerprint)
        if view is None:
            raise HTTPException(
                404, f"there is no incident {fingerprint!r}; GET /api/incidents lists them"
            )
        return view

    async def _put_off(self, request: Request, duration: str) -> Response:
        fingerprint = (await self._get_incident(request)).fingerprint
        await run_in_threadpool(
            self._repairs.put_off, fingerprint, duration, by=person_of(request).by
        )
        return answer(_dump(await self._get_incident(request)))


def _read_number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch("[1-9][0-9]{0,8}", text) or int(text) > most:
        raise HTTPException(400, f"{name}={text!r} is not a number from 1 to {most}")
    return int(text)


def _answer_page(name: str, facts: Iterable[BaseModel], last: str | None) -> Response:
    """`next` goes into `?after=` for what follows; null where nothing does."""
    return answer({name: [_dump(each) for each in facts], "next": last})


def answer(value: object, status: int = 200, **headers: str) -> Response:
    """JSON in ASCII: also a lone surrogate, which UTF-8 cannot say, gets through."""
    return Response(
        json.dumps(value, default=_encode), status, headers, media_type="application/json"
    )


def _dump(fact: BaseModel) -> object:
    return fact.model_dump(mode="python")


def _encode(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

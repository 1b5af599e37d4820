"""The same as JSON, for programs.

Belongs here: the routes under `/api`, what each takes and gives. Does not belong here: the document
that describes them (`openapi`), who may (`security`).
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import get_args

from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from healer import __version__
from healer.render.repair_view import RepairView, State
from healer.web.body import read_json
from healer.web.openapi import describe_api
from healer.web.repairs import Repairs

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""https://prometheus.io/docs/instrumenting/exposition_formats/"""
_LEDGER_DEFAULT, _LEDGER_MOST = 200, 5000


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


class Api:
    """Every call of one server."""

    def __init__(self, repairs: Repairs) -> None:
        self._repairs = repairs
        self.routes: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("GET", "/api/status"): self.status,
            ("GET", "/api/repairs"): self.list,
            ("POST", "/api/repairs"): self.submit,
            ("GET", "/api/repairs/{repair}"): self.get,
            ("POST", "/api/repairs/{repair}/approve"): self.approve,
            ("POST", "/api/repairs/{repair}/reject"): self.reject,
            ("GET", "/api/ledger"): self.ledger,
            ("GET", "/api/costs"): self.costs,
            ("GET", "/api/openapi.json"): self.openapi,
        }

    async def status(self, _request: Request) -> Response:
        """How many repairs are in each state."""
        states = [repair.state for repair in await run_in_threadpool(self._repairs.all)]
        counts = {state: states.count(state) for state in get_args(State)}
        return answer({"version": __version__, "repairs": counts})

    async def list(self, request: Request) -> Response:
        """Repairs, newest first; `?state=` keeps those in one state."""
        state = request.query_params.get("state")
        if state is not None and state not in get_args(State):
            states = ", ".join(get_args(State))
            raise HTTPException(400, f"there is no state {state!r}; there are {states}")
        repairs = await run_in_threadpool(self._repairs.all)
        return answer({"repairs": [_dump(r) for r in repairs if state in (None, r.state)]})

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
        await run_in_threadpool(self._repairs.approve, repair, overrule=approval.overrule)
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"}, 202)

    async def reject(self, request: Request) -> Response:
        """Ends a waiting repair; the reason is kept for the next draft."""
        rejection = await read_json(request, Rejection)
        repair = (await self._get(request)).repair
        await run_in_threadpool(self._repairs.reject, repair, rejection.reason)
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"})

    async def ledger(self, request: Request) -> Response:
        """Decisions, newest first; `?limit=` says how many."""
        limit = request.query_params.get("limit", str(_LEDGER_DEFAULT))
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= _LEDGER_MOST):
            raise HTTPException(400, f"limit={limit!r} is not a number from 1 to {_LEDGER_MOST}")
        lines = await run_in_threadpool(self._repairs.ledger, int(limit))
        return answer({"ledger": [_dump(line) for line in lines]})

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
        return answer(describe_api(Submission, Approval, Rejection))

    async def _get(self, request: Request) -> RepairView:
        repair = request.path_params["repair"]
        view = await run_in_threadpool(self._repairs.get, repair)
        if view is None:
            raise HTTPException(404, f"there is no repair {repair!r}; GET /api/repairs lists them")
        return view


def answer(value: object, status: int = 200, **headers: str) -> Response:
    """JSON in ASCII: also a lone surrogate, which UTF-8 cannot say, gets through."""
    return Response(
        json.dumps(value, default=_encode), status, headers, media_type="application/json"
    )


def _dump(fact: BaseModel) -> object:
    return fact.model_dump(mode="python")


def _encode(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

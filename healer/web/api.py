"""The same as JSON, for programs.

Belongs here: the routes under `/api`, what each takes and gives. Does not belong here: the document
that describes them (`openapi`), who may (`security`).
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar, get_args

from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from healer import __version__
from healer.render.repair_view import RepairView, State
from healer.web.body import read_json
from healer.web.openapi import document
from healer.web.repairs import Repairs

_LEDGER_DEFAULT, _LEDGER_MOST = 200, 5000


Body = TypeVar("Body", bound=BaseModel)


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
        shown = await run_in_threadpool(self._repairs.all)
        states = [repair.state for repair in shown]
        counts = {state: states.count(state) for state in get_args(State)}
        return answer({"version": __version__, "repairs": counts})

    async def list(self, request: Request) -> Response:
        """Repairs, newest first; `?state=` keeps those in one state."""
        state = request.query_params.get("state")
        if state is not None and state not in get_args(State):
            allowed = ", ".join(get_args(State))
            raise HTTPException(400, f"there is no state {state!r}; there are {allowed}")
        shown = await run_in_threadpool(self._repairs.all)
        kept = [repair for repair in shown if state in (None, repair.state)]
        return answer({"repairs": [_plain(repair) for repair in kept]})

    async def get(self, request: Request) -> Response:
        """One repair with everything that is known of it."""
        return answer(_plain(await self._get(request)))

    async def submit(self, request: Request) -> Response:
        """Starts a repair, or finds the open one of the same."""
        wanted = _checked(Submission, await read_json(request))
        repair = await run_in_threadpool(self._repairs.submit, wanted.script, wanted.args)
        path = f"/api/repairs/{repair}"
        return answer({"repair": repair, "status": path}, 202, Location=path)

    async def approve(self, request: Request) -> Response:
        """Has a waiting repair checked again and merged."""
        wanted = _checked(Approval, await read_json(request))
        repair = (await self._get(request)).repair
        await run_in_threadpool(self._repairs.approve, repair, overrule=wanted.overrule)
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"}, 202)

    async def reject(self, request: Request) -> Response:
        """Ends a waiting repair; the reason is kept for the next draft."""
        rejection = _checked(Rejection, await read_json(request))
        repair = (await self._get(request)).repair
        await run_in_threadpool(self._repairs.reject, repair, rejection.reason)
        return answer({"repair": repair, "status": f"/api/repairs/{repair}"})

    async def ledger(self, request: Request) -> Response:
        """Decisions, newest first; `?limit=` says how many."""
        given = request.query_params.get("limit", str(_LEDGER_DEFAULT))
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= _LEDGER_MOST):
            raise HTTPException(400, f"limit={given!r} is not a number from 1 to {_LEDGER_MOST}")
        lines = await run_in_threadpool(self._repairs.ledger, int(given))
        return answer({"ledger": [_plain(line) for line in lines]})

    async def costs(self, _request: Request) -> Response:
        """What was spent by day, script, model and outcome."""
        rows = await run_in_threadpool(self._repairs.costs)
        return answer({"costs": [_plain(row) for row in rows]})

    async def openapi(self, _request: Request) -> Response:
        """The description of all this."""
        return answer(
            document({"Submission": Submission, "Approval": Approval, "Rejection": Rejection})
        )

    async def _get(self, request: Request) -> RepairView:
        repair = request.path_params["repair"]
        shown = await run_in_threadpool(self._repairs.get, repair)
        if shown is None:
            raise HTTPException(404, f"there is no repair {repair!r}; GET /api/repairs lists them")
        return shown


def answer(value: object, status: int = 200, **headers: str) -> Response:
    """JSON in ASCII: also a lone surrogate, which UTF-8 cannot say, gets through."""
    return Response(
        json.dumps(value, default=_written), status, headers, media_type="application/json"
    )


def _plain(fact: BaseModel) -> object:
    return fact.model_dump(mode="python")


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _checked(model: type[Body], value: dict[str, object]) -> Body:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise HTTPException(422, f"{where}: {first['msg']}") from None

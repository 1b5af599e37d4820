"""The pages of a fleet: tenants, their repositories, incidents, repairs; whole without JavaScript.

Belongs here: one method for each page, and whether the person may have it. Does not belong here:
the facts (`fleet`), the frame (`shell`), the pages of one repository (`pages`).

Whose rows are meant stands in the query. What a person may not look at is said to be none of
theirs, whether it is there or not.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from healer.render.repair import STATES, repair_document
from healer.support.postgres import Scope
from healer.web.fleet import Fleet, FleetQuery
from healer.web.repairs import ForbiddenError, RefusedError, Word
from healer.web.roles import Act
from healer.web.security import person_of
from healer.web.shell import Shell, redirect

INCIDENT_STATES = {
    "open": "open", "repairing": "being repaired", "waiting": "waits for a person",
    "probation": "on probation", "all": "any, also those that are over",
}  # fmt: skip

ACTS: Mapping[str, Act] = {
    "approve": "approve", "answer": "answer", "reject": "reject", "rollback": "roll_back",
}  # fmt: skip
"""What a decision is by the table of roles."""


class FleetPages:
    """Every page of one fleet."""

    def __init__(self, fleet: Fleet, shell: Shell) -> None:
        self._fleet, self._shell = fleet, shell

    async def overview(self, request: Request) -> Response:
        """Tenants, workers, what failed last."""
        overview = await run_in_threadpool(self._fleet.overview, read_query(request))
        return self._page(request, "fleet.html", title="Fleet", overview=overview)

    async def repositories(self, request: Request) -> Response:
        """A page of repositories; `?tenant=`, `?words=` and `?page=` choose."""
        query = read_query(request)
        rows = await run_in_threadpool(self._fleet.repositories, query)
        return self._page(request, "fleet_repositories.html", title="Repositories", rows=rows)

    async def incidents(self, request: Request) -> Response:
        """A page of incidents; `?tenant=`, `?repository=`, `?words=`, `?state=` and `?page=`
        choose."""
        query = read_query(request)
        if query.state and query.state not in INCIDENT_STATES:
            raise RefusedError(f"there is no state {query.state!r}; choose one of the list")
        rows = await run_in_threadpool(self._fleet.incidents, query)
        return self._page(
            request,
            "fleet_incidents.html",
            title="Incidents",
            rows=rows,
            all_states=INCIDENT_STATES,
        )

    async def incident(self, request: Request) -> Response:
        """The life of one incident."""
        scope, fingerprint = require_scope(request, "look"), _read(request, "incident")
        view = await run_in_threadpool(self._fleet.incident, scope, fingerprint)
        if view is None:
            raise RefusedError(f"there is no incident {fingerprint!r} in {scope.repository}")
        title = f"{view.script}: {view.state}"
        return self._page(request, "fleet_incident.html", title=title, incident=view, scope=scope)

    async def repair(self, request: Request) -> Response:
        """One repair with its evidence."""
        scope, repair = require_scope(request, "look"), _read(request, "repair")
        view = await run_in_threadpool(self._fleet.repair, scope, repair)
        if view is None:
            raise RefusedError(f"there is no repair {repair!r} in {scope.repository}")
        return self._page(
            request,
            "fleet_repair.html",
            title=f"{view.script} {STATES[view.state]}",
            repair=view,
            document=repair_document(view),
            scope=scope,
        )

    async def decide(self, request: Request) -> Response:
        """Approves, answers, rejects or takes out; `action` of the form says which."""
        act = ACTS.get(request.query_params.get("action", ""))
        if act is None:
            raise RefusedError("the address names no decision; come here by a repair's page")
        scope = require_scope(request, act)
        form = await self._shell.read_form(request)
        repair, by = _read(request, "repair"), person_of(request).by
        word = Word(
            action=request.query_params["action"],
            argument=(form.get("reason", "") or form.get("choice", "")).strip(),
            value=form.get("value", "").strip(),
            overrule=form.get("overrule") == "yes",
            commit=form.get("commit", ""),
        )
        await run_in_threadpool(self._fleet.decide, scope, repair, word, by=by)
        return redirect(f"/fleet/repair?{address(scope, repair=repair)}")

    async def put_off(self, request: Request) -> Response:
        """Acknowledges an incident, or leaves it alone for a while."""
        scope = require_scope(request, "put_off")
        form = await self._shell.read_form(request)
        fingerprint, duration = _read(request, "incident"), form.get("duration", "").strip()
        by = person_of(request).by
        await run_in_threadpool(self._fleet.put_off, scope, fingerprint, duration, by=by)
        return redirect(f"/fleet/incident?{address(scope, incident=fingerprint)}")

    def _page(self, request: Request, template: str, **facts: object) -> Response:
        return self._shell.page(
            request,
            template,
            200,
            query=read_query(request),
            address=address,
            now=datetime.now(UTC),
            **facts,
        )


def read_query(request: Request) -> FleetQuery:
    """What of a list is asked for, as the address says it, within what the person may see. What is
    no page is the first."""
    query, person = request.query_params, person_of(request)
    page = query.get("page", "1")
    tenant = query.get("tenant", "")
    if tenant and not person.may("look", tenant):
        raise ForbiddenError(person.explain_refusal("look", tenant))
    return FleetQuery(
        tenants=person.tenants,
        tenant=tenant,
        repository=query.get("repository", ""),
        words=query.get("words", "").strip(),
        state=query.get("state", ""),
        page=max(1, int(page)) if re.fullmatch("[0-9]{1,4}", page) else 1,
    )


def require_scope(request: Request, act: Act) -> Scope:
    """Whose rows the address means. Raises ForbiddenError where the person may not do that there,
    and RefusedError where the address names nobody."""
    scope = Scope(_read(request, "tenant"), _read(request, "repository"))
    person = person_of(request)
    if not person.may(act, scope.tenant):
        raise ForbiddenError(person.explain_refusal(act, scope.tenant))
    return scope


def address(scope: Scope, **more: str) -> str:
    """The query that means one thing of a repository."""
    return urlencode({"tenant": scope.tenant, "repository": scope.repository, **more})


def _read(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value:
        raise RefusedError(f"the address names no {name}; come here by a list")
    return value

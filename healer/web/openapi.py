"""The OpenAPI document of the JSON API. Pure.

Belongs here: what a program must know to call it. Does not belong here: what the calls do (`api`);
a test holds the two together.
"""

from typing import get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from healer.render.repair_view import RepairView, State
from healer.support.version import read_version
from healer.web.repairs import CostRow, Health, IncidentLine, IncidentView, LedgerLine

_REFERENCE = "#/components/schemas/"
_DECISIONS = (
    ("approve", "approveRepair", "Check it again and merge it", "Approval", "202"),
    ("answer", "answerQuestion", "Answer it: a test, and the fix that agrees", "Choice", "202"),
    ("reject", "rejectRepair", "End it, with a reason", "Rejection", "200"),
    ("rollback", "rollBackRepair", "Take a merged one out again", "Rollback", "202"),
)
"""On a repair: its path, name, summary, body, and the status of its answer."""


def describe_api(*bodies: type[BaseModel]) -> dict[str, object]:
    """OpenAPI 3.1. `bodies` are the models of the request bodies."""
    shapes: list[type[BaseModel]] = [
        RepairView,
        IncidentView,
        IncidentLine,
        Health,
        LedgerLine,
        CostRow,
        *bodies,
    ]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in shapes], ref_template=_REFERENCE + "{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "healer", "version": read_version()},
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"] | {"Error": _object(error={"type": "string"})},
        },
    }


def _paths() -> dict[str, object]:
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    versions = _object(version={"type": "string"}, repairs=counts)
    return {
        "/api/status": {"get": _call("getStatus", "How many repairs are in each state", versions)},
        "/api/health": {
            "get": _call("getHealth", "What a repair needs, and the jobs", _reference("Health"))
        },
        **_repair_paths(),
        **_incident_paths(),
        "/api/ledger": {
            "get": _call(
                "listDecisions",
                "Decisions, newest first",
                _page("ledger", "LedgerLine"),
                _query("limit", _number(200, 5000), "How many."),
                _query("after", {"type": "integer", "minimum": 1}, _AFTER),
                _query("repair", {"type": "string"}, "Only those of this repair."),
            )
        },
        "/api/costs": {
            "get": _call(
                "listCosts",
                "What was spent by day, script, model and outcome",
                _list("costs", "CostRow"),
            )
        },
        "/api/openapi.json": {
            "get": _call("getDescription", "This document", {"type": "object"}),
        },
    }


def _repair_paths() -> dict[str, object]:
    receipt = _object(repair={"type": "string"}, status={"type": "string"})
    repair = _path("repair", "The repair's id.")
    state = _query("state", {"enum": list(get_args(State))}, "Only repairs in this state.")
    listing, start = "Repairs, newest first, without their evidence", "Start a repair, or find it"
    paths: dict[str, object] = {
        "/api/repairs": {
            "get": _call("listRepairs", listing, _page("repairs", "RepairView"), state, *_PAGING),
            "post": _call("submitRepair", start, receipt, body="Submission", status="202"),
        },
        "/api/repairs/{repair}": {
            "get": _call(
                "getRepair", "One repair with all its evidence", _reference("RepairView"), repair
            )
        },
    }
    for word, name, summary, body, status in _DECISIONS:
        call = _call(name, summary, receipt, repair, body=body, status=status)
        paths[f"/api/repairs/{{repair}}/{word}"] = {"post": call}
    return paths


def _incident_paths() -> dict[str, object]:
    view, incident = _reference("IncidentView"), _path("incident", "The incident's id.")
    is_over = _query("is_over", {"type": "boolean"}, "Only those that are over, or are not.")
    return {
        "/api/incidents": {
            "get": _call(
                "listIncidents",
                "Incidents, the one that failed last first",
                _page("incidents", "IncidentLine"),
                is_over,
                *_PAGING,
            )
        },
        "/api/incidents/{incident}": {
            "get": _call("getIncident", "One incident with its life", view, incident)
        },
        "/api/incidents/{incident}/ack": {
            "post": _call("acknowledgeIncident", "Say that somebody is at it", view, incident)
        },
        "/api/incidents/{incident}/snooze": {
            "post": _call(
                "snoozeIncident", "Leave it alone for a while", view, incident, body="Snooze"
            )
        },
    }


def _call(
    name: str,
    summary: str,
    answer: object,
    *parameters: object,
    body: str = "",
    status: str = "200",
) -> dict[str, object]:
    call: dict[str, object] = {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            status: {"description": "Done", "content": _json(answer)},
            "default": {
                "description": "One sentence: what is wrong and the next step",
                "content": _json(_reference("Error")),
            },
        },
    }
    if body:
        call["requestBody"] = {"required": True, "content": _json(_reference(body))}
    return call


def _json(schema: object) -> dict[str, object]:
    return {"application/json": {"schema": schema}}


def _reference(model: str) -> dict[str, object]:
    return {"$ref": _REFERENCE + model}


def _list(name: str, model: str) -> dict[str, object]:
    return _object(**{name: {"type": "array", "items": _reference(model)}})


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _page(name: str, model: str) -> dict[str, object]:
    last = {"type": ["string", "null"], "description": "For `after`; null: nothing follows."}
    return _object(**{name: {"type": "array", "items": _reference(model)}, "next": last})


def _number(default: int, most: int) -> dict[str, object]:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _path(name: str, description: str) -> dict[str, object]:
    where = {"name": name, "in": "path", "required": True}
    return {**where, "schema": {"type": "string"}, "description": description}


def _query(name: str, schema: object, description: str) -> dict[str, object]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


_AFTER = "What follows this one: `next` of the page before."
_PAGING = (
    _query("limit", _number(100, 500), "How many."),
    _query("after", {"type": "string"}, _AFTER),
)

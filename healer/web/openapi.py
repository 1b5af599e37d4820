"""The OpenAPI document of the JSON API. Pure.

Belongs here: what a program must know to call it. Does not belong here: what the calls do (`api`);
a test holds the two together.
"""

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from healer import __version__
from healer.render.repair_view import RepairView
from healer.web.repairs import CostRow, LedgerLine

_REFERENCE = "#/components/schemas/"
_ID = {
    "name": "repair",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "The repair's id.",
}


def describe_api(*bodies: type[BaseModel]) -> dict[str, object]:
    """OpenAPI 3.1. `bodies` are the models of the request bodies."""
    shapes: list[type[BaseModel]] = [RepairView, LedgerLine, CostRow, *bodies]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in shapes], ref_template=_REFERENCE + "{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "healer", "version": __version__},
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"] | {"Error": _object(error={"type": "string"})},
        },
    }


def _paths() -> dict[str, object]:
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    receipt = _object(repair={"type": "string"}, status={"type": "string"})
    state = _query("state", "string", "Only repairs in this state.")
    limit = _query("limit", "integer", "How many, at most 5000.")
    return {
        "/api/status": {
            "get": _call(
                "How many repairs are in each state",
                _object(version={"type": "string"}, repairs=counts),
            ),
        },
        "/api/repairs": {
            "get": _call("Repairs, newest first", _list("repairs", "RepairView"), state),
            "post": _call(
                "Start a repair, or find the open one of the same",
                receipt,
                body="Submission",
                status="202",
            ),
        },
        "/api/repairs/{repair}": {
            "get": _call("One repair with all its evidence", _reference("RepairView"), _ID)
        },
        "/api/repairs/{repair}/approve": {
            "post": _call(
                "Check a waiting repair again and merge it",
                receipt,
                _ID,
                body="Approval",
                status="202",
            )
        },
        "/api/repairs/{repair}/reject": {
            "post": _call("End a waiting repair, with a reason", receipt, _ID, body="Rejection")
        },
        "/api/ledger": {
            "get": _call("Decisions, newest first", _list("ledger", "LedgerLine"), limit)
        },
        "/api/costs": {
            "get": _call(
                "What was spent by day, script, model and outcome", _list("costs", "CostRow")
            )
        },
        "/api/openapi.json": {"get": _call("This document", {"type": "object"})},
    }


def _call(
    summary: str, answer: object, *parameters: object, body: str = "", status: str = "200"
) -> dict[str, object]:
    call: dict[str, object] = {
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


def _query(name: str, kind: str, description: str) -> dict[str, object]:
    return {"name": name, "in": "query", "schema": {"type": kind}, "description": description}

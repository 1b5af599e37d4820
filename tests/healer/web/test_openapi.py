"""The document describes exactly what is there."""

import json
from typing import Any

from starlette.testclient import TestClient

from healer import __version__
from healer.web.api import Api, Submission
from healer.web.openapi import describe_api
from tests.support.web_backend import new_backend

ROUTES = sorted(Api(new_backend()).routes)


def test_the_document_describes_exactly_the_routes_that_exist(program: TestClient) -> None:
    paths: dict[str, dict[str, Any]] = program.get("/api/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, calls in paths.items() for method in calls}
    assert described == set(ROUTES)


def test_every_reference_of_the_document_exists(program: TestClient) -> None:
    document = program.get("/api/openapi.json")
    names = set(document.json()["components"]["schemas"])
    parts = document.text.split("#/components/schemas/")[1:]
    assert {part.split('"')[0] for part in parts} <= names
    assert {"RepairView", "Failure", "CostRow", "LedgerLine", "Submission"} <= names


def test_every_call_says_what_it_takes_and_how_it_fails() -> None:
    document = describe_api(Submission)
    paths = document["paths"]
    assert isinstance(paths, dict)
    for path, calls in paths.items():
        for method, call in calls.items():
            assert call["summary"], path
            assert "default" in call["responses"], path
            assert ("{repair}" in path) == any(p["in"] == "path" for p in call["parameters"]), path
            assert ("requestBody" in call) == (method == "post"), path


def test_it_is_json_with_a_version() -> None:
    document = json.loads(json.dumps(describe_api(Submission)))
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == __version__
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"

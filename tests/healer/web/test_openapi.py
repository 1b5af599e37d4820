"""The document describes exactly what is there."""

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from healer.support.version import read_version
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
    assert {
        "RepairView",
        "Failure",
        "CostRow",
        "LedgerLine",
        "IncidentView",
        "Submission",
        "Snooze",
    } <= names


def test_every_call_says_what_it_takes_and_how_it_fails() -> None:
    calls = {(method, path): call for path, method, call in list_calls()}
    for (method, path), call in calls.items():
        assert call["summary"], path
        assert "default" in call["responses"], path
        names = re.findall(r"{(\w+)}", path)
        assert [p["name"] for p in call["parameters"] if p["in"] == "path"] == names, path
        takes_body = method == "post" and not path.endswith("/ack")
        assert ("requestBody" in call) == takes_body, path


def test_every_call_has_a_name_of_its_own_for_clients_that_are_generated() -> None:
    names = [call["operationId"] for _, _, call in list_calls()]
    assert len(set(names)) == len(names) == len(ROUTES)
    assert all(re.fullmatch(r"[a-z]+[A-Z]\w+", name) for name in names), names


def test_every_list_that_grows_has_pages() -> None:
    pages = [
        path
        for path, _, call in list_calls()
        if {"limit", "after"} <= {p["name"] for p in call["parameters"]}
    ]
    assert pages == ["/api/repairs", "/api/incidents", "/api/ledger"]


def list_calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    paths = describe_api(Submission)["paths"]
    assert isinstance(paths, dict)
    for path, calls in paths.items():
        for method, call in calls.items():
            yield path, method, call


def test_it_is_json_with_a_version() -> None:
    document = json.loads(json.dumps(describe_api(Submission)))
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == read_version()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"

"""A judged patch as SARIF: every finding at its place, and a document that readers take."""

import json
from typing import Any

import pytest

from healer.cli.sarif import RULES, list_results, render_sarif
from healer.facts.patch_check import PatchCheck

LEVELS = {"none", "note", "warning", "error"}
RIVAL = {
    "path": "scripts/a.py", "line": 4, "shape": "compare/< to <=", "content": "",
    "given": "share(100, 3)", "fix_gives": "[34, 33, 33]", "rival_gives": "[33, 33, 34]",
}  # fmt: skip
EVIDENCE = {
    "reproduced": True, "lines_changed": 2, "lines_executed": 2,
    "mutation": {
        "killed": 1, "total": 3, "tried": 3, "survived": ("scripts/a.py:4: < -> >=",),
        "lines_without_kill": ("scripts/a.py:7: 1 -> 2",),
    },
    "rivals": {"tried": 9, "passed": 1, "rivals": (RIVAL, RIVAL | {"shape": "base"})},
}  # fmt: skip


def checked(**changes: object) -> PatchCheck:
    known = {
        "outcome": "weak", "reason": "the tests notice only 1 of 3", "origin": "what is staged",
        "base": "b" * 40, "paths": ("scripts/a.py", "tests/test_a.py"),
        "missing": ("the tests notice only 1 of 3", "scripts/a.py:9: it deletes a lock"),
        "evidence": EVIDENCE,
        "notes": ({"sentence": "it is a merge"}, {"sentence": "protected", "path": "ci.yml"}),
        "findings": (
            {"rule": "exit", "severity": "person", "path": "scripts/a.py", "line": 3,
             "reason": "It exits."},
        ),
    }  # fmt: skip
    return PatchCheck.model_validate(known | changes)


def told(check: PatchCheck) -> set[tuple[str, str, str, int]]:
    return {(each.rule, each.level, each.path, each.line) for each in list_results(check)}


def test_each_kind_of_evidence_stands_at_its_place() -> None:
    assert told(checked()) == {
        ("policy", "warning", "scripts/a.py", 3),
        ("rival", "warning", "scripts/a.py", 4),
        ("rival", "warning", "scripts/a.py", 0),
        ("survivor", "note", "scripts/a.py", 4),
        ("survivor", "warning", "scripts/a.py", 7),
        ("weak-evidence", "warning", "scripts/a.py", 0),
        ("weak-evidence", "warning", "scripts/a.py", 9),
        ("note", "note", "scripts/a.py", 0),
        ("note", "note", "ci.yml", 0),
    }


def test_a_rival_tells_the_input_and_what_each_side_gives() -> None:
    messages = [each.message for each in list_results(checked()) if each.rule == "rival"]
    assert messages[0].startswith(
        "for share(100, 3) this change gives [34, 33, 33], another one gives [33, 33, 34]"
    )
    assert "before it the answer was [33, 33, 34]" in messages[1]


def test_a_failing_test_is_told_once_and_as_an_error() -> None:
    test = {"node": "tests/test_a.py::test_a", "path": "tests/test_a.py", "line": 5, "message": "E"}
    tests = {"name": "tests", "status": "fail", "detail": "still failing: tests/test_a.py::test_a"}
    lint = {"name": "lint", "status": "fail", "detail": "new in scripts/a.py: F821 undefined"}
    syntax = {"name": "syntax", "status": "fail", "detail": "scripts/a.py:2: invalid syntax"}
    refused = checked(
        outcome="refused", missing=(), evidence=None, notes=(), findings=(), failing=(test,),
        checks=(tests, lint, syntax),
    )  # fmt: skip
    assert told(refused) == {
        ("test-fails", "error", "tests/test_a.py", 5),
        ("check-fails", "error", "scripts/a.py", 0),
        ("check-fails", "error", "scripts/a.py", 2),
    }


def test_what_is_refused_without_a_failing_check_still_says_why() -> None:
    refused = checked(
        outcome="refused", reason="ci.yml is protected", missing=(), evidence=None, notes=(),
        findings=(),
    )  # fmt: skip
    assert [each.message for each in list_results(refused)] == ["ci.yml is protected"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"outcome": "strong", "missing": (), "evidence": None, "notes": (), "findings": ()},
        {"paths": ("scripts/ä b%.py",)},
    ],
)
def test_the_document_has_the_shape_of_sarif_2_1_0(changes: dict[str, object]) -> None:
    document = json.loads(render_sarif(checked(**changes), "1.2"))
    assert set(document) == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert set(run) <= {"tool", "results", "columnKind", "properties"}
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("healer", "1.2")
    rules = driver["rules"]
    assert all(rule["id"] in RULES and rule["shortDescription"]["text"] for rule in rules)
    for each in run["results"]:
        check_result(each, rules)


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    """What the schema asks of a result, and what code hosts ask beside it."""
    assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations"}
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    assert isinstance(result["message"]["text"], str)
    (location,) = result["locations"]
    place = location["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert not uri.startswith("/")
    assert " " not in uri
    assert uri.isascii()
    if "region" in place:
        assert isinstance(place["region"]["startLine"], int)
        assert place["region"]["startLine"] >= 1

"""The step that lints files: ruff with the project's settings, its findings as plain data.

Belongs here: how ruff is called and read. Does not belong here: which findings count (the host
compares them with those of the base commit).
"""

from __future__ import annotations

import functools
import json
import os
from typing import TYPE_CHECKING, TypedDict

from .. import tree
from ..older_pythons import remove_prefix

if TYPE_CHECKING:
    from ..messages import LintFinding, Plan
    from .box import Box

RUFF_PLACES = ("/opt/healer/bin/ruff",)
LOADER = "/opt/healer/lib/ld.so"
"""Of the C library that ruff was made for, where the image may have another or only parts of it."""
_OUTPUT_BYTES = 16 << 20
_BATCH = 1_000
"""Paths per run of ruff: the kernel limits how long a command line may be."""
_NOTE_CHARS = 2_000
_SETTINGS = "/tmp/healer-ruff.toml"


def find_problems(box: Box, plan: Plan) -> list[LintFinding]:
    """ruff's findings in the named files. A linter that could not run is a finding of its own."""
    ruff = next((place for place in RUFF_PLACES if os.access(place, os.X_OK)), None)
    if ruff is None:
        return [_finding("", 0, "ruff", "the sandbox image holds no ruff")]
    paths = plan["lint"]
    findings: list[LintFinding] = []
    for start in range(0, len(paths), _BATCH):
        findings += _lint_batch(box, ruff, plan, paths[start : start + _BATCH])
    return findings


def _lint_batch(box: Box, ruff: str, plan: Plan, paths: list[str]) -> list[LintFinding]:
    argv = [*_start(ruff), *arguments(plan), "--", *paths]
    outcome = box.run(functools.partial(_become_ruff, argv, plan), stdout_bytes=_OUTPUT_BYTES)
    try:
        return [read_finding(item) for item in json.loads(outcome.stdout.bytes())]
    except (ValueError, TypeError, KeyError, AttributeError):
        note = outcome.stderr.text().strip()[-_NOTE_CHARS:]
        return [_finding("", 0, "ruff", f"ruff ended with {outcome.how()}: {note}")]


def _start(ruff: str) -> list[str]:
    """The words that start it: by its own loader where that came along."""
    if not os.access(LOADER, os.X_OK):
        return [ruff]
    return [LOADER, "--library-path", os.path.dirname(LOADER), ruff]


def arguments(plan: Plan) -> list[str]:
    """ruff's, before the paths."""
    if plan["lint_config"]:
        rules = ["--config", _SETTINGS]
    else:
        rules = ["--isolated", "--select", ",".join(plan["lint_rules"])]
    output = ["--output-format=json", "--no-cache", "--no-fix", "--no-respect-gitignore"]
    return ["check", *rules, *output]


def _become_ruff(argv: list[str], plan: Plan) -> int:
    if plan["lint_config"]:
        with open(_SETTINGS, "w", encoding="utf-8") as file:
            file.write(plan["lint_config"])
    os.execve(argv[0], argv, os.environ)


class RuffFinding(TypedDict):
    """What is read of one entry of ruff's JSON."""

    filename: str
    location: dict[str, int] | None
    code: str | None
    message: str


def read_finding(item: RuffFinding) -> LintFinding:
    """One entry of ruff's JSON. Raises KeyError, TypeError, ValueError or AttributeError."""
    path = remove_prefix(str(item["filename"]), tree.ROOT + "/")
    line = int((item.get("location") or {}).get("row", 0))
    return _finding(path, line, str(item.get("code") or "invalid-syntax"), str(item["message"]))


def _finding(path: str, line: int, code: str, message: str) -> LintFinding:
    return {"path": path, "line": line, "code": code, "message": message}

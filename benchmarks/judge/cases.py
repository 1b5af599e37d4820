"""The cases of the judge's benchmark, from TOML here and from folders of JSON files.

Belongs here: reading cases into one shape. Does not belong here: trying them (`__main__`).
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
SETTINGS = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
IMPORT = "from scripts import job\n\n\n"
LOADS = ("python", "-c", "import scripts.job")
"""A command that says nothing: the tests alone fail."""

Wanted = Literal["merge", "hold"]


@dataclass(frozen=True)
class Case:
    """One repository that fails, one draft, and what is right to do with it."""

    name: str
    kind: str
    group: str
    """The set it belongs to: `wrong`, `right`, or the folder's name."""
    wanted: Wanted
    files: dict[str, str]
    draft: dict[str, str] = field(default_factory=dict)
    """New contents by path. Empty: rules and search draft."""
    output: str | None = None
    """What a right fix prints; None: no merge is right."""
    command: tuple[str, ...] = ("python", "scripts/job.py")


def pairs(which: Literal["wrong", "right"], name: str = "pairs") -> Iterator[Case]:
    """The wrong fixes with their weak tests, or the right ones with tests that pin the case; `name`
    is the table's. `held_out` has pairs that the judge was not built on: its groups say so."""
    goal: Wanted = "merge" if which == "right" else "hold"
    group = which if name == "pairs" else f"{which}, {name}"
    for row in tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["case"]:
        tests = row["pinned" if which == "right" else "weak"]
        files = _lay_out(row["script"], tests if row.get("is_program") else IMPORT + tests)
        draft = {"scripts/job.py": replace_all(row["script"], row[which])}
        yield Case(row["name"], row["kind"], group, goal, files, draft)


def read_riders() -> Iterator[Case]:
    """One mend of each job, alone and with each change beside it that no test asks for."""
    for row in tomllib.loads((HERE / "riders.toml").read_text("utf-8"))["job"]:
        files, mend = _lay_out(row["script"], row["tests"]), [row["mend"]]
        drafts: list[tuple[str, str, Wanted, list[list[str]]]] = [
            (f"{row['name']}, mended", "the mend alone", "merge", mend)
        ]
        for rider in row["rider"]:
            changes = [*([] if rider.get("is_alone") else mend), *rider["changes"]]
            name = f"{row['name']}: {rider['name']}"
            drafts.append((name, "a change beside a mend", "hold", changes))
        for name, kind, goal, changes in drafts:
            draft = {"scripts/job.py": replace_all(row["script"], changes)}
            yield Case(name, kind, "riders", goal, files, draft, command=LOADS)


def _lay_out(script: str, tests: str) -> dict[str, str]:
    """The files of a repository with one script and its tests."""
    return {
        "scripts/job.py": script,
        "scripts/__init__.py": "",
        "tests/__init__.py": "",
        "tests/test_job.py": tests,
        "pyproject.toml": SETTINGS,
    }


def read_tempting(group: Literal["tempting", "unseen"]) -> Iterator[Case]:
    """Scripts without tests, on which rules and search are let loose."""
    name = "tempting" if group == "tempting" else "tempting_unseen"
    for row in tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["case"]:
        files = {"scripts/job.py": row["script"]}
        yield Case(row["name"], row["wrong"], group, "hold", files, output=row.get("output"))


def folder(place: Path) -> Iterator[Case]:
    """Cases of JSON files, one a file: `files`, `draft`, `command`, and `right`, which begins with
    `merge` where merging is right."""
    for path in sorted(place.glob("*.json")):
        row = json.loads(path.read_text("utf-8"))
        yield Case(
            name=row["name"],
            kind=row.get("kind", ""),
            group=place.name,
            wanted="merge" if row["right"].startswith("merge") else "hold",
            files=row["files"],
            draft=row.get("draft", {}),
            command=tuple(row.get("command", ("python", "scripts/job.py", *row.get("args", ())))),
        )


def replace_all(text: str, changes: Sequence[Sequence[str]]) -> str:
    """The text with each old part, which must stand there once, replaced by the new one."""
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in the script")
        text = text.replace(old, new)
    return text

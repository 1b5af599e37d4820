"""What is allowed must still be of use; and where the checks are asked to look."""

from pathlib import Path

import pytest

from scripts.checks import __main__ as checks
from scripts.checks.sources import Problem

NAMES = ("names", "healer.judge")
SIZES = ("sizes", "quarantine.policy")


def problem(check: str, path: str, text: str = "x: name it by a verb") -> Problem:
    return Problem(check, path, 7, text)


def test_problems_are_counted_by_check_and_package() -> None:
    found = [
        problem("names", "healer/judge/verdict.py"),
        problem("names", "healer/judge/facts.py"),
        problem("sizes", "quarantine/policy/flow.py"),
    ]
    assert checks.count(found) == {NAMES: 2, SIZES: 1}


ALLOW = """\
[[allow]]
check = "names"
path = "healer/judge/verdict.py"
says = "function closed"
why = "io.RawIOBase names it"
"""


def test_what_is_allowed_is_allowed_there_only(tmp_path: Path) -> None:
    (tmp_path / "allowed.toml").write_text(ALLOW)
    allowed = checks.Allowed(tmp_path / "allowed.toml")
    assert allowed.covers(problem("names", "healer/judge/verdict.py", "function closed: name it"))
    assert not allowed.covers(problem("names", "healer/judge/verdict.py", "function told: name it"))
    assert not allowed.covers(problem("names", "healer/judge/facts.py", "function closed: name it"))
    assert not allowed.covers(
        problem("sizes", "healer/judge/verdict.py", "function closed: name it")
    )
    assert list(allowed.stale()) == []


def test_an_entry_that_allows_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "allowed.toml").write_text(ALLOW)
    (stale,) = checks.Allowed(tmp_path / "allowed.toml").stale()
    assert "healer/judge/verdict.py: function closed" in stale.text


@pytest.mark.parametrize("key", ["check", "path", "says", "why"])
def test_an_entry_says_all_four(tmp_path: Path, key: str) -> None:
    lines = [line for line in ALLOW.splitlines() if not line.startswith(f"{key} ")]
    (tmp_path / "allowed.toml").write_text("\n".join(lines))
    with pytest.raises(KeyError, match=key):
        checks.Allowed(tmp_path / "allowed.toml")


@pytest.mark.parametrize(
    ("packages", "paths"),
    [
        ([], ["healer/draft/rules/rule.py", "healer/draft/memory.py", "healer/drafting.py"]),
        (["healer.draft"], ["healer/draft/rules/rule.py", "healer/draft/memory.py"]),
        (["healer.draft.rules"], ["healer/draft/rules/rule.py"]),
        (["healer.draft.r"], []),
    ],
)
def test_the_list_can_be_asked_for_a_part_of_the_tree(
    packages: list[str], paths: list[str]
) -> None:
    every = ["healer/draft/rules/rule.py", "healer/draft/memory.py", "healer/drafting.py"]
    problems = [problem("names", path) for path in every]
    assert [each.path for each in checks.select(problems, packages)] == paths

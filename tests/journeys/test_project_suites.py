"""Tests are what the project says they are: what they refuse is not merged, whoever runs them."""

from collections.abc import Iterator, Mapping

import pytest

from healer.evidence.baseline import examine
from sandbox import Sandbox
from tests.abuse.gate import gate, sandbox

pytestmark = pytest.mark.docker

JOB = """def report(words):
    counts = {word: words.count(word) for word in words}
    return textwrap.shorten(str(counts), 60)


if __name__ == "__main__":
    print(report(["a", "b", "a"]))
"""
SCRIPT = "scripts/job.py"
COMMAND = ("python", SCRIPT)
WITH_IMPORT = {SCRIPT: b"import textwrap\n\n\n" + JOB.encode()}
"""It heals the command, and breaks what the project's own check says."""
IMPORTS = """import ast, pathlib

def bad_imports():
    for path in pathlib.Path("scripts").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import) and node.names[0].name not in {"json", "sys"}:
                yield path
"""
CHECK = IMPORTS + "\ndef test_imports():\n    assert not list(bad_imports())\n"
RUNNER = IMPORTS + "\nraise SystemExit(1 if list(bad_imports()) else 0)\n"
CASE = (
    IMPORTS
    + "\nimport unittest\n\nclass Imports(unittest.TestCase):\n    def test(self):\n"
    + "        self.assertEqual(list(bad_imports()), [])\n"
)
DOCTEST = JOB.replace(
    "words):\n", 'words):\n    """\n    >>> "textwrap" in globals()\n    False\n    """\n', 1
)


@pytest.fixture(scope="module")
def box(docker_engine: None) -> Iterator[Sandbox]:
    with sandbox() as made:
        yield made


def files(**more: str) -> dict[str, bytes]:
    return {path: text.encode() for path, text in {SCRIPT: JOB, **more}.items()}


def configured(*words: str) -> str:
    return f"[tests]\ncommand = {list(words)!r}\n".replace("'", '"')


SUITES = {
    "python_files": files(
        **{"pytest.ini": "[pytest]\npython_files = check_*.py\n", "qa/check_imports.py": CHECK}
    ),
    "a runner of its own": files(
        **{"healer.toml": configured("python", "qa/run.py"), "qa/run.py": RUNNER}
    ),
    "unittest": files(
        **{
            "healer.toml": configured("python", "-m", "unittest", "discover", "-s", "qa"),
            "qa/testimports.py": CASE,
        }
    ),
    "doctests": {
        **files(**{"pytest.ini": "[pytest]\naddopts = --doctest-modules\n"}),
        SCRIPT: DOCTEST.encode(),
    },
}


@pytest.mark.parametrize("suite", SUITES)
def test_a_fix_that_breaks_the_projects_own_tests_is_a_regression(box: Sandbox, suite: str) -> None:
    tree: Mapping[str, bytes] = SUITES[suite]
    changes = {SCRIPT: b"import textwrap\n\n\n" + tree[SCRIPT]}
    with gate(box, tree, COMMAND) as ready:
        answer = ready.attempt(changes)
    assert not answer.merged
    assert answer.why.startswith("regressed: passed before and no longer do"), answer.why


@pytest.mark.parametrize("command", [("no-such-runner",), ("qa/run.sh",)])
def test_a_test_command_that_the_box_cannot_start_leaves_every_fix_to_a_person(
    box: Sandbox, command: tuple[str, ...]
) -> None:
    tree = files(**{"healer.toml": configured(*command), "qa/run.sh": "exit 1\n"})
    with gate(box, tree, COMMAND) as ready:
        answer = ready.attempt(WITH_IMPORT)
    assert not answer.merged
    assert f"could not be started: {command[0]}: " in answer.why, answer.why


def test_a_test_command_whose_tools_the_box_lacks_proves_no_fix(box: Sandbox) -> None:
    """`! grep` is status 0 where there is no grep: a sign that can tell nothing apart."""
    check = '#!/bin/sh\n! no-such-tool -q "^import textwrap" scripts/job.py\n'
    tree = files(**{"healer.toml": configured("sh", "qa/run.sh"), "qa/run.sh": check})
    with gate(box, tree, COMMAND) as ready:
        answer = ready.attempt(WITH_IMPORT)
    assert not answer.merged
    assert "only the exit status is known" in answer.why, answer.why


def test_tests_that_fail_without_a_word_leave_every_fix_to_a_person(box: Sandbox) -> None:
    tree = files(**{"healer.toml": configured("sh", "qa/run.sh"), "qa/run.sh": "exit 1\n"})
    with gate(box, tree, COMMAND) as ready:
        answer = ready.attempt(WITH_IMPORT)
        alone = examine(ready.request.model_copy(update={"command": ()}), ready.services)
    assert not answer.merged
    assert "the tests fail before and after (sh qa/run.sh)" in answer.why, answer.why
    assert (alone.healthy, alone.stop) == (False, None), alone.reason


TOTALS = """import unittest
from scripts import job

class Totals(unittest.TestCase):
    def test_total(self):
        self.assertEqual(job.total([{"price": 2}, {"price": 3}]), 5)

    def test_empty(self):
        self.assertEqual(job.total([]), 0)
"""
BROKEN = """def total(rows):
    return sum(row["prise"] for row in rows)


if __name__ == "__main__":
    print(total([{"price": 2}]))
"""
FAR = "import unittest\n\nclass Far(unittest.TestCase):\n    def test(self): self.fail()\n"


def test_tests_of_unittest_tell_a_right_fix_from_a_wrong_one(box: Sandbox) -> None:
    """By their names: one that fails elsewhere is no matter of this fix."""
    tree = files(
        **{
            "Makefile": "test:\n\t@python3 -m unittest discover -s checks -p 'check*.py' -t .\n",
            "scripts/__init__.py": "",
            "checks/__init__.py": "",
            "checks/check_job.py": TOTALS,
            "checks/check_far.py": FAR,
            SCRIPT: BROKEN,
        }
    )
    with gate(box, tree, COMMAND) as ready:
        right = ready.attempt({SCRIPT: BROKEN.replace("prise", "price").encode()})
        wrong = ready.attempt({SCRIPT: BROKEN.replace('row["prise"]', "2").encode()})
        alone = examine(ready.request.model_copy(update={"command": ()}), ready.services)
    assert right.merged, right.why
    assert "still failing: checks/check_job.py::Totals::test_total" in wrong.why
    assert (alone.healthy, alone.by_tests) == (False, True), alone.reason


def test_tests_that_cannot_be_started_are_not_healthy(box: Sandbox) -> None:
    tree = {
        "calc.py": b"def add(a, b):\n    return a - b\n",
        "tests/test_calc.py": b"from calc import add\n\ndef test(): assert add(1, 2) == 3\n",
        "pytest.ini": b"[pytest]\naddopts = --no-such-option=calc\n",
    }
    with gate(box, tree, ("python", "calc.py")) as ready:
        baseline = ready.examined
    assert (baseline.healthy, baseline.stop) == (False, "unjudged"), baseline.reason
    assert "--no-such-option" in baseline.reason
    assert baseline.next_step

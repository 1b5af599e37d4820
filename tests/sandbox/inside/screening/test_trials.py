"""Candidates are tried quickly together, and what passes once more alone."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.inside.screening.project import Project
from sandbox.inside.screening.trials import Trials
from sandbox.inside.screening.work_queue import Order, WorkQueue
from tests.sandbox.inside.screening.projects import (
    DOUBLE,
    FIXED,
    LIBRARY,
    PROJECT,
    SAME,
    with_project,
)

WRONG = LIBRARY.replace("return x\n", "return x * 3\n", 1)
LEAKS = "SEEN = []\n" + LIBRARY
NEW_CONSTANT = f"FACTOR = 2\n{LIBRARY.replace('return x', 'return x * FACTOR', 1)}"
BREAKS_OTHER = LIBRARY.replace("return x\n", "return x * 2\n")
ENDLESS = LIBRARY.replace("    return x\n", "    while True: pass\n", 1)


def try_all(
    folder: Path, *sources: str, order: Order | None = None, seconds: float = 60.0, **fields: Any
) -> dict[int, tuple[str, str]]:
    """Outcome and first line of the detail, by candidate."""
    candidates = [{"lib.py": source} for source in sources]
    order = order or Order(list(range(len(sources))), {}, [], [])
    fields = {"limit_s": 0.5, "candidates": candidates} | fields
    rows = with_project(folder, partial(run, order=order, seconds=seconds), **fields)
    return {index: (outcome, detail) for index, outcome, detail in rows}


def run(project: Project, order: Order, seconds: float) -> list[tuple[int, str, str]]:
    trials = Trials(project, WorkQueue(order, 0, 1), time.monotonic() + seconds)
    return [
        (index, answer.outcome, answer.detail.partition("\n")[0]) for index, answer in trials.run()
    ]


def test_each_candidate_has_its_own_answer(tmp_path: Path) -> None:
    answers = try_all(tmp_path, WRONG, FIXED, "def f(:\n", BREAKS_OTHER, ENDLESS, NEW_CONSTANT)
    assert answers == {
        0: ("failed", DOUBLE),
        1: ("passed", ""),
        2: ("failed", "SyntaxError"),
        3: ("failed", SAME),
        4: ("timeout", ""),
        5: ("passed", ""),
    }


def test_the_tree_is_as_it_was_afterwards(tmp_path: Path) -> None:
    try_all(tmp_path, FIXED, NEW_CONSTANT)
    assert (tmp_path / "lib.py").read_text() == LIBRARY


def test_a_file_that_no_test_imports_decides_by_the_tests_all_the_same(tmp_path: Path) -> None:
    candidates = [{"other.py": "raise SystemExit\n"}]
    assert try_all(tmp_path, "", candidates=candidates) == {0: ("failed", DOUBLE)}


def test_a_candidate_that_spoils_what_tests_share_does_not_spoil_the_next(tmp_path: Path) -> None:
    spoils = "import os\n" + LIBRARY.replace(
        "return x\n", "os.environ['SPOILT'] = '1'; return x * 2\n", 1
    )
    reads = "import os\n" + LIBRARY.replace(
        "return x\n", "return 0 if 'SPOILT' in os.environ else x * 2\n", 1
    )
    files = {"lib.py": "import os\n" + LIBRARY}

    tests = (
        "from lib import double, same\ndef test_double():\n    assert double(2) == 4\n"
        "def test_same():\n    assert same(2) == 2\n"
    )
    candidates = [{"lib.py": spoils}, {"lib.py": reads}]
    work = partial(run, order=Order([0, 1], {}, [], []), seconds=60)
    rows = with_project(tmp_path, work, {**files, "test_lib.py": tests}, candidates=candidates)
    assert [outcome for _, outcome, _ in rows] == ["passed", "passed"]


def test_the_deadline_leaves_the_rest_out(tmp_path: Path) -> None:
    assert try_all(tmp_path, FIXED, seconds=0.5) == {}


def test_what_came_further_brings_its_like_forward(tmp_path: Path) -> None:
    order = Order([0, 1], {0: [2], 1: [3]}, [], [])
    answers = try_all(tmp_path, WRONG, BREAKS_OTHER, WRONG, FIXED, order=order)
    assert list(answers) == [0, 1, 3, 2]


def test_without_tests_each_is_tried_by_the_command_alone(tmp_path: Path) -> None:
    command = {"argv": ["python", "main.py"], "stdin": b"", "cwd": "", "files": {}, "env": {}}
    files = {"lib.py": LIBRARY, "main.py": "import lib\nraise SystemExit(lib.double(1) - 2)\n"}
    fields = {"files": {**files, "test_a.py": "def test_a():\n    pass\n"}, "use_tests": False}
    answers = try_all(tmp_path, LIBRARY, FIXED, command=command, **fields)
    assert answers == {0: ("failed", "SystemExit: -1"), 1: ("passed", "")}


def test_the_last_ones_may_do_without_the_command(tmp_path: Path) -> None:
    command = {"argv": ["python", "main.py"], "stdin": b"", "cwd": "", "files": {}, "env": {}}
    files = {**PROJECT, "main.py": "raise SystemExit(1)\n"}
    answers = try_all(tmp_path, FIXED, FIXED, command=command, tests_only=1, files=files)
    assert [answers[index][0] for index in (0, 1)] == ["failed", "passed"]

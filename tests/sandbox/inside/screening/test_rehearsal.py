"""Before candidates are tried: how long tests take, and what other forms would give."""

import time
from pathlib import Path

from sandbox.inside.screening import rehearsal
from sandbox.inside.screening.project import Project
from tests.sandbox.inside.screening.projects import DOUBLE, FIXED, LIBRARY, SAME, with_project

SITE = {
    "path": "lib.py", "at": [2, 11, 2, 12], "truth": False, "pure": True,
    "forms": ["x * 2", "x + 0", "x * 3"], "members": [0, 1, 2],
}  # fmt: skip
"""What `double` returns."""


def measure_limits(project: Project) -> dict[str, float]:
    return rehearsal.rehearse(project).limits_s


def order(folder: Path, **fields: object) -> list[list[int]]:
    answer: list[list[int]] = with_project(folder, order_here, candidates=[{}] * 3, **fields)
    return answer


def order_here(project: Project) -> object:
    found = rehearsal.order_by_values(project)
    return [found.first, found.idle, found.alike]


def test_candidates_are_ordered_by_what_they_give_in_the_first_failing_test(
    tmp_path: Path,
) -> None:
    assert order(tmp_path, probes=[SITE]) == [[0, 2], [], [1]]


def test_without_probes_all_come_as_they_are(tmp_path: Path) -> None:
    assert order(tmp_path) == [[0, 1, 2], [], []]


def test_where_the_failing_test_is_gone_nothing_is_known(tmp_path: Path) -> None:
    found = order(tmp_path, probes=[SITE], failing=["test_lib.py::gone"], passing=[])
    assert found == [[0, 1, 2], [], []]


def test_where_the_test_passes_nothing_is_left_out(tmp_path: Path) -> None:
    site = SITE | {"at": [6, 11, 6, 12], "forms": ["x + 0", "x", "x * 1"]}
    found = order(tmp_path, probes=[site], failing=[SAME], passing=[])
    assert found == [[], [0, 1, 2], []]


def test_a_file_that_was_not_loaded_gives_no_values(tmp_path: Path) -> None:
    found = order(tmp_path, probes=[SITE | {"path": "other.py"}])
    assert found == [[0, 1, 2], [], []]


def test_passing_tests_get_limits_by_their_share_of_the_time(tmp_path: Path) -> None:
    tests = (
        "import time\nfrom lib import same\n\n\n"
        "def spend(seconds):\n    end = time.process_time() + same(seconds)\n"
        "    while time.process_time() < end:\n        pass\n\n\n"
        "def test_slow():\n    spend(0.3)\n\n\ndef test_quick():\n    same(1)\n\n\n"
        "def test_fails():\n    assert False\n"
    )
    slow, quick = "test_a.py::test_slow", "test_a.py::test_quick"
    limits_s = with_project(
        tmp_path, measure_limits, {"lib.py": LIBRARY, "test_a.py": tests},
        failing=["test_a.py::test_fails"], passing=[slow, quick], limit_s=1.5,
        candidates=[{"lib.py": LIBRARY.replace("return x", "return 0")}],
    )  # fmt: skip
    assert set(limits_s) == {slow, quick}
    assert limits_s[slow] > 1.5
    assert limits_s[quick] == 0.1


def test_where_measuring_takes_too_long_nothing_is_limited(tmp_path: Path) -> None:
    tests = "def test_endless():\n    while True: pass\n\ndef test_a(): ...\n"
    node = "test_a.py::test_endless"
    limits_s = with_project(
        tmp_path, measure_limits, {"test_a.py": tests}, failing=[], passing=[node],
        limit_s=0.1,
    )  # fmt: skip
    assert limits_s == {}


def test_the_failing_test_itself_has_no_limit_of_its_own(tmp_path: Path) -> None:
    assert DOUBLE not in with_project(tmp_path, measure_limits)


MANY = """
import subprocess
import sys
import lib

STATE = []


def test_double():
    assert lib.double(2) == 4


def test_same():
    assert lib.same(2) == 2


def test_nothing():
    STATE.append(1)


def test_started():
    subprocess.run([sys.executable, "-c", ""], check=True)
"""


def list_affected(project: Project) -> list[str] | None:
    tests = rehearsal.rehearse(project).affected
    return None if tests is None else sorted(tests)


def affected_of(folder: Path, tests: str, candidate: str, **fields: object) -> set[str] | None:
    names = [f"test_a.py::{line[4:-3]}" for line in tests.splitlines() if line.startswith("def t")]
    rows = with_project(
        folder, list_affected, {"lib.py": LIBRARY, "test_a.py": tests}, failing=names[:1],
        passing=names[1:], candidates=[{"lib.py": candidate}], **fields,
    )  # fmt: skip
    return rows and {name.rpartition("::")[2] for name in rows}


def test_those_that_enter_what_differs_are_affected_and_what_cannot_be_seen(
    tmp_path: Path,
) -> None:
    found = affected_of(tmp_path, MANY, FIXED)
    assert found == {"test_double", "test_started"}


def test_those_of_all_candidates_are(tmp_path: Path) -> None:
    both = LIBRARY.replace("return x", "return x * 2")
    found = affected_of(tmp_path, MANY, both)
    assert found == {"test_double", "test_same", "test_started"}


def test_where_one_needs_what_another_leaves_all_are(tmp_path: Path) -> None:
    needs = MANY + "\n\ndef test_needs():\n    lib.double(1)\n    assert STATE == [1]\n"
    assert affected_of(tmp_path, needs, FIXED) is None
    alone = needs.replace("STATE == [1]", "True")
    assert affected_of(tmp_path, alone, FIXED) == {"test_double", "test_needs", "test_started"}


def test_a_failing_test_that_never_ends_takes_little_time(tmp_path: Path) -> None:
    tests = (
        "import lib\n\n\ndef test_endless():\n    while True: lib.double(1)\n\n\n"
        "def test_same():\n    assert lib.same(2) == 2\n"
    )
    before_s = time.monotonic()
    assert affected_of(tmp_path, tests, FIXED, limit_s=20.0) == {"test_endless"}
    assert time.monotonic() - before_s < 20.0, "not twice its limit"

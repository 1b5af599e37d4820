"""Before candidates are tried: how long tests take, and what other forms would give."""

from pathlib import Path

from sandbox.inside.screening import rehearsal
from sandbox.inside.screening.project import Project
from tests.sandbox.inside.screening.projects import DOUBLE, LIBRARY, SAME, with_project

SITE = {
    "path": "lib.py", "at": [2, 11, 2, 12], "truth": False, "pure": True,
    "forms": ["x * 2", "x + 0", "x * 3"], "members": [0, 1, 2],
}  # fmt: skip
"""What `double` returns."""


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
        "import time\n\n\ndef spend(seconds):\n    end = time.process_time() + seconds\n"
        "    while time.process_time() < end:\n        pass\n\n\n"
        "def test_slow():\n    spend(0.3)\n\n\ndef test_quick():\n    pass\n\n\n"
        "def test_fails():\n    assert False\n"
    )
    slow, quick = "test_a.py::test_slow", "test_a.py::test_quick"
    limits_s = with_project(
        tmp_path, rehearsal.measure_limits, {"lib.py": LIBRARY, "test_a.py": tests},
        failing=["test_a.py::test_fails"], passing=[slow, quick], limit_s=1.5,
    )  # fmt: skip
    assert set(limits_s) == {slow, quick}
    assert limits_s[slow] > 1.5
    assert limits_s[quick] == 0.1


def test_where_measuring_takes_too_long_nothing_is_limited(tmp_path: Path) -> None:
    tests = "def test_endless():\n    while True: pass\n\ndef test_a(): ...\n"
    node = "test_a.py::test_endless"
    limits_s = with_project(
        tmp_path, rehearsal.measure_limits, {"test_a.py": tests}, failing=[], passing=[node],
        limit_s=0.1,
    )  # fmt: skip
    assert limits_s == {}


def test_the_failing_test_itself_has_no_limit_of_its_own(tmp_path: Path) -> None:
    assert DOUBLE not in with_project(tmp_path, rehearsal.measure_limits)

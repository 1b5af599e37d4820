"""Which code of the base a repair is about: the changed functions, and where the failure arose."""

import pytest

from healer.evidence.target_code import find_failing_code, find_target_code
from tests.healer.evidence.reports import SCRIPT, TRACE, failure
from tests.support.memory_tree import MemoryTree

BASE = """\
import json

RATE = 2


@cache
def total(rows):
    \"\"\"The sum.\"\"\"
    return sum(rows)


class Report:
    title = "x"

    def lines(self):
        def one(row):
            return str(row)

        return [one(row) for row in self.rows]


print(total([1]))
"""


def tree(text: str, **more: str) -> MemoryTree:
    return MemoryTree({SCRIPT: text, **more})


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("sum(rows)", "len(rows)", (6,)),
        ("@cache\n", "", (6,)),
        ("def total(rows)", "def total(rows, more)", (6,)),
        ("    return sum(rows)\n", "    rows = [1]\n    return sum(rows)\n", (6,)),
        ("RATE = 2", "RATE = 3", (0,)),
        ("import json\n", "import json\nimport csv\n", (0,)),
        ('title = "x"', 'title = "y"', (0,)),
        ("str(row)", "repr(row)", (16,)),
        ("for row in self.rows]", "for row in self.all]", (15,)),
        ('"""The sum."""', '"""Their sum."""', ()),
        ("import json\n", "import json  # once\n\n", (0,)),
        ("\n\nprint", "\n\ndef new():\n    return 1\n\n\nprint", (0,)),
        ("print(total([1]))\n", "print(\n", (0,)),
    ],
)
def test_a_change_belongs_to_the_functions_of_the_base_that_hold_it(
    old: str, new: str, lines: tuple[int, ...]
) -> None:
    found = find_target_code(tree(BASE), tree(BASE.replace(old, new, 1)), (SCRIPT,), None)
    assert found == {SCRIPT: lines}


@pytest.mark.parametrize("path", ["data.csv", "new.py"])
def test_a_file_without_functions_of_the_base_counts_as_a_whole(path: str) -> None:
    changes = {"data.csv": "1,2\n", "new.py": "def f():\n    return 1\n"}
    base = MemoryTree({SCRIPT: BASE, "data.csv": "1\n"})
    found = find_target_code(base, MemoryTree({SCRIPT: BASE, **changes}), (path,), None)
    assert found == {path: (0,)}


def test_what_the_failure_names_is_part_of_it() -> None:
    base = tree(BASE, **{"lib.py": "def f():\n    return 1\n"})
    fixed = tree(BASE, **{"lib.py": "def f():\n    return 2\n"})
    reported = failure(TRACE.replace("line 2", "line 9"))
    assert find_target_code(base, fixed, ("lib.py",), reported) == {"lib.py": (1,), SCRIPT: (6,)}


@pytest.mark.parametrize(
    ("trace", "places"),
    [
        (TRACE, {SCRIPT: (0,)}),
        (TRACE.replace("line 2", "line 17"), {SCRIPT: (16,)}),
        (TRACE.replace(SCRIPT, "gone.py"), {}),
        ("gone\n", {}),
    ],
)
def test_a_failure_names_the_function_that_it_arose_in(
    trace: str, places: dict[str, tuple[int, ...]]
) -> None:
    assert find_failing_code(tree(BASE), failure(trace)) == places
    assert find_failing_code(tree(BASE), None) == {}

"""`inspect` answers for any bytes with findings, and has none for small honest changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarantine.policy import ChangedPath, Finding, inspect, literals_of
from quarantine.policy.files import MAX_FILE_BYTES
from tests.quarantine.policy.honest_changes import HONEST, LITERALS
from tests.quarantine.policy.trees import findings, rules
from tests.support.memory_tree import MemoryTree

MODES = st.sampled_from(["", "000000", "100644", "100755", "120000", "160000", "040000", "x"])
FRAGMENTS = st.sampled_from(
    [
        "import os\n", "from os import *\n", "def f(x):\n", "    return x\n", "    try:\n",
        "class A:\n",
        "    except Exception:\n        pass\n", "x = getattr(os, 'a' + b)\n", "lambda *a: 1\n",
        "match x:\n    case 1:\n        y = 2\n", "\0", "\ud7ff", "\u202e", "((((", "'''",
        "# noqa\n",
        "if x == 3: y = 4\n", "f'{x!r:>{w}}'\n", "a.b[c](d)(e).f = 1\n", "@x\n", "del a.b\n",
        "# -*- coding: utf-7 -*-\n", "with a as b: pass\n", "sys.exit(1)\n", "raise\n", "\r", "\t",
    ]
)  # fmt: skip
SOURCE = st.lists(FRAGMENTS, max_size=12).map(lambda parts: "".join(parts).encode())
BYTES = st.one_of(st.none(), st.binary(max_size=200), SOURCE)
PATHS = st.one_of(
    st.sampled_from(["scripts/job.py", "tests/test_a.py", "a.txt", "conftest.py", "a/__init__.py"]),
    st.text(max_size=20),
)


@settings(max_examples=300, deadline=None)
@given(BYTES, BYTES, PATHS, MODES, MODES)
def test_any_bytes_under_any_path_give_a_tuple_of_findings(
    before: bytes | None, after: bytes | None, path: str, old_mode: str, new_mode: str
) -> None:
    old = MemoryTree({} if before is None else {path: before})
    new = MemoryTree({} if after is None else {path: after})
    changed = [ChangedPath(path=path, old_mode=old_mode, new_mode=new_mode)]
    literals = literals_of([before or b"", after or b""])
    answer = inspect(old, new, changed, literals)
    assert isinstance(answer, tuple)
    assert all(isinstance(finding, Finding) for finding in answer)


def test_no_change_has_no_finding() -> None:
    assert inspect(MemoryTree({}), MemoryTree({}), []) == ()


def test_what_is_too_big_to_be_read_goes_to_a_person() -> None:
    big = b"x = 1\n" * (MAX_FILE_BYTES // 6 + 1)
    assert "too-big" in {f.rule for f in findings({"a.py": b"x = 1\n"}, {"a.py": big})}


def test_more_added_lines_than_are_read_go_to_a_person() -> None:
    long = b"".join(b"if x == %d: y = 4\n" % number for number in range(2_100))
    assert {f.rule for f in findings({"a.py": b"x = 1\n"}, {"a.py": long})} == {"too-big"}


def test_what_nests_too_deeply_to_be_read_is_refused() -> None:
    deep = b"x = " + b"-" * 5_000 + b"1\n"
    assert "unparsable" in {f.rule for f in findings({"a.py": b"x = 1\n"}, {"a.py": deep})}


def test_more_files_than_are_read_go_to_a_person() -> None:
    many = {f"m{number}.py": b"x = 1\n" for number in range(60)}
    assert "too-big" in {f.rule for f in findings({}, many)}


@pytest.mark.parametrize(("name", "before", "after"), HONEST, ids=[row[0] for row in HONEST])
def test_an_honest_change_has_no_finding(name: str, before: str, after: str) -> None:
    assert rules(before, after, literals=LITERALS) == set()

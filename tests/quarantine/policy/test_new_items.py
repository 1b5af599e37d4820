"""/tmp/j4/h"""

import re

import pytest

from quarantine.policy import Example
from quarantine.policy.files import Patch, read_patch
from quarantine.policy.new_items import find_strings, fresh_uses, old_uses, plain_name
from quarantine.policy.rules.texts import match_new_kinds, match_strings
from tests.quarantine.policy.examples import patch_of
from tests.quarantine.policy.trees import findings, rules

STOPPING = """import sys
import subprocess


def main(rows):
    if not rows:
        sys.exit(2)
    subprocess.run(["sync", rows[0]], check=True)
    try:
        return rows[1]
    except Exception:
        return None  # noqa
"""


def test_code_that_was_there_is_not_new() -> None:
    assert rules(STOPPING, STOPPING.replace("rows[1]", "rows[-1]")) == set()


def test_reindented_code_is_not_new() -> None:
    inner = "\n".join("    " + line if line else "" for line in STOPPING.split("\n")[4:])
    after = f"import sys\nimport subprocess\n\n\nclass Job:\n{inner}"
    assert rules(STOPPING, after) <= {"process-exit"}


def test_renamed_variables_are_not_new() -> None:
    assert rules(STOPPING, STOPPING.replace("rows", "records")) == set()


def test_code_that_moves_to_another_file_is_not_new() -> None:
    helper = 'import subprocess\n\n\ndef sync(a):\n    subprocess.run(["sync", a], check=True)\n'
    before = {"a.py": "from b import x\n" + helper, "b.py": "x = 1\n"}
    after = {"a.py": "from b import sync, x\n", "b.py": "x = 1\n" + helper}
    assert {finding.rule for finding in findings(before, after)} <= {"net-deletion"}


def test_one_more_of_the_same_is_new() -> None:
    again = STOPPING + "\n\nsubprocess.run(['sync', 'x'], check=True)\n"
    assert "process-start" in rules(STOPPING, again)


def test_another_program_in_the_same_call_is_new() -> None:
    assert "process-start" in rules(STOPPING, STOPPING.replace('"sync"', '"curl"'))


def test_an_exit_that_becomes_a_success_is_new() -> None:
    assert "process-exit" in rules(STOPPING, STOPPING.replace("sys.exit(2)", "sys.exit(0)"))


def test_where_the_base_does_not_parse_only_added_lines_are_new() -> None:
    broken = STOPPING.replace("def main(rows):", "def main(rows)")
    assert rules(broken, STOPPING) == set()
    tricky = STOPPING.replace("    if not rows:", "    eval(rows)\n    if not rows:")
    assert "dynamic-code" in rules(broken, tricky)


def test_a_finding_names_the_line_in_the_patched_file() -> None:
    found = findings({"a.py": "x = 1\n"}, {"a.py": "x = 1\n\nimport os\nos._exit(0)\n"})
    exits = [finding for finding in found if finding.rule == "process-exit"]
    assert [(finding.path, finding.line) for finding in exits] == [("a.py", 4)]


def test_a_reason_is_one_plain_line() -> None:
    found = findings({"a.py": "x = 1\n"}, {"a.py": "x = '\u202e'\nimport pytest\n"})
    assert len(found) >= 2
    assert all(finding.reason.isprintable() and len(finding.reason) < 250 for finding in found)


HOST = re.compile(r"https?://([\w.]+)")


def patch(text: str, path: str = "scripts/job.py", old_mode: str = "100644") -> Patch:
    before, after, change, literals = patch_of(Example(text, path=path, old_mode=old_mode))
    return read_patch(before, after, [change], literals)


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ("+ x = 'a'", [("a", 1)]),
        ("  y = 1\n+ x = b'a'", [("a", 2)]),
        ("+ x = f'a{y}b'", [("a", 1), ("b", 1)]),
        ("  x = 'a'\n+ y = 'a'", [("a", 2)]),
        ("- x = 'a'\n+ y = 'a'", []),
        ("+ 'a docstring'", []),
        ("+ def f():\n+     '''a docstring'''", []),
        ("+ # 'a'", []),
        ("+ x = 1", []),
    ],
)
def test_only_new_strings_are_found(text: str, strings: list[tuple[str, int]]) -> None:
    assert [(found, line) for _, found, line in find_strings(patch(text))] == strings


def test_strings_of_a_new_test_are_its_own_affair() -> None:
    assert list(find_strings(patch("+ x = 'a'", "tests/test_new.py", ""))) == []


def test_a_match_is_named_without_the_blanks_around_it_and_cut_off() -> None:
    hits = list(match_strings(re.compile(r"\s*a+\s*"), patch(f"+ x = 'b {'a' * 90} b'")))
    assert [hit.what for hit in hits] == ["a" * 60]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("+ x = 'http://a.example/x'", ["http://a.example"]),
        ("  y = 'http://a.example/y'\n+ x = 'http://a.example/x'", []),
        ("  y = 'http://a.example/y'\n+ x = 'http://b.example/x'", ["http://b.example"]),
        ("  y = 'https://A.Example/y'\n+ x = 'http://a.example/x'", []),
        ("  # see http://a.example\n+ x = 'http://a.example/x'", []),
        ("+ x = 'see http://a.example for what it is all about'", []),
        ("+ x = 'see http://a.example now'", ["http://a.example"]),
    ],
)
def test_a_kind_that_the_base_names_is_not_new(text: str, what: list[str]) -> None:
    assert [hit.what for hit in match_new_kinds(HOST, patch(text))] == what


def test_a_string_that_is_added_up_of_constants_is_given_whole() -> None:
    found = [text for _, text, _ in find_strings(patch("+ x = 'a' + 'b'"))]
    assert sorted(found) == ["a", "ab", "b"]
    assert [text for _, text, _ in find_strings(patch("+ x = 'a' + b"))] == ["a"]


def test_uses_on_both_sides_are_given_as_the_source_has_them() -> None:
    one = patch("  import os\n- x = os.sep\n+ x = len(os.sep)")
    assert {use.name for use in old_uses(one)} == {"os", "os.sep"}
    fresh = {plain_name(use.name) for _, use in fresh_uses(one)}
    assert fresh == {"os", "os.sep", "len"}


def test_what_the_base_only_forgot_to_import_is_no_fresh_use() -> None:
    one = patch("+ import os\n  x = os.sep")
    assert [use.name for _, use in fresh_uses(one)] == []

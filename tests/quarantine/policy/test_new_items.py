"""Only what a patch adds or takes away counts; what moves, is re-indented or renamed does not."""

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

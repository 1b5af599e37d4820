"""What somebody points at is judged like a draft, and a person may change what a draft may not."""

from pathlib import Path

import pytest

from healer.app.check import CheckOptions, check_change
from healer.config import Config
from healer.facts.patch_check import PatchCheck
from quarantine.change import read_working_tree
from quarantine.repository import Repository
from sandbox import Fault, FaultKind, Job, Report
from sandbox.fake import ScriptedSandbox
from tests.healer.app.conftest import is_unchanged
from tests.support.bench import ALWAYS, FILES, LINE, NEVER, RIGHT, SCRIPT, SOURCE, WRONG, Bench

FIXED = SOURCE.replace(LINE, RIGHT)
TEST = "tests/test_job.py"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def checked(bench: Bench, files: dict[str, str], *, as_draft: bool = False) -> PatchCheck:
    """The working tree with these files, judged in a copy of the repository."""
    for path, text in files.items():
        bench.write(path, text)
    with is_unchanged(bench.folder), bench.opened(Config(), dry=True) as services:
        change = read_working_tree(Repository.open(bench.folder), services.repository)
        return check_change(change, CheckOptions(as_draft=as_draft), services)


def statuses(result: PatchCheck) -> dict[str, str]:
    return {check.name: check.status for check in result.checks}


def test_a_patch_is_asked_whether_it_heals_the_tests_that_fail_without_it(bench: Bench) -> None:
    result = checked(bench, {SCRIPT: FIXED})
    assert result.heals == (f"{TEST}::test_total",)
    assert result.outcome in ("strong", "weak")
    assert result.evidence is not None
    assert result.evidence.fail_to_pass == result.heals
    assert result.evidence.heals


def test_a_patch_that_heals_nothing_is_refused_and_names_the_test(bench: Bench) -> None:
    result = checked(bench, {SCRIPT: SOURCE.replace(LINE, WRONG)})
    assert result.outcome == "refused"
    assert result.reason == f"still failing: {TEST}::test_total"
    assert [(each.node, each.path) for each in result.failing] == [(f"{TEST}::test_total", TEST)]


def test_where_nothing_fails_the_question_is_whether_all_stays_as_it_was(bench: Bench) -> None:
    bench.write(SCRIPT, FIXED)
    bench.commit("Mend it")
    result = checked(bench, {SCRIPT: FIXED.replace(RIGHT, f"{RIGHT}  # all of them")})
    assert (result.heals, result.outcome, result.reason) == ((), "strong", "every check passed")
    assert result.evidence is not None
    assert not result.evidence.heals
    assert not result.evidence.changes_code


def test_a_patch_may_bring_the_test_that_shows_what_it_heals(bench: Bench) -> None:
    bench.write(TEST, f"def test_total():\n    '{ALWAYS}'\n")
    bench.commit("A test that shows nothing")
    result = checked(bench, {SCRIPT: FIXED, "tests/test_new.py": "def test_new():\n    'x'\n"})
    assert result.heals == ("tests/test_new.py::test_new",)
    assert result.paths == (SCRIPT, "tests/test_new.py")


def test_the_test_that_a_draft_brings_is_no_measure_of_it(bench: Bench) -> None:
    bench.write(TEST, f"def test_total():\n    '{ALWAYS}'\n")
    bench.commit("A test that shows nothing")
    files = {SCRIPT: FIXED, "tests/test_new.py": "def test_new():\n    'x'\n"}
    result = checked(bench, files, as_draft=True)
    assert result.heals == ()
    assert statuses(result)["regression"] == "pass"


def test_a_test_that_was_there_and_is_changed_leaves_the_decision_to_a_person(
    bench: Bench,
) -> None:
    result = checked(bench, {SCRIPT: FIXED, TEST: FILES[TEST].replace("== 1", "== 2")})
    assert result.outcome == "weak"
    assert any(
        f"{TEST}::test_total" in each and "changed or gone" in each for each in result.missing
    )


def test_a_new_test_that_fails_with_the_patch_refuses_it(bench: Bench) -> None:
    result = checked(bench, {"tests/test_new.py": f"def test_new():\n    '{NEVER}'\n"})
    assert result.outcome == "refused"
    assert "new and failing: tests/test_new.py::test_new" in result.reason


def test_a_protected_file_is_a_note_to_a_person_and_refuses_a_draft(bench: Bench) -> None:
    rules = '[[protect]]\npaths = ["rows.json"]\nreason = "the shop owns it"\n'
    bench.write("protected.toml", rules)
    bench.commit("Protect")
    files = {SCRIPT: FIXED, "rows.json": "[]\n"}
    result = checked(bench, files)
    assert result.outcome in ("strong", "weak")
    note = ("rows.json", "protected from drafts: the shop owns it")
    assert note in [(each.path, each.sentence) for each in result.notes]
    strict = checked(bench, files, as_draft=True)
    assert (strict.outcome, strict.reason) == (
        "refused", "rows.json is protected: the shop owns it",
    )  # fmt: skip


def test_a_person_may_change_what_decides_how_tests_run(bench: Bench) -> None:
    files = {SCRIPT: FIXED, "conftest.py": "x = 1\n", "healer.toml": 'target = "main"\n'}
    result = checked(bench, files)
    assert result.outcome in ("strong", "weak")
    assert next(each.path for each in result.notes if each.path != "") == "healer.toml"
    assert checked(bench, files, as_draft=True).outcome == "refused"


def test_what_the_policy_sends_to_a_person_has_been_seen_by_one(bench: Bench) -> None:
    text = FIXED.replace("import json", "import json\nimport subprocess").replace(
        "print(", 'subprocess.run(["true"])\nprint('
    )
    result = checked(bench, {SCRIPT: text})
    assert any(each.path == SCRIPT for each in result.notes)
    assert not any(each.startswith(SCRIPT) for each in result.missing)
    strict = checked(bench, {SCRIPT: text}, as_draft=True)
    assert any(each.startswith(SCRIPT) for each in strict.missing)
    assert strict.outcome in ("weak", "refused")


def test_a_file_that_is_taken_away_is_not_compiled(bench: Bench) -> None:
    bench.write("scripts/old.py", "x = 1\n")
    bench.commit("An old script")
    (bench.folder / "scripts/old.py").unlink()
    checked(bench, {SCRIPT: FIXED})
    plans = [job.plan for job in bench.box.jobs if job.plan.trace]
    assert [("scripts/old.py" in plan.compile, SCRIPT in plan.compile) for plan in plans] == [
        (False, True)
    ]


def test_where_the_sandbox_is_away_nothing_is_said_of_the_patch(bench: Bench) -> None:
    def away(_: Job) -> Report:
        fault = Fault(kind=FaultKind.ENGINE, message="No engine.", retryable=True)
        return Report(fault=fault)

    bench.box = ScriptedSandbox([away])
    result = checked(bench, {SCRIPT: FIXED})
    assert (result.outcome, result.environment_failed) == ("unjudged", True)
    assert "No engine." in result.reason


def test_rivals_come_without_whole_files(bench: Bench) -> None:
    result = checked(bench, {SCRIPT: FIXED})
    assert result.evidence is not None
    rivals = result.evidence.rivals
    assert rivals is None or not any(each.content for each in rivals.rivals)

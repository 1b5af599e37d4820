"""What a fix leaves is part of its commit, and changes nothing of its verdict."""

from pathlib import Path

import pytest

from healer.config import Config
from healer.facts.draft import Draft, WriteFile
from healer.facts.question import Choice, Question
from healer.facts.repair import Attempt, Baseline, Request
from healer.judge import Check, Verdict
from healer.repair.leave_test import LeftTest, add_test, leave_test
from quarantine.candidate import Candidate, write_candidate
from tests.healer.evidence.test_case_test import BASE, COMMAND, FIXED, SCRIPT, make_failure
from tests.support.bench import Bench
from tests.support.git import git
from tests.support.host_sandbox import run_on_host

WRITES = Config()
WRITES_NONE = Config.model_validate({"tests": {"write": False}})
TEST = WriteFile(path="tests/test_job.py", content="def test_a():\n    pass\n")
SKIPPED = Check(name="regression", status="skipped", detail="the draft brings no test of its own")
QUESTION = Question(path=SCRIPT, function="parse", given="(1,)", choices=(Choice(outcome="1"),))
STRONG = Verdict(kind="fixed", strong=True, checks=(SKIPPED,))
WEAK = Verdict(kind="fixed", reasons=("weak",), weaknesses=("value-unknown",), checks=(SKIPPED,))


def test_it_stands_in_the_same_commit_on_the_same_branch(tmp_path: Path) -> None:
    bench = Bench(tmp_path, script=SCRIPT, files={SCRIPT: BASE}, sandbox=run_on_host)
    with bench.opened(WRITES) as services:
        repository = services.repository
        base = repository.tip("main")
        assert base is not None
        branch = "quarantine/job-r1"
        candidate = write_candidate(
            repository, base=base, changes={SCRIPT: FIXED.encode()}, branch=branch, message="Fix",
            when=1,
        )  # fmt: skip
        request = Request(repair="r1", script=SCRIPT, target="main", base=base, command=COMMAND)
        baseline = Baseline(failure=make_failure(), reproduced=True, command=COMMAND)
        attempt = Attempt(draft=Draft(drafter="rules"), candidate=candidate, verdict=STRONG)
        left = leave_test(request, baseline, attempt, (), services)
        again = leave_test(request, baseline, attempt, (), services)
        weak = attempt.model_copy(update={"verdict": WEAK})
        asks = leave_test(request, baseline, weak, (), services)
    assert left.candidate is not None
    assert again == left
    assert git(bench.folder, "rev-parse", branch).strip() == left.candidate.commit
    assert git(bench.folder, "diff", "--name-only", base, branch).split() == [
        SCRIPT, "tests/test_job.py",
    ]  # fmt: skip
    complete = add_test(attempt, left)
    assert complete.draft.regression_test == left.test
    assert complete.candidate == left.candidate
    assert (asks.test, asks.candidate) == (None, None)
    question = add_test(weak, asks).question
    assert question is not None
    assert question.sentence == "`parse('2,5')` gives 2.5 or raises ValueError?"


def test_the_verdict_stays_what_it_was_but_for_the_row_that_tells_of_it() -> None:
    attempt = Attempt(draft=Draft(drafter="rules"), verdict=WEAK)
    complete = add_test(attempt, LeftTest(test=TEST))
    assert complete.verdict.model_copy(update={"checks": WEAK.checks}) == WEAK
    (check,) = complete.verdict.checks
    assert (check.status, check.detail) == (
        "pass", "leaves tests/test_job.py, which fails before and passes after",
    )  # fmt: skip


def test_where_none_is_left_the_row_says_why() -> None:
    attempt = Attempt(draft=Draft(drafter="rules"), verdict=WEAK)
    (check,) = add_test(attempt, LeftTest(why="it needs the network")).verdict.checks
    assert (check.status, check.detail) == ("skipped", "no test is left: it needs the network")


@pytest.mark.parametrize(
    ("config", "draft"),
    [(WRITES_NONE, Draft(drafter="small")), (WRITES, Draft(drafter="small", regression_test=TEST))],
    ids=["nobody wants one", "the draft brings its own"],
)
def test_nothing_is_done_or_said_where_none_is_wanted(
    config: Config, draft: Draft, tmp_path: Path
) -> None:
    with Bench(tmp_path, script=SCRIPT, files={SCRIPT: BASE}).opened(config) as services:
        base = services.repository.tip("main")
        assert base is not None
        candidate = Candidate(commit=base, tree="", base=base, branch="", diff="", paths=())
        request = Request(repair="r1", script=SCRIPT, target="main", base=base)
        attempt = Attempt(draft=draft, candidate=candidate, verdict=WEAK, question=QUESTION)
        left = leave_test(request, Baseline(), attempt, (), services)
    assert add_test(attempt, left) == attempt

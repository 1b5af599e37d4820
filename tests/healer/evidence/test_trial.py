"""A model that investigates is told what the checks see, in words, and nothing is committed."""

import pytest

from healer.evidence.trial import LONGEST_DETAIL, MOST_FAILING, Trial
from healer.facts.draft import Case, ReplaceText
from healer.services import Services
from sandbox import Fault, FaultKind, Job, Report, SyntaxProblem
from sandbox.fake import ScriptedSandbox
from tests.healer.evidence.reports import ended, failure, report, request, result, run
from tests.support.bench import LINE, RIGHT, SCRIPT, WRONG, Bench
from tests.support.git import git


def edit(new: str = RIGHT, find: str = LINE) -> ReplaceText:
    return ReplaceText(path=SCRIPT, find=find, replace=new)


def tried(services: Services, *edits: ReplaceText, command: tuple[str, ...] = ()) -> str:
    case = Case(
        repair="r1",
        script=SCRIPT,
        failure=failure(),
        base="main",
        command=command,
        baseline=Report(),
    )
    return make_trial(services).try_patch(case, edits)


def make_trial(services: Services) -> Trial:
    return Trial(request(), services.repository, services.config, services.runner)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (RIGHT, ["the command succeeds", "tests: 1 passed, 0 failed"]),
        (WRONG, ["the command fails: exit status 1, KeyError: 'totl'", "0 passed, 1 failed"]),
    ],
)
def test_the_command_and_the_tests_are_told(bench: Bench, new: str, words: list[str]) -> None:
    with bench.opened() as services:
        said = tried(services, edit(new), command=("python", SCRIPT))
        assert git(bench.folder, "status", "--porcelain") == ""
    for word in words:
        assert word in said


def test_without_a_command_only_the_tests_are_run_once_and_without_sentinels(bench: Bench) -> None:
    with bench.opened() as services:
        assert "command" not in tried(services, edit())
    (job,) = bench.box.jobs
    assert job.plan.tests is not None
    assert (job.plan.tests.seeds, job.plan.tests.sentinels) == ((None,), False)


def test_edits_that_do_not_fit_are_not_run(bench: Bench) -> None:
    with bench.opened() as services:
        assert tried(services, edit(find="nowhere")).startswith("not tried: ")
    assert bench.box.jobs == []


def test_what_the_rules_object_to_is_told_with_its_place(bench: Bench) -> None:
    with bench.opened() as services:
        said = tried(services, edit("import os; os._exit(0)"))
    assert f"the rules object: {SCRIPT}:5: " in said


def answered(bench: Bench, seen: Report | Fault) -> str:
    bench.box = ScriptedSandbox([seen])
    with bench.opened() as services:
        return tried(services, edit(), command=("python", SCRIPT))


def test_a_sandbox_that_could_not_run_it_is_told_as_that(bench: Bench) -> None:
    fault = Fault(kind=FaultKind.ENGINE, message="Docker Engine is away.")
    assert answered(bench, fault) == "the sandbox could not run it: Docker Engine is away."


def test_long_output_is_cut_to_its_end_and_few_tests_are_quoted(bench: Bench) -> None:
    many = [result(f"t::{n}", "failed", f"{n}" * 9_000) for n in range(9)]
    said = answered(bench, report(run(*many), command=ended(0, stdout="y" * 9_000 + "!")))
    assert said.count("t::") == MOST_FAILING
    assert len(said) < (MOST_FAILING + 1) * (LONGEST_DETAIL + 50)
    assert said.partition("it prints:\n")[2].startswith("y" * (LONGEST_DETAIL - 1) + "!")


def test_a_file_that_does_not_compile_is_told_with_its_line(bench: Bench) -> None:
    problem = SyntaxProblem(path=SCRIPT, line=3, message="invalid syntax")
    assert f"{SCRIPT}:3: invalid syntax" in answered(bench, report(syntax=(problem,)))


def test_a_command_that_hangs_fails(bench: Bench) -> None:
    said = answered(bench, report(command=ended(0, timed_out=True)))
    assert "the command fails: it ran into the time limit" in said


def case_of(command: tuple[str, ...] = ()) -> Case:
    return Case(
        repair="r1",
        script=SCRIPT,
        failure=failure(),
        base="main",
        command=command,
        baseline=report(run(result("tests/test_a.py::test_a", "failed", ""))),
    )


def test_a_command_is_run_on_the_base_and_on_a_patch(bench: Bench) -> None:
    with bench.opened() as services:
        trial = make_trial(services)
        before = trial.run(case_of(), ("python3", SCRIPT), ())
        after = trial.run(case_of(), ("python3", SCRIPT), (edit(),))
        assert trial.run(case_of(), ("ls",), (edit(find="nowhere"),)).startswith("not run: ")
    assert "exit status 1" in before
    assert "KeyError: 'totl'" in before.partition("stderr:")[2]
    assert "stderr" not in after
    assert [job.plan.tests for job in bench.box.jobs] == [None, None]


def test_a_command_has_the_input_of_the_failing_one(bench: Bench) -> None:
    with bench.opened() as services:
        make_trial(services).run(case_of(("python", SCRIPT)), ("python", "-c", "print(1)"), ())
    (job,) = bench.box.jobs
    assert job.plan.command is not None
    assert job.plan.command.argv == ("python", "-c", "print(1)")


def values_of(job: Job) -> Report:
    """What a program under watch would tell, of the base and of a patch."""
    data = bytes(job.tree)
    text = f"healer-value: '{'right' if RIGHT.encode() in data else 'wrong'}'"
    return Report(command=ended(1, stderr=text if b"_healer_seen" in data else ""))


def test_the_values_at_a_line_are_told_on_base_and_patch(bench: Bench) -> None:
    bench.box = ScriptedSandbox([values_of])
    with bench.opened() as services:
        text = (services.repository.tree("main").read(SCRIPT) or b"").decode()
        line = next(n for n, each in enumerate(text.split("\n"), 1) if LINE in each)
        trial, case = make_trial(services), case_of(("python", SCRIPT))
        assert trial.query(case, SCRIPT, line, "rows", ()) == "wrong"
        assert trial.query(case, SCRIPT, line, "rows", (edit(),)) == "right"
        assert trial.query(case_of(), SCRIPT, line, "rows", ()) == "wrong"
        for asked in ((line, "1 +"), (9_999, "1")):
            assert trial.query(case, SCRIPT, *asked, ()).startswith("not asked: ")
        assert trial.query(case, SCRIPT, line, "1", (edit(find="no"),)).startswith("not asked: ")
    argvs = [job.plan.command.argv for job in bench.box.jobs if job.plan.command]
    assert argvs[0] == ("python", SCRIPT)
    assert argvs[2][:3] == ("python", "-m", "pytest")
    assert argvs[2][-1] == "tests/test_a.py::test_a"


def test_a_line_that_is_never_reached_is_said_to_be(bench: Bench) -> None:
    bench.box = ScriptedSandbox([Report(command=ended(1))])
    with bench.opened() as services:
        words = make_trial(services).query(case_of(("python", SCRIPT)), SCRIPT, 5, "rows", ())
    assert words == f"{SCRIPT}:5 is never reached, by the command or the tests"
    assert len(bench.box.jobs) == 2

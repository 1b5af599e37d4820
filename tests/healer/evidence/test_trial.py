"""A model that investigates is told what the checks see, in words, and nothing is committed."""

import pytest

from healer.evidence.trial import LONGEST_DETAIL, MOST_FAILING, try_patch
from healer.facts.draft import Case, ReplaceText
from healer.services import Services
from sandbox import Fault, FaultKind, Report, SyntaxProblem
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
    return try_patch(
        case,
        edits,
        request=request(),
        repository=services.repository,
        config=services.config,
        runner=services.runner,
    )


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

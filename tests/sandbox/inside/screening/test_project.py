"""What a worker has loaded is run on what it has, or imported anew."""

from functools import partial
from pathlib import Path

from sandbox.inside.messages import CommandPlan
from sandbox.inside.screening.project import COMMAND, Project, sort_as_collected
from tests.sandbox.inside.screening.projects import (
    DOUBLE,
    FIXED,
    LIBRARY,
    PROJECT,
    SAME,
    with_project,
)


def command(*argv: str) -> CommandPlan:
    return {"argv": ["python", *argv], "stdin": b"", "cwd": "", "files": {}, "env": {}}


def test_cases_of_a_test_come_as_given_and_tests_as_collected() -> None:
    nodes = ["t::b[1]", "t::b[2]", "t::a", "t::c"]
    assert sort_as_collected(["t::c", "t::a", "t::b[2]", "t::b[1]"], nodes) == [
        "t::b[2]", "t::b[1]", "t::a", "t::c",
    ]  # fmt: skip


def test_what_was_not_collected_comes_last() -> None:
    assert sort_as_collected(["t::gone", "t::a"], ["t::a"]) == ["t::a", "t::gone"]


def test_tests_are_run_up_to_the_first_that_does_not_pass(tmp_path: Path) -> None:
    outcome, detail = with_project(tmp_path, Project.run_tests)
    assert outcome == "failed"
    assert detail.startswith(f"{DOUBLE}\n")
    assert "assert double(2) == 4" in detail


def test_each_test_can_be_run_alone(tmp_path: Path) -> None:
    assert with_project(tmp_path, partial(Project.run_one, name=SAME)) == ["passed", ""]


def look_for_tests(project: Project) -> object:
    return project.has_all_tests(), project.shared_state() is None


def test_a_test_that_was_not_collected_is_missed(tmp_path: Path) -> None:
    assert with_project(tmp_path, look_for_tests) == [True, False]
    assert with_project(tmp_path, look_for_tests, failing=["test_lib.py::gone"]) == [False, True]


def test_without_tests_there_is_no_shared_state(tmp_path: Path) -> None:
    assert with_project(tmp_path, look_for_tests, use_tests=False)[1] is True


def run_everything(project: Project, candidate: dict[str, str]) -> object:
    return project.run_everything(candidate)


def test_a_candidate_is_put_into_what_is_loaded(tmp_path: Path) -> None:
    outcome = with_project(tmp_path, partial(run_everything, candidate={"lib.py": FIXED}))
    assert outcome == ["passed", ""]


def test_a_candidate_with_another_module_level_is_imported_anew(tmp_path: Path) -> None:
    candidate = {"lib.py": f"FACTOR = 2\n{LIBRARY.replace('return x', 'return x * FACTOR', 1)}"}
    outcome = with_project(tmp_path, partial(import_and_run, candidate=candidate))
    assert outcome == ["passed", ""]


def import_and_run(project: Project, candidate: dict[str, str]) -> object:
    codes = project.copy.compile(candidate)
    assert codes is not None
    assert project.copy.replace_functions(codes) is None
    return write_and_run(project, candidate)


def write_and_run(project: Project, candidate: dict[str, str]) -> object:
    project.copy.write(candidate)
    return project.run_everything(candidate)


def test_an_import_that_fails_is_told_with_its_error(tmp_path: Path) -> None:
    candidate = {"lib.py": "import no_such_module\n"}
    outcome, detail = with_project(tmp_path, partial(write_and_run, candidate=candidate))
    assert outcome == "failed"
    assert "no_such_module" in detail


def test_a_candidate_that_does_not_compile_runs_nothing(tmp_path: Path) -> None:
    work = partial(run_everything, candidate={"lib.py": "def double(:\n"})
    assert with_project(tmp_path, work) == ["failed", "SyntaxError"]


def test_the_command_comes_after_the_tests_and_only_if_they_pass(tmp_path: Path) -> None:
    main = {"main.py": "import lib\nlib.same(1)\nraise SystemExit(lib.double(2) - 1)\n"}
    work = partial(run_everything, candidate={})
    files = {**PROJECT, **main, "lib.py": LIBRARY}
    good = {"failing": [], "passing": [SAME], "command": command("main.py")}
    assert with_project(tmp_path, work, files, **good) == ["failed", "(command)\nSystemExit: 1"]
    bad = good | {"failing": [DOUBLE]}
    assert with_project(tmp_path, work, files, **bad)[1].startswith(DOUBLE)


def test_the_command_alone_decides_where_no_tests_are_used(tmp_path: Path) -> None:
    plan = {"use_tests": False, "command": command("-c")}
    files = {"-c": "raise SystemExit(0)\n", "test_a.py": "def test_a():\n    pass\n"}
    assert with_project(tmp_path, run_command, files, **plan) == ["passed", "passed"]


def run_command(project: Project) -> object:
    return project.run_one(COMMAND)[0], project.run_everything({"lib.py": "not python"})[0]

"""What ordinary projects do works as it does outside, with sentinels woven in."""

import pytest

from sandbox import DockerSandbox
from tests.sandbox.inside.pytest_checks.honest_projects import HONEST_PROJECTS, SKIPS
from tests.sandbox.trees import pytest_job


@pytest.mark.docker
def test_every_kind_of_test_result_is_told_by_node_id(docker_sandbox: DockerSandbox) -> None:
    tests = (
        "import pytest\n"
        "@pytest.fixture\ndef broken(): raise OSError\n"
        "def test_pass(): assert 1 == 1\n"
        "def test_fail(): assert 1 == 2\n"
        "def test_error(broken): pass\n"
        "def test_skip(): pytest.skip('why')\n"
        "@pytest.mark.xfail\ndef test_xfail(): assert 0\n"
        "@pytest.mark.xfail\ndef test_xpass(): pass\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n): assert n == 1\n"
    )
    report = docker_sandbox.run(pytest_job({"t/test_x.py": tests, "t/test_y.py": "import none\n"}))
    (run,) = report.tests
    assert {result.node: result.outcome for result in run.results} == {
        "t/test_x.py::test_pass": "passed",
        "t/test_x.py::test_fail": "failed",
        "t/test_x.py::test_error": "error",
        "t/test_x.py::test_skip": "skipped",
        "t/test_x.py::test_xfail": "xfailed",
        "t/test_x.py::test_xpass": "xpassed",
        "t/test_x.py::test_n[1]": "passed",
        "t/test_x.py::test_n[2]": "failed",
        "t/test_y.py": "error",
    }
    assert run.consistent
    assert run.sentinels_failed == run.sentinels > 0
    assert run.ended.exit_code == 1


@pytest.mark.docker
def test_sentinels_leave_no_trace_in_what_a_person_reads(docker_sandbox: DockerSandbox) -> None:
    files = {"test_x.py": "def test_a(): assert 1 == 1\ndef test_b(): assert 2 == 2\n"}
    (run,) = docker_sandbox.run(pytest_job(files)).tests
    assert run.ended.exit_code == 1
    assert run.collected == ("test_x.py::test_a", "test_x.py::test_b")
    assert [result.node for result in run.results] == list(run.collected)
    assert "2 passed" in run.ended.stdout
    assert "failed" not in run.ended.stdout
    assert run.sentinels_failed == run.sentinels >= 5


@pytest.mark.docker
def test_a_seed_changes_the_order_and_nothing_else(docker_sandbox: DockerSandbox) -> None:
    files = {"test_x.py": "".join(f"def test_{n}(): pass\n" for n in range(30))}
    plain, shuffled = docker_sandbox.run(pytest_job(files, seeds=(None, 7))).tests
    assert set(plain.collected) == set(shuffled.collected)
    assert plain.collected != shuffled.collected


@pytest.mark.docker
@pytest.mark.parametrize(("code", "outcome"), [(7, "failed"), (0, "passed")])
def test_a_command_that_is_not_pytest_is_one_test_known_by_its_exit_status(
    docker_sandbox: DockerSandbox, code: int, outcome: str
) -> None:
    text = f"print('told')\nraise SystemExit({code})"
    job = pytest_job({"check.py": text}, command=("python", "check.py"))
    (run,) = docker_sandbox.run(job).tests
    assert (run.ended.exit_code, run.by_status) == (code, True)
    (result,) = run.results
    assert (result.node, result.outcome) == ("python check.py", outcome)
    assert result.detail == ("told" if code else "")


@pytest.mark.docker
@pytest.mark.parametrize("name", HONEST_PROJECTS)
def test_an_honest_project_is_green_and_believed(docker_sandbox: DockerSandbox, name: str) -> None:
    job = pytest_job(HONEST_PROJECTS[name], config="[pytest]\npythonpath = src\n", seeds=(5,))
    report = docker_sandbox.run(job)
    assert report.fault is None
    for run in report.tests:
        outcomes = [result.outcome for result in run.results]
        assert outcomes.count("skipped") == SKIPS.get(name, 0), run.ended.stdout
        assert set(outcomes) <= {"passed", "skipped"}, run.ended.stdout
        assert run.consistent, run.ended.stderr
        assert run.sentinels_failed == run.sentinels > 0
        assert run.ended.exit_code == 1
        assert "failed" not in run.ended.stdout


@pytest.mark.docker
def test_settings_that_stop_at_the_first_failure_do_not_stop_at_a_sentinel(
    docker_sandbox: DockerSandbox,
) -> None:
    tests = "".join(f"def test_{n}():\n    assert {n} == {n}\n" for n in range(9))
    job = pytest_job({"test_x.py": tests}, config="[pytest]\naddopts = -x --strict-markers -q\n")
    (run,) = docker_sandbox.run(job).tests
    assert len(run.results) == 9
    assert run.sentinels_failed == run.sentinels


@pytest.mark.docker
def test_installed_plugins_are_on_and_coverage_is_accepted_where_it_is_missing(
    docker_sandbox: DockerSandbox,
) -> None:
    tests = "import anyio, pytest\n@pytest.mark.anyio\nasync def test_a():\n    assert 1 == 1\n"
    files = {"test_x.py": tests, "conftest.py": ""}
    settings = "[pytest]\naddopts = --cov=x --cov-fail-under=100 -n auto\n"
    (run,) = docker_sandbox.run(pytest_job(files, config=settings)).tests
    assert {result.outcome for result in run.results} == {"passed"}, run.ended.stdout
    assert run.sentinels_failed == run.sentinels


@pytest.mark.docker
def test_no_tests_at_all_ends_as_pytest_ends(docker_sandbox: DockerSandbox) -> None:
    (run,) = docker_sandbox.run(pytest_job({"a.py": ""}, sentinels=False)).tests
    assert run.ended.exit_code == 5
    (run,) = docker_sandbox.run(pytest_job({"a.py": ""})).tests
    assert run.collected == ()
    assert run.sentinels_failed == run.sentinels > 0


@pytest.mark.docker
def test_selected_tests_alone_are_run(docker_sandbox: DockerSandbox) -> None:
    files = {"test_x.py": "def test_a(): pass\ndef test_b(): pass\n"}
    (run,) = docker_sandbox.run(pytest_job(files, select=("test_x.py::test_b",))).tests
    assert run.collected == ("test_x.py::test_b",)

"""What each step of a job reports, on the real sandbox."""

import pytest

from sandbox import Command, DockerSandbox, Job, Plan, TestPlan
from tests.sandbox.trees import pytest_job, script_job, tar_of

pytestmark = pytest.mark.docker


def test_an_empty_plan_gives_an_empty_report(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(Job(tree=b"", plan=Plan()))
    assert report.fault is None
    assert (report.syntax, report.lint, report.command, report.tests) == ((), (), None, ())
    assert report.image == docker_sandbox.image


def test_syntax_problems_name_file_and_line_and_nothing_is_executed(
    docker_sandbox: DockerSandbox,
) -> None:
    files = {"good.py": "raise SystemExit(1)\n", "bad.py": "x = 1\ndef f(:\n", "nul.py": b"\0"}
    plan = Plan(compile=("good.py", "bad.py", "nul.py", "absent.py"))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    found = [(problem.path, problem.line) for problem in report.syntax]
    assert found == [("bad.py", 2), ("nul.py", 0), ("absent.py", 0)]


def test_lint_uses_exactly_the_rules_it_is_given(docker_sandbox: DockerSandbox) -> None:
    files = {"a.py": "import os\nprint(undefined)\n", "ruff.toml": 'lint.ignore = ["F"]\n'}
    plan = Plan(lint=("a.py",), lint_rules=("F821",))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert [(f.path, f.line, f.code) for f in report.lint] == [("a.py", 2, "F821")]


@pytest.mark.parametrize("settings", ['lint.ignore = ["F401"]\n', '[lint]\nignore = ["F401"]\n'])
def test_lint_takes_the_configuration_of_the_plan_and_not_of_the_tree(
    docker_sandbox: DockerSandbox, settings: str
) -> None:
    files = {"a.py": "import os\nassert (1, 'x')\n", "ruff.toml": 'lint.ignore = ["F"]\n'}
    plan = Plan(lint=("a.py",), lint_rules=("F",), lint_config=settings)
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert [f.code for f in report.lint] == ["F631"]


def test_more_files_than_one_command_line_holds_are_all_linted(
    docker_sandbox: DockerSandbox,
) -> None:
    names = [f"{'long' * 30}/{n}.py" for n in range(1_500)]
    files: dict[str, str | bytes] = dict.fromkeys(names, "")
    files[names[0]] = files[names[-1]] = "import os\n"
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=Plan(lint=tuple(names))))
    assert [finding.path for finding in report.lint] == [names[0], names[-1]]


def test_a_broken_lint_configuration_is_a_finding_that_says_so(
    docker_sandbox: DockerSandbox,
) -> None:
    plan = Plan(lint=("a.py",), lint_config="this is not toml")
    report = docker_sandbox.run(Job(tree=tar_of({"a.py": ""}), plan=plan))
    assert report.fault is None
    assert [finding.code for finding in report.lint] == ["ruff"]


def test_a_command_gives_its_streams_and_its_exit_code(docker_sandbox: DockerSandbox) -> None:
    source = "import sys\nprint(sys.stdin.read(), sys.argv[1:])\nraise ValueError('oh no')\n"
    report = docker_sandbox.run(script_job(source, "--all", stdin=b"hello"))
    assert report.command is not None
    assert report.command.exit_code == 1
    assert report.command.stdout == "hello ['--all']\n"
    assert 'File "/job/tree/main.py", line 3' in report.command.stderr
    assert report.command.stderr.endswith("ValueError: oh no\n")


def test_a_command_sees_its_extra_files_and_variables_and_nothing_of_the_host(
    docker_sandbox: DockerSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    source = "import os\nprint(open('in/data.txt').read(), dict(os.environ))\n"
    job = script_job(source, files={"in/data.txt": b"42"}, env={"MODE": "test"})
    report = docker_sandbox.run(job)
    assert report.command is not None
    assert report.command.stdout.startswith("42 ")
    assert "'MODE': 'test'" in report.command.stdout
    assert "SECRET" not in report.command.stdout


@pytest.mark.parametrize(
    ("folder", "code", "out"), [("jobs", 0, "/job/tree/jobs in\n"), ("absent", 127, "")]
)
def test_a_command_is_started_in_the_folder_that_it_names(
    docker_sandbox: DockerSandbox, folder: str, code: int, out: str
) -> None:
    files = {"jobs/a.py": "import os; print(os.getcwd(), input())\n"}
    command = Command(argv=("python", "a.py"), cwd=folder, stdin=b"in\n")
    ended = docker_sandbox.run(Job(tree=tar_of(files), plan=Plan(command=command))).command
    assert ended is not None
    assert (ended.exit_code, ended.stdout) == (code, out)


def test_a_program_that_is_not_there_ends_with_127(docker_sandbox: DockerSandbox) -> None:
    plan = Plan(command=Command(argv=("no-such-program",)))
    report = docker_sandbox.run(Job(tree=b"", plan=plan))
    assert report.command is not None
    assert report.command.exit_code == 127
    assert "no-such-program" in report.command.stderr


def test_a_signal_is_told_apart_from_an_exit_code(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(script_job("import os; os.kill(os.getpid(), 11)"))
    assert report.command is not None
    assert (report.command.exit_code, report.command.signal) == (None, 11)


def test_the_deadline_ends_a_program_that_ignores_being_asked(
    docker_sandbox: DockerSandbox,
) -> None:
    source = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint(1, flush=True)\n"
    job = script_job(source + "time.sleep(60)\n", timeout_s=1)
    report = docker_sandbox.run(job)
    assert report.command is not None
    assert report.command.timed_out
    assert report.command.stdout == "1\n"


def test_a_child_that_is_killed_for_memory_is_seen_though_the_command_ends_well(
    docker_sandbox: DockerSandbox,
) -> None:
    source = "import os\nif os.fork() == 0:\n    x = bytearray(2 << 30)\nos.wait()\n"
    report = docker_sandbox.run(script_job(source))
    assert report.command is not None
    assert report.command.exit_code == 0
    assert report.command.oom


def test_endless_output_on_both_streams_is_cut_in_the_middle(
    docker_sandbox: DockerSandbox,
) -> None:
    source = (
        "import sys\nprint('first')\nprint('first', file=sys.stderr)\n"
        "for _ in range(3000):\n    print('x' * 1000)\n    print('y' * 1000, file=sys.stderr)\n"
        "print('last')\n"
    )
    report = docker_sandbox.run(script_job(source))
    assert report.command is not None
    assert report.command.exit_code == 0
    for stream in (report.command.stdout, report.command.stderr):
        assert len(stream) <= (1 << 20) + 100
        assert stream.startswith("first\n")
        assert "bytes cut" in stream
    assert report.command.stdout.endswith("last\n")


def test_output_that_is_not_text_is_replaced_and_not_lost(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(script_job("import os; os.write(1, b'a\\xff\\x00z')"))
    assert report.command is not None
    assert report.command.stdout == "a\ufffd\x00z"


def test_lines_that_ran_are_told_for_commands_and_for_tests(
    docker_sandbox: DockerSandbox,
) -> None:
    library = "def f(x):\n    if x:\n        return 1\n    return 2\n"
    files = {
        "lib.py": library,
        "main.py": "import lib\nlib.f(0)\nraise SystemExit(3)\n",
        "test_lib.py": "import lib\ndef test_f():\n    assert lib.f(1) == 1\n",
    }
    plan = Plan(
        command=Command(argv=("python", "main.py")), tests=TestPlan(), trace={"lib.py": (2, 3, 4)}
    )
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is not None
    assert report.command.exit_code == 3
    assert report.command.stderr == ""
    assert report.command.executed == {"lib.py": (2, 4)}
    told_by_the_command_already = 2
    assert told_by_the_command_already not in report.tests[0].ended.executed["lib.py"]
    assert report.tests[0].ended.executed == {"lib.py": (3,)}


def test_lines_of_threads_and_of_modules_imported_late_are_told(
    docker_sandbox: DockerSandbox,
) -> None:
    library = "import threading\ndef f():\n    return 1\nthread = threading.Thread(target=f)\n"
    main = "import json\njson.dumps([1])\nimport lib\nlib.thread.start()\nlib.thread.join()\n"
    plan = Plan(
        command=Command(argv=("python", "main.py")), trace={"lib.py": (2, 3), "main.py": (1, 5)}
    )
    report = docker_sandbox.run(Job(tree=tar_of({"lib.py": library, "main.py": main}), plan=plan))
    assert report.command is not None
    assert report.command.executed == {"lib.py": (2, 3), "main.py": (1, 5)}


def test_a_traced_command_finds_only_those_modules_imported_that_it_would_find_outside(
    docker_sandbox: DockerSandbox,
) -> None:
    main = "import importlib\nfound = importlib.util.find_spec('json')\n"
    job = Job(
        tree=tar_of({"main.py": main}), plan=Plan(command=Command(argv=("python", "main.py")))
    )
    traced = job.plan.model_copy(update={"trace": {"main.py": (1,)}})
    bare, seen = (
        docker_sandbox.run(job.model_copy(update={"plan": p})) for p in (job.plan, traced)
    )
    assert bare.command is not None
    assert seen.command is not None
    assert seen.command.executed == {"main.py": (1,)}
    assert seen.command.exit_code == bare.command.exit_code


def test_what_runs_after_the_last_line_is_not_slowed_by_tracing(
    docker_sandbox: DockerSandbox,
) -> None:
    main = "import sys\nbefore = sys.gettrace()\nprint(before is None)\nprint(sys.gettrace())\n"
    plan = Plan(command=Command(argv=("python", "main.py")), trace={"main.py": (1, 3)})
    report = docker_sandbox.run(Job(tree=tar_of({"main.py": main}), plan=plan))
    assert report.command is not None
    assert report.command.executed == {"main.py": (1, 3)}
    assert report.command.stdout.splitlines()[-1] == "None"


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


def test_sentinels_leave_no_trace_in_what_a_person_reads(docker_sandbox: DockerSandbox) -> None:
    files = {"test_x.py": "def test_a(): assert 1 == 1\ndef test_b(): assert 2 == 2\n"}
    (run,) = docker_sandbox.run(pytest_job(files)).tests
    assert run.ended.exit_code == 1
    assert run.collected == ("test_x.py::test_a", "test_x.py::test_b")
    assert [result.node for result in run.results] == list(run.collected)
    assert "2 passed" in run.ended.stdout
    assert "failed" not in run.ended.stdout
    assert run.sentinels_failed == run.sentinels >= 5


def test_a_seed_changes_the_order_and_nothing_else(docker_sandbox: DockerSandbox) -> None:
    files = {"test_x.py": "".join(f"def test_{n}(): pass\n" for n in range(30))}
    plain, shuffled = docker_sandbox.run(pytest_job(files, seeds=(None, 7))).tests
    assert set(plain.collected) == set(shuffled.collected)
    assert plain.collected != shuffled.collected


def test_a_command_that_is_not_pytest_gives_its_exit_status(docker_sandbox: DockerSandbox) -> None:
    job = pytest_job({"check.py": "raise SystemExit(7)"}, command=("python", "check.py"))
    (run,) = docker_sandbox.run(job).tests
    assert run.ended.exit_code == 7
    assert run.results == ()

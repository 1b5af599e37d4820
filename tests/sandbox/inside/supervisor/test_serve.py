"""One job is served: each step that the plan asks for, in its order, and nothing else."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Command, DockerSandbox, Job, Plan
from sandbox.container import encode
from sandbox.inside.frames import FrameParser, pack
from sandbox.inside.messages import Plan as SentPlan
from sandbox.inside.messages import Report
from sandbox.inside.supervisor import serve
from sandbox.job import ScreenPlan
from sandbox.trees import tar
from tests.sandbox.inside.in_child import run_code


@pytest.mark.docker
def test_an_empty_plan_gives_an_empty_report(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(Job(tree=b"", plan=Plan()))
    assert report.fault is None
    assert (report.syntax, report.lint, report.command, report.tests) == ((), (), None, ())
    assert report.image == docker_sandbox.image


EMPTY: SentPlan = Plan().model_dump(mode="python")


def send(tree: bytes) -> Report:
    return serve.serve({"timeout_s": 5.0, "plan": EMPTY}, tree)


def test_a_plan_that_asks_for_nothing_starts_nothing() -> None:
    assert send(tar({"a.py": b"1"})) == {"step_seconds": {}}


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        (b"not a tar at all", "is not a readable tar"),
        (tar({"a.py": b"x" * 5_000})[:1_000], "cut short"),
        (tar({"../../etc/passwd": b""}), "'../../etc/passwd' is not a plain path"),
        (tar({"/etc/passwd": b""}), "is not a relative path"),
    ],
)
def test_a_tree_that_cannot_be_used_is_a_fault_that_names_why(tree: bytes, says: str) -> None:
    fault = send(tree)["fault"]
    assert (fault["kind"], fault["retryable"]) == ("protocol", False)
    assert says in fault["message"]
    assert fault["message"].startswith("The tree cannot be used: ")


@pytest.mark.parametrize("head", [{}, {"timeout_s": "soon", "plan": {}}, {"timeout_s": 1.0}])
def test_a_job_that_is_not_described_is_not_served(head: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        serve.serve(head, b"")


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=20), st.binary(max_size=50)))
def test_bytes_of_a_command_arrive_as_the_host_has_them(
    stdin: bytes, files: dict[str, bytes]
) -> None:
    command = Command(argv=("python",), stdin=stdin, files=files)
    job = Job(tree=b"", plan=Plan(command=command, screen=ScreenPlan(command=command)))
    head = json.loads(next(FrameParser().feed(encode(job))))
    plan = serve.decode_bytes(head["plan"])
    for each in (plan["command"], plan["screen"]["command"]):
        assert (each["stdin"], each["files"]) == (stdin, files)


@pytest.mark.parametrize("text", ["not base64 é", "====x", "a"])
def test_bytes_that_are_no_base64_are_refused(text: str) -> None:
    plan = Plan(command=Command(argv=("python",))).model_dump(mode="python")
    plan["command"]["stdin"] = text
    with pytest.raises(ValueError):
        serve.decode_bytes(plan)


def test_a_record_loses_its_kind_and_nothing_else() -> None:
    assert serve._without_kind({"kind": "seen", "node": "t", "lines": {}}) == {
        "node": "t",
        "lines": {},
    }


def test_how_long_a_step_took_is_told_by_its_name() -> None:
    report: Report = {"step_seconds": {}}
    with serve._measure(report, "lint"):
        time.sleep(0.02)
    assert 0.02 <= report["step_seconds"]["lint"] < 10


def test_whatever_is_printed_goes_to_the_notes_and_not_into_the_answer() -> None:
    code = (
        "from sandbox.inside.supervisor import serve\nfd = serve._take_over_stdout()\n"
        "print('a library prints', flush=True)\nos.system('echo so does a program')\n"
        "serve._send(fd, {'kind': 'ready'})"
    )
    ended = run_code(code)
    assert ended.stdout == pack(b'{"kind": "ready"}')
    assert ended.stderr == b"a library prints\nso does a program\n"


@pytest.mark.parametrize(("stdin", "is_waiting"), [(b"a job", True), (b"", True)])
def test_a_job_that_is_there_already_is_not_kept_waiting(stdin: bytes, is_waiting: bool) -> None:
    """An end of input counts too: there will be no job, so nothing is prepared for one."""
    code = "from sandbox.inside.supervisor import serve\nprint(serve._input_is_waiting())"
    assert run_code(code, stdin=stdin).stdout == f"{is_waiting}\n".encode()


def test_a_message_that_is_not_ascii_is_still_one_line_of_ascii() -> None:
    code = "from sandbox.inside.supervisor import serve\nserve._send(1, {'a': 'ü\\ud800\\n'})"
    (frame,) = FrameParser().feed(run_code(code).stdout)
    assert frame == b'{"a": "\\u00fc\\ud800\\n"}'

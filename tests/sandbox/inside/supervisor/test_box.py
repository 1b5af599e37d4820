"""Every step has a fresh tree; none can change what the next one sees."""

import pytest

from sandbox import Command, DockerSandbox, Job, Plan, TestPlan
from sandbox.inside import tree
from sandbox.inside.supervisor.box import Box
from tests.sandbox.trees import tar_of

TESTS = """
from lib import double

def test_two():
    assert double(2) == 4

def test_three():
    assert double(3) == 6

def test_text():
    assert double("a") == "aa"
"""
EXPECTED = {f"test_lib.py::{name}" for name in ("test_two", "test_three", "test_text")}
BROKEN = "def double(x):\n    return x\n"


@pytest.mark.docker
def test_a_step_cannot_change_what_the_next_one_sees(docker_sandbox: DockerSandbox) -> None:
    meddler = (
        "import os\nopen('test_lib.py', 'w').write('def test_two(): pass\\n')\n"
        "open('conftest.py', 'w').write('import os; os._exit(0)')\n"
        "os.makedirs('/tmp/pytest_cache')\nos.chmod('/tmp/pytest_cache', 0)\n"
        "if os.fork() == 0:\n"
        "    import time\n"
        "    for _ in range(1000):\n"
        "        try: open('/job/tree/test_lib.py', 'w').write('def test_two(): pass\\n')\n"
        "        except OSError: pass\n"
        "        time.sleep(0.001)\n"
    )
    files = {"lib.py": BROKEN, "test_lib.py": TESTS, "main.py": meddler}
    plan = Plan(command=Command(argv=("python", "main.py")), tests=TestPlan())
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.fault is None
    (run,) = report.tests
    assert set(run.collected) == EXPECTED
    outcomes = {result.node: result.outcome for result in run.results}
    assert outcomes["test_lib.py::test_two"] == "failed"


@pytest.mark.docker
def test_a_large_tree_of_many_files_fits(docker_sandbox: DockerSandbox) -> None:
    files: dict[str, str | bytes] = {f"d{n % 50}/f{n}.txt": b"x" * 10_000 for n in range(5_000)}
    files["main.py"] = "import os\nprint(sum(len(files) for _, _, files in os.walk('.')))\n"
    plan = Plan(command=Command(argv=("python", "main.py")))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is not None
    assert report.command.stdout == "5001\n"


@pytest.mark.docker
def test_the_largest_tree_that_is_taken_fits(docker_sandbox: DockerSandbox) -> None:
    files: dict[str, str | bytes] = {f"f{n}": b"x" * (60 << 20) for n in range(2)}
    plan = Plan(command=Command(argv=("python", "-c", "print(1)")))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is not None
    assert (report.command.stdout, report.command.oom) == ("1\n", False)


def test_a_file_is_read_as_it_came_over_the_wire() -> None:
    entries = [tree.Entry("a.py", False, b"1"), tree.Entry("b.py", True, memoryview(b"22"))]
    box = Box(entries, deadline=0.0)
    assert box.read("a.py") == b"1"
    assert box.read("b.py") == b"22"
    assert box.read("b.py") == b"22"


@pytest.mark.parametrize("path", ["absent.py", "", "/etc/passwd", "../a.py", "./a.py"])
def test_a_file_that_did_not_come_is_not_looked_for_on_disk(path: str) -> None:
    assert Box([tree.Entry("a.py", False, b"1")], deadline=0.0).read(path) is None

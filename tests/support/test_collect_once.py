"""One process collects, several run: each test once, each end told, and no death hides one."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = '''"""Tests of every end."""
import os, pathlib, time
import pytest

@pytest.fixture(scope="session", autouse=True)
def process():
    yield
    with open(os.environ["SAYS"], "a") as file:
        file.write(f"closed {os.getpid()}\\n")

@pytest.fixture(autouse=True)
def note(request):
    with open(os.environ["SAYS"], "a") as file:
        file.write(f"ran {request.node.name} {os.getpid()}\\n")

def test_passes(tmp_path):
    (tmp_path / "x").write_text("of its own")

def test_fails():
    print("what it printed")
    assert 1 == 2

@pytest.mark.parametrize("number", range(3))
def test_reads_what_it_writes(number, capfd):
    os.write(1, b"there")
    assert capfd.readouterr().out == "there"

def test_dies():
    os._exit(7)

def test_after_the_dead_one():
    pass

def test_hangs():
    time.sleep(60)

def test_after_the_hanging_one():
    pass

def test_is_left_out():
    pytest.skip("not here")

@pytest.fixture
def broken():
    yield
    raise ValueError("at the end of it")

def test_leaves_a_mess(broken):
    pass
'''
TESTS = 11


def run_forks(folder: Path, *options: str, files: int = 2) -> tuple[int, str, list[str]]:
    """How pytest ends on that many such files, what it prints, and what the tests said."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q --import-mode=importlib\n")
    for number in range(files):
        (folder / f"test_{number}.py").write_text(MODULE)
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "tests.support.collect_once", "--forks", "2",
            "-p", "no:cacheprovider", "--timeout", "2", "--timeout-method", "thread",
            f"--basetemp={folder / 't'}", "-c", str(folder / "pytest.ini"), *options, str(folder),
        ],
        cwd=ROOT, env=os.environ | {"SAYS": str(folder / "says")}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    says = folder / "says"
    return done.returncode, done.stdout + done.stderr, says.read_text().splitlines()


def test_each_test_runs_once_and_each_end_is_told(tmp_path: Path) -> None:
    code, out, says = run_forks(tmp_path)
    assert code == 1
    runs = Counter(line.split()[1] for line in says if line.startswith("ran "))
    assert set(runs.values()) == {2}, runs
    assert len(runs) == TESTS
    assert re.findall(r"(\d+) (failed|passed|skipped|error)", out.splitlines()[-1]) == [
        ("6", "failed"), ("14", "passed"), ("2", "skipped"), ("2", "error")
    ]  # fmt: skip
    for number in range(2):
        for name in ("fails", "dies", "hangs"):
            assert re.search(rf"^FAILED \S*test_{number}\.py::test_{name}\b", out, re.M), name
    assert out.count("what it printed") >= 2
    assert "time.sleep(60)" in out, "the stack of what hung is shown"


def test_each_process_has_its_own_fixtures_and_closes_them(tmp_path: Path) -> None:
    _, _, says = run_forks(tmp_path, "-k", "passes or reads or after", files=12)
    processes = {line.split()[-1] for line in says if line.startswith("ran ")}
    assert len(processes) == 2
    closed = [line.split()[-1] for line in says if line.startswith("closed ")]
    assert len(closed) == 12, "each file's own, once"
    assert set(closed) == processes


def test_after_too_many_failures_no_other_portion_is_begun(tmp_path: Path) -> None:
    code, out, says = run_forks(tmp_path, "-x", "-k", "fails or after", files=40)
    assert code == 1
    assert re.search(r"stopping after [1-4] failures", out), "both may be at one already"
    assert len(says) < 40

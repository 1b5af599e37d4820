"""Programs that a traced one starts report, too, and find nothing of it where they look."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.git import write_files

REPOSITORY = Path(__file__).parents[4]
START = """\
import os, sys
from sandbox.inside.tracing import heirs, calls, lines
root, kind = sys.argv[1:3]
places = {"job.py": ('"job.py"', list(map(int, sys.argv[4:])))}
heirs.hand_down(heirs.make_request({kind: places if kind == "lines" else None}, root))
(lines if kind == "lines" else calls).start(heirs.CHANNEL_FD, root, places)
os.chdir(root)
sys.path[:] = [path for path in sys.path if path != sys.argv[3]]
exec(open("start.py").read())
"""
JOB = "import sys\ntold = 1\nif __name__ == '__main__':\n    print(told)\n"
ALL = {1, 2, 3}

WAYS = {
    "run": "import subprocess\nsubprocess.run([sys.executable, 'job.py'])",
    "an environment of its own": (
        "import subprocess\nsubprocess.run([sys.executable, 'job.py'], env={'A': 'b'})"
    ),
    "os.environ itself": (
        "import subprocess\nsubprocess.run([sys.executable, 'job.py'], env=os.environ)"
    ),
    "a copy with more": (
        "import subprocess\n"
        "subprocess.run([sys.executable, 'job.py'], env={**os.environ, 'PYTHONPATH': 'src'})"
    ),
    "a path of its own": (
        "import subprocess\nos.environ['PYTHONPATH'] = 'src'\n"
        "subprocess.run([sys.executable, 'job.py'])"
    ),
    "a shell": "os.system(f'{sys.executable} job.py')",
    "a shell in a shell": (
        "import subprocess\nsubprocess.run(['bash', '-c', f'sh -c \"{sys.executable} job.py\"'])"
    ),
    "a grandchild": (
        "import subprocess\nsubprocess.run([sys.executable, '-c', 'import subprocess, sys;"
        ' subprocess.run([sys.executable, "job.py"], env={"A": "b"})\'])'
    ),
    "exec": "os.execv(sys.executable, [sys.executable, 'job.py'])",
    "multiprocessing": ("import subprocess\nsubprocess.run([sys.executable, 'spawn.py'])"),
}
SPAWN = (
    "import multiprocessing\n\ndef work():\n    import runpy\n"
    "    runpy.run_path('job.py', run_name='__main__')\n\n"
    "if __name__ == '__main__':\n"
    "    child = multiprocessing.get_context('spawn').Process(target=work)\n"
    "    child.start()\n    child.join()\n"
)


def run(
    folder: Path, start: str, kind: str = "lines", job: str = JOB, asked: Sequence[int] = (1, 2, 3)
) -> tuple[list[str], str]:
    """The channel's messages, and what was printed."""
    write_files(folder, {"job.py": job, "spawn.py": SPAWN, "start.py": f"import os, sys\n{start}"})
    read, write = os.pipe()
    with os.fdopen(read, "rb") as channel:
        try:
            end = subprocess.run(
                [
                    *("bash", "-c", f'exec "$@" 3>&{write}', "-", sys.executable, "-c", START),
                    *(str(folder), kind, str(REPOSITORY), *map(str, asked)),
                ],
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)},
                pass_fds=[write],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            os.close(write)
        messages = channel.read().decode().splitlines()
    assert end.returncode == 0, end.stderr
    assert end.stderr == ""
    return messages, end.stdout


def lines_of(messages: list[str]) -> set[int]:
    return {json.loads(message)["ran"][1] for message in messages}


@pytest.mark.parametrize("way", WAYS)
def test_a_program_reports_however_it_is_started(tmp_path: Path, way: str) -> None:
    messages, out = run(tmp_path, WAYS[way])
    assert lines_of(messages) == ALL
    assert out == "1\n"


def test_what_runs_at_all_is_reported_by_children_as_well(tmp_path: Path) -> None:
    messages, _ = run(tmp_path, WAYS["run"], kind="calls")
    assert {"call": ["job.py", 0]} in map(json.loads, messages)


def test_a_program_finds_nothing_of_it_where_it_looks(tmp_path: Path) -> None:
    job = (
        "import os, sys, json\n"
        "print(json.dumps([sorted(os.environ), [p for p in sys.path if 'tracing' in p]]))\n"
        "print(os.environ.get('PYTHONPATH'))\n"
    )
    start = (
        "import subprocess\nprint(sorted(os.environ))\nenv = {'A': 'b', 'PYTHONPATH': 'src'}\n"
        "subprocess.run([sys.executable, 'job.py'], env=env)\n"
        "subprocess.run([sys.executable, 'job.py'], env=os.environ)\n"
        "print(sorted(os.environ))"
    )
    _, out = run(tmp_path, start, job=job)
    lines = out.splitlines()
    assert "TRACE" not in out
    assert json.loads(lines[0])[1] == []
    assert lines[1] == "src"
    assert lines[3] == str(REPOSITORY)
    own = {line for line in lines if "PATH" in line and line.startswith("['")}
    assert len(own) == 1


OWN_TRACE = """
import sys

def trace(frame, event, argument):
    seen.append(event)
    return trace

seen = []
sys.{set}(trace)
import job
job.total([1])
sys.{set}(None)
job.late([2])
assert "call" in seen
"""
LIBRARY = """\
def total(rows):
    return sum(rows)

def late(rows):
    return len(rows)
"""


@pytest.mark.parametrize(("kind", "seen"), [("lines", {1, 2, 5}), ("calls", {0, 1, 4})])
@pytest.mark.parametrize("own", ["settrace", "setprofile"])
def test_a_program_that_traces_itself_is_traced_all_the_same(
    tmp_path: Path, own: str, kind: str, seen: set[int]
) -> None:
    messages, _ = run(
        tmp_path, OWN_TRACE.replace("{set}", own), kind=kind, job=LIBRARY, asked=[1, 2, 5]
    )
    found = [next(iter(json.loads(message).values())) for message in messages]
    assert {line for path, line in found if path == "job.py"} == seen

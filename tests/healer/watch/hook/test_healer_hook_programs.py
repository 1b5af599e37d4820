"""What programs said that a job started is on its tape, and the job notices nothing."""

import sys
from pathlib import Path

import pytest

from healer.tape.facts import ProgramRun
from tests.support.healer_jobs import repository, under_healer
from tests.support.tapes import read_only_tape

START = "import subprocess, sys\nfrom subprocess import PIPE\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "subprocess.run(['tr', 'a', 'b'], input='aä', capture_output=True, text=True)",
            ProgramRun(("tr", "a", "b"), 0, "aä".encode(), "bä".encode()),
        ),
        (
            "subprocess.run('echo x; echo y >&2; exit 3', shell=True, stdout=PIPE, stderr=PIPE)",
            ProgramRun(("echo x; echo y >&2; exit 3",), 3, b"", b"x\n", b"y\n"),
        ),
        ("subprocess.check_output(['echo', 'x'])", ProgramRun(("echo", "x"), 0, b"", b"x\n")),
        ("subprocess.call(['false'])", ProgramRun(("false",), 1)),
        ("subprocess.Popen(['true']).wait()", ProgramRun(("true",), 0)),
    ],
)
def test_every_way_to_a_program_is_on_the_tape_once(
    tmp_path: Path, line: str, expected: ProgramRun
) -> None:
    repo = repository(tmp_path, {"job.py": f"{START}{line}\n1 / 0\n"})
    assert b"ZeroDivisionError" in under_healer(sys.executable, "job.py", cwd=repo).stderr
    tape = read_only_tape(repo)
    assert tape.program_runs == (expected,)
    assert tape.gaps == ()


def test_a_python_notes_for_itself_and_a_long_output_is_left_out(tmp_path: Path) -> None:
    long = "subprocess.check_output(['head', '-c', '2000000', '/dev/zero'])"
    job = f"{START}subprocess.check_output([sys.executable, '-c', ''])\n{long}\n1 / 0\n"
    repo = repository(tmp_path, {"job.py": job})
    under_healer(sys.executable, "job.py", cwd=repo)
    tape = read_only_tape(repo)
    assert (tape.program_runs, len(tape.programs)) == ((), 2)


def test_a_failing_program_raises_as_without_healer_with_the_same_traceback(
    tmp_path: Path,
) -> None:
    job = f"{START}subprocess.run(['sleep', '9'], timeout=0.05, capture_output=True)\n"
    repo = repository(tmp_path, {"job.py": job})
    stderr = under_healer(sys.executable, "job.py", cwd=repo).stderr
    assert b"TimeoutExpired" in stderr
    assert b"healer_hook" not in stderr

"""What programs said that a job started is on its tape, and the job notices nothing."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from healer.tape.facts import ProgramRun
from healer.watch.hook.healer_hook_programs import starts_python
from tests.support.healer_jobs import environment, repository, under_healer
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
        (
            "import asyncio\nasync def main():\n"
            "    p = await asyncio.create_subprocess_exec('sort', stdin=PIPE, stdout=PIPE)\n"
            "    await p.communicate(b'b\\na\\n')\nasyncio.run(main())",
            ProgramRun(("sort",), 0, b"b\na\n", b"a\nb\n"),
        ),
        (
            "import asyncio\nasync def main():\n"
            "    p = await asyncio.create_subprocess_shell('echo x; exit 3', stdout=PIPE)\n"
            "    await p.communicate()\nasyncio.run(main())",
            ProgramRun(("echo x; exit 3",), 3, b"", b"x\n"),
        ),
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


STEP = "import os, sys\nfor line in open('in.txt'): print(line)\n"
STARTS = {
    "words": "subprocess.run([sys.executable, 'step.py'], check=True)",
    "shell": "subprocess.run(f'{sys.executable} step.py', shell=True, check=True)",
    "variables": "subprocess.run([sys.executable, 'step.py'], env={'A': 'b'}, check=True)",
    "script": "subprocess.run(['./step.py'], check=True)",
    "asyncio": "import asyncio\nasync def main():\n"
    "    p = await asyncio.create_subprocess_exec(sys.executable, 'step.py')\n"
    "    await p.wait()\nasyncio.run(main())",
    "a Python between": "subprocess.run([sys.executable, '-c',"
    " 'import subprocess, sys; subprocess.run([sys.executable, \"step.py\"], check=True)'])",
}


@pytest.mark.parametrize("way", STARTS)
def test_a_python_that_is_started_notes_for_itself(tmp_path: Path, way: str) -> None:
    step = f"#!{sys.executable}\n{STEP}"
    files = {"job.py": f"{START}{STARTS[way]}\n1 / 0\n", "step.py": step, "in.txt": "rows\n"}
    repo = repository(tmp_path, files)
    (repo / "step.py").chmod(0o755)
    end = under_healer(sys.executable, "job.py", cwd=repo)
    assert (end.stdout, b"ZeroDivisionError" in end.stderr) == (b"rows\n\n", True)
    tape = read_only_tape(repo)
    assert [file.path for file in tape.files] == [str(repo / "in.txt")]
    assert tape.gaps == ()


def test_what_one_process_leaves_for_another_is_no_input(tmp_path: Path) -> None:
    job = "open('in.txt', 'w').write('rows')\nsubprocess.run([sys.executable, 'step.py'])\n1 / 0\n"
    repo = repository(tmp_path, {"job.py": f"{START}{job}", "step.py": STEP})
    under_healer(sys.executable, "job.py", cwd=repo)
    assert read_only_tape(repo).files == ()


def test_the_started_python_sees_nothing_of_it(tmp_path: Path) -> None:
    show = (
        "import os, sys; print(sorted(os.environ), sys.path, sys.flags, len(sys.meta_path),"
        " sorted(n for n in sys.modules if 'hook' in n))"
    )
    job = f"{START}print(subprocess.check_output([sys.executable, '-c', {show!r}]))\nsys.exit(3)\n"
    repo = repository(tmp_path, {"job.py": job})
    ours = under_healer(sys.executable, "job.py", cwd=repo).stdout.decode()
    plain = [sys.executable, "job.py"]
    theirs = subprocess.run(plain, cwd=repo, env=environment(), capture_output=True, check=False)
    assert ours == theirs.stdout.decode()


def test_an_error_of_a_started_python_counts_as_its_parent_takes_it(tmp_path: Path) -> None:
    job = f"{START}subprocess.run([sys.executable, '-c', '1 / 0'])\n"
    repo = repository(tmp_path, {"job.py": job})
    assert under_healer(sys.executable, "job.py", cwd=repo).returncode == 0
    assert not (repo / ".git" / "healer" / "inbox").exists()


def test_a_program_that_is_not_there_has_the_traceback_as_without_healer(tmp_path: Path) -> None:
    job = (
        f"{START}import traceback\ntry:\n    subprocess.run(['no-such-program'])\n"
        "except OSError:\n    traceback.print_exc()\nsubprocess.run(['no-such-program'])\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    ours = under_healer(sys.executable, "job.py", cwd=repo).stderr
    plain = [sys.executable, "job.py"]
    theirs = subprocess.run(plain, cwd=repo, env=environment(), capture_output=True, check=False)
    assert ours == theirs.stderr


@pytest.mark.parametrize(
    ("words", "executable", "shell", "expected"),
    [
        (["python3.11", "x.py"], None, False, True),
        (["/usr/bin/python", "-u", "x.py"], None, False, True),
        ([b"python3"], None, False, True),
        (["worker"], "/usr/bin/python3", False, True),
        ("python3 x.py > out", None, True, True),
        (["python3 x.py"], None, True, True),
        (["python-config"], None, False, False),
        (["pythonista3"], None, False, False),
        (["python3", "-I", "x.py"], None, False, False),
        (["python3", "-sE", "x.py"], None, False, False),
        (["python3", "x.py", "-I"], None, False, True),
        (["echo", "python3"], None, False, False),
        ("cd /srv && python3 x.py", None, True, False),
        ([], None, False, False),
        ("", None, True, False),
        (["/no/such"], None, False, False),
    ],
)
def test_python_is_known_by_its_name(
    words: Any, executable: Any, shell: bool, expected: bool
) -> None:
    assert starts_python(words, executable, shell) is expected


@pytest.mark.parametrize("way", ["spawn", "forkserver"])
def test_a_worker_that_does_not_note_is_said(tmp_path: Path, way: str) -> None:
    job = (
        "import multiprocessing as m\nif __name__ == '__main__':\n"
        f"    w = m.get_context({way!r}).Process(target=print)\n    w.start()\n"
        "    w.join()\n    1 / 0\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    assert b"ZeroDivisionError" in under_healer(sys.executable, "job.py", cwd=repo).stderr
    (gap,) = read_only_tape(repo).gaps
    assert "a Python that it starts" in gap

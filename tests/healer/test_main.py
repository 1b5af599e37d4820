"""Ctrl-C ends healer without a traceback, whenever it comes; and a start stays quick."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.healer_jobs import PROJECT, environment, repository

START = """if 1:
    import sys
    from healer import __main__ as entry
    sys.argv[0] = 'healer'
    set_handler = entry.signal
    def announce(*handler):
        set_handler(*handler)
        print('here', flush=True)
        entry.signal = set_handler
    entry.signal = announce
    if '--ignored' in sys.argv:
        sys.argv.remove('--ignored')
        print('here', flush=True)
    sys.exit(entry.main())
"""
"""What the installed `healer` does, with a word as soon as it has taken Ctrl-C from Python."""


def start(*words: str, cwd: Path, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", START, *words],
        cwd=cwd,
        env=environment(PYTHONPATH=str(PROJECT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    return process


@pytest.mark.parametrize("after_ms", [0, 3, 20, 60, 130, 260])
def test_an_interrupt_at_any_moment_of_the_start_prints_no_traceback(
    tmp_path: Path, after_ms: int
) -> None:
    process = start("status", cwd=repository(tmp_path))
    time.sleep(after_ms / 1000)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert len(err.split()) < 20  # a sentence, or nothing
    assert process.returncode in (0, 130)


def test_an_interrupt_before_a_job_runs_starts_no_job(tmp_path: Path) -> None:
    process = start("run", "--", "sh", "-c", "sleep 0.3; exit 7", cwd=repository(tmp_path))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode == 130


def test_who_starts_healer_with_interrupts_ignored_is_obeyed(tmp_path: Path) -> None:
    ignoring = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")  # as a shell does with `healer … &`
    process = start("--ignored", "--version", cwd=tmp_path, prefix=ignoring)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("healer")


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], ("docker", "dbos", "sqlalchemy", "pydantic", "openai", "healer.cli.fix")),
        (["run", "--", "true"], ("click", "pydantic", "dataclasses", "typing", "json", "difflib")),
    ],
)
def test_a_start_loads_nothing_heavy(tmp_path: Path, words: list[str], heavy: list[str]) -> None:
    code = (
        "import os, sys; from healer.__main__ import main\n"
        "def leave(code):\n"
        "    os.write(1, ' '.join(sorted(sys.modules)).encode()); really(code)\n"
        "really, os._exit = os._exit, leave\n"
        "sys.argv[0] = 'healer'; main(); leave(0)"
    )
    process = subprocess.run(
        [sys.executable, "-S", "-c", code, *words],
        cwd=repository(tmp_path),
        env=environment(PYTHONPATH=":".join(path for path in sys.path if path)),
        capture_output=True,
        text=True,
        check=True,
    )
    modules = process.stdout.split()
    assert "healer.__main__" in modules
    assert [name for name in heavy if name in modules] == []

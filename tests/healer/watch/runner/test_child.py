"""A job is started as a shell would start it, and its end is read as it was."""

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.watch.runner import child


@pytest.fixture
def mask() -> Iterator[set[signal.Signals]]:
    """Signals are held back as around a real job, and let go afterwards."""
    mask = child.hold_signals()
    yield mask
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def start(mask: set[signal.Signals], *argv: str, **environment: str) -> child.Child:
    return child.start(argv, {"PATH": os.environ["PATH"], **environment}, {}, (), mask)


def output_of(mask: set[signal.Signals], *argv: str, keep: tuple[int, ...] = ()) -> bytes:
    source, sink = os.pipe()
    job = child.start(argv, {"PATH": os.environ["PATH"], "A": "b c"}, {1: sink}, keep, mask)
    os.close(sink)
    with os.fdopen(source, "rb") as file:
        data = file.read()
    child.wait(job)
    os.close(job.handle)
    return data


def list_children() -> set[str]:
    tasks = Path("/proc/self/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_an_exit_code_is_read(mask: set[signal.Signals], code: int) -> None:
    assert child.wait(start(mask, "sh", "-c", f"exit {code}")) == (code, None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGABRT])
def test_a_signal_is_read(mask: set[signal.Signals], number: signal.Signals) -> None:
    assert child.wait(start(mask, "sh", "-c", f"kill -{int(number)} $$")) == (None, number)


def test_it_has_the_words_and_the_environment_that_it_is_given(mask: set[signal.Signals]) -> None:
    assert output_of(mask, "sh", "-c", 'echo "$A $1"', "x", "d  e") == b"b c d  e\n"


def test_it_starts_with_the_signals_that_were_let_through_before(
    mask: set[signal.Signals],
) -> None:
    status = output_of(mask, "cat", "/proc/self/status").decode()
    sets = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Sig"))
    assert int(sets["SigBlk"], 16) == sum(1 << (number - 1) for number in mask)
    assert int(sets["SigIgn"], 16) & (1 << (signal.SIGPIPE - 1)) == 0  # Python ignores it


def test_a_handle_that_it_keeps_has_its_number_in_it_and_no_other_is_open(
    mask: set[signal.Signals], tmp_path: Path
) -> None:
    with (tmp_path / "kept").open("wb") as kept, (tmp_path / "other").open("wb"):
        handle = kept.fileno()
        names = output_of(mask, "ls", "-l", "/proc/self/fd", keep=(handle,)).decode()
    assert f"{handle} -> {tmp_path / 'kept'}" in names
    assert str(tmp_path / "other") not in names


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [("no-such-command", 127, "command not found"), ("/etc/passwd", 126, "Permission denied")],
)
def test_a_command_that_cannot_start_says_what_a_shell_would(
    mask: set[signal.Signals], command: str, code: int, words: str
) -> None:
    before = list_children()  # of other tests
    with pytest.raises(child.NotStartedError, match=words) as raised:
        start(mask, command)
    assert raised.value.code == code
    assert list_children() <= before, "a process is left behind"


def test_a_text_without_a_first_line_is_run_by_the_shell(
    mask: set[signal.Signals], tmp_path: Path
) -> None:
    (tmp_path / "job").write_text('echo "$1"\n')
    (tmp_path / "job").chmod(0o755)
    assert output_of(mask, str(tmp_path / "job"), "hello") == b"hello\n"


def test_a_signal_reaches_the_job_and_none_its_successor(mask: set[signal.Signals]) -> None:
    job = start(mask, "sleep", "60")
    child.send(job, signal.SIGTERM)
    assert child.wait(job) == (None, signal.SIGTERM)
    child.send(job, signal.SIGTERM)  # it is gone: nothing happens, to nobody


def test_its_handle_can_be_read_once_it_has_exited(mask: set[signal.Signals]) -> None:
    job = start(mask, "sleep", "60")
    child.send(job, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not select.select([job.handle], [], [], 0.1)[0]:
        assert time.monotonic() < deadline
    assert child.wait(job) == (None, signal.SIGKILL)

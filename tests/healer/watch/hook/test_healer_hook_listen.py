"""The hook hears of what ends a job and of what it asks, and the job notices nothing."""

import json
import linecache
import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.tape.raw import read_records
from healer.watch.hook.healer_hook_listen import _Listener, listen


class Hook:
    """A listener with a pipe and a tape that are read here."""

    def __init__(self, root: Path) -> None:
        self.source, self.sink = os.pipe()
        os.set_blocking(self.source, False)
        self.tape = os.memfd_create("tape")
        self.listener = _Listener(self.sink, str(root))

    def messages(self) -> list[dict[str, object]]:
        data = b""
        try:
            while piece := os.read(self.source, 1 << 16):
                data += piece
        except BlockingIOError:
            pass
        return [json.loads(line) for line in data.splitlines()]

    def kinds(self) -> str:
        return "".join(record.kind for record in read_records(self.tape))

    def watch(self, network: bool = True) -> None:
        self.listener.watch((self.tape, os.fstat(self.tape).st_ino, 1 << 20, 0), network)

    def close(self) -> None:
        for handle in (self.source, self.sink, self.tape):
            os.close(handle)


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Hook]:
    hook = Hook(tmp_path)
    yield hook
    hook.close()


LOGS = """
import logging
logging.basicConfig({settings})
def work(row):
    return row["totl"]
try:
    work({{"total": 3}})
except KeyError as error:
    {call}
"""


def run_source(hook: Hook, source: str, path: Path) -> list[dict[str, object]]:
    """What the listener says of a script that is run here, with its audit events. A hook cannot be
    taken out again: it is deaf afterwards."""
    path.write_text(source)
    linecache.clearcache()
    sys.addaudithook(hook.listener.hear)
    try:
        exec(compile(source, str(path), "exec"), {"__name__": "__main__"})
    finally:
        hook.listener.acts.clear()
    return hook.messages()


@pytest.fixture
def quiet_logging() -> Iterator[None]:
    """The root logger as a script finds it, and as pytest had it afterwards."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    yield
    root.handlers = before


@pytest.mark.usefixtures("quiet_logging")
@pytest.mark.parametrize(
    ("call", "is_told"),
    [
        ("logging.exception('no row')", True),
        ("logging.getLogger('a.b').error('no row', exc_info=error)", True),
        ("logging.critical('no row', exc_info=True)", True),
        ("logging.warning('no row', exc_info=True)", False),
        ("logging.error('no row')", False),
        ("import traceback; traceback.format_exc()", False),
    ],
)
def test_an_exception_that_is_logged_as_an_error_is_told_with_its_values(
    hook: Hook, tmp_path: Path, call: str, is_told: bool
) -> None:
    source = LOGS.format(settings="filename='/dev/null'", call=call)
    messages = run_source(hook, source, tmp_path / "job.py")
    assert [list(message) for message in messages] == ([["logged"]] if is_told else [])
    if is_told:
        (raised,) = messages[0]["logged"]  # type: ignore[misc]  # a list of JSON
        assert raised["frames"][-1]["locals"] == {"row": "{'total': 3}"}


@pytest.mark.usefixtures("quiet_logging")
def test_what_a_library_logs_of_itself_is_not_told(hook: Hook, tmp_path: Path) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    source = LOGS.format(settings="filename='/dev/null'", call="logging.exception('x')")
    assert run_source(hook, source, packages / "lib.py") == []


def test_a_source_that_no_python_code_opens_disturbs_nothing(hook: Hook) -> None:
    """As the interpreter opens the job's own script, before there is any frame."""
    hook.listener.hear("open", ("job.py", None, 0))
    assert hook.messages() == []


def test_an_exception_is_described_and_nothing_stays_of_it(hook: Hook) -> None:
    path, modules = list(sys.path), set(sys.modules)
    error = KeyError("x")
    hook.listener.hear("sys.excepthook", (None, KeyError, error, None))
    (message,) = hook.messages()
    raised = message["raised"]
    assert isinstance(raised, list)
    assert raised[0]["type"] == "KeyError"
    assert sys.path == path
    assert "healer_hook_describe" not in set(sys.modules) - modules


def test_of_an_interrupt_nothing_is_told(hook: Hook) -> None:
    error = KeyboardInterrupt()
    hook.listener.hear("sys.excepthook", (None, KeyboardInterrupt, error, None))
    assert hook.messages() == []


def test_a_handle_that_is_another_file_by_now_is_left_alone(hook: Hook, tmp_path: Path) -> None:
    inode = os.fstat(hook.sink).st_ino
    os.set_inheritable(hook.sink, True)
    listen(f"{hook.sink}:{inode + 1}:-1:0:0:0:1:{tmp_path}")
    assert os.get_inheritable(hook.sink)


def test_without_a_tape_nothing_is_noted(hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("rows")
    hook.listener.hear("open", (str(tmp_path / "in.csv"), "r", 0))
    assert hook.kinds() == ""


def test_with_a_tape_files_are_noted_and_the_network_once_it_is_used(
    hook: Hook, tmp_path: Path
) -> None:
    hook.watch()
    (tmp_path / "in.csv").write_text("rows")
    hook.listener.hear("open", (str(tmp_path / "in.csv"), "r", 0))
    assert hook.kinds() == "Pf"
    wrapped = socket.socket.connect
    try:
        hook.listener.watch_network(())
        assert socket.socket.connect is wrapped  # only loaded
    finally:
        socket.socket.connect = wrapped


def test_a_tape_without_network_hears_of_no_socket(hook: Hook) -> None:
    hook.watch(network=False)
    before = socket.socket.connect
    hook.listener.hear("socket.getaddrinfo", ("host", 80, 0, 0, 0))
    assert socket.socket.connect is before
    assert hook.kinds() == "P"


@pytest.mark.parametrize("args", [(3, "r", 0), (None, "r", 0), ("too", "few"), (["a"], "r", 0)])
def test_whatever_is_heard_the_job_notices_nothing(hook: Hook, args: tuple[object, ...]) -> None:
    hook.watch()
    hook.listener.hear("open", args)
    hook.listener.hear("sys.excepthook", ())
    assert set(hook.kinds()) <= {"P", "X"}


def test_what_a_signal_of_the_job_raises_just_then_reaches_the_job(hook: Hook) -> None:
    def handler(_args: object) -> None:
        raise TimeoutError("the job's own alarm")

    hook.listener.acts["open"] = handler
    with pytest.raises(TimeoutError):
        hook.listener.hear("open", ())

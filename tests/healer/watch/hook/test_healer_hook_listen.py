"""The hook hears of the files that a job reads, where it may, and the job notices nothing."""

import base64
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.watch.hook.healer_hook_listen import MAX_FILE_BYTES, MAX_FILES, _Listener, listen
from tests.support.healer_jobs import read_failure, repository, under_healer

CAPTURE = '[[job]]\nscript = "job.py"\ncapture = true\n'
READER = (
    "import sys\nrows = open('data/rows.csv').read() + sys.stdin.read()\n"
    "open('out.txt', 'w').write(rows)\nopen('.env').read()\nprint(len(rows))\n"
    "if 'bad' in rows: raise ValueError(rows)\n"
)


def test_with_capture_on_what_the_job_read_is_kept(tmp_path: Path) -> None:
    files = {"job.py": READER, "healer.toml": CAPTURE, "data/rows.csv": "bad,1\n", ".env": "A=1"}
    repo = repository(tmp_path, files)
    under_healer(sys.executable, "job.py", cwd=repo, stdin=b"more\n")
    failure = read_failure(repo)
    assert base64.b64decode(failure.stdin or "") == b"more\n"
    assert {k: base64.b64decode(v) for k, v in failure.inputs.items()} == {
        "data/rows.csv": b"bad,1\n"
    }


class Hook:
    """A listener with a pipe that is read here."""

    def __init__(self, root: Path) -> None:
        self.source, self.sink = os.pipe()
        os.set_blocking(self.source, False)
        self.listener = _Listener(self.sink, str(root), True)

    def messages(self) -> list[dict[str, object]]:
        data = b""
        try:
            while piece := os.read(self.source, 1 << 16):
                data += piece
        except BlockingIOError:
            pass
        return [json.loads(line) for line in data.splitlines()]

    def open(self, path: object, mode: str | None = "r", flags: int = 0) -> None:
        self.listener.hear("open", (path, mode, flags))

    def close(self) -> None:
        os.close(self.source)
        os.close(self.sink)


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Hook]:
    hook = Hook(tmp_path)
    yield hook
    hook.close()


def write(root: Path, path: str, data: bytes = b"rows") -> str:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)
    return str(root / path)


def test_a_file_of_the_repository_is_told_once_with_what_is_in_it(
    hook: Hook, tmp_path: Path
) -> None:
    path = write(tmp_path, "data/é.csv", b"\x00rows\xff")
    hook.open(path)
    hook.open(path)
    hook.open(os.fsencode(path), None, os.O_RDONLY)
    (message,) = hook.messages()
    assert message["input"] == "data/é.csv"
    assert base64.b64decode(str(message["base64"])) == b"\x00rows\xff"


@pytest.mark.parametrize("mode", ["w", "a", "x", "r+", "wb"])
def test_a_file_that_is_written_is_no_input(hook: Hook, tmp_path: Path, mode: str) -> None:
    hook.open(write(tmp_path, "data/out.csv"), mode)
    hook.open(write(tmp_path, "data/other.csv"), None, os.O_RDWR)
    assert hook.messages() == []


@pytest.mark.parametrize(
    "path",
    [
        "job.py",
        "lib/__pycache__/job.bin",
        "key.pem",
        "id.key",
        ".env",
        ".env.local",
        ".git/config",
        ".venv/lib/data.csv",
        "venv/lib/data.csv",
        "x/site-packages/data.csv",
    ],
)
def test_code_and_secrets_are_no_input(hook: Hook, tmp_path: Path, path: str) -> None:
    hook.open(write(tmp_path, path))
    assert hook.messages() == []


def test_what_lies_elsewhere_is_no_input_also_through_a_link(hook: Hook, tmp_path: Path) -> None:
    hook.open("/etc/hostname")
    hook.open(write(tmp_path.parent, f"{tmp_path.name}-beside/data.csv"))
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    hook.open(str(tmp_path / "link.csv"))
    assert hook.messages() == []


@pytest.mark.parametrize("path", [3, None, "nowhere.csv", "nul\0byte", ["a"]])
def test_whatever_is_opened_the_job_notices_nothing(
    hook: Hook, tmp_path: Path, path: object
) -> None:
    hook.open(path)
    hook.listener.hear("open", ("too", "few"))
    hook.listener.hear("sys.excepthook", ())
    assert hook.messages() == []


def test_a_large_file_is_named_and_not_copied(hook: Hook, tmp_path: Path) -> None:
    hook.open(write(tmp_path, "large.csv", b"x" * (MAX_FILE_BYTES + 1)))
    assert hook.messages() == [{"input": "large.csv", "bytes": MAX_FILE_BYTES + 1}]


def test_more_files_than_a_record_holds_are_left_out(hook: Hook, tmp_path: Path) -> None:
    for n in range(MAX_FILES + 5):
        hook.open(write(tmp_path, f"{n}.csv", b"x"))
    assert len(hook.messages()) == MAX_FILES


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
    listen(f"{hook.sink}:{inode + 1}:1:{tmp_path}")
    assert os.get_inheritable(hook.sink)

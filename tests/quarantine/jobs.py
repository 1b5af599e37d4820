"""The repository of the git side's tests: what is in it, what must stay, and dying in the middle.

Belongs here: a repository with a broken job, and what of it is a person's. Does not belong here:
git itself (`tests/support/git.py`).
"""

import os
import signal
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from quarantine.errors import RepositoryError
from quarantine.repository import Repository
from tests.support.git import git, make_repository, write_files

FILES: dict[str, str | bytes] = {
    "scripts/sync.py": "import json\n\n\ndef main():\n    return jsn.dumps({})\n\n\nmain()\n",
    "scripts/report.py": "print('report')\n",
    "tests/test_sync.py": "def test_it():\n    assert True\n",
    "data/names.csv": "a,b\n1,2\n",
    "README.md": "# Jobs\n",
}
FIXED = b"import json\n\n\ndef main():\n    return json.dumps({})\n\n\nmain()\n"


def make_jobs(root: Path, *options: str) -> Path:
    """A repository on `main` with `FILES` committed, `run.sh` executable."""
    write_files(root, {"run.sh": "#!/bin/sh\n"})
    (root / "run.sh").chmod(0o755)
    return make_repository(root, FILES, *options)


def snapshot(root: Path) -> dict[str, object]:
    """Everything of a person's that must not change: files, index, stash, HEAD, own refs.

    By path: mode, time of change and bytes of every file; the index's entries with their flags;
    the reflog of the stash; every ref but healer's and quarantine branches.
    """
    files = {
        str(path.relative_to(root)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            str(path.readlink()) if path.is_symlink() else path.read_bytes(),
        )
        for path in sorted(root.rglob("*"))
        if not path.is_dir() and ".git" not in path.relative_to(root).parts
    }
    refs = git(root, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return {
        "files": files,
        "index": git(root, "ls-files", "--stage", "-t", "-v", "-z"),
        "stash": git(root, "stash", "list", "--format=%H %gs"),
        "HEAD": (root / ".git/HEAD").read_text() if (root / ".git").is_dir() else "",
        "refs": [
            ref for ref in refs if not ref.startswith(("refs/healer/", "refs/heads/quarantine/"))
        ],
    }


def killed_at(root: Path, number: int, action: Callable[[Repository], object]) -> bool:
    """Runs `action` in a process of its own that is killed (SIGKILL) before its `number`th write.

    Whether it came to that write. Our own errors are an end like any other.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner's
        child = os.fork()
    if child == 0:
        _run_and_die(root, number, action)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the action failed in its process; see above"
    return False


def _run_and_die(root: Path, number: int, action: Callable[[Repository], object]) -> None:
    left = [number]

    def count(_what: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        action(Repository.open(root, writing=count))
    except RepositoryError:
        os._exit(0)
    except BaseException:  # whatever it is, this process must not go on as a test
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

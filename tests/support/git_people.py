"""What people do with git, for the tests: real repositories, real commands."""

import os
import signal
import subprocess
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from quarantine.errors import RepositoryError
from quarantine.repository import Repository


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """A person's git: their name, the usual behaviour, nothing of ours."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A Person",
            "GIT_AUTHOR_EMAIL": "person@example.com",
            "GIT_COMMITTER_NAME": "A Person",
            "GIT_COMMITTER_EMAIL": "person@example.com",
            "GIT_EDITOR": "true",
            "GIT_ALLOW_PROTOCOL": "file",
            **environment,
        },
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def write(root: Path, files: dict[str, str | bytes]) -> None:
    """Puts files below `root`."""
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(root: Path, files: dict[str, str | bytes], message: str = "Change") -> str:
    """Writes, adds and commits files; the commit's id."""
    write(root, files)
    git(root, "add", "-A", "--", *files)
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


FILES: dict[str, str | bytes] = {
    "scripts/sync.py": "import json\n\n\ndef main():\n    return jsn.dumps({})\n\n\nmain()\n",
    "scripts/report.py": "print('report')\n",
    "tests/test_sync.py": "def test_it():\n    assert True\n",
    "data/names.csv": "a,b\n1,2\n",
    "README.md": "# Jobs\n",
}
FIXED = b"import json\n\n\ndef main():\n    return json.dumps({})\n\n\nmain()\n"


def new_repository(root: Path, *options: str) -> Path:
    """A repository on `main` with `FILES` committed, `run.sh` executable."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main", *options)
    write(root, FILES)
    write(root, {"run.sh": "#!/bin/sh\n"})
    (root / "run.sh").chmod(0o755)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Begin")
    return root


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

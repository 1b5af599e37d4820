"""Git as a person types it, and small repositories, for tests and benchmarks.

Belongs here: the one `git`, and the one builder of repositories. Does not belong here: what a
package's tests keep in theirs (`tests/quarantine/jobs.py`, `tests/support/shop.py`).
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, str | bytes]
"""Content by path from the top folder."""


def git(folder: Path, *words: str, stdin: bytes = b"", **environment: str) -> str:
    """What `git WORDS` prints in `folder`, stripped; an `AssertionError` when git fails.

    `environment` comes on top of a person's: a name, no pager, no editor, no settings of the
    machine's.
    """
    done = run_git(folder, *words, stdin=stdin, **environment)
    if done.returncode != 0:
        raise AssertionError(f"git {' '.join(words)}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def run_git(
    folder: Path, *words: str, stdin: bytes = b"", **environment: str
) -> "subprocess.CompletedProcess[bytes]":
    """The same, for a command that may fail, or whose output is wanted byte for byte."""
    return subprocess.run(
        ["git", *words],
        cwd=folder,
        input=stdin,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@shop.example",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@shop.example",
            "GIT_EDITOR": "true",
            "GIT_ALLOW_PROTOCOL": "file",
            # A second process for each commit, which asks whether there is something to tidy up.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "maintenance.auto",
            "GIT_CONFIG_VALUE_0": "false",
            **environment,
        },
        capture_output=True,
        check=False,
    )


def write_files(root: Path, files: Files) -> None:
    """Puts files below `root`, with the folders that they need."""
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def commit_files(root: Path, files: Files, message: str = "Change") -> str:
    """Writes these files and commits them alone; gives the commit's id."""
    write_files(root, files)
    git(root, "add", "-A", "--", *files)
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


def commit_all(root: Path, message: str = "Change") -> str:
    """Commits the whole working tree; gives the commit's id."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


def make_repository(root: Path, files: Files, *options: str) -> Path:
    """A repository on `main`: `files`, and what lies in `root` already, are its first commit.

    `options` are those of `git init`; a later `-b` wins.
    """
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main", *options)
    write_files(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Begin")
    return root

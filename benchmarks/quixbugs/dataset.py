"""What is read of a clone of QuixBugs, and the small repository made of each program.

Belongs here: reading the clone, writing a repository. Reference programs are read by `reference`
alone, for the check after a repair; no repository that healer sees holds one.
"""

import subprocess
from pathlib import Path

_SHARED = ("conftest.py", "python_testcases/load_testdata.py", "python_testcases/node.py")
SETTINGS = """scripts = ["python_programs/*.py"]
autonomy = "merge"
[tests]
command = ["python", "-m", "pytest", "-q"]
[sandbox]
cpus = 2.0
"""


class Clone:
    """A git clone, bare or not, read at its newest commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        listed = self._git("ls-tree", "-r", "--name-only", "HEAD").decode()
        self._names = set(listed.split("\n"))

    def _git(self, *arguments: str) -> bytes:
        command = ["git", "-C", str(self._path), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def read(self, name: str) -> bytes:
        return self._git("show", f"HEAD:{name}")

    def programs(self) -> list[str]:
        """The 40 programs that have visible tests, by name."""
        stems = sorted(Path(n).stem for n in self._names if n.startswith("python_programs/"))
        return [n for n in stems if f"python_testcases/test_{n}.py" in self._names]

    def files(self, name: str) -> dict[str, bytes]:
        """One program with its tests and their data."""
        wanted = [
            f"python_programs/{name}.py",
            f"python_testcases/test_{name}.py",
            f"json_testcases/{name}.json",
            *_SHARED,
        ]
        return {path: self.read(path) for path in wanted if path in self._names}

    def reference(self, name: str) -> bytes:
        """The right program. Only the check after a repair may ask for it."""
        return self.read(f"correct_python_programs/{name}.py")


def make_repository(folder: Path, files: dict[str, bytes]) -> None:
    """A repository with one commit on `main`, as somebody would have it who uses healer."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    who = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True)

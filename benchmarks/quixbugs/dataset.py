"""What is read of a clone of QuixBugs.

Belongs here: reading the clone. Reference programs are read by `reference`
alone, for the check after a repair; no repository that healer sees holds one.
"""

from pathlib import Path

from tests.support.git import run_git

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
        names = self._git("ls-tree", "-r", "--name-only", "HEAD").decode()
        self._names = set(names.split("\n"))

    def _git(self, *arguments: str) -> bytes:
        answer = run_git(self._path, *arguments)
        answer.check_returncode()
        return answer.stdout

    def read(self, name: str) -> bytes:
        return self._git("show", f"HEAD:{name}")

    def programs(self) -> list[str]:
        """The 40 programs that have visible tests, by name."""
        stems = sorted(Path(n).stem for n in self._names if n.startswith("python_programs/"))
        return [n for n in stems if f"python_testcases/test_{n}.py" in self._names]

    def files(self, name: str) -> dict[str, bytes]:
        """One program with its tests and their data."""
        paths = [
            f"python_programs/{name}.py",
            f"python_testcases/test_{name}.py",
            f"json_testcases/{name}.json",
            *_SHARED,
        ]
        return {path: self.read(path) for path in paths if path in self._names}

    def reference(self, name: str) -> bytes:
        """The right program. Only the check after a repair may ask for it."""
        return self.read(f"correct_python_programs/{name}.py")

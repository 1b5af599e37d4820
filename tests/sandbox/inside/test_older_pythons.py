"""What runs in the container runs on every Python that a job may have."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox.inside
from sandbox.inside import older_pythons
from tests.support.interpreters import VERSIONS, require_interpreter

_IMPORT_ALL = """
import importlib, os, sys
package, folder = "inside", sys.argv[1]
sys.path.insert(0, os.path.dirname(folder))
for path, _, names in os.walk(folder):
    for name in names:
        if name.endswith(".py") and name not in ("__main__.py", "sitecustomize.py"):
            parts = os.path.relpath(os.path.join(path, name), os.path.dirname(folder))[:-3]
            try:
                importlib.import_module(parts.replace(os.sep, ".").replace(".__init__", ""))
            except ImportError as error:
                if error.name not in ("pytest", "_pytest"):
                    raise
        elif name.endswith(".py"):
            compile(open(os.path.join(path, name)).read(), name, "exec")
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_each_module_is_read_and_imported_by_each_python(version: str, tmp_path: Path) -> None:
    """Where no module beside it bears a standard name, as in the image."""
    python = require_interpreter(version)
    (tmp_path / "inside").symlink_to(Path(sandbox.inside.__file__).parent)
    argv = [python, "-B", "-c", _IMPORT_ALL, str(tmp_path / "inside")]
    process = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.stderr == ""


def test_no_type_is_asked_for_in_a_way_that_only_newer_pythons_know() -> None:
    """`isinstance(x, A | B)` parses on 3.8, and fails where it runs."""
    folder = Path(sandbox.inside.__file__).parent
    calls = [
        (path.name, node.lineno)
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass")
        if isinstance(node.args[1], ast.BinOp)
    ]
    assert calls == []


def test_a_stand_in_says_what_the_built_in_says() -> None:
    for text in ("a/b", "b", "", "a/"):
        assert older_pythons.remove_prefix(text, "a/") == text.removeprefix("a/")
    for code in ("raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)", ""):
        pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-S", "-c", code])
        status = os.waitpid(pid, 0)[1]
        assert older_pythons.read_exit_code(status) == os.waitstatus_to_exitcode(status)
    code_of_method = TestNothing.method.__code__
    assert older_pythons.qualify_name(code_of_method) == code_of_method.co_qualname


class TestNothing:
    __test__ = False

    def method(self) -> None: ...


@pytest.mark.parametrize("version", ["3.8", "3.9"])
def test_a_process_is_watched_by_a_descriptor_that_becomes_readable_at_its_end(
    version: str, tmp_path: Path
) -> None:
    python = require_interpreter(version)
    code = (
        "import os, select, sys; sys.path.insert(0, sys.argv[1])\n"
        "from inside.older_pythons import open_pidfd\n"
        "pid = os.fork()\nif not pid: os._exit(0)\n"
        "fd = open_pidfd(pid); ready = select.select([fd], [], [], 20)[0] == [fd]\n"
        "print(ready, os.get_inheritable(fd))\n"
        "os.waitpid(pid, 0)\n"
        "try: open_pidfd(2**22 + 1)\nexcept OSError: print('no such process')\n"
    )
    (tmp_path / "inside").symlink_to(Path(sandbox.inside.__file__).parent)
    output = subprocess.check_output([python, "-B", "-c", code, str(tmp_path)], text=True)
    assert output == "True False\nno such process\n"

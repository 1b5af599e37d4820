"""A program is run as `python script arguments` would be, and its imports are made ahead."""

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from sandbox.inside.messages import CommandPlan
from sandbox.inside.screening import forks, program


def plan(*argv: str, stdin: bytes = b"", cwd: str = "") -> CommandPlan:
    return {"argv": ["python", *argv], "stdin": stdin, "cwd": cwd, "files": {}, "env": {}}


def run(folder: Path, command: CommandPlan) -> tuple[str, str]:
    """In a fork, since it changes the process."""

    def attempt() -> tuple[str, str]:
        os.chdir(folder)
        return program.run_command(command)

    answer = forks.run_in_fork(attempt, 10.0)
    return answer.outcome, answer.detail


@pytest.mark.parametrize(
    ("source", "outcome", "end"),
    [
        ("x = 1", "passed", ""),
        ("raise SystemExit", "passed", ""),
        ("raise SystemExit(0)", "passed", ""),
        ("raise SystemExit(3)", "failed", "SystemExit: 3"),
        ("raise SystemExit('no')", "failed", "SystemExit: no"),
        ("raise ValueError('oh')", "failed", "ValueError: oh\n"),
        ("raise KeyboardInterrupt", "failed", "KeyboardInterrupt\n"),
        ("def f(:", "failed", "SyntaxError: invalid syntax\n"),
        ("assert __name__ == '__main__'", "passed", ""),
    ],
)
def test_how_a_program_ended(tmp_path: Path, source: str, outcome: str, end: str) -> None:
    (tmp_path / "main.py").write_text(source)
    found = run(tmp_path, plan("main.py"))
    assert found[0] == outcome
    assert found[1].endswith(end)
    assert bool(found[1]) == bool(end)


def test_arguments_input_and_the_folder_of_the_script_are_there(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/beside.py").write_text("VALUE = 7\n")
    (tmp_path / "jobs/main.py").write_text(
        "import sys, beside\n"
        "assert sys.argv == ['jobs/main.py', '--all'], sys.argv\n"
        "assert sys.stdin.read() == 'hello'\n"
        "assert beside.VALUE == 7\n"
    )
    assert run(tmp_path, plan("-u", "jobs/main.py", "--all", stdin=b"hello")) == ("passed", "")


def test_a_command_is_run_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/main.py").write_text("open('made', 'w').close()\n")
    assert run(tmp_path, plan("main.py", cwd="deep")) == ("passed", "")
    assert (tmp_path / "deep/made").exists()


def test_a_module_is_run_by_name(tmp_path: Path) -> None:
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool/__init__.py").write_text("")
    (tmp_path / "tool/__main__.py").write_text("import sys; raise SystemExit(sys.argv[1])\n")
    source = tmp_path / "start.py"
    source.write_text("")
    command = plan("-m", "tool", "x")

    def attempt() -> tuple[str, str]:
        os.chdir(tmp_path)
        sys.path.insert(0, str(tmp_path))
        return program.run_command(command)

    answer = forks.run_in_fork(attempt, 10.0)
    assert (answer.outcome, answer.detail) == ("failed", "SystemExit: x")


def test_what_the_program_imports_from_outside_is_imported_ahead(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import chunk_of_own\n")
    (tmp_path / "main.py").write_text("import this_is_missing\n")
    (tmp_path / "good.py").write_text("import sched\nimport own_module\nraise SystemExit(1)\n")
    (tmp_path / "own_module.py").write_text("")

    def attempt() -> tuple[str, str]:
        os.chdir(tmp_path)
        sys.path.insert(0, str(tmp_path))
        sys.modules.pop("sched", None)
        program.import_ahead(plan("good.py"), str(tmp_path), 5.0)
        names = [name for name in ("sched", "own_module") if name in sys.modules]
        return "passed", " ".join(names)

    assert forks.run_in_fork(attempt, 10.0).detail == "sched"


def test_a_program_that_never_ends_tells_what_it_imported_so_far(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import sched\nwhile True: pass\n")

    def attempt() -> tuple[str, str]:
        os.chdir(tmp_path)
        sys.modules.pop("sched", None)
        program.import_ahead(plan("main.py"), str(tmp_path), 0.2)
        return "passed", str("sched" in sys.modules)

    assert forks.run_in_fork(attempt, 10.0).detail == "True"


def module(file: str | None, *path: str) -> ModuleType:
    return SimpleNamespace(__file__=file, **({"__path__": path} if path else {}))  # type: ignore[return-value]  # looks like one


@pytest.mark.parametrize(
    ("place", "is_inside"),
    [
        (module("/job/tree/a.py"), True),
        (module("/job/tree/p/__init__.py", "/job/tree/p"), True),
        (module(None, "/job/tree/folder"), True),
        (module(None, "/job/tree"), True),
        (module("/job/tree-1/a.py"), False),
        (module("/usr/lib/a.py"), False),
        (module(None), False),
        (object(), False),
        (sys, False),
    ],
)
def test_where_a_module_comes_from(place: object, is_inside: bool) -> None:
    assert program.lies_in(place, "/job/tree") == is_inside

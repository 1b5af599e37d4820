"""What programs of the tree print and write."""

import os
import sys
from pathlib import Path

import pytest

from sandbox.inside.screening.program_effects import see_command, see_program, stage
from sandbox.inside.screening.started_programs import StartedProgram
from tests.support.git import write_files


def see(home: Path, source: str, *words: str, stdin: bytes = b"", **files: bytes) -> str | None:
    """What `job.py` does that is started in a folder of its own, with these files in it."""
    write_files(home, {"job.py": source})
    folder = home.parent / "folder"
    paths = {str(folder / name): data for name, data in files.items()}
    environment, folders = {"LEVEL": "7"}, (str(folder),)
    use = StartedProgram(("job.py", *words), str(folder), stdin, environment, paths, folders)
    return see_program(use, str(home)).text


@pytest.mark.parametrize(
    ("source", "effects"),
    [
        ("import sys\nprint(sys.argv[1:])\n", "output \"['2', 'x']\\n\""),
        ("print(input())\n", "output 'one\\n'"),
        ("import os\nprint(os.environ['LEVEL'])\n", "output '7\\n'"),
        ("open('out.txt', 'w').write('done')\n", "file out.txt: 'done'"),
        ("print(open('data').read())\n", "output '5\\n\\n'"),
        ("print(1)\nraise ValueError('bad: 2\\nworse')\n", "raises ValueError, output '1\\n'"),
        ("import sys\nsys.exit('no')\n", "raises SystemExit, no output"),
        ("raise SystemExit\n", "no output"),
        ("import os\nos._exit(3)\n", None),
        ("while True:\n    pass\n", None),
    ],
)
def test_what_it_does_is_told(tmp_path: Path, source: str, effects: str | None) -> None:
    home = tmp_path / "home"
    text = see(home, source, "2", "x", stdin=b"one\ntwo\n", data=b"5\n")
    assert (effects in (text or "")) if effects else text is None


def test_all_files_are_what_they_were_and_modules_are_those_that_lie_there_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # as it is in the sandbox
    home = tmp_path / "home"
    write_files(home, {"lib.py": "N = 1\n", "state.txt": "old"})
    source = (
        "import lib, pathlib\nprint(lib.N)\n"
        "pathlib.Path(lib.__file__).with_name('state.txt').write_text('new')\n"
    )
    first = see(home, source, data=b"5\n")
    write_files(home, {"lib.py": "N = 2\n"})
    second = see(home, source, data=b"5\n")
    assert first is not None
    assert second is not None
    assert ("output '1\\n'" in first, "output '2\\n'" in second) == (True, True)
    assert "state.txt: 'new'" in first
    assert (home / "state.txt").read_text() == "old"
    assert not [*(tmp_path / "folder").iterdir()]


def test_the_failing_command_is_told_alike(tmp_path: Path) -> None:
    write_files(tmp_path, {"job.py": "print(1 / 0)\n"})
    command = {"argv": ["python", str(tmp_path / "job.py")], "stdin": b"", "cwd": str(tmp_path)}
    assert see_command({**command, "files": {}, "env": {}}, str(tmp_path)).text == (  # type: ignore[typeddict-item]  # a dict of these fields
        "raises ZeroDivisionError, prints nothing"
    )


def test_a_call_finds_what_is_put_around_it_and_all_is_what_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    before = (list(sys.argv), dict(os.environ), Path.cwd())
    path = str(folder / "in.csv")
    use = StartedProgram(
        ("", "2", "5"), str(folder), b"", {"LIMIT": "7"}, {path: b"a"}, (str(folder),)
    )
    with stage(use) as changes:
        assert (sys.argv[1:], os.environ["LIMIT"], Path("in.csv").read_bytes()) == (
            ["2", "5"], "7", b"a",
        )  # fmt: skip
        Path("out.csv").write_text("done")
    assert changes == ["file out.csv: 'done'"]
    assert (list(sys.argv), dict(os.environ), Path.cwd()) == before
    assert not (folder / "out.csv").exists()


def test_all_is_what_it_was_where_the_call_ends_by_an_error(tmp_path: Path) -> None:
    before = (list(sys.argv), dict(os.environ), Path.cwd())
    use = StartedProgram(("", "2"), str(tmp_path), b"", {"LIMIT": "7"}, {}, (str(tmp_path),))
    with pytest.raises(ValueError, match="no"), stage(use):
        raise ValueError("no")
    assert (list(sys.argv), dict(os.environ), Path.cwd()) == before

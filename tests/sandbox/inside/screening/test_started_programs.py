"""Programs of the tree that tests start, and others like them."""

import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.inside.screening.started_programs import (
    MOST_INPUTS,
    MOST_RUNS,
    StartedProgram,
    record_programs,
    vary_programs,
)
from tests.support.git import write_files

HELLO = "import sys\nprint(sys.argv[1:], sys.stdin.read())\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a script and a module, as the folder in which tests run."""
    files = {"job.py": HELLO, "tools/__init__.py": "", "tools/count.py": HELLO}
    write_files(tmp_path / "home", files)
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def run(*words: str, **more: object) -> None:
    subprocess.run(words, check=True, capture_output=True, **more)  # type: ignore[call-overload]  # any of its arguments


def test_a_script_is_seen_with_its_words_input_and_folder(home: Path) -> None:
    with record_programs(str(home)) as recorder:
        run(sys.executable, "job.py", "2", "x y", input=b"1\n2\n")
        run(
            sys.executable, "-B", str(home / "job.py"), cwd=home / "tools", stdin=subprocess.DEVNULL
        )
        run(sys.executable, "-m", "tools.count", "--all", input=b"", env={"LEVEL": "7"})
    programs = recorder.programs
    assert [each.words for each in programs] == [
        ("job.py", "2", "x y"),
        ("job.py",),
        ("-m", "tools.count", "--all"),
    ]
    assert [each.stdin for each in programs] == [b"1\n2\n", b"", b""]
    assert programs[1].folder == os.path.realpath(home / "tools")
    assert programs[2].environment == {"LEVEL": "7"}


def test_it_is_seen_through_a_shell_and_by_runpy(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["x", "5"])
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with record_programs(str(home)) as recorder:
        run(f"{sys.executable} job.py 3 < /dev/null", shell=True)
        runpy.run_path("job.py", run_name="__main__")
        runpy.run_module("tools.count", run_name="__main__")
    assert [each.words[:2] for each in recorder.programs] == [
        ("job.py", "3"),
        ("job.py", "5"),
        ("-m", "tools.count"),
    ]


def test_what_is_no_program_of_the_tree_is_not_and_what_is_patched_comes_back(home: Path) -> None:
    before = (subprocess.Popen.__init__, subprocess.Popen.communicate, runpy.run_path)
    with record_programs(str(home)) as recorder:
        run("true")
        run(sys.executable, "-c", "print(1)")
        run(sys.executable, "-m", "this")
        with pytest.raises(FileNotFoundError):
            run("/nowhere/at/all", "job.txt")
    assert recorder.programs == []
    assert (subprocess.Popen.__init__, subprocess.Popen.communicate, runpy.run_path) == before


def test_files_of_temporary_folders_are_kept(home: Path, tmp_path: Path) -> None:
    write_files(tmp_path / "data", {"in.csv": "a,1\n"})
    with record_programs(str(home)) as recorder:
        run(sys.executable, "job.py", str(tmp_path / "data/in.csv"), stdin=subprocess.DEVNULL)
        run(sys.executable, str(home / "job.py"), cwd=tmp_path / "data", stdin=subprocess.DEVNULL)
        (tmp_path / "data/in.csv").unlink()
    path = os.path.realpath(tmp_path / "data/in.csv")
    assert [dict(each.files) for each in recorder.programs] == [{path: b"a,1\n"}] * 2
    assert [each.folders for each in recorder.programs] == [(str(Path(path).parent),)] * 2


def test_no_more_than_some_are_kept(home: Path) -> None:
    with record_programs(str(home)) as recorder:
        for number in range(MOST_RUNS + 2):
            run(sys.executable, "job.py", str(100 + 9 * number), stdin=subprocess.DEVNULL)
    assert len(recorder.programs) == MOST_RUNS
    assert len(vary_programs(recorder.programs)) == MOST_INPUTS


def started(*words: str, stdin: bytes = b"", **files: bytes) -> StartedProgram:
    return StartedProgram(words, "/tmp", stdin, {}, files, ())


def test_numbers_and_lines_are_varied_one_at_a_time() -> None:
    program = started("job.py", "2", "--rate=1.5", stdin=b"a 3\nb\n", data=b"x;7\n")
    others = vary_programs([program])
    assert others[0] == program
    words = {each.words[1:] for each in others}
    assert {("3", "--rate=1.5"), ("7", "--rate=1.5"), ("2", "--rate=2.5"), ("2",)} <= words
    assert {b"a 4\nb\n", b"a 3\n", b"a 3\nb\nb\n"} <= {each.stdin for each in others}
    assert {b"x;8\n", b"x;0\n"} <= {each.files["data"] for each in others}
    assert all(each.words[0] == "job.py" for each in others)


def test_a_module_keeps_its_name_and_bytes_that_are_no_text_stay() -> None:
    program = started("-m", "tools2", "a", data=b"\xff\xfe1")
    assert {each.words[:2] for each in vary_programs([program])} == {("-m", "tools2")}
    assert {each.files["data"] for each in vary_programs([program])} == {b"\xff\xfe1"}


def test_each_way_has_a_title_of_its_own() -> None:
    program = started("job.py", "a b", stdin=b"1\n", data=b"2\n")
    assert program.title == "job.py 'a b'; < b'1\\n'; data = b'2\\n'"
    titles = [each.title for each in vary_programs([program])]
    assert len(titles) == len(set(titles))


def test_words_variables_folder_and_files_around_a_call_are_seen(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "data", {"in.csv": "a,1\n", "rest.csv": "b,2\n"})
    write_files(home, {"rates.json": "{}"})
    with record_programs(str(home)) as recorder:
        assert recorder.look_around((1, "job", None)) is None
        monkeypatch.setattr(sys, "argv", ["job.py", "2", "5"])
        monkeypatch.setenv("LIMIT", "7")
        use = recorder.look_around(([tmp_path / "data/in.csv"], "rates.json"))
        monkeypatch.chdir(tmp_path / "data")
        other = recorder.look_around(())
    assert use is not None
    assert use.title == "LIMIT=7 2 5; in.csv = b'a,1\\n'; rates.json = b'{}'"
    assert use.folder == os.path.realpath(home)
    assert other is not None
    assert sorted(map(os.path.basename, other.files)) == ["in.csv", "rest.csv"]
    assert other.folders == (os.path.realpath(tmp_path / "data"),)
    titles = {each.title for each in vary_programs([use])}
    assert {"LIMIT=8 2 5; in.csv = b'a,1\\n'; rates.json = b'{}'"} <= titles
    assert any("LIMIT=7 3 5" in title for title in titles)
    assert any("in.csv = b'a,2" in title for title in titles)


def test_no_more_than_some_calls_are_looked_around(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with record_programs(str(home)) as recorder:
        monkeypatch.setenv("LIMIT", "7")
        uses = [recorder.look_around(()) for _ in range(MOST_RUNS + 3)]
    assert sum(use is not None for use in uses) == MOST_RUNS


def test_a_pipe_that_is_named_is_not_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with record_programs(str(home)) as recorder:
        monkeypatch.setenv("LIMIT", "7")
        use = recorder.look_around((str(tmp_path / "pipe"), "x" * 9_000, "a\0b"))
    assert use is not None
    assert use.files == {}

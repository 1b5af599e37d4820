"""A tape is found by the id that people type, shown without contents, and forgotten."""

import sys
from pathlib import Path

import pytest

from healer.app.tapes import describe_tape, find_tape_path, forget_tape, open_tape
from healer.facts.errors import UsageError
from healer.tape.facts import Process, RecordedFile, Turn, WrittenFile
from tests.support.healer_jobs import repository, under_healer
from tests.support.tapes import connection, exchange, tape


def test_a_tape_is_found_by_its_failure_until_it_is_forgotten(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "1 / 0\n"})
    under_healer(sys.executable, "job.py", cwd=repo)
    (path,) = (repo / ".git" / "healer" / "tapes").iterdir()
    assert find_tape_path(repo, path.stem) == path
    assert open_tape(repo, path.stem).script == "job.py"
    forget_tape(repo, path.stem)
    assert not path.exists()
    with pytest.raises(UsageError):
        open_tape(repo, path.stem)


@pytest.mark.parametrize("name", ["nope", "../inbox/x", ""])
def test_an_id_that_is_none_is_a_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        find_tape_path(repository(tmp_path), name)


def test_a_file_that_is_no_tape_is_said(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    folder = repo / ".git" / "healer" / "tapes"
    folder.mkdir(parents=True)
    (folder / "abc.tape").write_text("x")
    with pytest.raises(UsageError, match="no tape"):
        open_tape(repo, "abc")


def test_each_thing_has_a_line_and_no_contents_are_shown() -> None:
    full = tape(
        processes=(Process((), "/usr/bin/python3", "/usr", "/usr", (3, 11, 7), "/"),),
        files=(RecordedFile("/srv/in.csv", b"rows of people", 0),),
        absent=("/srv/no",),
        listings=(("/srv", ("in.csv",)),),
        connections=(
            connection(exchange("/a", b"rows of people")),
            connection(turns=(Turn(True, b"rows of people"),), port=25),
            connection(error="TimeoutError", port=9),
            connection(
                turns=(Turn(True, b"EHLO x\r\nRCPT TO:<ada@x.example>\r\nDATA\r\npeople\r\n.\r\n"),)
            ),
            connection(turns=(Turn(True, b"*2\r\n$3\r\nDEL\r\n$6\r\npeople\r\n"),), port=6379),
        ),
        programs=(("df", "-h"),),
        written=(WrittenFile("/srv/out", 3, ""), WrittenFile("/srv/gone", -1, "")),
        gaps=("a sentence",),
    )
    lines = list(describe_tape(full))
    assert lines[0] == "python    /usr/bin/python3 (3.11.7)"
    assert "read      /srv/in.csv (14 bytes)" in lines
    assert "asked     GET http://api.example:80/a: 200, 14 bytes" in lines
    assert "spoke to  api.example:25 (1 turns, 14 bytes)" in lines
    assert "asked     api.example:9: TimeoutError" in lines
    assert "written   /srv/gone (gone)" in lines
    assert "mailed    to 1 (6 characters)" in lines
    assert "changed   api.example:6379 (1 statements)" in lines
    assert "ended     0, printed 0 bytes" in lines
    assert "missing   a sentence" in lines
    assert "people" not in "".join(lines)

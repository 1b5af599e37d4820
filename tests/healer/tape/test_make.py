"""Of a job's notes comes what it asked its world, joined and bounded."""

import sys
from pathlib import Path

import pytest

from healer.tape.facts import Tape
from healer.tape.raw import Record
from tests.support.healer_jobs import environment, repository, under_healer
from tests.support.notes import GET, note, opened, tape_of
from tests.support.tapes import read_only_tape, serve_json


@pytest.mark.parametrize(
    ("kind", "part"),
    [("g", "not recorded"), ("F", "full"), ("X", "stumbled"), ("S", "secrets"), ("L", "changed")],
)
def test_what_is_missing_is_said(kind: str, part: str) -> None:
    (gap,) = tape_of(note(kind, ("/no/such", 5, 1, 1, 0o644))).gaps
    assert part in gap


def test_nothing_is_kept_of_what_is_to_be_skipped() -> None:
    file = note("f", ("/srv/people/a.csv", 1, 1, 1, 0), b"x")
    talk = [note("n", ("api.bank.example", 80)), opened(1), note("s", data=GET, number=1)]
    tape = tape_of(file, *talk, skip=("*.bank.example", "/srv/people/*", "TZ"))
    assert (tape.files, tape.connections, tape.environment) == ((), (), {})
    assert tape.timezone == "Europe/Vienna"


def test_a_folder_that_the_job_made_is_no_folder_that_was_there() -> None:
    made_folder = note("d", "/srv/out/today")
    written = note("w", ("/srv/out/today/a.csv", "/srv/out/today"))
    assert tape_of(made_folder, written).folders == ("/srv/out",)


@pytest.mark.parametrize("kind", ["w", "a"])
def test_a_folder_that_a_file_misses_is_noted_as_absent(kind: str) -> None:
    places = {"w": ("/srv/out/today/a.csv", "/srv", False), "a": ("/srv/out/a.csv", 2, "/srv")}
    tape = tape_of(note(kind, places[kind]))
    assert "/srv/out" in tape.absent
    assert "/srv/out" not in tape.folders


def test_a_folder_that_is_there_is_not_absent_for_what_is_written_to_it() -> None:
    made_folder = note("d", "/srv/out")
    written = [note("w", (f"/srv/{name}", "/srv/out", False)) for name in ("out/a", "out/b")]
    assert tape_of(made_folder, *written).absent == ()


@pytest.mark.parametrize("kind", [*"PfaSLlwdxynotmsrCcekgFX", "?", "\0"])
def test_notes_that_make_no_sense_count_for_nothing(kind: str) -> None:
    for data in (b"", b"\xff\n", b"{}\n", b"(1, 2, 3)\n", b"None\n"):
        assert isinstance(tape_of(Record(kind, 1, 7, 0, data)), Tape)


def test_a_real_job_has_its_files_names_and_writings_on_its_tape(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "in.csv").write_text("rows")
    job = (
        f"open({str(outside / 'in.csv')!r}).read()\nopen('out.txt', 'w').write('x')\n"
        f"import os, pathlib\nos.path.exists({str(outside / 'no')!r})\n"
        f"try:\n    open({str(outside / 'no')!r})\nexcept OSError: pass\n1 / 0\n"
    )
    repo = repository(tmp_path / "repo", {"job.py": job})
    under_healer(
        sys.executable,
        "job.py",
        cwd=repo,
        env=environment(REGION="north", API_TOKEN="t0ken-secret-9"),
    )
    tape = read_only_tape(repo)
    assert [(file.path, file.data) for file in tape.files] == [(str(outside / "in.csv"), b"rows")]
    assert tape.absent == (str(outside / "no"),)
    assert [(file.path, file.size) for file in tape.written] == [(str(repo / "out.txt"), 1)]
    assert tape.environment["REGION"] == "north"
    assert "t0ken-secret-9" not in repr(tape)
    assert tape.processes[0].version == sys.version_info[:3]
    assert (tape.root, tape.cwd, tape.script) == (str(repo), str(repo), "job.py")


def test_a_secret_in_an_answer_is_not_on_disk(tmp_path: Path) -> None:
    with serve_json({"access_token": "tok-s3cr3t-123456"}) as port:
        job = f"from urllib.request import urlopen\nurlopen('http://127.0.0.1:{port}/').read()\n1/0"
        repo = repository(tmp_path, {"job.py": job})
        under_healer(sys.executable, "job.py", cwd=repo)
    assert "s3cr3t" not in repr(read_only_tape(repo))


def test_a_python_that_a_job_starts_is_said_not_to_be_recorded_where_it_is_not() -> None:
    fact = {"argv": [], "python": "/p", "prefix": "/", "base_prefix": "/", "version": [3, 11, 1],
            "cwd": "/"}  # fmt: skip
    start, process = note("x", ["/usr/bin/python3", "b.py"]), note("P", fact)
    assert "a Python that it starts" in tape_of(process, start).gaps[0]
    assert tape_of(process, start, process).gaps == ()

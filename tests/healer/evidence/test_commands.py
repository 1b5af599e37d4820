"""A command in the sandbox is the one that was typed or recorded, with the image's Python."""

import base64
import time
from dataclasses import replace
from pathlib import Path

import pytest

from healer.evidence.commands import (
    make_command,
    make_command_to_heal,
    make_night_command,
    make_recorded_command,
    make_script_command,
)
from healer.tape.facts import Process, RecordedFile
from healer.tape.good_nights import keep_good_night
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from sandbox.inside.tree import ROOT
from tests.healer.evidence.reports import failure
from tests.support.memory_tree import MemoryTree
from tests.support.tapes import connection, exchange, tape


@pytest.mark.parametrize(
    ("word", "program"),
    [
        ("python", "python"),
        ("python3", "python"),
        ("/usr/bin/python3.11", "python"),
        (".venv/bin/python", "python"),
        ("pypy3", "pypy3"),
        ("sh", "sh"),
        ("./python-job.sh", "python"),
        ("bin/job", "bin/job"),
    ],
)
def test_any_python_becomes_the_images(word: str, program: str) -> None:
    assert make_command((word, "job.py", "python3")).argv == (program, "job.py", "python3")


def test_no_words_are_no_program() -> None:
    assert make_command(()).argv == ()


def test_what_was_captured_comes_along() -> None:
    recorded = failure(
        argv=("/usr/bin/python3", "/srv/shop/job.py"),
        command=("/usr/bin/python3", "job.py"),
        folder="scripts",
        stdin=base64.b64encode(b"in").decode(),
        inputs={"data/a.csv": base64.b64encode(b"1").decode()},
    )
    made = make_recorded_command(recorded, MemoryTree({}))
    assert (made.argv, made.cwd, made.stdin) == (("python", "job.py"), "scripts", b"in")
    assert made.files == {"data/a.csv": b"1"}


@pytest.mark.parametrize(
    ("cwd", "argv", "folder"),
    [
        ("/", ("python", f"{ROOT}/scripts/job.py", "--all"), "/"),
        ("/home/ann", ("python", f"{ROOT}/scripts/job.py", "--all"), "/home/ann"),
        ("/usr/lib", ("python", "scripts/job.py", "--all"), ""),
        ("/srv/shop", ("python", "scripts/job.py", "--all"), ""),
    ],
)
def test_a_job_started_elsewhere_is_started_there_where_the_box_has_that_folder(
    tmp_path: Path, cwd: str, argv: tuple[str, ...], folder: str
) -> None:
    recorded = failure(
        argv=("python3", "/srv/shop/scripts/job.py", "--all"),
        command=("python3", "scripts/job.py", "--all"),
    )
    keep_tape(tmp_path, recorded.id, replace(tape(), root="/srv/shop", cwd=cwd))
    made = make_recorded_command(recorded, MemoryTree({}), Recordings(tmp_path))
    assert (made.argv, made.cwd) == (argv, folder)


@pytest.mark.parametrize(
    ("cwd", "words", "folder"),
    [
        ("/", ("python", f"{ROOT}/scripts/job.py"), "/"),
        ("/srv/shop", ("python", "scripts/job.py"), ""),
    ],
)
def test_a_good_night_is_started_where_it_was(
    cwd: str, words: tuple[str, ...], folder: str
) -> None:
    argv = ("python3", "/srv/shop/scripts/job.py")
    command = ("python3", "scripts/job.py")
    night = replace(tape(), argv=argv, command=command, root="/srv/shop", cwd=cwd)
    made = make_night_command(night, MemoryTree({}), ())
    assert made is not None
    assert (made.argv, made.cwd) == (words, folder)


@pytest.mark.parametrize(
    ("exit_code", "is_logged", "argv"),
    [
        (0, False, ("python", "-u", "scripts/job.py")),
        (0, True, ("bash", "-c", "python3 -u job.py | tee out")),
        (1, False, ("bash", "-c", "python3 -u job.py | tee out")),
    ],
)
@pytest.mark.parametrize("cwd", ["/srv/shop", "/"])
def test_what_failed_inside_of_a_pipe_is_run_alone_and_where_it_was(
    tmp_path: Path, exit_code: int, is_logged: bool, argv: tuple[str, ...], cwd: str
) -> None:
    recorded = failure(
        argv=("bash", "-c", "python3 -u job.py | tee out"), exit_code=exit_code, is_logged=is_logged
    )
    inner = Process(("python3", "-u", "/srv/shop/scripts/job.py"), "", "", "", (3, 11), "/srv/shop")
    other = Process(("python3", "other.py"), "", "", "", (3, 11), "/srv/shop")
    night = replace(tape(), root="/srv/shop", cwd=cwd, processes=(other, inner))
    keep_tape(tmp_path, recorded.id, night)
    made = make_recorded_command(recorded, MemoryTree({}), Recordings(tmp_path))
    assert made.argv == argv
    assert (made.cwd == "") is (argv[0] == "python" or cwd == "/srv/shop")


def test_without_words_of_its_own_the_recorded_argv_is_run() -> None:
    made = make_recorded_command(failure(argv=("python3", "job.py")), MemoryTree({}))
    assert (made.argv, made.stdin, made.files) == (("python", "job.py"), b"", {})


def test_the_command_to_heal_is_the_recorded_one_or_the_words_or_none() -> None:
    recorded = failure(argv=("python3", "job.py", "--all"))
    assert make_command_to_heal(recorded, (), MemoryTree({})) is None
    for found, words in ((recorded, "job.py --all"), (failure(), "x.py"), (None, "x.py")):
        made = make_command_to_heal(found, ("python", "x.py"), MemoryTree({}))
        assert made is not None
        assert made.argv == ("python", *words.split())


def test_a_script_is_run_from_the_root() -> None:
    assert make_script_command("scripts/job.py", ("--all",)) == (
        "python",
        "scripts/job.py",
        "--all",
    )
    assert make_script_command("job.py") == ("python", "job.py")


def test_with_a_tape_the_world_comes_along_and_files_that_are_as_they_were_stay(
    tmp_path: Path,
) -> None:
    files = (
        RecordedFile("/srv/app/data/a.csv", b"as committed", 0),
        RecordedFile("/srv/app/data/b.csv", b"of that night", 0),
    )
    recorded = failure(argv=("python", "job.py"))
    keep_tape(tmp_path, recorded.id, tape(files=files, connections=(connection(exchange()),)))
    other = connection(exchange(), host="other.example")
    night = tape(script=recorded.script, started_at=time.time(), connections=(other,))
    keep_good_night(tmp_path, night)
    tree = MemoryTree({"data/a.csv": "as committed"})
    made = make_recorded_command(recorded, tree, Recordings(tmp_path))
    assert made.files == {"data/b.csv": b"of that night"}
    assert made.world is not None
    assert [(peer.host, peer.is_spare) for peer in made.world.peers] == [
        ("api.example", False),
        ("other.example", True),
    ]

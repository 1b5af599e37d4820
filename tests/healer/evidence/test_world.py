"""Of a tape goes into the container what can be laid there without hiding what runs there."""

import sys

import pytest

from healer.evidence.world import find_tree_files, make_world
from healer.tape.facts import ListedFile, Process, RecordedFile, Turn, WrittenFile
from tests.support.memory_tree import MemoryTree
from tests.support.tapes import connection, exchange, tape


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("/srv/data/in.csv", ("/srv/data",)),
        ("/home/ada/in.csv", ("/home/ada",)),
        ("/var/lib/app/in.csv", ("/var/lib/app",)),
        ("/etc/app/conf.ini", ("/etc/app",)),
        ("/etc/app.conf", ()),
        ("/usr/share/app/x.csv", ()),
        ("/in.csv", ()),
        ("/tmp/in.csv", ()),
    ],
)
def test_a_file_elsewhere_needs_its_folder(path: str, folders: tuple[str, ...]) -> None:
    world = make_world(tape(files=(RecordedFile(path, b"x", 3),)))
    assert world.folders == folders
    assert [(file.path, file.mtime_ns) for file in world.files] == [(path, 3)]


def test_a_folder_inside_another_is_laid_with_it() -> None:
    world = make_world(tape(folders=("/srv/data", "/srv/data/in", "/srv/app/out")))
    assert world.folders == ("/srv/data",)


@pytest.mark.parametrize(
    ("folders", "inner"),
    [
        (("/srv/data", "/srv/data/in"), ("/srv/data/in",)),
        (("/tmp/work/out",), ("/tmp/work/out",)),
        (("/srv/app/out", "/srv/app"), ("/srv/app/out",)),
        (("/srv/app/.git/hooks", "/usr/share/app", sys.prefix), ()),
    ],
)
def test_a_folder_that_is_only_written_to_is_there(
    folders: tuple[str, ...], inner: tuple[str, ...]
) -> None:
    assert make_world(tape(folders=folders)).inner_folders == inner


def test_a_folder_in_which_only_other_nights_looked_is_there_but_where_it_was_missing() -> None:
    other = tape(folders=("/tmp/out", "/tmp/in", "/srv/results"))
    world = make_world(tape(absent=("/tmp/in/a.csv",)), [other])
    assert world.inner_folders == ("/tmp/out",)
    assert world.folders == ("/srv/results",)


def test_what_other_nights_left_in_a_folder_that_was_missing_is_not_lent() -> None:
    written = WrittenFile("/srv/app/out/a.csv", 1, "", b"x")
    other = tape(
        folders=("/srv/app/out/old",), files=(found("/srv/app/out/b"),), written=(written,)
    )
    night = tape(absent=("/srv/app/out",))
    assert make_world(night, [other]).inner_folders == ()
    assert find_tree_files(night, MemoryTree({}), [other]) == {}


def test_no_folder_hides_an_interpreter() -> None:
    process = Process((), "/home/ada/env/bin/python", "/home/ada/env", "/usr", (3, 11, 7), "/")
    folders = ("/home/ada", "/home/ada/data", sys.prefix)
    assert make_world(tape(folders=folders, processes=(process,))).folders == ("/home/ada/data",)


def test_without_its_home_folder_the_variable_goes_too() -> None:
    assert "HOME" not in make_world(tape()).environment
    assert "HOME" in make_world(tape(folders=("/home/ada",))).environment


def test_a_home_folder_of_which_something_is_there_is_laid_whole() -> None:
    settings = RecordedFile("/home/ada/.config/app/conf.ini", b"x", 3)
    night = tape(files=(settings,), environment={"HOME": "/home/ada"})
    world = make_world(night)
    assert world.folders == ("/home/ada",)
    assert world.environment == {"HOME": "/home/ada"}


def test_a_home_folder_that_hides_an_interpreter_is_there_by_what_lies_in_it() -> None:
    process = Process((), "/home/ada/env/bin/python", "/home/ada/env", "/usr", (3, 11, 7), "/")
    night = tape(
        folders=("/home/ada/data",), processes=(process,), environment={"HOME": "/home/ada"}
    )
    world = make_world(night)
    assert world.folders == ("/home/ada/data",)
    assert world.environment == {"HOME": "/home/ada"}


def test_only_names_without_a_connection_are_unknown() -> None:
    world = make_world(
        tape(names=("api.example", "gone.example", "10.0.0.1"), connections=(connection(),))
    )
    assert world.unknown_names == ("gone.example",)


def test_an_error_counts_where_nothing_was_said() -> None:
    said = connection(exchange(), error="ConnectionResetError")
    other = connection(error="TimeoutError", turns=())
    spoken = connection(turns=(Turn(True, b"x"),))
    world = make_world(tape(connections=(said, other, spoken)))
    assert [peer.error for peer in world.peers] == ["", "TimeoutError", ""]


def test_other_nights_answer_where_this_one_ends() -> None:
    night = tape(connections=(connection(exchange("/first")),))
    spare = tape(connections=(connection(exchange("/second")), connection(error="refused")))
    peers = make_world(night, [spare]).peers
    assert [(peer.exchanges[0].target, peer.is_spare) for peer in peers] == [
        ("/first", False),
        ("/second", True),
    ]


def written(path: str, data: bytes | None = b"left") -> WrittenFile:
    return WrittenFile(path, 4, "", data)


def found(path: str) -> RecordedFile:
    return RecordedFile(path, b"found", 0)


def test_what_was_not_read_yet_is_as_the_newest_other_night_left_it() -> None:
    night = tape(
        files=(found("/srv/own"),), absent=("/srv/no",), listings=(("/srv/in", ("a",)),),
        written=(written("/srv/out"),),
    )  # fmt: skip
    newest = tape(
        written=(written("/srv/state"), written("/srv/large", None), written("/srv/out")),
        files=tuple(map(found, ("/srv/state", "/srv/own", "/srv/no", "/srv/in/b", "/srv/in/a"))),
    )
    older = tape(files=(found("/srv/state"), found("/srv/large"), found("/srv/app/rows.csv")))
    world = make_world(night, [newest, older])
    assert {(file.path, file.data) for file in world.files} == {
        ("/srv/own", b"found"),
        ("/srv/state", b"left"),
        ("/srv/large", b"found"),
        ("/srv/in/a", b"found"),
    }
    nights = [newest, older]
    assert find_tree_files(night, MemoryTree({}), nights) == {"rows.csv": b"found"}
    assert find_tree_files(night, MemoryTree({"rows.csv": "mine"}), nights) == {}


def test_of_a_listed_folder_all_names_are_there_but_code_and_what_the_run_made() -> None:
    names = ("a.csv", "b.csv", "job.py", "old/", "new.csv")
    night = tape(
        listings=(("/srv/in", names),),
        listed_files=(ListedFile("/srv/in/b.csv", 7, 9), ListedFile("/srv/in/a.csv", 3, 9)),
        files=(found("/srv/in/a.csv"),),
        written=(written("/srv/in/new.csv"),),
    )
    files = make_world(night).files
    assert [(file.path, file.is_name_only, file.size) for file in files] == [
        ("/srv/in/a.csv", False, 0),
        ("/srv/in/b.csv", True, 7),
    ]
    assert files[1].mtime_ns == 9


def test_code_of_the_repository_is_never_laid_over_the_tree() -> None:
    files = (RecordedFile("/srv/app/job.py", b"old", 0), RecordedFile("/srv/app/a.csv", b"1", 0))
    assert find_tree_files(tape(files=files), MemoryTree({"job.py": "new"})) == {"a.csv": b"1"}

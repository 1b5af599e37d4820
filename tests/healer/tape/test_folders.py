"""A folder that a job missed is known as such, and one that it made is not taken for found."""

from healer.tape.folders import Folders, parent_of


def test_where_a_file_cannot_be_written_for_want_of_folders_the_outermost_is_absent() -> None:
    folders = Folders()
    folders.write("/srv/out/today/a.csv", "/srv")
    assert (folders.absent, folders.there) == (["/srv/out"], {"/srv"})


def test_where_a_file_cannot_be_read_for_want_of_its_folder_both_are_absent() -> None:
    folders = Folders()
    folders.miss("/out/a.csv", "/")
    assert (folders.absent, folders.there) == (["/out/a.csv", "/out"], set())


def test_where_only_the_file_is_missing_its_folder_was_there() -> None:
    folders = Folders()
    folders.miss("/srv/out/a.csv", "/srv/out")
    assert (folders.absent, folders.there) == (["/srv/out/a.csv"], {"/srv/out"})


def test_a_folder_that_the_job_made_is_neither_absent_nor_was_it_there() -> None:
    folders = Folders()
    folders.make("/srv/out")
    folders.write("/srv/out/a.csv", "/srv/out")
    assert (folders.absent, folders.there) == ([], {"/srv"})


def test_a_folder_that_was_there_is_not_made_by_asking_for_it_once_more() -> None:
    folders = Folders()
    folders.need("/srv/out")
    folders.make("/srv/out")
    assert folders.there == {"/srv/out"}


def test_the_root_is_its_own_parent() -> None:
    assert [parent_of("/a/b"), parent_of("/a")] == ["/a", "/"]

"""Folders that are there already or not yet, on a real disk; files are never made up."""

from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

EXISTS = "FileExistsError: [Errno 17] File exists: 'out'"
MISSING = "FileNotFoundError: [Errno 2] No such file or directory: 'out/day.txt'"
OTHER_DISK = "OSError: [Errno 18] Invalid cross-device link: 'a' -> 'b'"
MENDED = [
    example_case(
        "a folder that os.mkdir makes",
        "folder-is-there",
        f"""
          import os
        - os.mkdir("out")  #! {EXISTS}
        + os.makedirs("out", exist_ok=True)
        """,
        is_reported=True,
    ),
    example_case(
        "folders that os.makedirs makes",
        "folder-is-there",
        f"""
          import os
        - os.makedirs("out", mode=0o700)  #! {EXISTS}
        + os.makedirs("out", mode=0o700, exist_ok=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a folder that a Path makes",
        "folder-is-there",
        f"""
          from pathlib import Path
        - Path("out").mkdir()  #! {EXISTS}
        + Path("out").mkdir(exist_ok=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a folder that is copied to",
        "folder-is-there",
        f"""
          import shutil
        - shutil.copytree("data", "out")  #! {EXISTS}
        + shutil.copytree("data", "out", dirs_exist_ok=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a file that is written into a new folder",
        "folder-is-missing",
        f"""
        + from pathlib import Path
          def save(path, text):
        +     Path(path).parent.mkdir(parents=True, exist_ok=True)
              with open(path, "w") as file:  #! {MISSING}
                  file.write(text)
        """,
        is_reported=True,
    ),
    example_case(
        "a text that a Path writes",
        "folder-is-missing",
        f"""
          from pathlib import Path
        + Path(Path("out") / "day.txt").parent.mkdir(parents=True, exist_ok=True)
          (Path("out") / "day.txt").write_text("x")  #! {MISSING}
        """,
        is_reported=True,
    ),
    example_case(
        "a file that is added to",
        "folder-is-missing",
        f"""
          from pathlib import Path
          def log(line):
        +     Path("out/day.txt").parent.mkdir(parents=True, exist_ok=True)
              file = open("out/day.txt", mode="a")  #! {MISSING}
              return Path, file, line
        """,
        is_reported=True,
    ),
    example_case(
        "a folder in a folder",
        "folder-is-missing",
        f"""
          import os
        - os.mkdir("out/day")  #! {MISSING}
        + os.makedirs("out/day")
        """,
        is_reported=True,
    ),
    example_case(
        "a folder in a folder, of a Path",
        "folder-is-missing",
        f"""
          from pathlib import Path
        - Path("out/day").mkdir(exist_ok=True)  #! {MISSING}
        + Path("out/day").mkdir(exist_ok=True, parents=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a file that is renamed to another disk",
        "across-disks",
        f"""
        - import os
        - os.rename('a', 'b')  #! {OTHER_DISK}
        + import shutil
        + shutil.move('a', 'b')
        """,
        is_reported=True,
    ),
    example_case(
        "a file that a Path renames",
        "across-disks",
        f"""
          import shutil
          def publish(path, target):
        -     path.rename(target)  #! {OTHER_DISK}
        +     shutil.move(path, target)
              shutil.copystat("a", target)
        """,
        is_reported=True,
    ),
]
OF_LIBRARIES = [
    example_case(
        "the folder of a log that the configuration names",
        "folder-is-missing",
        """
        + from pathlib import Path
          import logging.config
        + Path("logs/report.log").parent.mkdir(parents=True, exist_ok=True)
          logging.config.dictConfig({"version": 1, "handlers": {"file": {
          #! ValueError: Unable to configure handler 'file'
              "class": "logging.FileHandler", "filename": "logs/report.log"}}})
        """,
        is_reported=True,
    ),
    example_case(
        "the folder of a handler",
        "folder-is-missing",
        """
        + from pathlib import Path
          import logging
        + Path("logs/a.log").parent.mkdir(parents=True, exist_ok=True)
          handler = logging.FileHandler("logs/a.log")
        #! FileNotFoundError: [Errno 2] No such file or directory: '/job/tree/logs/a.log'
        """,
        is_reported=True,
    ),
    example_case(
        "the folder of a table",
        "folder-is-missing",
        """
        + from pathlib import Path
          def save(frame, target):
        +     Path(target).parent.mkdir(parents=True, exist_ok=True)
              frame.to_csv(target, index=False)
        #! OSError: Cannot save file into a non-existent directory: 'out'
        """,
        recorded={"target": "'out/day.csv'"},
        is_reported=True,
    ),
    example_case(
        "the folder of a database",
        "folder-is-missing",
        """
        + from pathlib import Path
          import sqlite3
        + Path("state/seen.db").parent.mkdir(parents=True, exist_ok=True)
          connection = sqlite3.connect("state/seen.db")
        #! OperationalError: unable to open database file
        """,
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "a folder that a run before has left to be emptied",
        "folder-is-there",
        f"""
          from pathlib import Path
          folder = Path("out")
        - folder.mkdir()  #! {EXISTS}
        + folder.mkdir(exist_ok=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a file that was to appear whole or not at all",
        "across-disks",
        f"""
          import os, shutil
        - os.replace("a", "b")  #! {OTHER_DISK}
        + shutil.move("a", "b")
          print(os.sep)
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a database whose folder is there",
        "folder-is-missing",
        """
        import sqlite3
        sqlite3.connect("state/seen.db")  #! OperationalError: unable to open database file
        """,
        files={"state/README": ""},
        is_reported=True,
    ),
    example_case(
        "a handler that cannot be set up for another reason",
        "folder-is-missing",
        """
        import logging.config
        logging.config.dictConfig({"handlers": {"file": {"filename": "report.log"}}})
        #! ValueError: Unable to configure handler 'file'
        """,
        is_reported=True,
    ),
    example_case(
        "a folder in a file system that takes none",
        "folder-is-there",
        """
        import os
        os.mkdir('/proc/none/at/all')
        #! FileNotFoundError: [Errno 2] No such file or directory: '/proc/none/at/all'
        """,
    ),
    example_case(
        "a lock file that is there",
        "folder-is-there",
        """
        open("out.lock", "x")  #! FileExistsError: [Errno 17] File exists: 'out.lock'
        """,
        is_reported=True,
    ),
    example_case(
        "a folder that may be there already",
        "folder-is-there",
        f"""
        import os
        os.makedirs("out", exist_ok=True)  #! {EXISTS}
        """,
        is_reported=True,
    ),
    example_case(
        "a file that is only read is never made",
        "*",
        f"""
        open('out/a.txt')  #! {MISSING}
        """,
        is_reported=True,
    ),
    example_case(
        "a file that is read and written needs to be there",
        "folder-is-missing",
        f"""
        open("out/day.txt", "r+")  #! {MISSING}
        """,
        is_reported=True,
    ),
    example_case(
        "another program's file",
        "folder-is-missing",
        f"""
        import shutil
        shutil.copy("data", "out/day.txt")  #! {MISSING}
        """,
        is_reported=True,
    ),
    example_case(
        "nobody may write there",
        "folder-is-missing",
        """
        open("out/day.txt", "w")
        #! FileNotFoundError: [Errno 13] Permission denied: 'out/day.txt'
        """,
        is_reported=True,
    ),
    example_case(
        "a rename that is not allowed",
        "*",
        """
        import os
        os.rename('a', 'b')  #! OSError: [Errno 13] Permission denied: 'a'
        """,
        is_reported=True,
    ),
    example_case(
        "a text in which something is replaced",
        "across-disks",
        f"""
        def clean(text):
            return text.replace("a", "b")  #! {OTHER_DISK}
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_folder_is_made_where_it_is_needed(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), OF_LIBRARIES)
def test_the_folder_that_a_library_writes_into_is_made_before(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_folder_with_a_meaning_of_its_own_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_is_no_folder_of_the_script_s_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_a_folder_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for call in (f"os.mkdir({str(tmp_path)!r})", f"Path({str(tmp_path)!r}).mkdir()"):
        draft = draft_script(f"import os\nfrom pathlib import Path\n{call}\n")[0]
        assert draft.rule == "folder-is-there"
        run_script(content_of(draft))
        assert (tmp_path / "a.txt").read_text() == "x"


def test_a_folder_is_made_before_a_file_is_written_into_it(tmp_path: Path) -> None:
    path = str(tmp_path / "out" / "a.txt")
    source = f"def save():\n    with open({path!r}, 'w') as f:\n        f.write('x')\nsave()\n"
    draft = draft_script(source)[0]
    assert draft.rule == "folder-is-missing"
    text = content_of(draft)
    assert f"    Path({path!r}).parent.mkdir(parents=True, exist_ok=True)\n    with" in text
    run_script(text)
    assert Path(path).read_text() == "x"


def test_a_file_that_is_only_read_gets_no_draft(tmp_path: Path) -> None:
    assert draft_script(f"open({str(tmp_path / 'out' / 'a.txt')!r})\n") == ()

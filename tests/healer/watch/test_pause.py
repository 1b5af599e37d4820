"""A pause counts at once for every process, survives restarts, and is never lost by accident."""

from pathlib import Path

import pytest

from healer.watch.pause import FILE, pause, read_pauses, resume, why_paused


def test_a_pause_of_everything_and_of_one_script(tmp_path: Path) -> None:
    assert why_paused(tmp_path, "a.py") == ""
    pause(tmp_path, "a.py", "Ada", 1.0)
    assert "of a.py is paused by Ada; next: healer resume a.py" in why_paused(tmp_path, "a.py")
    assert why_paused(tmp_path, "b.py") == ""
    pause(tmp_path, "", "Bob", 2.0)
    assert why_paused(tmp_path, "b.py") == "merging is paused by Bob; next: healer resume"


def test_the_same_again_is_one_pause(tmp_path: Path) -> None:
    for now in (1.0, 2.0):
        pause(tmp_path, "a.py", "Ada", now)
    assert [each.since for each in read_pauses(tmp_path)] == [2.0]


@pytest.mark.parametrize(("script", "left"), [("a.py", ["", "b.py"]), ("", []), ("c.py", None)])
def test_what_is_resumed_goes_and_the_rest_stays(
    tmp_path: Path, script: str, left: list[str] | None
) -> None:
    names = ["", "a.py", "b.py"]
    for name in names:
        pause(tmp_path, name, "Ada", 1.0)
    ends = resume(tmp_path, script)
    stays = names if left is None else left
    assert sorted(each.script for each in read_pauses(tmp_path)) == stays
    assert sorted(each.script for each in ends) == sorted(set(names) - set(stays))


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"script": "a"}]', "\0"])
def test_a_file_that_cannot_be_read_pauses_everything(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert "cannot be read" in why_paused(tmp_path, "a.py")
    resume(tmp_path, "")
    assert why_paused(tmp_path, "a.py") == ""


def test_it_is_for_the_user_alone(tmp_path: Path) -> None:
    pause(tmp_path, "", "Ada", 1.0)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600

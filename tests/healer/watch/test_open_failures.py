"""The tape of an incident that is not over stays, however many failures come after it."""

from pathlib import Path

from healer.tape.store import KEPT, keep_packed
from healer.watch.incidents import Incidents
from healer.watch.open_failures import FILE, list_open_failures


def count(folder: Path, *failures: str, over: bool = False) -> None:
    with Incidents(folder / FILE) as incidents:
        for name in failures:
            incidents.count_failures(f"of {name}", now=1.0, script="a.py", failure=name)
            if over:
                incidents.apply_event(f"of {name}", "vanish", now=2.0)


def test_only_what_is_not_over_is_wanted(tmp_path: Path) -> None:
    count(tmp_path, "f1", "f2")
    count(tmp_path, "f3", over=True)
    assert list_open_failures(tmp_path) == {"f1", "f2"}


def test_without_a_book_that_can_be_read_nothing_is_wanted(tmp_path: Path) -> None:
    assert list_open_failures(tmp_path) == frozenset()
    assert not (tmp_path / FILE).exists()
    (tmp_path / FILE).write_text("no database")
    assert list_open_failures(tmp_path) == frozenset()


def test_the_oldest_tape_stays_while_its_incident_is_open(tmp_path: Path) -> None:
    count(tmp_path, "00000")
    count(tmp_path, "00001", over=True)
    for number in range(KEPT + 3):
        keep_packed(tmp_path, f"{number:05d}", b"x", lambda: list_open_failures(tmp_path))
    names = sorted(path.stem for path in (tmp_path / "tapes").iterdir())
    assert (len(names), names[:2]) == (KEPT + 1, ["00000", "00003"])

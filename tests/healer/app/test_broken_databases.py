"""A database that cannot be read is set aside and named; a whole or a busy one stays."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from healer.app import commands
from healer.app.broken_databases import set_broken_aside
from healer.facts.progress import Progress
from tests.support.shop import failed, shop


def make(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("x" * 100,)] * 500)
        database.commit()
    return path


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"no database at all" * 50,
        lambda data: data[:4096] + b"\xff" * (len(data) - 4096),
        lambda data: data[:1000],
    ],
    ids=["no database", "pages overwritten", "cut"],
)
def test_a_damaged_one_is_set_aside_and_named(tmp_path: Path, damage: object) -> None:
    whole, broken = make(tmp_path / "a.sqlite"), make(tmp_path / "b.sqlite")
    data = damage(broken.read_bytes())  # type: ignore[operator]  # one of the table above
    broken.write_bytes(data)
    (note,) = set_broken_aside(tmp_path)
    assert note.detail.startswith("b.sqlite cannot be read (")
    assert whole.exists() and not broken.exists()
    (kept,) = tmp_path.glob("b.sqlite.broken-*")
    assert kept.read_bytes() == data
    assert kept.name in note.detail
    assert set_broken_aside(tmp_path) == ()


def test_where_it_is_not_known_which_links_were_used_none_holds(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail/decide.key").write_bytes(b"k" * 32)
    make(tmp_path / "mail/decisions.sqlite")
    assert set_broken_aside(tmp_path) == ()
    assert (tmp_path / "mail/decide.key").exists()
    (tmp_path / "mail/decisions.sqlite").write_bytes(b"no database" * 500)
    (note,) = set_broken_aside(tmp_path)
    assert note.detail.startswith("decisions.sqlite cannot be read")
    assert not (tmp_path / "mail/decide.key").exists()


def test_a_busy_one_stays(tmp_path: Path) -> None:
    path = make(tmp_path / "a.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert set_broken_aside(tmp_path) == ()
    assert path.exists()


def test_the_daemon_starts_and_what_waited_waits(tmp_path: Path) -> None:
    notes: list[Progress] = []
    with shop(tmp_path / "shop") as here:
        repair, folder, state = here.fix().repair, here.folder, here.state
    for name in ("ledger.sqlite", "incidents.sqlite", "workflows.sqlite"):
        for path in state.glob(f"{name}*"):
            path.unlink()
        (state / name).write_bytes(b"garbage" * 1_000)
    (folder / "healer.toml").write_text('[tests]\ncommand = ["true"]\n')
    assert [each.repair for each in commands.drain(folder, notes.append).broken] == [repair]
    assert "waiting for a person 1" in " ".join(note.detail for note in notes)
    with shop(folder) as here:
        assert here.services.ledger.repair(repair).state == "waiting"


def test_the_daemon_starts_and_takes_what_was_recorded(tmp_path: Path) -> None:
    notes: list[Progress] = []
    with shop(tmp_path / "shop") as here:
        failed(here)
        folder, state = here.folder, here.state
    for name in ("ledger.sqlite", "incidents.sqlite", "workflows.sqlite"):
        for path in state.glob(f"{name}*"):
            path.unlink()
        (state / name).write_bytes(b"garbage" * 1_000)
    (folder / "healer.toml").write_text('autonomy = "off"\n[tests]\ncommand = ["true"]\n')
    result = commands.drain(folder, notes.append)
    assert result.repairs == 1
    assert [each.state for each in result.broken] == ["waiting"]
    said = [note.detail for note in notes if "cannot be read" in note.detail]
    assert len(said) == 3

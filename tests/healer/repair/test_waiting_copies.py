"""Of what waits for a person there is a copy, as it stands; of nothing else."""

from pathlib import Path

from healer.repair.waiting_copies import FOLDER, drop_copy, keep_copy, read_copies, sync_copies
from tests.support.shop import Shop, shop


def names(here: Shop) -> list[str]:
    return [each.row.id for each in read_copies(here.state)]


def test_what_waits_has_a_copy_for_its_owner_alone(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        (copy,) = read_copies(here.state)
        ledger = here.services.ledger
        assert copy.row == ledger.repair(repair)
        assert copy.dossier == ledger.dossier(repair)
        assert copy.entries == ledger.entries(repair)
        (path,) = (here.state / FOLDER).iterdir()
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_copy_follows_what_is_learned_while_it_waits(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        row, dossier = here.services.ledger.repair(repair), here.services.ledger.dossier(repair)
        assert dossier is not None
        result = row.known_result.model_copy(update={"question": "double(2)?"})
        here.services.ledger.revise(result, dossier)
        keep_copy(repair, here.services)
        (copy,) = read_copies(here.state)
        assert copy.row.known_result.question == "double(2)?"


def test_what_is_decided_has_none(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        assert names(here) == []
        keep_copy(row.id, here.services)
        assert names(here) == []


def test_what_a_crash_left_out_is_made_good(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        drop_copy(repair, here.services)
        (here.state / FOLDER / "0123abcd.json").write_text("{")
        sync_copies(here.services)
        assert [path.stem for path in (here.state / FOLDER).iterdir()] == [repair]


def test_a_file_of_another_name_is_not_believed(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        path = here.state / FOLDER / f"{repair}.json"
        path.rename(path.with_stem("0123abcd"))
        assert names(here) == []


def test_a_disk_that_refuses_hinders_nothing(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        (here.state / FOLDER).write_text("no folder")
        assert here.fix().outcome == "review"

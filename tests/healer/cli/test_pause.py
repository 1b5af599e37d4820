"""`healer pause` stops all merging at once; `healer resume` ends it."""

from pathlib import Path

from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.shop import SCRIPT, shop


def test_nothing_is_merged_while_it_is_paused_and_all_goes_on_after(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair, before = here.fix().repair, here.tip
        assert run_command("pause", cwd=here.folder).out.startswith("paused: everything")
        decision = here.decide("approve", repair)
        assert (decision.done, here.tip) == (False, before)
        assert "merging is paused by" in decision.reason
        assert f"healer approve {repair}" in decision.reason
        assert run_command("resume", cwd=here.folder).out == "resumed: everything\n"
        assert here.decide("approve", repair).done


def test_one_script_is_named_from_where_one_stands(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        name = Path(SCRIPT).name
        answer = run_command("pause", name, cwd=here.folder / "scripts")
        assert answer.out == f"paused: {SCRIPT}; next: healer resume {SCRIPT}\n"
        assert run_command("resume", SCRIPT, cwd=here.folder).out == f"resumed: {SCRIPT}\n"
        assert run_command("resume", cwd=here.folder).err == "nothing was paused\n"


def test_a_script_is_named_from_any_folder_and_through_a_link(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        (tmp_path / "link").symlink_to(here.folder)
        for name in (SCRIPT, str(here.folder / SCRIPT), f"link/{SCRIPT}"):
            answer = run_command("pause", name, "--repo", str(here.folder), cwd=tmp_path)
            assert answer.out.startswith(f"paused: {SCRIPT};"), answer


def test_a_script_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        assert isinstance(run_command("pause", "nope.py", cwd=here.folder).error, UsageError)

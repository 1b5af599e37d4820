"""`healer rollback ID` takes a merged repair out again, through the same way as every decision."""

from pathlib import Path

from tests.support.command_line import run_command
from tests.support.shop import shop


def test_what_was_never_merged_cannot_be_taken_out(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair, tip = here.fix().repair, here.tip
        answer = run_command("rollback", repair, cwd=here.folder)
        assert answer.code == 1
        assert answer.out.startswith("rollback not done: ")
        assert here.tip == tip


def test_its_reason_has_a_default_and_help_names_it(tmp_path: Path) -> None:
    assert "Goes into the commit message" in run_command("rollback", "--help", cwd=tmp_path).out

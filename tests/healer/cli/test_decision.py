"""What came of a decision is said, and its exit code is 0 only where it was carried out."""

import json
from pathlib import Path

import pytest

from healer.cli.output import print_decision
from healer.facts.decision import DecisionResult
from tests.support.command_line import run_command
from tests.support.shop import shop


@pytest.mark.parametrize(
    ("facts", "code", "lines"),
    [
        ({"done": True, "reason": "merged"}, 0, ["approve done: merged"]),
        (
            {"done": False, "reason": "it waits for nobody"},
            1,
            ["approve not done: it waits for nobody"],
        ),
        (
            {"done": True, "reason": "merged", "merged": "a" * 40, "checkout": "it is dirty"},
            0,
            ["approve done: merged", f"the target branch is at {'a' * 12}", "it is dirty"],
        ),
    ],
)
def test_a_decision_as_a_person_reads_it(
    capsys: pytest.CaptureFixture[str], facts: dict[str, object], code: int, lines: list[str]
) -> None:
    result = DecisionResult.model_validate({"repair": "r", "action": "approve", **facts})
    assert print_decision(result, as_json=False) == code
    assert capsys.readouterr().out.splitlines() == lines
    assert print_decision(result, as_json=True) == code
    assert json.loads(capsys.readouterr().out)["reason"] == facts["reason"]


def test_an_approval_that_nobody_confirms_changes_nothing(tmp_path: Path) -> None:
    from click import Context

    from healer.cli import cli
    from healer.cli.decision import carry_out

    with shop(tmp_path / "shop") as here:
        repair, tip = here.fix().repair, here.tip
        context = Context(cli, obj={"repo": str(here.folder)})
        code = carry_out(context, "approve", repair, as_json=True, is_confirmed=lambda _: False)
        assert code == 1
        assert here.tip == tip
        assert here.services.ledger.repair(repair).state == "waiting"


def test_json_has_no_progress_beside_it(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        answer = run_command("reject", repair, "--reason", "no", "--json", cwd=here.folder)
        assert json.loads(answer.out)["done"] is True
        assert answer.err == ""

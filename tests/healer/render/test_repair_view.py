"""What can be typed now depends on how a repair stands."""

from typing import Any

import pytest

from tests.support.repairs import attempt, repair


@pytest.mark.parametrize(
    ("state", "changes", "commands"),
    [
        ("review", {}, ("healer approve r7", "healer reject r7 --reason TEXT")),
        ("healed", {"merged": "abc"}, ("healer rollback r7",)),
        ("healed", {}, ()),
        ("gave_up", {}, ()),
        ("reverted", {"merged": "abc"}, ()),
    ],
)
def test_only_what_can_be_done_is_offered(
    state: Any, changes: dict[str, Any], commands: tuple[str, ...]
) -> None:
    assert repair(state=state, **changes).commands == commands


def test_a_fix_without_a_branch_can_only_be_rejected() -> None:
    assert repair(has_draft=False).commands == ("healer reject r7 --reason TEXT",)


def test_the_attempt_to_decide_on_is_the_last() -> None:
    assert repair().last == attempt()
    assert repair(attempts=()).last is None


def test_a_repair_survives_as_json() -> None:
    view = repair(merged="abc", against=("it hides the error",), watched="on probation")
    assert type(view).model_validate_json(view.model_dump_json()) == view

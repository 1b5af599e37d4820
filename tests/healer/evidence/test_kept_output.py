"""What was printed before the failure is to be printed still; what differs by itself is no loss."""

import pytest

from healer.evidence.kept_output import is_output_kept
from sandbox import ProcessEnd


@pytest.mark.parametrize(
    ("before", "after", "is_kept"),
    [
        ("start\n", "start\ndone\n", True),
        ("start\n", "done\n", False),
        ("start\n12:01 read\n", "start\n12:02 read\ndone\n", True),
        ("", "done\n", None),
        ("12:01 read\n", "done\n", None),
    ],
)
def test_lines_without_digits_are_to_come_again(
    before: str, after: str, is_kept: bool | None
) -> None:
    ends = (ProcessEnd(exit_code=1, stdout=before), ProcessEnd(exit_code=0, stdout=after))
    assert is_output_kept(*ends) is is_kept


def test_nothing_is_known_where_nothing_ran() -> None:
    assert is_output_kept(None, ProcessEnd(exit_code=0, stdout="a\n")) is None

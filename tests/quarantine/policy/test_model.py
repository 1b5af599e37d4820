"""A changed path says by its modes whether it is new, gone or changed."""

import pytest
from pydantic import ValidationError

from quarantine.policy import ChangedPath, Finding


@pytest.mark.parametrize(
    ("old_mode", "new_mode", "is_new", "is_deleted"),
    [
        ("", "100644", True, False),
        ("000000", "100644", True, False),
        ("100644", "", False, True),
        ("100644", "000000", False, True),
        ("100644", "100755", False, False),
        ("120000", "100644", False, False),
        ("", "", True, True),
    ],
)
def test_no_mode_and_zeros_mean_that_there_is_no_such_path(
    old_mode: str, new_mode: str, is_new: bool, is_deleted: bool
) -> None:
    change = ChangedPath(path="a.py", old_mode=old_mode, new_mode=new_mode)
    assert (change.is_new, change.is_deleted) == (is_new, is_deleted)


def test_a_finding_is_either_refused_or_shown_to_a_person() -> None:
    with pytest.raises(ValidationError):
        Finding.model_validate(
            {"rule": "r", "severity": "maybe", "path": "a.py", "line": 1, "reason": "x"}
        )


def test_a_finding_does_not_change() -> None:
    finding = Finding(rule="r", severity="person", path="a.py", line=1, reason="x")
    with pytest.raises(ValidationError):
        finding.line = 2  # type: ignore[misc]  # what must not be possible

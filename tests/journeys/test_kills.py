"""What a killed process leaves is what an undisturbed one leaves (`benchmarks.kills` has many)."""

from pathlib import Path
from typing import Any

from tests.support.kills import Death, act, describe, drain, kill, open_shop, prepare
from tests.support.smtp import smtp_server


def live(folder: Path, deaths: int) -> tuple[dict[str, Any], int]:
    """A rejection that dies so often, each time twenty events later; what is left."""
    killed = 0
    with smtp_server() as server:
        with open_shop(folder, server.url) as here:
            prepare(here, "reject")
        for number in range(deaths):
            killed += not kill(folder, server.url, "reject", Death(20 * (number + 1)))
        with open_shop(folder, server.url) as here:
            act(here, "reject")
            drain(here)
            return describe(here, server), killed


def test_a_rejection_that_dies_twice_is_one_rejection(tmp_path: Path) -> None:
    undisturbed, _ = live(tmp_path / "quiet", 0)
    disturbed, killed = live(tmp_path / "killed", 2)
    assert killed == 2
    assert [name for name in disturbed.pop("files") if name not in undisturbed["files"]] == []
    assert undisturbed.pop("files")
    assert disturbed == undisturbed
    assert undisturbed["repairs"] == [("rejected", "rejected")]

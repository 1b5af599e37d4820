"""Two clones of one remote on one database: one bug has one repair, whatever becomes of a clone."""

import json
import signal
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

from healer.config import Config
from healer.facts.errors import WorkflowError
from healer.ledger.rows import RepairRow
from healer.repair.run import run_decision
from healer.services.fleet import DEAD_AFTER_S, TakenOverError
from tests.support import kill_at
from tests.support.bench import FILES, GOOD, Bench
from tests.support.forked import run_forked
from tests.support.git import git, make_repository
from tests.support.ledger_rows import request_of

KILLED = (("before", "draft 1"), ("before", "merge 1"), ("after", "merge 1"), ("before", "close"))


class Machines:
    """Clones of one remote, as on machines of their own."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self._folder, self._url = folder, url
        self.remote = folder / "origin.git"
        first = make_repository(folder / "first", FILES)
        git(folder, "clone", "-q", "--bare", str(first), str(self.remote))
        self.before = git(self.remote, "rev-parse", "main")
        self.config: dict[str, Any] = {"state": url, "push": True}

    def clone(self, name: str) -> Bench:
        place = self._folder / name
        place.mkdir()
        git(place, "clone", "-q", str(self.remote), "shop")
        return Bench(place)

    def let_die(self) -> None:
        """Whoever has shown a sign of life has done so too long ago."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(
                "UPDATE healer.all_member SET beat_at = beat_at - make_interval(secs => %s)",
                (DEAD_AFTER_S + 1,),
            )

    @property
    def merges(self) -> int:
        return int(git(self.remote, "rev-list", "--count", f"{self.before}..main"))


@pytest.fixture
def machines(tmp_path: Path, shared_url: str, bench: Bench) -> Machines:
    del bench  # it sets the test's environment
    return Machines(tmp_path / "world", shared_url)


def rows_of(bench: Bench, config: dict[str, Any]) -> tuple[RepairRow, ...]:
    with bench.opened(Config.model_validate(config)) as services:
        return services.ledger.repairs()


@pytest.mark.parametrize(("moment", "step"), KILLED)
def test_what_a_killed_clone_had_another_brings_to_its_end_once(
    machines: Machines, moment: str, step: str
) -> None:
    one, two = machines.clone("one"), machines.clone("two")
    words = (moment, step, "bench", str(one.folder.parent), json.dumps(machines.config))
    assert run_forked(kill_at.main, *words)[1] == -signal.SIGKILL
    machines.let_die()
    result = two.fix(GOOD, config=machines.config)
    assert result.outcome == "healed", result
    assert machines.merges == 1
    (row,) = rows_of(two, machines.config)
    assert (row.id, row.outcome) == (result.repair, "healed")


def test_what_another_clone_has_is_not_begun_while_it_lives(machines: Machines) -> None:
    one, two = machines.clone("one"), machines.clone("two")
    config = Config.model_validate(machines.config)
    with one.opened(config) as here, two.opened(config) as there:
        row, _ = here.ledger.open_repair(request_of("r1"), key="k")
        assert not there.fleet.hold(row)
        with pytest.raises(TakenOverError):
            there.fleet.require(row.id)


@pytest.mark.parametrize("lives", [True, False])
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_person_decides_in_any_clone_on_what_waits(
    machines: Machines, action: Literal["approve", "reject"], lives: bool
) -> None:
    one, two = machines.clone("one"), machines.clone("two")
    config = machines.config | {"autonomy": "review"}
    result = one.fix(GOOD, config=config)
    assert result.outcome == "review"
    assert result.branch in git(machines.remote, "branch", "--list", "quarantine/*")
    if not lives:
        machines.let_die()
    with two.opened(Config.model_validate(config)) as there:
        decided = run_decision(there, two.state, action, result.repair, by="Ada", why="no")
        assert decided.done, decided.reason
        row = there.ledger.repair(result.repair)
        assert row.holder == there.fleet.clone
    assert machines.merges == (action == "approve")
    rest = git(machines.remote, "branch", "--list", "quarantine/*")
    assert (result.branch in rest) == (action == "approve")  # it stays as long as one that merges


def test_what_somebody_has_put_onto_the_branch_since_is_not_approved_for_them(
    machines: Machines,
) -> None:
    one, two = machines.clone("one"), machines.clone("two")
    config = machines.config | {"autonomy": "review"}
    result = one.fix(GOOD, config=config)
    git(machines.remote, "update-ref", f"refs/heads/{result.branch}", "main")
    with (
        two.opened(Config.model_validate(config)) as there,
        pytest.raises(WorkflowError, match=r"is at .* there, and the fix was .*repair it anew"),
    ):
        run_decision(there, two.state, "approve", result.repair, by="Ada", why="")
    assert machines.merges == 0

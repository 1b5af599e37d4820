"""Of several clones one has a repair, and another takes it over only when it is dead."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from healer.ledger.store import Ledger
from healer.services.fleet import ALONE, DEAD_AFTER_S, SharedFleet, TakenOverError
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.support.ledger_rows import request_of


class Clone:
    """One clone on a machine of its own."""

    def __init__(self, url: str, scope: Scope, name: str, stack: ExitStack) -> None:
        far = url.replace("postgresql:", "postgresql+psycopg:")
        self.tables = stack.enter_context(SharedTables(url, scope))
        self.ledger = stack.enter_context(Ledger(far, scope, holder=name))
        self.fleet = SharedFleet(self.tables, self.ledger, name, f"host-of-{name}")
        self.fleet.beat()

    def die(self) -> None:
        """Its last sign of life was too long ago."""
        with self.tables.transaction() as connection:
            connection.execute(
                "UPDATE member SET beat_at = beat_at - make_interval(secs => ?) WHERE clone = ?",
                (DEAD_AFTER_S + 1, self.fleet.clone),
            )


@pytest.fixture
def clones(shared_url: str, scope: Scope) -> Iterator[tuple[Clone, Clone, Clone]]:
    with ExitStack() as stack:
        one, two, three = (Clone(shared_url, scope, name, stack) for name in ("a", "b", "c"))
        yield one, two, three


def test_a_repair_is_that_clones_which_opened_it(clones: tuple[Clone, Clone, Clone]) -> None:
    one, two, _ = clones
    row, is_new = one.ledger.open_repair(request_of("r1"), key="k")
    assert is_new
    assert two.ledger.open_repair(request_of("r2"), key="k") == (row, False)
    assert one.fleet.hold(row)
    assert not two.fleet.hold(row)
    assert two.fleet.describe_holder(row) == "host-of-a"
    assert one.fleet.describe_holder(row) == ""


def test_what_a_dead_clone_had_one_of_the_others_takes_over_and_says_so(
    clones: tuple[Clone, Clone, Clone],
) -> None:
    one, two, three = clones
    row, _ = one.ledger.open_repair(request_of("r1"), key="k")
    one.die()
    assert [two.fleet.hold(row), three.fleet.hold(row)] == [True, False]
    (entry,) = three.ledger.entries("r1")
    assert entry.outcome == "taken over"
    assert "host-of-a gave no sign of life for 30 s" in entry.detail


def test_a_clone_that_only_slept_finds_that_its_repair_is_another_ones(
    clones: tuple[Clone, Clone, Clone],
) -> None:
    one, two, _ = clones
    row, _ = one.ledger.open_repair(request_of("r1"), key="k")
    one.fleet.require("r1")
    one.die()
    assert two.fleet.hold(row)
    one.fleet.beat()
    with pytest.raises(TakenOverError, match="taken over by host-of-b"):
        one.fleet.require("r1")
    two.fleet.require("r1")
    assert not one.fleet.hold(one.ledger.repair("r1"))


def test_a_beat_brings_a_clone_back_to_life(clones: tuple[Clone, Clone, Clone]) -> None:
    one, two, _ = clones
    one.die()
    assert not two.fleet.is_alive("a")
    one.fleet.beat()
    assert two.fleet.is_alive("a")
    assert not two.fleet.is_alive("unknown")


def test_no_two_processes_have_the_same_name(clones: tuple[Clone, Clone, Clone]) -> None:
    again = SharedFleet(clones[0].tables, clones[0].ledger, "a", "host-of-a")
    assert again.executor != clones[0].fleet.executor


def test_who_is_alone_has_all(tmp_path: object) -> None:
    del tmp_path
    with Ledger("sqlite://") as ledger:
        row, _ = ledger.open_repair(request_of("r1"), key="k")
        assert ALONE.hold(row)
        assert ALONE.describe_holder(row) == ""

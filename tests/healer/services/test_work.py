"""A due repository is one worker's for one turn; nobody starves, and the dead keep nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from healer.failure import Failure
from healer.ledger.store import Ledger
from healer.services.fleet import DEAD_AFTER_S
from healer.services.work import PREFERENCE_S, Work, WorkTable
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.shared_inbox import SharedInbox
from tests.support.ledger_rows import request_of

Open = Callable[..., WorkTable]


@pytest.fixture
def tenant(scope: Scope) -> str:
    """One that no other test has."""
    return scope.repository


@pytest.fixture
def tables(shared_url: str) -> Iterator[SharedTables]:
    with SharedTables(shared_url, Scope("", "")) as tables:
        yield tables


@pytest.fixture
def join(shared_url: str, tenant: str) -> Iterator[Open]:
    """Workers that live."""
    with ExitStack() as stack:

        def join(*tenants: str, name: str = "one", host: str = "h") -> WorkTable:
            mine = tenants or (tenant,)
            table = WorkTable(shared_url, mine, name=name, host=host, slots=2)
            stack.enter_context(table)
            stack.callback(table.leave)
            table.beat()
            return table

        yield join


@pytest.fixture
def work(tenant: str) -> Work:
    """The tenant's only repository."""
    return Work(tenant, "example.com/a", "https://example.com/a")


@pytest.fixture
def one(join: Open, work: Work) -> WorkTable:
    """A worker that had its turn with the repository: nothing is due there."""
    table = join()
    table.add(work)
    assert table.take(1) == [work]
    assert table.end(work)
    return table


def update(tables: SharedTables, tenant: str, assignments: str, *values: object) -> None:
    """Changes all work of the tenant."""
    tables.query(
        f"UPDATE healer.all_work SET {assignments} WHERE tenant = ? RETURNING 1",
        (*values, tenant),
    )


def pass_by(tables: SharedTables, tenant: str, seconds: float) -> None:
    """Of all that is due."""
    update(tables, tenant, "due_at = due_at - make_interval(secs => ?)", seconds)


def due_in(tables: SharedTables, work: Work) -> float:
    """Seconds; infinite where nothing is to do."""
    query = (
        "SELECT extract(epoch FROM due_at) - extract(epoch FROM now()) FROM healer.all_work"
        " WHERE tenant = ? AND repository = ?"
    )
    return float(tables.query(query, work[:2])[0][0])


def fail(shared_url: str, work: Work, name: str) -> None:
    with SharedTables(shared_url, Scope(*work[:2])) as tables:
        failure = Failure(
            id=name, script="a.py", source="run", argv=(), exit_code=1, chain=(), fingerprint=name
        )
        SharedInbox(tables).receive(failure, now=1.0, host="job")


def test_each_due_repository_is_one_workers(join: Open, tables: SharedTables, tenant: str) -> None:
    one, two = join(name="one"), join(name="two")
    works = [Work(tenant, f"example.com/{n}", f"https://example.com/{n}") for n in range(6)]
    for each in works:
        one.add(each)
    pass_by(tables, tenant, PREFERENCE_S + 1)
    got: list[Work] = []
    threads = [threading.Thread(target=lambda w=w: got.extend(w.take(3))) for w in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got += one.take(6)  # what both had looked at, one of them leaves to its next look
    assert sorted(got) == works
    assert one.take(3) == two.take(3) == []


def test_a_repository_that_is_known_already_is_not_due_anew(
    one: WorkTable, work: Work, tables: SharedTables
) -> None:
    one.add(work._replace(url="git@example.com:a"))
    assert one.take(1) == []
    assert due_in(tables, work) == float("inf")


def test_what_comes_in_makes_its_repository_due(
    one: WorkTable, work: Work, shared_url: str
) -> None:
    fail(shared_url, work, "f1")
    assert one.take(1) == [work]
    fail(shared_url, work, "f2")  # while it is worked on
    with SharedTables(shared_url, Scope(*work[:2])) as scoped:
        inbox = SharedInbox(scoped, "clone")
        for each in inbox.list_pending():
            inbox.claim(each)
            inbox.mark_handled(each)
    assert one.end(work)
    assert one.take(1) == [work]  # one look too many, and none too few


def test_what_is_left_after_a_turn_says_when_the_next_one_is(
    one: WorkTable, work: Work, tables: SharedTables, shared_url: str
) -> None:
    def end_turn(problem: str = "") -> float:
        update(tables, work.tenant, "executor = ?, due_at = 'infinity'", one.executor)
        assert one.end(work, problem)
        return due_in(tables, work)

    def change_mail(statement: str) -> None:
        with SharedTables(shared_url, Scope(*work[:2])) as scoped, scoped.transaction() as rows:
            rows.execute(statement)

    change_mail("INSERT INTO mail_fact (folder, name, body) VALUES ('sent', 'm', '{}')")
    assert end_turn() == float("inf")
    change_mail("UPDATE mail_fact SET folder = 'queue'")
    assert 50 < end_turn() <= 60
    assert 20 < end_turn("exit 3") <= 30
    assert 50 < end_turn("exit 3") <= 60
    fail(shared_url, work, "f")
    assert end_turn("exit 3") > 100  # what fails rests, whatever waits
    assert end_turn() <= 0


def test_tenants_that_have_the_fewest_slots_come_first(
    join: Open, tables: SharedTables, tenant: str
) -> None:
    flood, quiet = f"{tenant}-flood", f"{tenant}-quiet"
    one = join(flood, quiet)
    for number in range(5):
        one.add(Work(flood, f"example.com/{number}", "u"))
    pass_by(tables, flood, 3_600)
    assert [each.tenant for each in one.take(2)] == [flood, flood]
    one.add(Work(quiet, "example.com/a", "u"))
    assert {each.tenant for each in one.take(2)} == {quiet, flood}


def test_within_a_tenant_it_is_first_come_first_served(
    join: Open, tables: SharedTables, tenant: str
) -> None:
    one = join()
    works = [Work(tenant, f"example.com/{n}", "u") for n in (3, 1, 2)]
    for each in works:
        one.add(each)
        pass_by(tables, tenant, 10)
    assert [one.take(1) for _ in works] == [[each] for each in works]


def test_it_waits_a_moment_for_the_worker_that_most_likely_has_its_mirror(
    join: Open, tables: SharedTables, tenant: str
) -> None:
    workers = [join(name=name) for name in ("one", "two", "three")]
    works = [Work(tenant, f"example.com/{n}", "u") for n in range(30)]
    for each in works:
        workers[0].add(each)
    shares = [len(each.take(30)) for each in workers]
    assert sum(shares) == 30
    assert all(shares)
    for worker in workers:
        for each in works:
            worker.end(each)
    workers[0].leave()
    update(tables, tenant, "due_at = now()")
    moved = [len(each.take(30)) for each in workers[1:]]
    assert sum(moved) == 30
    assert all(after >= before for after, before in zip(moved, shares[1:], strict=True))


def test_a_folder_is_a_remote_on_its_own_machine_alone(
    join: Open, tables: SharedTables, tenant: str
) -> None:
    here, there = join(name="one", host="here"), join(name="two", host="there")
    work = Work(tenant, "here:/srv/git/a", "/srv/git/a")
    port = Work(tenant, "example.com:8443/a", "https://example.com:8443/a")
    here.add(work)
    here.add(port)
    pass_by(tables, tenant, PREFERENCE_S + 1)
    assert there.take(5) == [port]
    assert here.take(5) == [work]


def test_what_a_dead_worker_had_is_due_at_once_and_it_cannot_end_it_any_more(
    join: Open, tables: SharedTables, tenant: str, work: Work
) -> None:
    one, two = join(name="one"), join(name="two")
    one.add(work)
    pass_by(tables, tenant, PREFERENCE_S + 1)
    assert one.take(1) == [work]
    two.reap()
    assert two.take(1) == []
    tables.query(
        "UPDATE healer.worker SET beat_at = beat_at - make_interval(secs => ?)"
        " WHERE executor = ? RETURNING 1",
        (DEAD_AFTER_S + 1, one.executor),
    )
    assert two.reap()[0] >= 1
    assert two.take(1) == [work]
    assert not one.end(work)
    assert two.end(work)


def test_a_repair_that_no_living_clone_has_makes_its_repository_due(
    one: WorkTable, work: Work, shared_url: str
) -> None:
    far = shared_url.replace("postgresql:", "postgresql+psycopg:")
    with Ledger(far, Scope(*work[:2]), holder="gone") as ledger:
        ledger.open_repair(request_of("r1"), key="k")
    assert one.take(1) == []
    one.reap()
    assert one.take(1) == [work]
    one.end(work, "exit 4")
    one.reap()
    assert one.take(1) == []  # what fails rests

"""What another machine noticed comes into one clone's inbox, and is not lost with that clone."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from healer.daemon.tasks.shared_failures import TakeSharedFailures
from healer.failure import Failure, fingerprint
from healer.ledger.store import Ledger
from healer.services.fleet import DEAD_AFTER_S, SharedFleet
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.tape.store import tape_path
from healer.watch.environment_files import file_of, find_environment
from healer.watch.inbox import Inbox
from healer.watch.record import new_id
from healer.watch.shared_inbox import LargeParts, SharedInbox, digest_of_blob


def make_failure(script: str = "job.py") -> Failure:
    failure = Failure(id=new_id(), script=script, source="run", exit_code=1)
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})


def keep_blob(tables: SharedTables, data: bytes) -> str:
    with tables.transaction() as connection:
        row = (digest_of_blob(data), 0, data)
        connection.execute("INSERT INTO blob (digest, at, body) VALUES (?, ?, ?)", row)
    return row[0]


class Clone:
    """One clone, with what its daemon does every two seconds."""

    def __init__(self, url: str, scope: Scope, state_dir: Path, stack: ExitStack) -> None:
        self.tables = stack.enter_context(SharedTables(url, scope))
        ledger = stack.enter_context(Ledger("sqlite://"))
        self.fleet = SharedFleet(self.tables, ledger, state_dir.name, "host")
        self.fleet.beat()
        self.inbox = Inbox(state_dir)
        self.shared = SharedInbox(self.tables, state_dir.name)
        self.task = TakeSharedFailures(self.shared, self.fleet, self.inbox)

    def die(self) -> None:
        with self.tables.transaction() as connection:
            connection.execute(
                "UPDATE member SET beat_at = beat_at - make_interval(secs => ?) WHERE clone = ?",
                (DEAD_AFTER_S + 1, self.fleet.clone),
            )


@pytest.fixture
def clones(shared_url: str, scope: Scope, tmp_path: Path) -> Iterator[tuple[Clone, Clone]]:
    with ExitStack() as stack:
        one, two = (Clone(shared_url, scope, tmp_path / name, stack) for name in "ab")
        yield one, two


def test_a_failure_comes_into_one_inbox_with_its_tape(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    failure = make_failure()
    tape = keep_blob(one.tables, b"tape")
    one.shared.receive(failure, now=0, parts=LargeParts(tape=tape))
    one.task.run(0)
    two.task.run(0)
    assert list(one.inbox.claim_all()) == [failure]
    assert two.inbox.list_pending() == ()
    assert tape_path(one.inbox.state_dir, failure.id).read_bytes() == b"tape"


def test_what_it_ran_on_comes_along(clones: tuple[Clone, Clone]) -> None:
    one, _ = clones
    failure, digest = make_failure(), keep_blob(one.tables, b"layer")
    parts = LargeParts(environment=digest, python="/srv/env/bin/python")
    one.shared.receive(failure, now=0, parts=parts)
    one.task.run(0)
    state_dir = one.inbox.state_dir
    came = find_environment(state_dir, failure.id)
    assert came == (digest, "/srv/env/bin/python")
    assert file_of(state_dir, digest).read_bytes() == b"layer"


def test_it_is_handled_there_when_the_clone_has_handled_it(clones: tuple[Clone, Clone]) -> None:
    one, _ = clones
    failure = make_failure()
    one.shared.receive(failure, now=0)
    one.task.run(0)
    one.task.run(0)
    assert [each.id for each in one.shared.list_open()] == [failure.id]
    one.inbox.claim(failure.id)
    one.task.run(0)
    assert [each.id for each in one.shared.list_open()] == [failure.id]
    one.inbox.mark_handled(failure.id)
    one.task.run(0)
    assert one.shared.list_open() == ()


def test_what_a_dead_clone_had_not_handled_comes_to_another(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    failures = [make_failure("a.py"), make_failure("b.py")]
    for each in failures:
        one.shared.receive(each, now=0)
    one.task.run(0)
    one.inbox.claim(failures[0].id)
    one.inbox.mark_handled(failures[0].id)
    one.task.run(0)
    two.task.run(0)
    assert two.inbox.list_pending() == ()
    one.die()
    two.task.run(0)
    assert two.inbox.list_pending() == (failures[1].id,)


def test_one_that_was_taken_just_before_a_crash_is_brought_in(clones: tuple[Clone, Clone]) -> None:
    one, _ = clones
    failure = make_failure()
    one.shared.receive(failure, now=0)
    one.shared.claim(failure.id)
    one.task.run(0)
    assert one.inbox.list_pending() == (failure.id,)


def test_one_that_breaks_whoever_handles_it_is_handed_out_no_more(
    clones: tuple[Clone, Clone],
) -> None:
    one, two = clones
    failure = make_failure()
    one.shared.receive(failure, now=0)
    one.task.run(0)
    one.inbox.claim(failure.id)
    one.inbox.set_aside(failure.id, "trace")
    one.task.run(0)
    assert one.shared.list_open() == ()
    two.task.run(0)
    assert two.inbox.list_pending() == ()


def test_a_record_that_cannot_be_read_stops_no_other(clones: tuple[Clone, Clone]) -> None:
    one, _ = clones
    broken, good = make_failure("a.py"), make_failure("b.py")
    for each in (broken, good):
        one.shared.receive(each, now=0)
    with one.tables.transaction() as connection:
        connection.execute("UPDATE failure SET body = '{}' WHERE id = ?", (broken.id,))
    one.task.run(0)
    assert one.inbox.list_pending() == (good.id,)
    assert [each.id for each in one.shared.list_open()] == [good.id]

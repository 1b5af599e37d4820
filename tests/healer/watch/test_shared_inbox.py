"""Both inboxes keep one contract; the shared one counts a storm as it comes in, and each once."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from healer.failure import Failure, Frame, Raised, fingerprint
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.inbox import Inbox, InboxError
from healer.watch.incidents import Incidents
from healer.watch.record import new_id
from healer.watch.shared_inbox import MAX_TAKEN, STAY_S, LargeParts, SharedInbox, digest_of_blob

NOW = 1_800_000_000.0


def make_failure(script: str = "job.py", commit: str = "c1", **more: object) -> Failure:
    frame = Frame(file=script, line=1, function="f", source="x()", own=True)
    chain = (Raised(type="KeyError", message="'x'", frames=(frame,)),)
    failure = Failure(
        id=new_id(), script=script, source="run", exit_code=1, chain=chain, commit=commit
    ).model_copy(update=more)
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})


def keep_blob(tables: SharedTables, data: bytes) -> str:
    with tables.transaction() as connection:
        row = (digest_of_blob(data), NOW, data)
        connection.execute("INSERT INTO blob (digest, at, body) VALUES (?, ?, ?)", row)
    return row[0]


class Form(NamedTuple):
    """One of the two, and how a failure gets into it."""

    inbox: Inbox | SharedInbox
    again: Callable[[], Inbox | SharedInbox]
    """The same, for another process."""

    def put(self, failure: Failure) -> Failure:
        if isinstance(self.inbox, SharedInbox):
            self.inbox.receive(failure, now=NOW)
            return failure
        return self.inbox.put(failure)


def claim_all(inbox: Inbox | SharedInbox) -> list[Failure]:
    """Takes everything that waits, oldest first."""
    failures = (inbox.claim(each) for each in inbox.list_pending())
    return [failure for failure in failures if failure is not None]


@pytest.fixture
def tables(shared_url: str, scope: Scope) -> Iterator[SharedTables]:
    with SharedTables(shared_url, scope) as tables:
        yield tables


@pytest.fixture(params=["folder", "shared"])
def form(request: pytest.FixtureRequest, tmp_path: Path) -> Form:
    """What holds in one holds in the other."""
    if request.param == "folder":
        return Form(Inbox(tmp_path), lambda: Inbox(tmp_path))
    tables = request.getfixturevalue("tables")
    return Form(SharedInbox(tables, "a"), lambda: SharedInbox(tables, "a"))


def test_what_is_put_in_is_read_back(form: Form) -> None:
    kept = form.put(make_failure(inputs={"data/a.csv": "YQ=="}, environment={"TZ": "UTC"}))
    assert form.inbox.list_pending() == form.inbox.list_all() == (kept.id,)
    assert form.again().read(kept.id) == kept
    assert form.inbox.contains(kept.id)
    assert not form.inbox.contains("0" * 20)


def test_what_waits_comes_oldest_first_and_each_once(form: Form) -> None:
    ids = [form.put(make_failure(f"{n}.py")).id for n in range(5)]
    assert [each.id for each in claim_all(form.inbox)] == ids
    assert claim_all(form.again()) == []
    assert form.inbox.list_pending() == ()


def test_one_that_is_taken_is_nobody_elses_and_is_kept_when_handled(form: Form) -> None:
    kept = form.put(make_failure())
    assert form.inbox.claim(kept.id) == kept
    assert form.again().claim(kept.id) is None
    for _ in range(2):
        form.inbox.mark_handled(kept.id)
    assert form.again().recover() == ()
    assert form.inbox.read(kept.id) == kept


def test_after_a_crash_what_was_taken_is_given_out_again(form: Form) -> None:
    kept = form.put(make_failure())
    form.inbox.claim(kept.id)
    assert form.again().recover() == (kept.id,)
    assert claim_all(form.again()) == [kept]


def test_what_is_given_back_or_offered_again_waits(form: Form) -> None:
    kept = form.put(make_failure())
    form.inbox.claim(kept.id)
    form.inbox.give_back(kept.id)
    assert form.inbox.list_pending() == (kept.id,)
    form.inbox.claim(kept.id)
    form.inbox.mark_handled(kept.id)
    form.inbox.offer_again(kept.id)
    assert form.inbox.claim(kept.id) == kept


@pytest.mark.parametrize("name", ["", "nothing", "../../etc/passwd", "'; --"])
def test_an_unknown_id_is_an_error_with_the_next_step(form: Form, name: str) -> None:
    with pytest.raises(InboxError, match="healer incidents"):
        form.inbox.read(name)


def count_of(tables: SharedTables, failure: Failure) -> int:
    incident = Incidents(tables).find(failure.fingerprint)
    return incident.count if incident else 0


def take_as_a_daemon(inbox: SharedInbox, tables: SharedTables) -> list[str]:
    """What the code's rules say of all that waits."""
    answers = []
    for failure in claim_all(inbox):
        answers.append(Incidents(tables).count_recorded(failure, now=NOW))
        inbox.mark_handled(failure.id)
    return [str(each) for each in answers]


def test_a_storm_is_one_record_and_each_of_it_is_counted_once(tables: SharedTables) -> None:
    inbox = SharedInbox(tables, "a")
    storm = [make_failure() for _ in range(30)]
    for failure in [*storm, *storm]:
        inbox.receive(failure, now=NOW)
    assert inbox.list_pending() == (storm[0].id,)
    assert count_of(tables, storm[0]) == 29
    assert take_as_a_daemon(inbox, tables) == ["start"]
    assert count_of(tables, storm[0]) == 30
    late = make_failure(count=5)
    assert [inbox.receive(late, now=NOW) for _ in range(2)] == ["counted", "known"]
    assert inbox.list_pending() == ()
    assert count_of(tables, late) == 35
    with pytest.raises(InboxError, match="only counted"):
        inbox.read(late.id)


def test_of_each_version_of_the_code_one_waits(tables: SharedTables) -> None:
    """Only whoever has the code can tell which of them speaks of today's."""
    inbox = SharedInbox(tables, "a")
    failures = [make_failure(commit=c, dirty=d) for c in "ab" for d in (False, True)]
    for each in [*failures, *(make_failure(commit="a") for _ in range(3))]:
        inbox.receive(each, now=NOW)
    assert inbox.list_pending() == tuple(each.id for each in failures)
    assert take_as_a_daemon(inbox, tables) == ["start", "counted", "counted", "counted"]
    assert count_of(tables, failures[0]) == 7


def test_what_comes_after_a_merge_waits_for_whoever_has_the_code(tables: SharedTables) -> None:
    """It may be the fix's own relapse, or code that has it not: a count must not decide that."""
    inbox, incidents = SharedInbox(tables, "a"), Incidents(tables)
    first = make_failure()
    incidents.apply_event(first.fingerprint, "merge", now=NOW, script="job.py", repair="r1")
    inbox.receive(first, now=NOW)
    inbox.receive(make_failure(), now=NOW)
    assert inbox.list_pending() == (first.id,)
    incident = incidents.find(first.fingerprint)
    assert incident and incident.state == "probation"


def test_while_an_incident_rests_or_waits_failures_of_its_code_are_only_counted(
    tables: SharedTables,
) -> None:
    inbox, incidents = SharedInbox(tables, "a"), Incidents(tables)
    failure = make_failure()
    incidents.count_recorded(failure, now=NOW)
    incidents.apply_event(failure.fingerprint, "fail", now=NOW, cooldown_s=60)
    inbox.receive(make_failure(), now=NOW + 30)
    assert inbox.list_pending() == ()
    newer = make_failure(commit="c2")
    inbox.receive(newer, now=NOW + 30)
    assert inbox.list_pending() == (newer.id,)


def test_several_clones_never_take_the_same_failure(shared_url: str, scope: Scope) -> None:
    with SharedTables(shared_url, scope) as tables:
        ids = [make_failure(f"{n}.py") for n in range(20)]
        for each in ids:
            SharedInbox(tables).receive(each, now=NOW)
    taken: list[str] = []

    def take(clone: str) -> None:
        with SharedTables(shared_url, scope) as own:
            taken.extend(each.id for each in claim_all(SharedInbox(own, clone)))

    threads = [threading.Thread(target=take, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [each.id for each in ids]


def test_large_parts_come_back_by_their_digests(tables: SharedTables) -> None:
    inbox = SharedInbox(tables, "a")
    parts = LargeParts(tape=digest_of_blob(b"tape"), inputs={"in.csv": digest_of_blob(b"a;\xff")})
    assert inbox.find_missing(parts) == parts.digests
    for data in (b"tape", b"a;\xff"):
        keep_blob(tables, data)
    assert inbox.find_missing(parts) == ()
    failure = make_failure(inputs={"small.csv": "eA=="})
    inbox.receive(failure, now=NOW, parts=parts)
    assert inbox.read_tape(failure.id) == b"tape"
    assert inbox.read(failure.id).inputs == {"small.csv": "eA==", "in.csv": "YTv/"}
    assert inbox.read_tape("0" * 20) is None


def test_a_part_that_is_not_what_it_was_counts_as_missing(tables: SharedTables) -> None:
    inbox = SharedInbox(tables)
    digest = keep_blob(tables, b"x")
    with tables.transaction() as connection:
        connection.execute("UPDATE blob SET body = ?", (b"y",))
    assert inbox.read_blob(digest) is None


def test_what_is_old_and_handled_goes_and_what_waits_stays(tables: SharedTables) -> None:
    inbox = SharedInbox(tables, "a")
    waits, handled = make_failure("a.py"), make_failure("b.py")
    tapes = {each.id: keep_blob(tables, each.script.encode()) for each in (waits, handled)}
    for each in (waits, handled):
        inbox.receive(each, now=NOW, parts=LargeParts(tape=tapes[each.id]))
    inbox.claim(handled.id)
    inbox.mark_handled(handled.id)
    inbox.forget(NOW + STAY_S - 1)
    assert inbox.list_all() == (waits.id, handled.id)
    inbox.forget(NOW + STAY_S + 1)
    assert inbox.list_all() == (waits.id,)
    assert inbox.read_tape(waits.id) == b"a.py"
    assert inbox.read_blob(tapes[handled.id]) is None


def test_many_that_wait_come_in_portions(tables: SharedTables) -> None:
    inbox = SharedInbox(tables, "a")
    for n in range(MAX_TAKEN + 2):
        inbox.receive(make_failure(f"{n}.py"), now=NOW)
    assert len(claim_all(inbox)) == MAX_TAKEN
    assert inbox.list_pending() == ()

"""A repair that nobody runs makes way for a command that allows less; one that may run does not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.engine.locks import hold_executor_lock
from healer.facts.draft import Case, Draft, Drafts, ReplaceText, Source
from healer.facts.errors import PostponedError, UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Result
from healer.repair.request import build_request
from healer.repair.run import run_repair
from healer.watch.inbox import Inbox
from quarantine.merge import BEFORE
from tests.support.git import git
from tests.support.repair_facts import exchange_of
from tests.support.shop import SCRIPT, Shop, failed, shop


class Silent:
    """One draft that does not help, for 0.5 dollars; then no endpoint answers."""

    name = "model"

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        if case.attempts:
            raise PostponedError("no model gives a draft now")
        edit = ReplaceText(path=SCRIPT, find='["te"])', replace='["te"])  # no')
        draft = Draft(drafter="small", edits=(edit,), cause="A typo.")
        return Drafts(candidates=(draft,), exchanges=(exchange_of(),))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    """A shop with a repair of a recorded failure that waits for a model."""
    with shop(tmp_path / "shop") as made:
        failed(made)
        usual, made.drafter = made.drafter, Silent()
        with pytest.raises(PostponedError):
            fix(made)
        made.drafter = usual
        yield made


def fix(here: Shop, **options: Any) -> Result:
    services = here.services
    (record,) = (
        path for place in ("inbox", "kept") for path in (here.state / place).glob("*.json")
    )
    failure = Inbox(here.state).read(record.stem)
    request = build_request(
        services.repository, services.config, SCRIPT, failure=failure, **options
    )
    return run_repair(services, here.state, request)


def test_a_stricter_command_ends_it_and_begins_anew(here: Shop) -> None:
    (before,) = here.services.ledger.repairs("open")
    notes: list[Progress] = []
    here.services = replace(here.services, progress=notes.append)
    result = fix(here, drafter="rules")
    assert result.repair != before.id
    assert result.outcome in ("healed", "review")
    ended = here.services.ledger.repair(before.id)
    assert (ended.state, ended.outcome) == ("ended", "gave_up")
    assert ended.reason.endswith("begun anew with --drafter rules")
    assert any(note.detail == f"repair {before.id} {ended.reason}" for note in notes)
    costs = [each.cost_usd for each in here.services.ledger.entries(before.id, kind="call")]
    assert costs == [0.5]
    failure = here.services.incidents.list_all()[0]
    assert failure.repair == result.repair


@pytest.mark.parametrize("holder", ["daemon", "cli"])
def test_one_that_a_process_may_go_on_with_stays(here: Shop, holder: str) -> None:
    (row,) = here.services.ledger.repairs("open")
    name = holder if holder == "daemon" else f"cli-{row.id}"
    with hold_executor_lock(here.state, name), pytest.raises(UsageError, match="--no-merge"):
        fix(here, merge=False)
    assert here.services.ledger.repair(row.id).state == "open"


def test_one_that_may_have_merged_its_fix_stays(here: Shop) -> None:
    (row,) = here.services.ledger.repairs("open")
    git(here.folder, "update-ref", f"{BEFORE}{row.id}", "HEAD")
    with pytest.raises(UsageError, match="--no-merge"):
        fix(here, merge=False)
    assert here.services.ledger.repair(row.id).state == "open"


def test_a_command_that_allows_as_much_goes_on_with_it(here: Shop) -> None:
    (row,) = here.services.ledger.repairs("open")
    assert fix(here, attempts=7).repair == row.id

"""A repair that was killed goes on as it was begun, and says so; never beyond what is allowed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.engine.locks import hold_executor_lock
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.repair.earlier_request import go_on_as_begun
from healer.repair.request import build_request, find_or_open
from healer.repair.run import run_repair
from tests.support.ledger_rows import add_repair, request_of
from tests.support.shop import SCRIPT, Shop, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def wish(here: Shop, **options: Any) -> Any:
    services = here.services
    known: dict[str, Any] = {"command": ("python", SCRIPT)}
    return build_request(services.repository, services.config, SCRIPT, **known | options)


def begin(here: Shop, **options: Any) -> str:
    """A repair that was begun with these options, and killed."""
    return find_or_open(here.services.ledger, wish(here, **options))[0].id


def go_on(here: Shop, **options: Any) -> list[str]:
    """What is said when the same command is typed with these options."""
    notes: list[Progress] = []
    services = replace(here.services, progress=notes.append)
    request = wish(here, **options)
    row, _ = find_or_open(services.ledger, request)
    go_on_as_begun(row, request, services)
    return [note.detail for note in notes]


@pytest.mark.parametrize(
    ("begun", "now", "words"),
    [
        ({}, {}, ""),
        ({"drafter": "rules"}, {"drafter": "rules"}, ""),
        ({"drafter": "rules"}, {}, "begun with --drafter rules --attempts 4 and goes on so"),
        ({"drafter": "rules"}, {"drafter": "model"}, "begun with --drafter rules"),
        ({"merge": False}, {}, "begun with --no-merge"),
        ({"attempts": 2}, {"attempts": 7}, "begun with --attempts 2"),
        ({"budget_usd": 0.1}, {"budget_usd": 3.0}, "begun with --budget 0.1"),
        ({"pull_request": True}, {}, "begun with --pr"),
    ],
)
def test_it_is_said_how_it_goes_on(
    here: Shop, begun: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    repair = begin(here, **begun)
    notes = go_on(here, **now)
    assert len(notes) == bool(words)
    if words:
        assert words in notes[0]
        assert notes[0].startswith(f"repair {repair} was begun")


@pytest.mark.parametrize(
    ("begun", "now", "option"),
    [
        ({}, {"merge": False}, "--no-merge"),
        ({}, {"drafter": "rules"}, "--drafter rules"),
        ({"drafter": "model"}, {"drafter": "rules"}, "--drafter rules"),
        ({}, {"budget_usd": 0.0}, "--budget 0"),
        ({"budget_usd": 3.0}, {"budget_usd": 0.1}, "--budget 0.1"),
        ({}, {"merge": False, "budget_usd": 0.0}, "--no-merge and --budget 0"),
    ],
)
def test_what_allows_less_than_it_was_begun_with_is_refused_with_the_next_step(
    here: Shop, begun: dict[str, Any], now: dict[str, Any], option: str
) -> None:
    repair = begin(here, **begun)
    with (
        hold_executor_lock(here.state, "daemon"),
        pytest.raises(UsageError, match=f"begun without {option}, and the daemon or") as caught,
    ):
        run_repair(here.services, here.state, wish(here, **now))
    assert f"repair {repair}" in str(caught.value)
    assert f"healer fix {SCRIPT} " in str(caught.value)
    assert "--attempts 4 --)" in str(caught.value)
    assert f"healer pause {SCRIPT}" in str(caught.value)
    assert here.services.ledger.repair(repair).state == "open"


def test_a_budget_that_is_none_or_more_allows_what_was_begun(here: Shop) -> None:
    begin(here, budget_usd=0.1)
    assert go_on(here, budget_usd=0.1) == []
    assert len(go_on(here, budget_usd=0.2)) == 1


def test_one_that_has_ended_or_cannot_be_read_is_another_story(here: Shop) -> None:
    ledger = here.services.ledger
    row = add_repair(ledger, "review", request=request_of("w1", SCRIPT))
    go_on_as_begun(row, wish(here, merge=False), here.services)
    unread = add_repair(ledger, request=request_of("w2", SCRIPT))
    unread = unread.model_copy(update={"request": None})
    go_on_as_begun(unread, wish(here, merge=False), here.services)

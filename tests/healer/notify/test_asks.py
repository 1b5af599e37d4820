"""References: ours alone are read, for as long as they hold, and each decides once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.asks import Ask, AskError, Asks
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.support.notices import NOON, notice

DAY = timedelta(days=1)


@pytest.fixture
def asks(tmp_path: Path) -> Asks:
    return Asks(tmp_path / "mail")


@pytest.fixture
def reference(asks: Asks) -> str:
    return asks.refer(notice(), NOON, 3)


def test_a_reference_is_read_back_while_it_holds(asks: Asks, reference: str) -> None:
    ask = asks.read(reference, NOON + 2 * DAY)
    assert (ask.fingerprint, ask.repair, ask.when) == ("00112233445566aa", "r7", NOON)
    with pytest.raises(AskError, match="held until 2026-11-23 12:00 UTC"):
        asks.read(reference, NOON + 3 * DAY)


def test_the_same_notice_at_the_same_minute_has_the_same_reference(asks: Asks) -> None:
    assert asks.refer(notice(), NOON, 3) == asks.refer(notice(), NOON + timedelta(seconds=9), 3)
    assert asks.refer(notice(), NOON, 3) != asks.refer(notice(), NOON + DAY, 3)


@pytest.mark.parametrize(
    "changes",
    [{"kind": "letter"}, {"kind": "healed"}, {"fingerprint": "job:late:x"}, {"repair": "../x"}],
)
def test_what_nobody_decides_has_no_reference(asks: Asks, changes: dict[str, str]) -> None:
    assert asks.refer(notice(**changes), NOON, 3) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("-r7-", "-r8-"),
        ("-3-", "-4-"),
        ("00112233445566aa", "00112233445566ab"),
        ("h1-", "h1-0"),
        ("h1-", "h2-"),
    ],
)
def test_a_changed_reference_is_refused(
    asks: Asks, reference: str, before: str, after: str
) -> None:
    with pytest.raises(AskError, match="no link of this healer"):
        asks.read(reference.replace(before, after, 1), NOON)


def test_a_reference_of_another_repository_is_refused(reference: str, tmp_path: Path) -> None:
    other = Asks(tmp_path / "other")
    other.refer(notice(), NOON, 3)
    for stranger in (other, Asks(tmp_path / "without a key")):
        with pytest.raises(AskError, match="no link of this healer"):
            stranger.read(reference, NOON)


@given(text=st.text(max_size=80))
def test_any_text_is_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(AskError):
        Asks(tmp_path_factory.getbasetemp()).read(text, NOON)


def test_the_reference_that_a_mail_answers_is_found(asks: Asks, reference: str) -> None:
    older = asks.refer(notice(repair="r6"), NOON, 3)
    mail_id = f"<00112233445566aa.review.0123.{reference}@example.com>"
    assert asks.find((mail_id, f"<{older}@x>"), older) == reference
    assert asks.find(("<else@x>", ""), f"> https://h.example.com/decide/{reference}\n") == reference


def test_of_several_in_the_text_none_is_guessed(asks: Asks, reference: str) -> None:
    older = asks.refer(notice(repair="r6"), NOON, 3)
    assert asks.find((), f"{reference} {older}") == ""
    assert asks.find((), f"{reference} {reference}") == reference


def test_one_that_is_forged_is_not_found(asks: Asks, reference: str) -> None:
    assert asks.find((reference[:-1] + ("0" if reference[-1] != "0" else "1"),), "") == ""


@pytest.fixture
def ask(asks: Asks, reference: str) -> Iterator[Ask]:
    yield asks.read(reference, NOON)


def test_each_decides_once_and_a_snooze_leaves_the_decision(asks: Asks, ask: Ask) -> None:
    with asks.open_uses() as uses:
        uses.claim(ask, "snooze", "anna", 1_000.0)
        uses.claim(ask, "decide", "anna", 2_000.0)
        assert uses.find_use(ask, "ack") == ""
        with pytest.raises(AskError, match="used: by anna, 1970-01-01 00:33 UTC"):
            uses.claim(ask, "decide", "bert", 3_000.0)


def test_a_mail_is_taken_once(asks: Asks) -> None:
    with asks.open_uses() as uses:
        uses.require_new("<m@x>")
        uses.claim_mail("<m@x>", "anna", 1_000.0)
        with pytest.raises(AskError, match="read before"):
            uses.require_new("<m@x>")


def test_uses_are_forgotten_once_nothing_holds_any_more(asks: Asks, ask: Ask) -> None:
    with asks.open_uses() as uses:
        uses.claim(ask, "decide", "anna", 1_000.0)
        uses.forget(1_000.0)
        assert uses.find_use(ask, "decide")
        uses.forget(1_001.0)
        assert not uses.find_use(ask, "decide")


def test_machines_of_one_repository_sign_with_one_key_and_know_each_others_uses(
    tmp_path: Path, shared_url: str, scope: Scope
) -> None:
    mailed = Asks(tmp_path / "one").refer(notice(), NOON, 3)  # before the tables were shared
    with SharedTables(shared_url, scope) as here, SharedTables(shared_url, scope) as there:
        one, two = Asks(tmp_path / "one", here), Asks(tmp_path / "two", there)
        with pytest.raises(AskError, match="no link of this healer"):
            two.read(mailed, NOON)
        ask = two.read(one.refer(notice(), NOON, 3), NOON)
        assert two.read(mailed, NOON) == ask
        with one.open_uses() as uses:
            uses.claim(ask, "decide", "ada", NOON.timestamp())
        with two.open_uses() as uses, pytest.raises(AskError, match="used: by ada"):
            uses.claim(ask, "decide", "eve", NOON.timestamp())
        with two.open_uses() as uses:
            uses.forget(NOON.timestamp() + 1)
            assert uses.find_use(ask, "decide") == ""


def test_of_several_machines_that_need_a_key_first_all_have_the_same(
    tmp_path: Path, shared_url: str, scope: Scope
) -> None:
    with ExitStack() as stack:
        tables = [stack.enter_context(SharedTables(shared_url, scope)) for _ in range(3)]
        asks = [Asks(tmp_path / str(n), each) for n, each in enumerate(tables)]
        with ThreadPoolExecutor() as pool:
            references = set(pool.map(lambda each: each.refer(notice(), NOON, 3), asks))
    assert len(references) == 1

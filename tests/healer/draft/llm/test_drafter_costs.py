"""What an attempt costs: what is paid, what is estimated, and what is not begun for its price."""

import json

import pytest

from tests.healer.draft.llm.cases import GOOD, PRICED, Files, case, spent_usd
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import Reply


def test_useless_replies_are_paid_and_counted(make: Maker) -> None:
    drafter, _ = make(
        Reply("no", usage=(1000, 100)), Reply(GOOD, usage=(2000, 200)), tiers=[PRICED]
    )
    drafts = drafter.draft(case(), Files())
    assert drafts.spent.cost_usd == pytest.approx(0.036)
    assert (drafts.spent.tokens_in, drafts.spent.tokens_out) == (3000, 300)
    assert drafts.spent.cost_known
    assert spent_usd(make.budget, repair="r1") == pytest.approx(0.036)


def test_missing_usage_is_estimated_and_marked(make: Maker) -> None:
    drafter, _ = make(Reply(GOOD, usage=None), tiers=[PRICED])
    drafts = drafter.draft(case(), Files())
    assert drafts.spent.tokens_in > 100
    assert drafts.spent.cost_usd > 0
    assert not drafts.spent.cost_known


def test_unknown_prices_are_said_to_be_unknown(make: Maker) -> None:
    drafter, _ = make(GOOD)
    assert not drafter.draft(case(), Files()).spent.cost_known


def test_a_call_whose_worst_case_is_past_the_budget_is_not_made(make: Maker) -> None:
    drafter, endpoint = make(GOOD, tiers=[PRICED], budget_usd_per_repair=0.01)
    drafts = drafter.draft(case(), Files())
    assert drafts.stopped_by_budget
    assert not drafts.unavailable
    assert "model.budget_usd_per_repair" in drafts.reason
    assert endpoint.requests == []


def billed(**usage: object) -> Reply:
    """A good answer with such a bill."""
    message = {"role": "assistant", "content": json.dumps(GOOD)}
    counts = {"prompt_tokens": 1_000, "completion_tokens": 100} | usage
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Reply(body=json.dumps({"choices": [choice], "usage": counts}))


def test_the_endpoints_own_bill_counts_where_no_price_is_configured(make: Maker) -> None:
    drafter, _ = make(billed(cost=0.0123), tiers=["small"])
    spent = drafter.draft(case(), Files()).spent
    assert (spent.cost_usd, spent.cost_known) == (pytest.approx(0.0123), True)
    assert spent_usd(make.budget) == pytest.approx(0.0123)
    drafter, _ = make(billed(cost=0.0), tiers=[PRICED])
    assert drafter.draft(case(), Files()).spent.cost_usd == pytest.approx(0.012)


@pytest.mark.parametrize("cost", [-1, "0.5", True, None, float("inf"), []])
def test_a_bill_that_is_no_amount_is_none(make: Maker, cost: object) -> None:
    drafter, _ = make(billed(cost=cost))
    spent = drafter.draft(case(), Files()).spent
    assert (spent.cost_usd, spent.cost_known) == (0, False)


def test_thinking_that_is_counted_in_the_total_alone_is_paid(make: Maker) -> None:
    drafter, _ = make(billed(total_tokens=3_100), tiers=[PRICED])
    spent = drafter.draft(case(), Files()).spent
    assert spent.tokens_out == 2_100
    assert spent.cost_usd == pytest.approx(0.01 + 0.042)


def test_a_model_without_a_price_stops_at_the_budget_of_tokens(make: Maker) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), budget_tokens_per_repair=6_000)
    assert drafter.draft(case(), Files()).candidates
    drafts = drafter.draft(case(), Files())
    while not drafts.stopped_by_budget:
        drafts = drafter.draft(case(), Files())
    assert "model.budget_tokens_per_repair" in drafts.reason
    assert 1 < len(endpoint.requests) < 6

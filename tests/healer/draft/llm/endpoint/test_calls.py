"""One paid call: asked for in the budget, tried again with patience, settled at what it came to."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import (
    LONGEST_PAUSE_S,
    TRIES,
    Caller,
)
from healer.draft.llm.endpoint.cost import worst_case_usd
from healer.draft.llm.endpoint.dialect import ChatRequest, Message
from healer.draft.llm.endpoint.pace import FIRST_BREAK_S, ModelBreakers
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.replies.schema import REVIEW
from healer.redact import Redactor
from tests.healer.draft.llm.cases import FakeClock
from tests.support.endpoint import Reply, Scripted, ScriptedEndpoint, error, rate_limited

GOOD = {"objection": "none", "reason": "Right."}
REQUEST = ChatRequest(
    (Message("system", "Judge."), Message("user", "x = 1")), REVIEW, json.dumps(GOOD)
)
PRICES = {"usd_per_million_in": 10.0, "usd_per_million_out": 20.0}
SLOW = Reply(GOOD, first_byte_delay_s=5)
IMPATIENT = {"timeout_s": 0.3}


class Setting:
    """A caller, the endpoint it asks, and what both see."""

    def __init__(self, server: ScriptedEndpoint, caller: Caller, budget: Budget, **more: Any):
        self.server, self.caller, self.budget = server, caller, budget
        values = {"timeout_s": 30, "tries": 1, "max_output_tokens": 100} | PRICES | more
        self.endpoint = Endpoint.model_validate(
            {"name": "small", "model": "m", "base_url": server.base_url, "api_key": "k", **values}
        )

    def call(self, repair: str = "r") -> Any:
        return self.caller.call(repair, self.endpoint, REQUEST)


@contextmanager
def calling(
    *replies: Scripted,
    clock: FakeClock | None = None,
    state: Path | None = None,
    budget_usd: float = 1.0,
    breakers: ModelBreakers | None = None,
    **more: Any,
) -> Iterator[Setting]:
    with (
        ScriptedEndpoint(replies) as server,
        Budget(None, usd_per_repair=budget_usd, usd_per_day=5) as budget,
        Caller(
            budget,
            Redactor(),
            state=state,
            clock=clock or FakeClock(),
            rng=random.Random(1),
            breakers=breakers,
        ) as caller,
    ):
        yield Setting(server, caller, budget, **more)


def test_an_answer_is_paid_by_the_endpoints_own_count() -> None:
    with calling(Reply(GOOD, usage=(1_000, 100))) as setting:
        result = setting.call()
        (entry,) = setting.budget.entries()
    assert result.answer.text == json.dumps(GOOD)
    (exchange,) = result.exchanges
    assert exchange.prompt == "[system]\nJudge.\n\n[user]\nx = 1"
    assert exchange.reply == json.dumps(GOOD)
    assert exchange.spent.cost_usd == pytest.approx(0.012)
    assert exchange.spent.cost_known
    assert (entry.usd, entry.settled, entry.estimated) == (pytest.approx(0.012), True, False)


@pytest.mark.parametrize(
    ("reply", "more", "known", "free"),
    [
        pytest.param(Reply(GOOD, usage=None), {}, False, False, id="no usage"),
        pytest.param(Reply(GOOD), {"usd_per_million_in": None}, False, False, id="no price"),
        pytest.param(error(401, "no"), {}, True, True, id="refused"),
        pytest.param(SLOW, IMPATIENT, False, False, id="too slow"),
        pytest.param(Reply(body="{"), {}, False, False, id="no JSON"),
        pytest.param(Reply(body="<html>"), {}, True, True, id="a page"),
        pytest.param(Reply(GOOD, usage=(0, 0)), {}, False, False, id="noughts"),
        pytest.param(Reply(GOOD, usage=(10**30, 10**30)), {}, False, False, id="no counts"),
    ],
)
def test_what_a_call_cost_is_said_to_be_known_or_not(
    reply: Reply, more: dict[str, Any], known: bool, free: bool
) -> None:
    with calling(reply, **more) as setting:
        result = setting.call()
    cost = result.exchanges[0].spent
    assert cost.cost_known == known
    assert (cost.cost_usd == 0) == free


def test_a_call_that_may_have_been_in_vain_is_settled_at_its_worst_case() -> None:
    with calling(SLOW, **IMPATIENT) as setting:
        result = setting.call()
        entry = setting.budget.entries()[0]
    assert entry.usd == pytest.approx(worst_case_usd(setting.endpoint, REQUEST), abs=1e-8)
    assert (entry.settled, entry.estimated) == (True, True)
    assert result.exchanges[0].spent.cost_usd == pytest.approx(entry.usd)


def test_past_the_budget_the_endpoint_is_not_asked() -> None:
    with calling(GOOD, budget_usd=0.0001) as setting:
        result = setting.call()
    assert (result.answer, result.stopped_by_budget, result.exhausted_budget) == (
        None, True, "repair"
    )  # fmt: skip
    assert "model.budget_usd_per_repair" in result.problem
    assert setting.server.requests == []


def test_a_budget_that_ends_between_two_tries_keeps_the_first() -> None:
    worst_usd = 0.02
    with calling(error(504, "x"), GOOD, budget_usd=worst_usd, max_output_tokens=500) as setting:
        result = setting.call()
    assert result.stopped_by_budget
    assert len(result.exchanges) == 1


def test_a_passing_failure_is_tried_again_with_growing_pauses() -> None:
    clock = FakeClock()
    with calling(error(500, "x"), error(503, "y"), GOOD, clock=clock) as setting:
        result = setting.call()
    assert result.answer is not None
    assert [exchange.problem != "" for exchange in result.exchanges] == [True, True, False]
    assert 0.5 <= clock.slept[0] <= 1.0 <= clock.slept[1] <= 2.0


def test_after_its_tries_the_last_problem_is_told() -> None:
    with calling(*(error(500, f"fault {n}") for n in range(9))) as setting:
        result = setting.call()
    assert result.answer is None
    assert len(result.exchanges) == TRIES
    assert f"fault {TRIES - 1}" in result.problem
    assert not result.stopped_by_budget


def test_what_will_not_get_better_is_not_tried_again() -> None:
    clock = FakeClock()
    with calling(error(401, "no key"), GOOD, clock=clock) as setting:
        result = setting.call()
    assert (len(result.exchanges), clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("wait", "tries", "slept"),
    [("7", 2, [7.0]), ("0", 2, [0.0]), (str(LONGEST_PAUSE_S), 2, [LONGEST_PAUSE_S]),
     (str(LONGEST_PAUSE_S + 1), 1, [])],
)  # fmt: skip
def test_an_endpoint_is_waited_for_as_long_as_it_asks_within_reason(
    wait: str, tries: int, slept: list[float]
) -> None:
    clock = FakeClock()
    with calling(rate_limited(wait), GOOD, clock=clock) as setting:
        result = setting.call()
    assert (len(result.exchanges), clock.slept) == (tries, slept)


def test_an_endpoint_that_asks_for_too_much_is_left_alone_so_long() -> None:
    clock = FakeClock()
    with calling(rate_limited("3600"), Reply(GOOD, keep=True), clock=clock) as setting:
        first = setting.call().problem
        assert "limits how often m is asked, and wants to be left alone for 3600 s" in first
        clock.time += 3599
        assert setting.call().problem == f"small is left alone for now, after: {first}"
        clock.time += 1
        assert setting.call().answer is not None


@pytest.mark.parametrize(("counted", "refusal"), [(300, "too_long"), (2_600, ""), (0, "")])
def test_a_prompt_that_was_cut_silently_is_told_by_the_endpoints_own_count(
    counted: int, refusal: str
) -> None:
    request = replace(REQUEST, messages=(Message("system", "word " * 3_000),))
    with calling(Reply(GOOD, usage=(counted, 10))) as setting:
        result = setting.caller.call("r", setting.endpoint, request)
    assert result.answer is not None
    assert result.refusal == refusal


THINKING = "I have to look at this more closely, for"


@pytest.mark.parametrize(
    "message",
    [
        {"content": ""},
        {"content": "", "reasoning_content": THINKING},
        {"content": None, "reasoning": THINKING},
        {"content": f"<think>{THINKING}"},
    ],
)
@pytest.mark.parametrize("end", ["length", "MAX_TOKENS"])
def test_a_model_that_only_thought_is_given_room_and_that_is_kept(
    message: dict[str, object], end: str
) -> None:
    choice = {"index": 0, "message": message, "finish_reason": end}
    silent = Reply(body=json.dumps({"choices": [choice]}))
    with calling(error(503, "busy"), silent, GOOD, GOOD) as setting:
        first, second = setting.call(), setting.call()
    assert first.answer.text == second.answer.text == json.dumps(GOOD)
    limits = [request.body["max_completion_tokens"] for request in setting.server.requests]
    assert limits == [100, 100, 400, 400]


def test_a_limit_that_brought_nothing_is_not_kept() -> None:
    silent = Reply("", finish_reason="length")
    with calling(silent, error(405, "no"), GOOD) as setting:
        assert setting.call().answer is None
        assert setting.call().answer is not None
    assert setting.server.requests[-1].body["max_completion_tokens"] == 100


def test_a_limit_that_the_model_does_not_allow_is_learnt() -> None:
    words = "max_tokens is too large: 4000. This model supports at most 1500 completion tokens"
    silent = Reply("", finish_reason="length")
    replies = (silent, error(400, words), GOOD, silent, GOOD)
    with calling(*replies, max_output_tokens=1_000) as setting:
        assert setting.call().answer.text == json.dumps(GOOD)
        assert setting.call().answer.text == ""
        assert setting.call().answer.text == json.dumps(GOOD)
    limits = [request.body["max_completion_tokens"] for request in setting.server.requests]
    assert limits == [1_000, 4_000, 1_500, 1_500, 1_500]


@pytest.mark.parametrize(
    ("base_url", "refusal"),
    [
        ("localhost:11434/v1", "model"),
        ("ftp://example.org/v1", "model"),
        ("http://[::1", "model"),
        ("http://host:port/v1", "model"),
    ],
)
def test_an_address_that_is_none_is_told_and_not_waited_for(base_url: str, refusal: str) -> None:
    clock = FakeClock()
    with calling(clock=clock) as setting:
        setting.endpoint = setting.endpoint.model_copy(update={"base_url": base_url})
        result = setting.call()
    assert (result.refusal, clock.slept, len(result.exchanges)) == (refusal, [], 1)
    assert result.exchanges[0].spent.cost_usd == 0
    assert base_url in result.problem


@pytest.mark.parametrize("key", ["sk-s3cr\u2026t", "sk-s3cr\nt"])
def test_a_key_that_no_header_can_hold_is_told_without_it(key: str) -> None:
    with calling() as setting:
        setting.endpoint = setting.endpoint.model_copy(update={"api_key": key})
        result = setting.call()
    assert (result.refusal, len(result.exchanges)) == ("key", 1)
    assert result.exchanges[0].spent.cost_usd == 0
    assert "s3cr" not in result.problem
    assert setting.server.requests == []


@pytest.mark.parametrize("status", [405, 406, 410, 418])
def test_a_lasting_error_is_told_as_one(status: int) -> None:
    with calling(Reply(status=status, body="no", keep=True)) as setting:
        refusals = {setting.call().refusal for _ in range(4)}
    assert refusals <= {"form", "model"}, "no breaker hides it"


def test_breakers_outlive_a_caller() -> None:
    clock, breakers = FakeClock(), ModelBreakers()
    with calling(clock=clock, breakers=breakers) as setting:
        setting.call()
        url, model = setting.endpoint.base_url, setting.endpoint.model
    with calling(Reply(GOOD, keep=True), clock=clock, breakers=breakers) as setting:
        setting.endpoint = setting.endpoint.model_copy(update={"base_url": url})
        assert "left alone" in setting.call().problem
        setting.endpoint = setting.endpoint.model_copy(update={"base_url": setting.server.base_url})
        assert setting.call().answer is not None
    assert breakers.breaker_of(url, model).allow_request(clock.now() + FIRST_BREAK_S)


def test_calls_wait_for_their_turn_and_the_turns_are_kept_in_the_state_folder(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    with calling(GOOD, GOOD, clock=clock, state=tmp_path, calls_per_minute=1) as setting:
        setting.call()
        setting.call()
    assert clock.slept == [60.0]
    assert {path.name for path in tmp_path.iterdir()} == {"endpoints.json", "pace.sqlite"}


def test_a_problem_that_quotes_a_secret_is_redacted_and_storable() -> None:
    with calling(error(401, "Incorrect key: password=hunter2hunter2 \ud800")) as setting:
        result = setting.call()
    assert "hunter2" not in result.problem
    result.problem.encode()

"""The course of an attempt, against an endpoint on the wire."""

import json
from pathlib import Path
from typing import Any

import pytest

from healer.draft.llm.drafter import ModelDrafter
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.facts.draft import EarlierAttempt
from healer.redact import Redactor
from sandbox import FailingTests
from tests.healer.draft.llm.cases import (
    LINE,
    NODE,
    FakeClock,
    Files,
    attempt,
    case,
    failing_report,
    spent_usd,
)
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import (
    AZURE,
    GEMINI,
    LLAMA_CPP,
    LM_STUDIO,
    LM_STUDIO_OLD,
    OLLAMA,
    OPENAI,
    OPENAI_OLD,
    OPENROUTER,
    PROFILES,
    STREAM_ONLY,
    VLLM,
    Profile,
    Reply,
    Scripted,
    ScriptedEndpoint,
    answer,
    content_filtered,
    error,
    error_in_ok,
    fix,
    rate_limited,
)

NEW = LINE.replace('row["total"]', 'row.get("total", 0)')
GOOD = fix("scripts/report.py", LINE, NEW)
PRICED = {"model": "small", "usd_per_million_in": 10, "usd_per_million_out": 20}


def test_a_good_reply_becomes_a_draft(make: Maker) -> None:
    test = {"test_path": "tests/test_totals.py", "test": "def test_a():\n    assert True\n"}
    drafter, _ = make(GOOD | test | {"category": "missing case"})
    drafts = drafter.draft(case(), Files())
    (draft,) = drafts.candidates
    assert draft.drafter == "small"
    assert draft.edits[0].replace == NEW
    assert draft.regression_test.path == "tests/test_totals.py"
    assert (draft.category, draft.confidence) == ("missing case", 0.9)
    assert drafts.exchanges[0].prompt.startswith("[system]\nRepair a")
    assert drafts.spent.tokens_in > 100


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_every_kind_of_endpoint_gives_a_draft_and_is_soon_asked_rightly_at_once(
    make: Maker, profile: Profile
) -> None:
    drafter, endpoint = make(Reply(GOOD, reasoning="Let me see {…}.", keep=True), profile=profile)
    assert drafter.draft(case(), Files()).candidates
    drafter.draft(case(), Files())
    before = len(endpoint.requests)
    assert drafter.draft(case(), Files()).candidates
    assert len(endpoint.requests) == before + 1


@pytest.mark.parametrize(
    ("profile", "last"),
    [
        (OPENAI, "json_schema"),
        (AZURE, "json_schema"),
        (VLLM, "json_schema"),
        (LM_STUDIO, "json_schema"),
        (OPENAI_OLD, "json_object"),
        (LLAMA_CPP, "json_object"),
        (GEMINI, "json_object"),
        (OPENROUTER, "json_object"),
        (OLLAMA, ""),
        (LM_STUDIO_OLD, ""),
        (STREAM_ONLY, "json_object"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_endpoint_ends_with_the_strictest_format_that_it_holds_to(
    make: Maker, profile: Profile, last: str
) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), profile=profile)
    for _ in range(3):
        drafter.draft(case(), Files())
    assert endpoint.requests[-1].response_format == last


def test_what_worked_is_remembered_over_a_restart(make: Maker) -> None:
    drafter, _ = make(Reply(GOOD, keep=True), profile=LM_STUDIO_OLD)
    drafter.draft(case(), Files())
    known = json.loads((make.state / "endpoints.json").read_text())
    assert [manner["format"] for manner in known.values()] == ["fence"]


def test_an_endpoint_without_schema_is_told_the_shape(make: Maker) -> None:
    drafter, endpoint = make(GOOD, profile=LM_STUDIO_OLD)
    drafter.draft(case(), Files())
    assert "```json block" in endpoint.requests[-1].prompt
    assert "```json block" not in endpoint.requests[0].prompt


def test_a_spoilt_memory_of_formats_is_forgotten(make: Maker) -> None:
    (make.state / "endpoints.json").write_text('{"x": {"format": "yaml"}, "y": 3}')
    drafter, _ = make(GOOD)
    assert drafter.draft(case(), Files()).candidates


@pytest.mark.parametrize("decision", ["not_code_fault", "test_is_wrong", "needs_person"])
def test_a_way_out_is_an_answer(make: Maker, decision: str) -> None:
    drafter, endpoint = make(answer(decision=decision, cause="The file was empty."))
    drafts = drafter.draft(case(), Files())
    assert (drafts.refusal, drafts.reason) == (decision, "The file was empty.")
    assert len(endpoint.requests) == 1


def test_an_edit_that_does_not_fit_is_sent_back_with_the_reason(make: Maker) -> None:
    drafter, endpoint = make(fix("scripts/report.py", "amount += nothing", "x"), GOOD)
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates
    assert "the quoted text is not in the file" in endpoint.requests[1].prompt
    assert "quoted text" in drafts.exchanges[0].problem


def test_a_refused_edit_does_not_carry_a_secret_line_out(make: Maker) -> None:
    drafter, endpoint = make(fix("scripts/report.py", 'API_TOKEN = "sup3r"', "x"), GOOD)
    drafter.draft(case(), Files())
    assert "nearest to its first line" in endpoint.requests[1].prompt
    assert not any("sup3r-s3cret-t0ken" in request.prompt for request in endpoint.requests)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("I would change the loop.", "no JSON"),
        (Reply('{"edits": [', finish_reason="length"), "cut off"),
        (Reply(None), "empty"),
        (fix("tests/test_report.py", "== 0", "== 1"), "must not be changed"),
        (fix("scripts/report.py", LINE, "amount +="), "no valid Python"),
        (fix("scripts/report.py", LINE, "x = '<REDACTED:token:1>'"), "placeholder"),
        (fix("../../etc/passwd", "a", "b"), "relative to the repository"),
        (answer(decision="not_code_fault", edits=GOOD["edits"], cause="x"), "comes with edits"),
    ],
)
def test_two_useless_replies_go_up_a_tier(make: Maker, reply: Scripted, says: str) -> None:
    drafter, endpoint = make(reply, reply, GOOD, tiers=["small", "large"])
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates[0].drafter == "large"
    assert says in drafts.exchanges[0].problem
    assert [request.body["model"] for request in endpoint.requests] == ["small", "small", "large"]


@pytest.mark.parametrize(
    "fault",
    [
        Reply(refusal="I cannot help with that."),
        content_filtered(),
        error(401, "Incorrect API key provided"),
        error(404, "The model does not exist"),
        error(429, "You exceeded your current quota", code="insufficient_quota"),
        Reply(finish_reason="content_filter", content=""),
    ],
)
def test_what_will_not_get_better_fails_over_at_once(make: Maker, fault: Reply) -> None:
    drafter, endpoint = make(fault, GOOD, tiers=["small", "large"])
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    assert [request.body["model"] for request in endpoint.requests] == ["small", "large"]


TOO_LONG = error(400, "maximum context length is 4096 tokens", code="context_length_exceeded")


def test_a_prompt_that_is_too_long_is_halved_for_the_same_model(make: Maker) -> None:
    drafter, endpoint = make(TOO_LONG, GOOD, tiers=["small", "large"], max_prompt_tokens=1_000)
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates[0].drafter == "small"
    assert len(drafts.exchanges) == 2
    first, second = (len(request.prompt) for request in endpoint.requests)
    assert second < first


def test_a_prompt_that_stays_too_long_is_the_next_tiers(make: Maker) -> None:
    drafter, endpoint = make(TOO_LONG, TOO_LONG, TOO_LONG, GOOD, tiers=["small", "large"])
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    models = [request.body["model"] for request in endpoint.requests]
    assert models == ["small", "small", "small", "large"]


@pytest.mark.parametrize("faults", [[error(503, "overloaded")] * 3, [rate_limited("3600")]])
def test_a_tier_at_the_same_address_stands_in_for_one_that_is_overloaded(
    make: Maker, faults: list[Reply]
) -> None:
    drafter, endpoint = make(*faults, Reply(GOOD, keep=True), tiers=["small", "large"])
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    asked = [request.body["model"] for request in endpoint.requests]
    assert asked == ["small"] * len(faults) + ["large"] * 2


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (error(401, "Incorrect API key provided"), "refuses the key"),
        (error(400, "API key not valid. Please pass a valid API key."), "refuses the key"),
        (error(402, "Insufficient credits"), "wants to be paid"),
        (error(429, "no", code="insufficient_quota"), "wants to be paid"),
        (error(403, "Project has no access to model"), "does not let this key use small"),
        (error(404, "The model does not exist"), "knows no model small"),
        (TOO_LONG, "set max_prompt_tokens"),
    ],
)
def test_a_lasting_refusal_is_told_at_once_and_not_waited_for(
    make: Maker, fault: Reply, says: str
) -> None:
    drafter, endpoint = make(Reply(**{**vars(fault), "keep": True}))
    drafts = drafter.draft(case(), Files())
    assert not drafts.unavailable
    assert says in drafts.reason
    assert endpoint.base_url in drafts.reason


def test_a_lasting_refusal_is_told_beside_an_endpoint_that_may_come_back(make: Maker) -> None:
    faults = [error(404, "no such model"), *[error(503, "overloaded")] * 3]
    drafter, _ = make(*faults, tiers=["small", "large"])
    drafts = drafter.draft(case(), Files())
    assert drafts.unavailable
    assert "knows no model small" in drafts.reason
    assert "overloaded" in drafts.reason


def test_a_model_that_thought_until_its_limit_is_given_more_and_remembered(make: Maker) -> None:
    thought = Reply("", reasoning="", finish_reason="length")
    drafter, endpoint = make(thought, Reply(GOOD, keep=True), max_output_tokens=512)
    assert drafter.draft(case(), Files()).candidates
    assert drafter.draft(case(), Files()).candidates
    limits = [request.body["max_completion_tokens"] for request in endpoint.requests]
    assert limits == [512, 2048, 2048]


def test_a_tier_sends_what_its_table_says(make: Maker) -> None:
    tier = {
        "model": "small",
        "reasoning_effort": "low",
        "max_output_tokens": 300,
        "headers": {"X-Title": "healer"},
        "extra_body": {"top_k": 20},
    }
    drafter, endpoint = make(GOOD, tiers=[tier])
    assert drafter.draft(case(), Files()).candidates
    request = endpoint.requests[0]
    assert request.headers["x-title"] == "healer"
    sent = {key: request.body[key] for key in ("reasoning_effort", "top_k")}
    assert sent == {"reasoning_effort": "low", "top_k": 20}
    assert request.body["max_completion_tokens"] == 300


def test_a_model_without_a_systems_role_is_asked_in_the_users(make: Maker) -> None:
    refusal = error(400, "Unsupported value: 'messages[0].role' does not support 'system'")
    drafter, endpoint = make(refusal, Reply(GOOD, keep=True))
    assert drafter.draft(case(), Files()).candidates
    assert [message["role"] for message in endpoint.requests[-1].body["messages"]] == ["user"]
    assert drafter.draft(case(), Files()).candidates
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize(
    "fault",
    [
        error(500, "internal"),
        error(503, "overloaded"),
        error_in_ok(),
        Reply(GOOD, cut_after_bytes=50),
        Reply(body="<html>gateway</html>"),
        Reply(body='{"object": "chat.completion"}'),
        Reply(body='{"choices": []}'),
    ],
)
def test_a_passing_fault_is_tried_again_with_growing_pauses(make: Maker, fault: Reply) -> None:
    clock = FakeClock()
    drafter, _ = make(fault, fault, GOOD, clock=clock)
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates
    assert 0.5 <= clock.slept[0] <= 1.0 <= clock.slept[1] <= 2.0
    assert len(drafts.exchanges) == 3


def test_retry_after_is_honoured(make: Maker) -> None:
    clock = FakeClock()
    drafter, _ = make(rate_limited("7"), GOOD, clock=clock)
    assert drafter.draft(case(), Files()).candidates
    assert clock.slept == [7.0]


def test_an_endpoint_that_asks_for_too_much_patience_is_left_for_the_next(make: Maker) -> None:
    clock = FakeClock()
    with ScriptedEndpoint([rate_limited("3600"), Reply(GOOD, keep=True)]) as busy:
        tiers = [{"model": "small", "base_url": busy.base_url}, "large"]
        drafter, _ = make(Reply(GOOD, keep=True), clock=clock, tiers=tiers)
        assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
        assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
        assert len(busy.requests) == 1
        clock.time += 3601
        assert drafter.draft(case(), Files()).candidates[0].drafter == "small"
    assert clock.slept == []


def test_an_endpoint_that_is_down_is_left_alone_and_tried_again_later(make: Maker) -> None:
    clock = FakeClock()
    drafter, endpoint = make(clock=clock)
    first = drafter.draft(case(), Files())
    assert first.unavailable
    assert len(endpoint.requests) == 3
    assert drafter.draft(case(), Files()).unavailable
    assert len(endpoint.requests) == 3
    clock.time += 60
    endpoint.say(GOOD)
    assert drafter.draft(case(), Files()).candidates


def test_an_address_where_nobody_listens_is_unavailable_and_costs_nothing(make: Maker) -> None:
    drafter, _ = make(base_url="http://127.0.0.1:9/v1", tiers=[PRICED])
    drafts = drafter.draft(case(), Files())
    assert drafts.unavailable
    assert (drafts.spent.cost_usd, drafts.spent.cost_known) == (0, True)


def test_a_slow_first_byte_is_a_failure_that_is_paid_as_the_worst_case(make: Maker) -> None:
    drafter, _ = make(
        Reply(GOOD, first_byte_delay_s=5, keep=True), tiers=[PRICED | {"timeout_s": 0.2}]
    )
    drafts = drafter.draft(case(), Files())
    assert drafts.unavailable
    assert not drafts.spent.cost_known
    assert drafts.spent.cost_usd == pytest.approx(spent_usd(make.budget, repair="r1"), abs=1e-8)
    assert drafts.spent.cost_usd > 3 * 4096 * 20e-6


def test_rejected_drafts_go_up_a_tier_after_its_tries(make: Maker) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), tiers=["small", "large"])
    for used, expected in ((0, "small"), (1, "small"), (2, "large"), (3, "large")):
        earlier = tuple(
            attempt("small" if number < 2 else "large", f"pass  # {number}")
            for number in range(used)
        )
        drafter.draft(case(attempts=earlier), Files())
        assert endpoint.requests[-1].body["model"] == expected
    four = tuple(attempt("large", f"pass  # {n}") for n in range(4))
    assert "all tries" in drafter.draft(case(attempts=four), Files()).reason


def test_attempts_of_rules_are_no_tries_of_a_model(make: Maker) -> None:
    drafter, endpoint = make(GOOD, tiers=["small", "large"])
    rules = tuple(attempt("rules", f"pass  # {n}") for n in range(5))
    assert drafter.draft(case(attempts=rules), Files()).candidates
    assert endpoint.requests[0].body["model"] == "small"


def test_a_draft_that_was_tried_is_sent_back_and_twice_in_a_row_goes_up_a_tier(
    make: Maker,
) -> None:
    same = fix("scripts/report.py", LINE, f"{NEW}  # better")
    other = fix("scripts/report.py", LINE, "amount += 1")
    drafter, endpoint = make(same, same, other, tiers=["small", "large"])
    drafts = drafter.draft(case(attempts=(attempt("small", NEW),)), Files())
    assert drafts.candidates[0].drafter == "large"
    assert "tried before" in endpoint.requests[1].prompt


def test_parallel_candidates_that_are_the_same_are_one(make: Maker) -> None:
    other = fix("scripts/report.py", LINE, "amount += 1", confidence=0.95)
    drafter, endpoint = make(GOOD, GOOD, other, candidates=3)
    drafts = drafter.draft(case(), Files())
    assert [draft.confidence for draft in drafts.candidates] == [0.95, 0.9]
    assert len(endpoint.requests) == 3


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


def test_without_tiers_no_model_is_asked(make: Maker) -> None:
    drafter, endpoint = make(GOOD, tiers=[])
    assert "model.tiers" in drafter.draft(case(), Files()).reason
    assert endpoint.requests == []


def test_the_prompt_begins_the_same_in_the_next_attempt(make: Maker) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True))
    drafter.draft(case(), Files())
    drafter.draft(case(attempts=(attempt("small", "pass"),)), Files())
    first, second = (request.body["messages"] for request in endpoint.requests)
    assert first[0] == second[0]
    assert second[1]["content"].startswith(first[1]["content"])


def test_a_regression_test_never_takes_the_place_of_an_existing_file(make: Maker) -> None:
    test = {"test_path": "tests/test_report.py", "test": "def test_a():\n    pass\n"}
    drafter, _ = make(GOOD | test)
    (draft,) = drafter.draft(case(), Files()).candidates
    assert draft.regression_test.path == "tests/test_report_r1.py"


def test_the_key_is_sent_and_never_shown(tmp_path: Path) -> None:
    with ScriptedEndpoint([error(401, "Incorrect API key provided: k3y-of-the-test")]) as endpoint:
        settings = ModelSettings.model_validate(
            {"tiers": ["m"], "base_url": endpoint.base_url, "api_key_env": "MY_KEY"}
        )
        environment = {"MY_KEY": "k3y-of-the-test"}
        drafter = ModelDrafter(
            settings,
            Redactor.from_environment(environment),
            Budget(None, usd_per_repair=1, usd_per_day=1),
            environment=environment,
        )
        drafts = drafter.draft(case(), Files())
        drafter.close()
    assert endpoint.requests[0].headers["authorization"] == "Bearer k3y-of-the-test"
    assert "k3y-of-the-test" not in json.dumps(drafts.model_dump()) + repr(settings)


UNCLEAR = answer(decision="needs_person", cause="The rates are not shown.")


def test_a_model_that_cannot_tell_hands_over_to_the_next_which_is_told(make: Maker) -> None:
    drafter, endpoint = make(UNCLEAR, GOOD, tiers=["small", "large"])
    (draft,) = drafter.draft(case(), Files()).candidates
    assert draft.drafter == "large"
    assert "a person has to choose" in draft.doubt
    assert "small: unclear: The rates are not shown." in endpoint.requests[1].prompt
    assert "small: unclear" not in endpoint.requests[0].prompt


def test_what_no_model_can_tell_is_for_a_person(make: Maker) -> None:
    drafter, endpoint = make(UNCLEAR, "no JSON", "no JSON", tiers=["small", "large"])
    drafts = drafter.draft(case(), Files())
    assert (drafts.refusal, drafts.reason) == ("needs_person", "The rates are not shown.")
    assert len(endpoint.requests) == 3


def test_each_tier_is_shown_as_much_as_it_can_read(make: Maker) -> None:
    body = "".join(f"    x{n} = [{n}, {n}, {n}, {n}, {n}]\n" for n in range(60))
    code = "".join(f"def f{n}():\n{body}\n\n" for n in range(12))
    files = Files()
    files.files["jobs/rates.py"] = code.encode() + files.files["jobs/rates.py"]
    tiers = [{"model": "small", "max_prompt_tokens": 1_500}, {"model": "large"}]
    trace = FailingTests(nodes=(NODE,), executed={"jobs/rates.py": tuple(range(1, 12 * 63, 63))})
    of = case(baseline=failing_report().model_copy(update={"failing": (trace,)}))
    drafter, endpoint = make("no", "no", GOOD, tiers=tiers)
    assert drafter.draft(of, files).candidates
    sizes = [len(request.prompt) for request in endpoint.requests]
    assert sizes[2] > 2 * sizes[0]


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


def unproved(drafter: str) -> EarlierAttempt:
    return attempt(drafter, "amount += 0", verdict="fixed")


@pytest.mark.parametrize(
    ("fixed_by", "tiers", "asked"),
    [
        (("small",), ["small", "large", "huge"], "large"),
        (("huge",), ["small", "large", "huge"], "small"),
        (("search",), ["small", "large"], "small"),
        (("small",), ["small"], "big"),
    ],
)
def test_a_second_opinion_is_another_models_and_it_is_not_shown_the_first(
    make: Maker, fixed_by: tuple[str, ...], tiers: list[str], asked: str
) -> None:
    drafter, endpoint = make(
        Reply(GOOD, keep=True), tiers=tiers, investigator="big", second_opinions=1
    )
    attempts = (attempt("small", "amount += 9"), *map(unproved, fixed_by))
    again = case(attempts=attempts, missing=("no test says what is right",))
    assert drafter.draft(again, Files()).candidates
    (request,) = endpoint.requests
    assert request.body["model"] == asked
    assert "amount += 0" not in request.prompt
    assert "amount += 9" in request.prompt
    assert "no test says what is right" in request.prompt


@pytest.mark.parametrize(
    ("fixed_by", "settings", "says"),
    [
        (("small",), {"tiers": ["small"]}, "no other model is configured"),
        (("small",), {"tiers": ["small"], "investigator": "small"}, "no other model is configured"),
        (("small", "large"), {"tiers": ["small", "large", "huge"]}, "as many other models"),
    ],
)
def test_no_model_gives_two_opinions_and_no_more_are_asked_than_is_set(
    make: Maker, fixed_by: tuple[str, ...], settings: dict[str, Any], says: str
) -> None:
    drafter, endpoint = make(GOOD, second_opinions=1, **settings)
    again = case(attempts=tuple(map(unproved, fixed_by)), missing=("no test",))
    assert says in drafter.draft(again, Files()).reason
    assert not endpoint.requests


def test_a_second_opinion_may_come_to_the_same_change(make: Maker) -> None:
    reply = fix("scripts/report.py", LINE, "amount += 0")
    drafter, _ = make(reply, tiers=["small", "large"], second_opinions=1)
    again = case(attempts=(unproved("small"),), missing=("no test",))
    (draft,) = drafter.draft(again, Files()).candidates
    assert draft.drafter == "large"

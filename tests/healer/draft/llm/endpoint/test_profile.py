"""One small call tells what a model at an endpoint is like, and that is kept and learnt again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.profile import Profile, probe
from healer.draft.llm.endpoint.settings import Endpoint
from healer.redact import Redactor
from tests.healer.draft.llm.cases import FakeClock, spent_usd
from tests.support.endpoint import (
    LM_STUDIO,
    LM_STUDIO_OLD,
    OLLAMA,
    OPENAI,
    OPENAI_OLD,
    Reply,
    ScriptedEndpoint,
    error,
)
from tests.support.endpoint import Profile as Kind

YES = {"word": "yes"}


@contextmanager
def caller_in(folder: Path, usd: float = 1.0) -> Iterator[tuple[Caller, Budget]]:
    budget = Budget(folder / "spending.sqlite", usd_per_repair=usd, usd_per_day=usd)
    with budget, Caller(budget, Redactor(), state=folder, clock=FakeClock()) as caller:
        yield caller, budget


def endpoint_at(server: ScriptedEndpoint, **more: Any) -> Endpoint:
    values: dict[str, Any] = {
        "name": "m", "model": "m", "base_url": server.base_url, "api_key": "k", "timeout_s": 9.0,
        "tries": 1, "max_output_tokens": 1_000, "usd_per_million_in": 1.0,
        "usd_per_million_out": 1.0,
    }  # fmt: skip
    return Endpoint(**(values | more))


def ask(folder: Path, reply: Any, kind: Kind = OPENAI, *, with_tools: bool = False) -> Profile:
    with ScriptedEndpoint([reply], kind) as server, caller_in(folder) as (caller, _):
        return probe(caller, endpoint_at(server), with_tools=with_tools)


@pytest.mark.parametrize(
    ("kind", "format_kind"),
    [(OPENAI, "schema"), (LM_STUDIO, "schema"), (OPENAI_OLD, "json"), (LM_STUDIO_OLD, "fence"),
     (OLLAMA, "json")],
)  # fmt: skip
def test_the_format_is_learnt(tmp_path: Path, kind: Kind, format_kind: str) -> None:
    profile = ask(tmp_path, YES, kind)
    assert (profile.problem, profile.dialect.format) == ("", format_kind)
    assert not profile.calls_tools


def test_tool_calls_are_learnt_or_their_want(tmp_path: Path) -> None:
    called = Reply(None, tool_calls=(("ready", YES),))
    assert ask(tmp_path, called, with_tools=True).calls_tools
    without = ask(tmp_path, YES, OLLAMA, with_tools=True)
    assert (without.problem, without.calls_tools, without.dialect.calls_tools) == ("", False, False)


def test_thinking_shows_in_what_is_counted(tmp_path: Path) -> None:
    assert ask(tmp_path, Reply(YES, usage=(30, 400))).is_thinking
    assert not ask(tmp_path, Reply(YES, usage=(30, 8))).is_thinking


def test_the_context_is_taken_from_the_list_of_models_and_limits_prompts(tmp_path: Path) -> None:
    with ScriptedEndpoint([YES]) as server, caller_in(tmp_path) as (caller, _):
        server.models = [{"id": "other", "context_length": 9}, {"id": "m", "max_model_len": 4_096}]
        endpoint = endpoint_at(server)
        assert probe(caller, endpoint).dialect.context_tokens == 4_096
        assert caller.fit(endpoint).max_prompt_tokens == 3_096


@pytest.mark.parametrize(
    ("reply", "says", "is_passing"),
    [
        (error(401, "Incorrect API key provided"), "refuses the key", False),
        (error(404, "The model `m` does not exist"), "knows no model m", False),
        (error(402, "Insufficient credits"), "wants to be paid", False),
        (replace(error(503, "overloaded"), keep=True), "HTTP 503", True),
    ],
)
def test_why_it_does_not_answer_is_told(
    tmp_path: Path, reply: Reply, says: str, is_passing: bool
) -> None:
    profile = ask(tmp_path, reply)
    assert says in profile.problem
    assert profile.is_passing is is_passing


def test_it_is_paid_from_the_days_budget_and_not_asked_without_money(tmp_path: Path) -> None:
    with ScriptedEndpoint([Reply(YES, usage=(1_000, 10))]) as server:
        with caller_in(tmp_path) as (caller, budget):
            profile = probe(caller, endpoint_at(server))
            assert profile.cost.cost_usd == pytest.approx(0.00101)
            assert spent_usd(budget) == pytest.approx(0.00101)
        with caller_in(tmp_path, usd=0.0) as (caller, _):
            assert "budget" in probe(caller, endpoint_at(server)).problem
    assert len(server.requests) == 1


def test_what_was_learnt_is_found_out_anew(tmp_path: Path) -> None:
    with ScriptedEndpoint([YES, YES], OPENAI_OLD) as server, caller_in(tmp_path) as (caller, _):
        endpoint = endpoint_at(server)
        assert probe(caller, endpoint).dialect.format == "json"
        server.profile = OPENAI
        assert probe(caller, endpoint).dialect.format == "schema"

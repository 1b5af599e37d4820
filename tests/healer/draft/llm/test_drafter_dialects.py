"""Every kind of endpoint: what it is asked with, and what is remembered of it."""

import json
from pathlib import Path

import pytest

from healer.draft.llm.drafter import ModelDrafter
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.dialect import CLIMB
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.redact import Redactor
from tests.healer.draft.llm.cases import GOOD, Files, case
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
    ScriptedEndpoint,
    error,
)


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


def test_the_strictest_format_is_tried_again_after_a_while_and_kept_where_it_is_held_to(
    make: Maker,
) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), profile=LM_STUDIO_OLD)
    for _ in range(CLIMB):
        drafter.draft(case(), Files())
    endpoint.requests.clear()
    for _ in range(2):
        assert drafter.draft(case(), Files()).candidates
    formats = [request.response_format for request in endpoint.requests]
    assert formats == ["json_schema", "json_object", "", ""]
    for _ in range(CLIMB - 2):
        drafter.draft(case(), Files())
    endpoint.profile = OPENAI
    for _ in range(2):
        drafter.draft(case(), Files())
    assert endpoint.requests[-1].response_format == "json_schema"


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

"""Each model is asked once, and what it costs is known or named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from healer.app.diagnosis import Diagnosis
from healer.app.doctor_models import examine_drafts, examine_models, examine_prices
from healer.config import Config
from healer.support.extras import ExtraName
from quarantine.repository import Repository
from tests.support.endpoint import OPENAI_OLD, Reply, ScriptedEndpoint, error
from tests.support.git import make_repository

NOBODY = "127.0.0.1:9"


def models(*urls: str) -> list[Diagnosis]:
    tiers = [{"model": f"m{number}", "base_url": url} for number, url in enumerate(urls)]
    return list(examine_models(Config.model_validate({"model": {"tiers": tiers}})))


def test_without_a_model_repairs_run_all_the_same() -> None:
    (line,) = examine_models(Config())
    assert (line.status, line.next_step) == (
        "note",
        "set [model] tiers and base_url in healer.toml",
    )


def test_models_that_nothing_can_call_are_named_with_the_extra(
    without_extra: Callable[[ExtraName], None],
) -> None:
    without_extra("model")
    (line,) = models("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v2")
    assert (line.status, "openai" in line.detail) == ("fail", True)
    assert line.next_step.startswith("pip install 'healer[model]'")


YES = {"word": "yes"}


def test_each_tier_is_asked_once_and_what_it_can_do_is_told() -> None:
    with ScriptedEndpoint([YES, Reply(None, tool_calls=(("ready", YES),))]) as server:
        server.models = [{"id": "m0", "context_length": 128_000}]
        priced = {"usd_per_million_in": 0.15, "usd_per_million_out": 0.6}
        tier = {"model": "m0", "base_url": server.base_url, **priced}
        settings = {"tiers": [tier], "investigator": "big", "base_url": server.base_url}
        first, last = examine_models(Config.model_validate({"model": settings}))
    assert (first.status, last.status) == ("pass", "pass")
    assert first.detail.startswith(
        f"m0 at {server.base_url}: JSON by schema, 128,000 tokens of context, "
        "$0.15 and $0.6 per million tokens, this call $0.0000"
    )
    assert last.detail == (
        f"big at {server.base_url}: tool calls, "
        "it does not tell its context, which has to hold 16,096 tokens"
    )
    assert [request.body["model"] for request in server.requests] == ["m0", "big"]


def test_a_wrong_key_and_a_wrong_name_are_told_with_what_helps() -> None:
    with ScriptedEndpoint([error(401, "bad key"), error(404, "no model m1")]) as server:
        key, name = models(server.base_url, server.base_url)
    assert (key.status, name.status) == ("fail", "fail")
    assert "refuses the key for m0" in key.detail
    assert key.next_step.startswith("set OPENAI_API_KEY to a key")
    assert "knows no model m1" in name.detail
    assert name.next_step.startswith("look at [model] tiers")


def test_the_silent_one_is_named() -> None:
    (line,) = models(f"http://{NOBODY}/v1")
    assert (line.status, line.next_step) == (
        "fail",
        "ask again later; if that is no help, look at [model] base_url and whether the endpoint "
        "runs",
    )
    assert f"http://{NOBODY}/v1" in line.detail


def test_tiers_without_a_known_price_are_named_with_what_limits_them() -> None:
    tiers = [
        {"model": "free", "base_url": "http://localhost/v1", "usd_per_million_in": 0,
         "usd_per_million_out": 0},
        {"model": "local", "base_url": "http://localhost/v1"},
    ]  # fmt: skip
    line = examine_prices(Config.model_validate({"model": {"tiers": tiers}}))
    assert (line.name, line.status) == ("prices", "note")
    assert line.detail == "unknown of local; at most 300,000 tokens in a repair instead"
    line = examine_prices(Config.model_validate({"model": {"tiers": tiers[:1]}}))
    assert (line.status, line.detail) == ("pass", "of every tier are known")


def test_what_was_learnt_is_kept_for_repairs(tmp_path: Path) -> None:
    repository = Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"}))
    with ScriptedEndpoint([YES], OPENAI_OLD) as server:
        settings = {"tiers": ["m"], "base_url": server.base_url}
        (line,) = examine_models(Config.model_validate({"model": settings}), repository)
    assert "JSON" in line.detail
    kept = json.loads((repository.state_dir / "endpoints.json").read_text())
    assert [each["format"] for each in kept.values()] == ["json"]


@pytest.mark.parametrize(
    ("form", "words"),
    [("search_replace", "edits as SEARCH/REPLACE blocks"), ("patch", "edits as a patch")],
)
def test_the_form_that_a_models_edits_are_asked_for_in_is_told_and_kept(
    tmp_path: Path, form: str, words: str
) -> None:
    repository = Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"}))
    memory = repository.state_dir / "endpoints.json"
    memory.parent.mkdir(parents=True)
    with ScriptedEndpoint([YES]) as server:
        memory.write_text(json.dumps({f"{server.base_url} m": {"edits": {"form": form}}}))
        settings = {"tiers": ["m"], "base_url": server.base_url}
        (line,) = examine_models(Config.model_validate({"model": settings}), repository)
    assert f"JSON by schema, {words}" in line.detail
    (kept,) = json.loads(memory.read_text()).values()
    assert kept["edits"]["form"] == form


CHEAP = {"model": "small", "usd_per_million_in": 0.15, "usd_per_million_out": 0.6}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            {"tiers": ["small"]},
            "in each attempt 1 of small; 1 second opinion by the same model, for a person to see",
        ),
        (
            {"tiers": [CHEAP, "large"]},
            "in each attempt 2 of small, 1 of large; 1 second opinion, for a person to see",
        ),
        (
            {"tiers": ["small"], "investigator": "big", "candidates": 3, "second_opinions": 2},
            "in each attempt 3 of small; 1 second opinion, which may merge",
        ),
        (
            {"tiers": ["small", "large"], "second_opinions": 0},
            "in each attempt 1 of small, 1 of large; no second opinion, as second_opinions says",
        ),
        (
            {"tiers": ["small"], "investigator": "small"},
            "in each attempt 1 of small; 1 second opinion by the same model, for",
        ),
    ],
)
def test_how_many_drafts_models_and_budget_come_to(model: dict[str, Any], words: str) -> None:
    values = {"base_url": "http://127.0.0.1:9/v1", **model}
    line = examine_drafts(Config.model_validate({"model": values}))
    assert line.status == "note"
    assert line.detail.startswith(words)

"""Every key of healer.toml either acts on this machine and is listed, or is known not to."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from healer.config import Config
from healer.config.host_settings import list_host_settings
from healer.config.load import parse

ONLY_THE_REPOSITORY = {
    "target", "scripts", "autonomy", "search_s", "notes", "consolidate_at", "keep_days",
    "probation_runs", "probation_h", "tests.command", "tests.write", "watch.after",
    "watch.cooldown_s", "sandbox.memory_mb", "sandbox.cpus", "sandbox.pids", "sandbox.timeout_s",
    "sandbox.pool", "agent.environment",
    "capture.enabled", "capture.network", "capture.max_mb", "capture.good_nights", "capture.skip",
    "model.tiers", "model.max_attempts", "model.budget_usd_per_repair",
    "model.budget_usd_per_day", "model.budget_tokens_per_repair", "model.budget_tokens_per_day",
    "model.calls_per_minute", "model.candidates", "model.timeout_s", "model.max_prompt_tokens",
    "model.max_output_tokens", "decide.days", "mail.from", "mail.timeout_s", "mail.group_wait_s",
    "mail.repeat_h", "mail.unjudged_min", "mail.quiet_h", "mail.give_up_h", "mail.digest_at",
    "forge.kind", "forge.timeout_s", "mail.letter_at", "maintenance", "model.second_opinions",
}  # fmt: skip
"""Keys that have this machine start, read, build or send nothing else than it does without them."""
EXAMPLES = {
    "state": 'state = "postgresql://ada:secret@db/healer"',
    "state_env": 'state_env = "HEALER_STATE"',
    "fleet.tenant": '[fleet]\ntenant = "acme"',
    "agent.hub": '[agent]\nhub = "https://hub.example"',
    "agent.token_env": '[agent]\ntoken_env = "OTHER"',
    "push": "push = true",
    "watch.logs": '[watch]\nlogs = ["/var/log/*.log"]',
    "sandbox.image": '[sandbox]\nimage = "Dockerfile"',
    "sandbox.python": '[sandbox]\npython = "env/bin/python"',
    "sandbox.runtime": '[sandbox]\nruntime = "runsc"',
    "sandbox.include": '[sandbox]\ninclude = ["data/**"]',
    "model.base_url": '[model]\nbase_url = "https://models.example/v1"',
    "model.api_key_env": '[model]\napi_key_env = "AWS_SECRET_ACCESS_KEY"',
    "model.investigator": '[model]\ninvestigator = { model = "m", base_url = "https://x/v1" }',
    "model.reviewer": '[model]\nreviewer = { model = "m", api_key_env = "HOME" }',
    "model.embedding": '[model]\nembedding = { model = "m", headers = { a = "b" } }',
    "model.share_data": '[model]\nshare_data = "head"',
    "forge.url": '[forge]\nurl = "https://git.example/api/v1"',
    "forge.project": '[forge]\nproject = "shop/jobs"',
    "forge.issues": "[forge]\nissues = true",
    "forge.token_env": '[forge]\ntoken_env = "OTHER"',
    "mail.smtp": '[mail]\nsmtp = "smtp://mx.example"\nfrom = "a@b.example"\nto = ["c@d.example"]',
    "mail.to": '[mail]\nsmtp = "smtp://mx.example"\nfrom = "a@b.example"\nto = ["c@d.example"]',
    "mail.channels_env": '[mail]\nchannels_env = "OTHER"',
    "decide.url": '[decide]\nurl = "https://healer.example"',
    "decide.channels": '[decide]\nurl = "https://healer.example"\nchannels = true',
    "decide.replies": "[decide]\nreplies = true",
    "decide.imap": '[decide]\nreplies = true\nimap = "imaps://h@mx.example"',
    "decide.authserv": '[decide]\nauthserv = "mx.example"',
    "job": '[[job]]\nscript = "a.py"\nevery = "1h"',
}
"""One file for each key that acts on this machine."""


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys_of(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{field.alias or name}"


def test_every_key_is_one_or_the_other() -> None:
    assert set(keys_of(Config)) == ONLY_THE_REPOSITORY | set(EXAMPLES)


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_key_that_acts_on_this_machine_is_listed(key: str) -> None:
    settings = list_host_settings(parse(EXAMPLES[key].encode(), "healer.toml"))
    assert [s for s in settings if s.key == key or s.key.startswith((f"{key}.", f"{key} "))]


def test_nothing_is_listed_of_the_defaults() -> None:
    assert list_host_settings(Config()) == []


def test_a_password_is_not_shown() -> None:
    (setting,) = list_host_settings(parse(EXAMPLES["state"].encode(), "healer.toml"))
    assert setting.value == "postgresql://ada:…@db/healer"


@pytest.mark.parametrize(
    ("url", "is_said"),
    [
        ("http://models.example/v1", True),
        ("https://models.example/v1", False),
        ("http://localhost:8080/v1", False),
    ],
)
def test_a_key_that_goes_over_the_network_in_plain_text_is_said(url: str, is_said: bool) -> None:
    text = f'[model]\nbase_url = "{url}"\ntiers = ["m"]'
    (setting,) = list_host_settings(parse(text.encode(), "healer.toml"))
    assert ("readable for everyone" in setting.effect) is is_said


def test_a_job_that_others_start_is_not_listed_and_a_tier_of_its_own_is() -> None:
    text = """
[model]
tiers = ["small", { model = "large", base_url = "https://x/v1", api_key_env = "X_KEY" }]
[[job]]
script = "a.py"
schedule = "0 2 * * *"
started_by = "cron"
"""
    settings = list_host_settings(parse(text.encode(), "healer.toml"))
    keys = ["model.tiers large.base_url", "model.tiers large.api_key_env"]
    assert [each.key for each in settings] == keys

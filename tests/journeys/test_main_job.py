"""A failing script in a real repository goes in, a checked fix on the target branch comes out."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import Heal, Said, Snapshot
from tests.support.endpoint import ScriptedEndpoint, fix
from tests.support.git import git
from tests.support.smtp import Server

pytestmark = pytest.mark.docker

RESULT_KEYS = {
    "repair", "script", "outcome", "reason", "failure", "base", "branch", "commit", "merged",
    "drafter", "attempts", "checks", "cost_usd", "seconds",
}  # fmt: skip
CHECK_NAMES = {"policy", "syntax", "lint", "reproduce", "tests", "regression", "evidence"}
SALES = "scripts/daily_sales.py"


def job(shop: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """The job as cron runs it."""
    return subprocess.run(
        [sys.executable, script], cwd=shop, capture_output=True, text=True, check=False
    )


def test_a_broken_job_is_healed_and_merged_and_then_runs(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    assert "KeyError" in job(shop, SALES).stderr
    before = git(shop, "rev-parse", "main")
    said = heal("fix", SALES, "--json", "--")
    assert (said.code, said.json["outcome"]) == (0, "healed"), said.err + said.out
    assert said.json.keys() >= RESULT_KEYS
    assert {check["name"] for check in said.json["checks"]} == CHECK_NAMES
    failure = said.json["failure"]
    assert (failure["type"], failure["file"], failure["line"]) == ("KeyError", SALES, 18)
    assert said.json["drafter"] == "rules"
    assert git(shop, "rev-parse", "main") == said.json["merged"]
    assert git(shop, "rev-parse", f"refs/healer/before/{said.json['repair']}") == before
    changed = git(shop, "diff", "--name-only", before, "main").split()
    assert changed == ["scripts/daily_sales.md", SALES]  # its notes learn of the failure, too
    message = git(shop, "log", "-1", "--format=%B", "main")
    for trailer in ("Repair", "Failure", "Drafter", "Checks", "Cost-USD"):
        assert f"Healer-{trailer}: " in message
    assert git(shop, "status", "--porcelain", "--untracked-files=no") == ""
    done = job(shop, SALES)
    assert done.returncode == 0, done.stderr
    assert "coffee" in done.stdout
    again = heal("fix", SALES, "--json")
    assert (again.code, again.json["outcome"]) == (0, "healthy"), again.err
    assert (said.json["mail"], mailbox.taken) == ("", [])  # what heals by itself is no mail


def test_a_plausible_wrong_draft_that_runs_is_rejected_with_the_reason(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    with_model(shop)
    before = git(shop, "rev-parse", "main")
    wrong = fix("scripts/restock.py", "targt - level", "TARGET - level")
    with ScriptedEndpoint(replies=[wrong]) as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
        words = ("scripts/restock.py", "--drafter", "model", "--attempts", "1", "--json", "--")
        said = heal("fix", *words, **more)
    assert (said.code, said.json["outcome"]) == (1, "gave_up"), said.err + said.out
    (attempt,) = said.json["attempts"]
    status = {check["name"]: check["status"] for check in attempt["checks"]}
    assert (status["reproduce"], status["tests"]) == ("pass", "fail")
    assert "test_what_is_missing_up_to_the_target" in attempt["checks"][4]["detail"]
    assert git(shop, "rev-parse", "main") == before
    assert len(mailbox.taken) == 1


def test_a_protected_file_is_left_to_people_and_one_mail_is_sent(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    before = git(shop, "for-each-ref")
    said = heal("fix", "scripts/invoices.py", "--json", "--")
    assert (said.code, said.json["outcome"]) == (1, "escalated"), said.err
    assert "core/money.py is protected" in said.json["reason"]
    assert git(shop, "for-each-ref") == before
    (received,) = mailbox.taken
    assert "NameError" in received.part("plain")
    assert {"oncall@shop.example", "treasurer@shop.example"} == set(received.recipients)


def test_a_mail_that_the_server_refuses_is_kept_and_the_exit_code_says_so(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    mailbox.refuse["*"] = "450 try again later"
    said = heal("fix", "scripts/invoices.py", "--json", "--")
    assert (said.code, said.json["outcome"]) == (3, "escalated"), said.err
    assert said.json["mail_kept"]
    assert "kept, and sent later" in said.json["mail"]
    assert "450" in said.json["mail"]
    assert "1 wait to be sent" in heal("status").out
    mailbox.refuse.clear()
    said = heal("daemon", "--once")
    assert (said.code, "scripts/invoices.py  waits for a person" in said.out) == (1, True)
    assert len(mailbox.taken) == 1


def test_a_dry_run_leaves_the_repository_byte_for_byte(
    shop: Path, heal: Heal, snapshot: Snapshot
) -> None:
    before = snapshot(shop)
    said = heal("fix", SALES, "--dry-run", "--json", "--")
    assert "unit_price" in said.json["attempts"][-1]["diff"], said.err
    assert snapshot(shop) == before


def test_progress_goes_to_standard_error_and_the_result_to_standard_output(
    shop: Path, heal: Heal
) -> None:
    said = heal("fix", SALES, "--")
    assert said.out.splitlines()[0].startswith("diff --git")
    assert f"healed: {SALES}" in said.out
    assert "reproduce" in said.err
    assert "\x1b[" not in said.out + said.err


def beyond_the_rules(shop: Path) -> None:
    """A fault whose cure no name nearby gives away."""
    script = shop / SALES
    text = script.read_text().replace('row["unitprice"]', 'row["quantity"].price')
    script.write_text(text)
    git(shop, "commit", "-qam", "Take the price from the quantity")


GOOD = fix(SALES, 'row["quantity"].price', 'row["unit_price"]')
WRONG = fix(SALES, 'float(row["quantity"].price)', "1.5")


def ask_model(heal: Heal, endpoint: ScriptedEndpoint, *words: str) -> Said:
    more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
    return heal("fix", SALES, "--drafter", "model", "--json", *words, "--", **more)


def with_model(shop: Path) -> None:
    settings = shop / "healer.toml"
    settings.write_text(settings.read_text() + '\n[model]\ntiers = ["small-model"]\n')
    git(shop, "commit", "-qam", "Use a model")


def test_a_model_heals_what_the_rules_cannot_with_one_retry_on_the_evidence(
    shop: Path, heal: Heal
) -> None:
    beyond_the_rules(shop)
    with_model(shop)
    with ScriptedEndpoint(replies=[WRONG, GOOD]) as endpoint:
        said = ask_model(heal, endpoint)
        assert said.json["outcome"] == "healed", said.err + said.out
        attempts = said.json["attempts"]
        assert [attempt["verdict"] for attempt in attempts] == ["unchanged", "fixed"]
        assert attempts[0]["tokens_in"] > 0
        assert "still failing" in endpoint.requests[1].prompt

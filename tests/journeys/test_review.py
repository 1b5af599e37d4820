"""A person decides: review, show, approve, reject, roll back; one JSON document each."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import Heal
from tests.support.endpoint import ScriptedEndpoint, answer
from tests.support.git import git

pytestmark = pytest.mark.docker

SALES = "scripts/daily_sales.py"
PRICES = "scripts/prices.py"
UNTESTED = """\
PRICES = {"tea": 4.5, "coffee": 7.2}


def main():
    print("sold" if PRICES["coffe"] > 1 else "none")


main()
"""


def commit(shop: Path, path: str, text: str) -> None:
    (shop / path).write_text(text)
    git(shop, "add", path)
    git(shop, "commit", "-qm", f"Change {path}")


def completed(shop: Path, environment: dict[str, str], words: str, shell: str) -> str:
    """What TAB after these words offers."""
    more = {"COMP_WORDS": words, "COMP_CWORD": "" if shell == "fish" else str(len(words.split()))}
    return subprocess.run(
        [sys.executable, "-m", "healer"], cwd=shop, capture_output=True, text=True, check=False,
        env=environment | more | {"_HEALER_COMPLETE": f"{shell}_complete"},
    ).stdout  # fmt: skip


def test_a_weak_fix_waits_is_approved_on_todays_tip_and_taken_out_again(
    shop: Path, heal: Heal, environment: dict[str, str]
) -> None:
    commit(shop, PRICES, UNTESTED)
    fixed = heal("fix", PRICES, "--json", "--")
    assert (fixed.code, fixed.json["outcome"]) == (1, "review"), fixed.out
    repair, branch = fixed.json["repair"], fixed.json["branch"]

    listed = heal("review").out
    assert all(word in listed for word in (repair, PRICES, "KeyError: 'coffe'", "weak"))
    assert [row["repair"] for row in heal("review", "--json").json] == [repair]
    shown = heal("show", repair[:5])
    for word in (
        "KeyError",
        '+    print("sold" if PRICES["coffee"]',
        "weak",
        "approve",
        "reject",
    ):
        assert word in shown.out
    assert shown.out.count("\x1b") == 0
    whole = heal("show", repair, "--json").json
    assert whole["state"] == "waiting"
    assert whole["missing"]
    assert whole["evidence"]["attempts"]
    assert heal("status", "--json").json["repairs"][0]["id"] == repair
    for shell in ("bash", "zsh", "fish"):
        assert repair in completed(shop, environment, "healer approve ", shell)
        assert repair not in completed(shop, environment, "healer rollback ", shell)

    commit(shop, "notes.txt", "The tip moves while the fix waits.\n")
    moved = git(shop, "rev-parse", "main")
    approved = heal("approve", repair[:4], "--json")
    assert (approved.code, approved.json["done"]) == (0, True), approved.out + approved.err
    assert git(shop, "rev-parse", "main~1") == moved
    assert git(shop, "rev-parse", "main") == approved.json["merged"]
    job = subprocess.run([sys.executable, PRICES], cwd=shop, capture_output=True, check=False)
    assert (job.returncode, job.stdout) == (0, b"sold\n")
    assert "by Ada" in heal("log", repair).out
    again = heal("approve", repair)
    assert (again.code, "does not wait" in again.err) == (2, True), again.err
    assert heal("review").out == ""

    needed = (shop / PRICES).read_text().replace("> 1 else", "> 2 else")
    commit(shop, PRICES, needed)
    refused = heal("rollback", repair, "--json")
    assert (refused.code, refused.json["done"]) == (1, False), refused.out
    assert PRICES in refused.json["reason"]
    git(shop, "reset", "-q", "--hard", "HEAD~1")
    before = git(shop, "rev-parse", "main")
    taken_out = heal("rollback", repair, "--reason", "the shop wants another text")
    assert taken_out.code == 0, taken_out.err + taken_out.out
    assert git(shop, "rev-parse", "main~1") == before
    assert git(shop, "diff", "--stat", moved, "main") == ""
    assert "the shop wants another text" in git(shop, "log", "-1", "--format=%B", "main")
    assert branch.startswith("quarantine/prices-")
    assert heal("costs", "--by", "outcome", "--json").json[0]["group"] == "reverted"


def test_a_rejected_draft_is_gone_and_its_reason_reaches_the_next_drafter(
    shop: Path, heal: Heal
) -> None:
    settings = shop / "healer.toml"
    commit(shop, "healer.toml", settings.read_text() + '\n[model]\ntiers = ["small-model"]\n')
    before = git(shop, "rev-parse", "main")
    said = heal("fix", SALES, "--no-merge", "--drafter", "rules", "--json", "--")
    waiting, repair = said.json, said.json["repair"]
    assert (said.code, waiting["outcome"], waiting["merged"]) == (1, "review", None)
    assert git(shop, "rev-parse", "main") == before
    assert git(shop, "rev-parse", waiting["branch"]) == waiting["commit"]
    assert waiting["branch"].startswith("quarantine/daily_sales-")

    text = (shop / SALES).read_text().replace('row["unitprice"]', 'row["price"]')
    commit(shop, SALES, text)
    conflict = heal("approve", repair)
    assert (conflict.code, "no longer applies" in conflict.out) == (1, True), conflict.out
    git(shop, "reset", "-q", "--hard", "HEAD~1")

    assert git(shop, "branch", "--list", waiting["branch"])
    rejected = heal("reject", repair, "--reason", "the till names it unit_price since May")
    assert rejected.code == 0, rejected.err
    assert not git(shop, "branch", "--list", waiting["branch"])
    assert heal("show", repair, "--json").json["reason"].startswith("rejected by Ada: the till")

    with ScriptedEndpoint(replies=[answer(decision="needs_person", cause="Ask Ada.")]) as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
        said = heal("fix", SALES, "--json", "--", **more)
    assert said.json["outcome"] == "escalated", said.out + said.err
    assert said.json["attempts"] == []  # the rules know nothing but what was rejected
    assert "the till names it unit_price since May" in endpoint.requests[0].prompt


def test_help_names_every_command_and_reads_no_repository(tmp_path: Path, heal: Heal) -> None:
    said = heal("--help", cwd=tmp_path, DOCKER_HOST="unix:///nowhere")
    assert said.code == 0
    for command in ("init", "doctor", "fix", "review", "approve", "rollback", "sandbox"):
        assert f"\n  {command} " in said.out
    assert [path.name for path in tmp_path.iterdir()] == ["home"]

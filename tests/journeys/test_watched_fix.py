"""A merged fix is watched by what `healer run` sees: taken out when it fails, else resolved."""

import subprocess
from pathlib import Path

import pytest

from tests.journeys.conftest import Heal
from tests.support.git import git
from tests.support.smtp import Server

pytestmark = pytest.mark.docker

SALES = "scripts/daily_sales.py"
JOB = ("run", "--", "python3", SALES)


def test_a_fix_is_resolved_after_its_next_runs_and_taken_out_where_it_fails(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    assert heal(*JOB).code == 1
    assert heal("daemon", "--once").code == 0
    merged = git(shop, "rev-parse", "main")
    (repair,) = heal("status", "--json").json["watched"]
    for _ in range(2):
        assert heal(*JOB).code == 0
    assert "on probation: 2 of 3 runs ended well" in heal("show", repair["repair"]).out

    with (shop / "data/sales.csv").open("a") as data:
        data.write("tea,two,4.50\n")
    git(shop, "commit", "-qam", "More sales")
    assert heal(*JOB).code == 1
    said = heal("daemon", "--once")
    assert said.code == 1, said.err  # it is broken again
    assert f"{SALES}  open: taken out again by healer" in said.out
    assert git(shop, "rev-list", "--count", f"{merged}..main") == "2"
    assert 'row["unitprice"]' in (shop / SALES).read_text()
    shown = " ".join(heal("show", repair["repair"]).out.split())
    assert "merged and taken out again" in shown
    assert "a new failure arose in the lines that it changed" in shown
    (mail,) = mailbox.taken
    assert "The fix of scripts/daily_sales.py was taken out again" in mail.part("plain")
    assert subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=shop, check=False).returncode == 0


def test_runs_that_end_well_close_it_with_resolved(shop: Path, heal: Heal) -> None:
    """With a remote: it has the merge, too."""
    settings = shop / "healer.toml"
    settings.write_text(f"push = true\n{settings.read_text()}")
    git(shop, "commit", "-qam", "Push")
    git(shop, "clone", "-q", "--bare", ".", "../shared.git")
    git(shop, "remote", "add", "origin", str(shop.parent / "shared.git"))
    fixed = heal("fix", SALES, "--json", "--").json
    assert fixed["outcome"] == "healed", fixed
    assert git(shop.parent / "shared.git", "rev-parse", "main") == fixed["merged"]
    assert git(shop, "rev-parse", "main") == fixed["merged"]
    for _ in range(3):
        assert heal(*JOB).code == 0
    assert heal("daemon", "--once").code == 0
    last = heal("log", "--json").json[-1]
    assert (last["label"], last["outcome"]) == ("probation", "resolved")
    assert heal("status", "--json").json["watched"] == []

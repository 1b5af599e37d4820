"""The page on a real repository: what is typed elsewhere is clicked or called here."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Heal
from tests.support.git import git

pytestmark = pytest.mark.docker

SALES = "scripts/daily_sales.py"


@dataclass
class Page:
    """A running `healer web`, called as a program calls it."""

    base: str
    token: str

    def call(self, path: str, body: object = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.base + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def ended(self, status: str) -> Any:
        """The repair once nothing works on it any more."""
        for _ in range(600):
            repair = self.call(status)
            if repair["state"] not in ("running", "waiting"):
                return repair
            time.sleep(0.1)
        pytest.fail(f"it did not end: {repair}")


@pytest.fixture
def page(shop: Path, environment: dict[str, str], docker_engine: None) -> Iterator[Page]:
    command = [sys.executable, "-m", "healer", "--repo", str(shop), "web", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout
            base, _, token = run.stdout.readline().strip().partition("/?token=")
            yield Page(base, token)
        finally:
            run.terminate()
            run.wait(20)


def test_a_script_that_is_submitted_is_healed_and_its_cost_and_steps_are_listed(
    shop: Path, page: Page
) -> None:
    started = page.call("/api/repairs", {"script": SALES, "args": []})
    repair = page.ended(started["status"])
    assert repair["state"] == "healed", repair
    assert git(shop, "rev-parse", "main") == repair["merged"]
    assert repair["failure"]["chain"][-1]["type"] == "KeyError"
    lines = page.call("/api/ledger")["ledger"]
    assert {line["script"] for line in lines} == {SALES}
    (cost,) = page.call("/api/costs")["costs"]
    assert (cost["drafter"], cost["outcome"], cost["repairs"]) == ("rules", "healed", 1)


def test_a_fix_that_waits_is_approved_and_merged(shop: Path, page: Page, heal: Heal) -> None:
    name = heal("fix", SALES, "--no-merge", "--json", "--").json["repair"]
    waiting = page.call(f"/api/repairs/{name}")
    assert (waiting["state"], waiting["merged"]) == ("review", "")
    page.call(f"/api/repairs/{name}/approve", {})
    repair = page.ended(f"/api/repairs/{name}")
    assert repair["state"] == "healed", repair
    assert git(shop, "rev-parse", "main") == repair["merged"]
    again = page.call(f"/api/repairs/{name}/approve", {})
    assert "does not wait for a decision" in again["error"]

"""One incident over several runs: its owners are told once."""

from pathlib import Path

import pytest

from tests.journeys.conftest import Heal
from tests.support.git import git
from tests.support.smtp import Server

pytestmark = pytest.mark.docker


def test_an_incident_is_mailed_once_to_its_owners_and_not_again(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    (shop / "CODEOWNERS").write_text("scripts/ owner@shop.example @shop/team\n")
    settings = shop / "healer.toml"
    settings.write_text(settings.read_text().replace("search_s = 1", "search_s = 0"))
    git(shop, "add", "CODEOWNERS", "healer.toml")
    git(shop, "commit", "-qm", "Say who owns the jobs, and search for nothing")
    first = heal("fix", "scripts/restock.py", "--json", "--")
    assert first.json["outcome"] == "gave_up", first.err
    (mail,) = mailbox.taken
    assert mail.recipients == ("oncall@shop.example", "owner@shop.example")

    heal("fix", "scripts/restock.py", "--json", "--")
    assert len(mailbox.taken) == 1

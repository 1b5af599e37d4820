"""The three forges pass one contract, each against a server that speaks its dialect."""

import pytest

from healer.forge.api import ForgeError
from healer.forge.forges import Forge, open_forge
from healer.forge.settings import ForgeSettings
from tests.healer.forge.conftest import BRANCH, COMMIT
from tests.support.forge_server import ScriptedForge


def test_a_request_is_opened_found_changed_and_closed(forge: Forge, server: ScriptedForge) -> None:
    assert forge.find(BRANCH) is None
    request = forge.open(BRANCH, "main", "Repair it", "Why")
    assert (request.state, request.head, request.merged) == ("open", COMMIT, "")
    assert request.url.startswith("https://")
    assert forge.find(BRANCH) == request
    assert forge.find("quarantine/other") is None
    forge.update(request.number, "Repair it well", "Because")
    assert server.pulls[0]["title"] == "Repair it well"
    assert "Because" in server.pulls[0].values()
    forge.withdraw(request.number, "merged otherwise")
    assert server.comments == ["merged otherwise"]
    assert forge.find(BRANCH).state == "closed"


def test_a_merged_request_names_the_commit_that_merged_it(
    forge: Forge, server: ScriptedForge
) -> None:
    forge.open(BRANCH, "main", "Repair it", "Why")
    server.pulls[0] |= {"state": "merged", "merged": "d" * 40}
    request = forge.find(BRANCH)
    assert (request.state, request.merged) == ("merged", "d" * 40)


@pytest.mark.parametrize(
    ("checks", "gate"),
    [
        ([], "none"),
        (["success", "success"], "pass"),
        (["success", "pending"], "pending"),
        (["pending", "failure", "success"], "fail"),
    ],
)
def test_one_check_that_fails_decides_and_one_that_runs_delays(
    forge: Forge, server: ScriptedForge, checks: list[str], gate: str
) -> None:
    server.checks[COMMIT] = checks
    assert forge.read_gate(COMMIT) == gate


def test_an_answer_of_another_api_is_an_error_with_a_next_step(
    forge: Forge, server: ScriptedForge
) -> None:
    for text in (b"[1]", b'{"x": 1}', b"[{}]", b"7"):
        server.refuse = (200, text, "")
        for ask in (lambda: forge.find(BRANCH), lambda: forge.open(BRANCH, "main", "t", "b")):
            with pytest.raises(ForgeError, match="kind and url"):
                ask()


def test_without_a_token_the_variable_is_named_and_nothing_is_asked(server: ScriptedForge) -> None:
    settings = ForgeSettings.model_validate(server.settings | {"token_env": "SHOP_TOKEN"})
    with pytest.raises(ForgeError, match="SHOP_TOKEN is not set"):
        open_forge(settings, "", {"SHOP_TOKEN": " "})
    assert server.calls == []

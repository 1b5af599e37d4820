"""Each forge that healer knows, as a server on this machine, and healer's way to it."""

from collections.abc import Iterator

import pytest

from healer.forge.forges import Forge, open_forge
from healer.forge.settings import ForgeSettings
from tests.support.forge_server import TOKEN, ScriptedForge, scripted_forge

BRANCH, COMMIT = "quarantine/job-1a2b", "c" * 40


@pytest.fixture(params=["github", "gitlab", "gitea"])
def server(request: pytest.FixtureRequest) -> Iterator[ScriptedForge]:
    with scripted_forge(request.param) as forge:
        forge.heads[BRANCH] = COMMIT
        yield forge


@pytest.fixture
def forge(server: ScriptedForge) -> Forge:
    settings = ForgeSettings.model_validate(server.settings)
    return open_forge(settings, "/srv/shop.git", {"HEALER_FORGE_TOKEN": f"{TOKEN}\n"})

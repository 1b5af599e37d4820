"""A repository in which one repair waits for a person and one is merged, for commands that look."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.shop import SCRIPT, commit, shop


@dataclass(frozen=True)
class Repairs:
    """The repository and the ids of its repairs."""

    folder: Path
    waiting: str
    healed: str


@pytest.fixture(scope="session")
def repairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repairs]:
    """Only for commands that change nothing."""
    folder = tmp_path_factory.mktemp("cli") / "shop"
    with shop(folder) as here:
        healed = here.merged().id
        text = (folder / SCRIPT).read_text()
        commit(folder, SCRIPT, text.replace('["tea"]', '["te"]') + "# again\n")
        waiting = here.fix().repair
    yield Repairs(folder, waiting, healed)

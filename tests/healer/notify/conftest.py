"""Both places that keep what people are told: what holds in one holds in the other."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from healer.notify.fact_files import FactFiles, FactStore
from healer.notify.fact_tables import FactTables
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables


@pytest.fixture(params=["files", "tables"])
def facts(request: pytest.FixtureRequest, tmp_path: Path, scope: Scope) -> Iterator[FactStore]:
    """A store of facts without any."""
    if request.param == "files":
        yield FactFiles(tmp_path)
        return
    with ExitStack() as stack:
        url = request.getfixturevalue("shared_url")
        yield FactTables(stack.enter_context(SharedTables(url, scope)), tmp_path)

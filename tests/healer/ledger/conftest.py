"""Both places of a ledger: what holds in one holds in the other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from healer.ledger.store import Ledger
from healer.support.postgres import Scope


@pytest.fixture(params=["file", "shared"])
def new_ledger(
    request: pytest.FixtureRequest, tmp_path: Path, scope: Scope
) -> Callable[[], Ledger]:
    """Opens the same empty ledger each time, in either place: what holds in one holds in the
    other."""
    if request.param == "file":
        return lambda: Ledger.in_folder(tmp_path)
    url = request.getfixturevalue("shared_url").replace("postgresql:", "postgresql+psycopg:")
    return lambda: Ledger(url, scope)

"""What the tests of repairs share besides `bench` and `make`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.ledger.store import Ledger
from tests.support.old_version import restore


@pytest.fixture
def old_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that an earlier version wrote, with a repair of each end."""
    restore("ledger", tmp_path / "old" / "ledger.sqlite")
    with Ledger.in_folder(tmp_path / "old") as ledger:
        yield ledger

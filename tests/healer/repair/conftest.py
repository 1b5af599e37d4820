"""What the tests of repairs share besides `bench` and `make`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from healer.ledger.store import Ledger
from healer.services import Services
from tests.support.old_version import restore
from tests.support.smtp import Server

Make = Callable[..., Services]


@pytest.fixture
def old_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that an earlier version wrote, with a repair of each end."""
    restore("ledger", tmp_path / "old" / "ledger.sqlite")
    with Ledger.in_folder(tmp_path / "old") as ledger:
        yield ledger


@pytest.fixture
def services(make: Make, server: Server) -> Services:
    mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
    return make(mail=mail | {"to": ["ada@example.com"]})

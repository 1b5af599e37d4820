"""Real repositories for the tests of the git side."""

from pathlib import Path

import pytest

from quarantine.repository import Repository
from tests.quarantine.jobs import make_jobs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The top folder of a fresh repository."""
    return make_jobs(tmp_path / "jobs")


@pytest.fixture
def repository(root: Path) -> Repository:
    """The same, opened."""
    return Repository.open(root)

"""The daemon does again what failed, without waiting for its end."""

import time
from pathlib import Path

from healer.daemon.tasks.reruns import RerunHealed
from tests.healer.repair.test_rerun import AFTER_HEAL, broken_shop, ends, fail, runs
from tests.support.git import git


def test_the_daemon_starts_it_at_one_look_and_says_its_end_at_another(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL) as here:
        fail(here)
        git(here.folder, "checkout", "-qb", "feature")
        row = here.merged()  # a command that cannot do it again: the checkout has not followed
        git(here.folder, "checkout", "-q", "main")
        task = RerunHealed(here.services)
        task.run(time.time())
        assert [e.kind for e in here.services.ledger.entries(row.id)][-1] == "rerun"
        while not ends(here, row):
            task.run(time.time())
            time.sleep(0.02)
        task.run(time.time())
        assert [outcome for outcome, _ in ends(here, row)] == ["good"]
        assert len(runs(here)) == 2

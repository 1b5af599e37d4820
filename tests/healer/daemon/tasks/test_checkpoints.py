"""The daemon drops checkpoints of what is over."""

from pathlib import Path

from healer.daemon.daemon import Daemon
from healer.daemon.tasks.checkpoints import DropCheckpoints
from tests.healer.repair.test_checkpoints import LateClock, checkpoints
from tests.support.shop import shop


def test_what_commands_left_is_dropped_and_the_daemon_goes_on(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", clock=LateClock()) as here:
        repair = here.fix().repair
        here.decide("reject", repair, "no")
        with Daemon(here.services, here.state) as daemon:
            DropCheckpoints(here.services, daemon.engine).run(0.0)
            assert repair not in checkpoints(here)
            assert daemon.drain() == 0
        assert here.services.ledger.repair(repair).state == "rejected"

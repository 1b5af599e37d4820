"""Decides, or drains as a daemon does (`once`), in a process that kills itself at a given step.

    python -m tests.support.kill_at before|after STEP FOLDER ACTION REPAIR

`before` dies when the step's work would begin; `after` when it is done and its checkpoint is not
yet written, so that the step is repeated.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from healer.daemon.daemon import Daemon
from healer.engine import workflows
from healer.repair import approve, land, rollback
from tests.support.shop import shop


def main() -> None:
    moment, wanted, folder, action, repair = sys.argv[1:]
    real = workflows.step

    def deadly(name: str, into: type[Any], work: Callable[[], Any]) -> Any:
        def dying() -> Any:
            if moment == "after":
                work()
            os.kill(os.getpid(), signal.SIGKILL)

        return real(name, into, dying if name == wanted else work)

    for module in (approve, land, rollback):
        vars(module)["step"] = deadly
    with shop(Path(folder)) as here:
        if action == "once":
            with Daemon(here.services, here.state) as daemon:
                daemon.drain()
        else:
            here.decide(action, repair, "typed by a test")


if __name__ == "__main__":
    main()

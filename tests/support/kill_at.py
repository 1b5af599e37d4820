"""Runs healer in a process that kills itself, with -9, at a given checkpointed step.

    python -m tests.support.kill_at before|after STEP healer WORDS…
    python -m tests.support.kill_at before|after STEP shop FOLDER ACTION REPAIR
    python -m tests.support.kill_at before|after STEP bench FOLDER [CONFIG]

The first is a command as it is typed. The second decides on the shop of a test, or drains it as a
daemon does (ACTION `once`). The third repairs on a bench by its good draft. `before` dies when the
step's work would begin; `after` when it is done and its checkpoint is not yet written, so that the
step is repeated. A program of the tests: the product has no such switch.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from healer.engine import workflows
from healer.repair import approve, candidates, land, rollback, workflow

MODULES = (workflow, candidates, land, approve, rollback)


def arm(moment: str, name: str) -> None:
    """From now on this process dies at the step of that name."""
    real = workflows.step

    def step(step_name: str, into: type[Any], work: Callable[[], Any]) -> Any:
        def die() -> Any:
            if moment == "after":
                work()
            os.kill(os.getpid(), signal.SIGKILL)

        return real(step_name, into, die if step_name == name else work)

    for module in MODULES:
        vars(module)["step"] = step


def run_command(*words: str) -> int:
    """The command line, as it is typed."""
    from healer.cli.edge import main as healer

    return healer([*words])


def run_shop(folder: str, action: Any, repair: str) -> int:
    """What Ada types in the shop, or its daemon."""
    from healer.daemon.daemon import Daemon
    from tests.support.shop import shop

    with shop(Path(folder)) as here:
        if action != "once":
            here.decide(action, repair, "typed by a test")
            return 0
        with Daemon(here.services, here.state) as daemon:
            return daemon.drain()


def run_bench(folder: str, config: str = "{}") -> int:
    """A repair that would merge, with this configuration as JSON."""
    from tests.support.bench import GOOD, Bench

    Bench(Path(folder)).fix(GOOD, config=json.loads(config))
    return 0


PLACES: dict[str, Callable[..., int]] = {
    "healer": run_command,
    "shop": run_shop,
    "bench": run_bench,
}


def main(moment: str, step: str, place: str, *words: str) -> None:
    """What stands at the top; in a fork of a test, too."""
    arm(moment, step)
    sys.exit(PLACES[place](*words))


if __name__ == "__main__":
    main(*sys.argv[1:])

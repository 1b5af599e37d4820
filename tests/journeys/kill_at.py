"""Runs healer in a process that kills itself, with -9, at a given checkpointed step.

    python -m tests.journeys.kill_at before|after STEP WORDS…

`before` dies when the step's work would begin; `after` when it is done and its checkpoint is not
yet written, so that the step is repeated. A program of the tests: the product has no such switch.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from healer.engine import workflows


def main() -> int:
    moment, wanted, *words = sys.argv[1:]
    real = workflows.step

    def deadly(name: str, into: type[Any], work: Callable[[], Any]) -> Any:
        def dying() -> Any:
            if moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = work()
            os.kill(os.getpid(), signal.SIGKILL)
            return result

        return real(name, into, dying if name == wanted else work)

    workflows.step = deadly
    from healer.repair import approve, candidates, land, rollback, workflow

    for module in (workflow, candidates, land, approve, rollback):
        vars(module)["step"] = deadly
    from healer.cli.edge import main as healer

    return healer(words)


if __name__ == "__main__":
    sys.exit(main())

"""What a program finds around it in a container: one set for every step, another for second runs.

Belongs here: names, folders, time zone, locale, hash seed, and that second runs differ in all of
them. What is green by luck leans on one of these. Does not belong here: restrictions
(`hardening`), and which run is a second one (`variation`).
"""

import json
from typing import NamedTuple


class Surroundings(NamedTuple):
    """Of one container."""

    hostname: str
    folder: str
    """Where the tmpfs for the tree is mounted."""
    tree: str
    """The tree's folder, below it."""
    variables: dict[str, str]
    """The supervisor's environment; a step has them, too."""
    step_variables: dict[str, str]
    """Of steps alone."""

    @property
    def environment(self) -> list[str]:
        """As Docker Engine takes it."""
        variables = {
            **self.variables,
            "TREE_ROOT": self.tree,
            "STEP_ENVIRONMENT": json.dumps({**self.variables, **self.step_variables}),
        }
        return [f"{name}={value}" for name, value in variables.items()]


USUAL = Surroundings(
    hostname="server",
    folder="/job",
    tree="/job/tree",
    variables={
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    },
    step_variables={"HOME": "/tmp/home", "USER": "user", "LOGNAME": "user", "TMPDIR": "/tmp"},  # noqa: S108 - in the container
)
VARIED = Surroundings(
    hostname="node-7",
    folder="/checkout",
    tree="/checkout/clone/app",
    variables={
        "PYTHONHASHSEED": "4711",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C",
        # As POSIX writes Auckland's: no image need have its file, and the day there is another one
        # for half of ours.
        "TZ": "NZST-12NZDT,M9.5.0,M4.1.0/3",
    },
    step_variables={
        "HOME": "/tmp/ann",  # noqa: S108 - in the container
        "USER": "ann",
        "LOGNAME": "ann",
        "TMPDIR": "/tmp/scratch",  # noqa: S108 - in the container
        "PYTHON_CPU_COUNT": "1",  # read from 3.13 on
        "STEP_CPUS": "1",  # taken by the supervisor, never seen by the step
    },
)


def surroundings_of(*, is_varied: bool) -> Surroundings:
    """Those of a first or of a second run."""
    return VARIED if is_varied else USUAL

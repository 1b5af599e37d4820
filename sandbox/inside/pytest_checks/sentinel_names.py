"""What the sentinels of one run are called: names that nothing outside this run can know."""

from __future__ import annotations

import secrets
from typing import NamedTuple

PLAIN = 4
COPIES = 8


class SentinelNames(NamedTuple):
    """Function names; none where no sentinels are woven in."""

    plain: tuple[str, ...] = ()
    """Tests made of nothing."""
    copies: tuple[str, ...] = ()
    """Copies of real tests; not all of these names need be used."""

    @classmethod
    def choose(cls) -> SentinelNames:
        """New ones, each once, from the system's randomness."""
        names = [f"test_{secrets.token_hex(secrets.choice((3, 4, 5)))}" for _ in range(64)]
        unique = tuple(dict.fromkeys(names))
        return cls(unique[:PLAIN], unique[PLAIN : PLAIN + COPIES])


def find_function(node: str) -> str:
    """The name of a test's function by its node id, whose parameters may hold any sign, and whose
    path may hold brackets."""
    path, _, names = node.partition("::")
    return (names or path).partition("[")[0].rpartition("::")[2]

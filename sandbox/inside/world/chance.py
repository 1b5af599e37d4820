"""Lets a program draw what it drew that night: from `random`, NumPy, and as UUIDs.

Runs in the program under test; loaded where something is known of a night's chance. A generator
that seeds itself gets the next recorded state in its place; when there are no more it is left
alone. Belongs here: what is changed in these modules, once they are loaded. Does not belong here:
`secrets` and `os.urandom`, of which nothing is known, and the order of sets (`stage`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # nothing is loaded that the program does not load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .messages import Surroundings

_VARIABLE = "HEALER_WORLD"


class Chance:
    """What this process is about to draw."""

    def __init__(self, surroundings: Surroundings, program: str) -> None:
        self._surroundings = surroundings
        self._program = program or os.path.basename(getattr(sys, "argv", [""])[0])
        self._children = 0
        self._states: list[bytes] = []
        self._seeds: list[bytes] = []
        self._identifiers: list[str] = []

    def find_acts(self) -> dict[str, Callable[[Any], None]]:
        """What is to be done with each module once it is loaded. What is known of this program is
        its own from now on: none that it starts draws the same again."""
        chances = self._surroundings["chances"]
        others = {name: value for name, value in chances.items() if not self._is_mine(name)}
        if len(others) == len(chances):
            return {}
        if _VARIABLE in os.environ:
            import marshal

            rest = {**self._surroundings, "chances": others}
            os.environ[_VARIABLE] = marshal.dumps(rest).hex()
        self._take()
        return {
            "random": self._play_random,
            "uuid": self._play_uuid,
            "numpy.random": self._play_numpy,
        }

    def _is_mine(self, name: str) -> bool:
        return name == self._program or name.startswith(f"{self._program}/")

    def _take(self) -> None:
        states, seeds, identifiers = self._surroundings["chances"].get(self._program, ([], [], []))
        self._states, self._seeds = list(states), list(seeds)
        self._identifiers = list(identifiers)

    def _play_random(self, module: Any) -> None:
        write = sys.modules["_random"].Random.setstate
        own, kind = module._inst, module.Random
        real = kind.seed

        def set_state(generator: Any) -> None:
            if self._states:
                data = self._states.pop(0)
                words = (data[at : at + 4] for at in range(0, len(data), 4))
                write(generator, tuple(int.from_bytes(word, "big") for word in words))

        def seed(self: Any, a: Any = None, version: int = 2) -> None:
            real(self, a, version)
            if a is None:
                set_state(self)

        kind.seed = seed
        module.seed = own.seed
        set_state(own)
        os.register_at_fork(
            before=self._count_child, after_in_child=lambda: self._be_child(own, set_state)
        )

    def _count_child(self) -> None:
        self._children += 1

    def _be_child(self, own: Any, set_state: Callable[[Any], None]) -> None:
        self._program = f"{self._program}/{self._children}"
        self._children = 0
        self._take()
        set_state(own)

    def _play_uuid(self, module: Any) -> None:
        for name in ("uuid1", "uuid4", "uuid6", "uuid7"):
            real = getattr(module, name, None)
            if real is not None:
                setattr(module, name, self._replace(real, int(name[-1]), module.UUID))

    def _replace(self, real: Any, version: int, kind: Any) -> Any:
        def make(*args: Any, **options: Any) -> Any:
            text = self._identifiers.pop(0) if self._identifiers else ""
            value = kind(text) if text else None
            return value if value and value.version == version else real(*args, **options)

        return make

    def _play_numpy(self, module: Any) -> None:
        source = module.bit_generator
        real = source.randbits

        def randbits(bits: int) -> int:
            return int.from_bytes(self._seeds.pop(0), "big") if self._seeds else real(bits)

        source.randbits = randbits
        if self._seeds:
            module.mtrand._rand.set_state(module.RandomState(module.MT19937()).get_state())

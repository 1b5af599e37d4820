"""Notes on the tape where a job's chance began: the states of `random`, NumPy's seeds, UUIDs.

Runs inside the job, under Python 3.8 and later; loaded when the job first imports one of these. It
only looks on: nothing is seeded here, and each call goes to the function that was there. What comes
from `secrets` and `os.urandom` is for secrets, and never noted: only that the job asked for some.
Belongs here: generators that seed themselves. Does not belong here: those that the job seeds, which
begin alike anyway, and the hash seed, which `healer run` draws (`healer.watch.runner.pipes`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_STATES = 8
"""Of one process, 2.5 kB each: `random`'s own, and those of generators that the job makes."""
MOST_SEEDS = 64
MOST_IDENTIFIERS = 256
SECRET_MAKERS = ("token_bytes", "choice", "randbelow")
"""All of `secrets` comes from one of these, but for `randbits`, which NumPy seeds itself with."""


class Chance:
    """What this process draws from generators that seeded themselves."""

    def __init__(self, tape: Any) -> None:
        self.tape = tape
        self.forks = []  # type: list[int]
        """Which child of which child this process is: empty for the one that was started."""
        self.children = 0
        self.counts = {}  # type: dict[str, int]
        self.acts = {
            "random": self.watch_random,
            "uuid": self.watch_identifiers,
            "secrets": self.watch_secrets,
            "numpy.random": self.watch_numpy,
        }  # type: dict[str, Callable[[Any], None]]
        self.program = os.path.basename(getattr(sys, "argv", [""])[0])

    def begin(self, await_import: Callable[[str, Callable[[Any], None]], None], name: str) -> None:
        """`name` is about to be imported."""
        act = self.acts.pop(name, None)
        if act is not None:
            await_import(name, act)

    def note(self, kind: str, most: int, data: bytes = b"") -> None:
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        if count <= most:
            self.tape.note(b"h", (kind, self.program, tuple(self.forks)), data)

    def watch_random(self, module: Any) -> None:
        """The module's own generator, and each that begins with the system's randomness."""
        read = sys.modules["_random"].Random.getstate
        own, kind = module._inst, module.Random
        call = kind.seed

        def note(generator: Any) -> None:
            if self.counts.get("random", 0) < MOST_STATES:
                words = read(generator)
                self.note("random", MOST_STATES, b"".join(n.to_bytes(4, "big") for n in words))

        def seed(self: Any, a: Any = None, version: int = 2) -> None:
            call(self, a, version)
            if a is None:
                note(self)

        seed.__name__, seed.__qualname__ = call.__name__, call.__qualname__
        seed.__doc__ = call.__doc__
        kind.seed = seed
        module.seed = own.seed
        note(own)
        # `random` seeds its own generator anew in a child, by a call of the same kind before ours.
        os.register_at_fork(
            before=self.count_child, after_in_child=lambda: self.be_child(own, note)
        )

    def count_child(self) -> None:
        self.children += 1

    def be_child(self, own: Any, note: Callable[[Any], None]) -> None:
        self.forks = [*self.forks, self.children]
        self.children = 0
        self.counts = {}
        note(own)

    def watch_identifiers(self, module: Any) -> None:
        for name in ("uuid1", "uuid4", "uuid6", "uuid7"):
            call = getattr(module, name, None)
            if call is not None:
                setattr(module, name, self.look_on_identifier(call))

    def look_on_identifier(self, call: Any) -> Any:
        def make(*args: Any, **options: Any) -> Any:
            value = call(*args, **options)
            self.note("uuid", MOST_IDENTIFIERS, value.bytes)
            return value

        make.__name__, make.__qualname__ = call.__name__, call.__qualname__
        make.__doc__ = call.__doc__
        return make

    def watch_numpy(self, module: Any) -> None:
        """The seeds of the generator behind `numpy.random`'s functions, and of each other one."""
        generator = module.mtrand._rand._bit_generator
        sequence = getattr(generator, "seed_seq", None) or generator._seed_seq
        self.note("numpy", MOST_SEEDS, sequence.entropy.to_bytes(16, "big"))
        seeds = module.bit_generator
        call = seeds.randbits

        def randbits(bits: int) -> int:
            value = call(bits)  # type: int
            self.note("numpy", MOST_SEEDS, value.to_bytes(16, "big"))
            return value

        seeds.randbits = randbits

    def watch_secrets(self, module: Any) -> None:
        for name in SECRET_MAKERS:
            setattr(module, name, self.look_on_secret(getattr(module, name)))

    def look_on_secret(self, call: Any) -> Any:
        def make(*args: Any, **options: Any) -> Any:
            self.note("secrets", 1)
            return call(*args, **options)

        make.__name__, make.__qualname__ = call.__name__, call.__qualname__
        make.__doc__ = call.__doc__
        return make

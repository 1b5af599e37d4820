"""What seeds itself draws what it drew that night, in each process its own."""

import random
from pathlib import Path

import pytest

from sandbox.world import World, WorldChance
from tests.support.stage import play

FIRST, SECOND, THIRD = (random.Random(number) for number in (1, 2, 3))
UUIDS = ("b58d4a9c-70a3-4a2f-9c5e-0d9c1b7a1c11", "", "3f0c7f6e-1d3b-4a63-8b5a-6f1f7a0e2c55")
NUMPY = """
import secrets, types
class MT19937:
    def __init__(self): self.entropy = bit_generator.randbits(128)
class RandomState:
    def __init__(self, generator=None): self._bit_generator = generator or MT19937()
    def get_state(self): return self._bit_generator.entropy
    def set_state(self, state): self.state = state
bit_generator = types.SimpleNamespace(randbits=secrets.randbits)
mtrand = types.SimpleNamespace(_rand=RandomState())
"""
"""Stands for NumPy: where it takes its seeds from, and no more. `benchmarks/nights` has the real
one."""


def pack(generator: random.Random) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in generator.getstate()[1])


def night(**more: object) -> World:
    own = WorldChance(
        program="-c",
        states=tuple(map(pack, (FIRST, SECOND))),
        seeds=tuple(number.to_bytes(16, "big") for number in (41, 42)),
        identifiers=UUIDS,
    )
    child = WorldChance(program="-c/1", states=(pack(THIRD),))
    return World(chances=(own, child)).model_copy(update=more)


@pytest.mark.parametrize(
    ("program", "out"),
    [
        ("import random; print(random.random())", repr(random.Random(1).random())),
        ("import random; r = random.Random(); print(r.random())", repr(random.Random(2).random())),
        ("import random; random.seed(); print(random.random())", repr(random.Random(2).random())),
        ("import random; random.seed(9); print(random.random())", repr(random.Random(9).random())),
        ("import random; print(random.Random(9).random())", repr(random.Random(9).random())),
        (
            "import os, random\nif os.fork(): os.wait()\nelse: print(random.random())",
            repr(random.Random(3).random()),
        ),
        ("import uuid; print(uuid.uuid4())", UUIDS[0]),
        ("from uuid import uuid4; print([uuid4() for _ in range(3)][2])", UUIDS[2]),
        ("import uuid; print(uuid.uuid1().version, uuid.uuid4().version)", "1 4"),
        ("import numpy.random as n; print(n.mtrand._rand.state, n.MT19937().entropy)", "41 42"),
    ],
)
def test_each_generator_draws_as_that_night(tmp_path: Path, program: str, out: str) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").touch()
    (tmp_path / "numpy" / "random.py").write_text(NUMPY)
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    played = play(night(), start + program, tmp_path)
    assert (played.out, played.err) == (f"{out}\n", "")


def test_what_is_not_known_is_drawn_as_ever(tmp_path: Path) -> None:
    program = (
        "import random, uuid\n[random.Random() for _ in range(3)]\n"
        "print(random.Random().random(), {str(uuid.uuid4()) for _ in range(5)})"
    )
    one, other = (play(night(), program, tmp_path).out for _ in range(2))
    assert one.count("'") == other.count("'") == 10
    assert one != other


def test_a_program_that_is_started_does_not_draw_the_same_again(tmp_path: Path) -> None:
    child = "import uuid; print(uuid.uuid4())"
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    assert play(night(), program, tmp_path).out.strip() not in UUIDS


def test_sets_have_the_order_of_that_night(tmp_path: Path) -> None:
    program = "import sys; print(hash('a'))"
    numbers = {play(night(hash_seed=s), program, tmp_path).out for s in ("7", "7", "8")}
    assert len(numbers) == 2

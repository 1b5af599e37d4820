"""Where a job's chance began is on its tape, and what is for secrets is not."""

import ast
import random
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from healer.tape.facts import Chance, Tape
from tests.support.healer_jobs import environment, repository, under_healer
from tests.support.tapes import read_only_tape

END = "\nraise ValueError(values)\n"


def live(tmp_path: Path, job: str, **variables: str) -> tuple[list[object], Tape]:
    """What the job says that it drew, and its tape."""
    repo = repository(tmp_path, {"job.py": f"values = []\n{job}{END}"})
    end = under_healer(sys.executable, "job.py", cwd=repo, env=environment(**variables))
    values: list[object] = ast.literal_eval(end.stdout.decode() or "[]")
    assert b"ValueError" in end.stderr
    return values, read_only_tape(repo)


def generator_of(state: bytes) -> random.Random:
    words = (state[at : at + 4] for at in range(0, len(state), 4))
    generator = random.Random()
    generator.setstate((3, tuple(int.from_bytes(word, "big") for word in words), None))
    return generator


def test_generators_that_seeded_themselves_can_be_made_again(tmp_path: Path) -> None:
    job = (
        "import random\nfirst = random.random()\nother = random.Random()\nown = random.Random(7)\n"
        "second = other.random()\nrandom.seed()\nthird = random.random()\n"
        "own.random(), random.SystemRandom().random()\nprint([first, second, third])"
    )
    values, tape = live(tmp_path, job)
    (chance,) = tape.chances
    assert chance.program == "job.py"
    assert [generator_of(state).random() for state in chance.states] == values


def test_a_forked_child_has_a_chance_of_its_own(tmp_path: Path) -> None:
    job = (
        "import os, random\nread, write = os.pipe()\nfor _ in range(2):\n    if os.fork() == 0:\n"
        "        os.write(write, b'%r,' % random.random())\n        os._exit(0)\n    os.wait()\n"
        "os.close(write)\nprint([*eval(os.read(read, 99))])"
    ).replace("b'%r,' % random.random()", "(repr(random.random()) + ',').encode()")
    values, tape = live(tmp_path, job)
    assert [chance.program for chance in tape.chances] == ["job.py", "job.py/1", "job.py/2"]
    draws = [generator_of(chance.states[0]).random() for chance in tape.chances[1:]]
    assert draws == values


def test_identifiers_are_kept_and_those_for_secrets_are_not(tmp_path: Path) -> None:
    job = (
        "import secrets, uuid\nvalues = [str(uuid.uuid4()) for _ in range(3)]\nprint(values)\n"
        "token = secrets.token_hex()"
    )
    values, tape = live(tmp_path, job)
    (chance,) = tape.chances
    assert list(chance.identifiers) == values
    assert all(UUID(text).version == 4 for text in chance.identifiers)
    assert tape.unlike == ("what it drew from `secrets` is not kept, and is another each time",)


def test_the_order_of_sets_can_be_made_again_and_the_job_sees_no_seed_of_ours(
    tmp_path: Path,
) -> None:
    job = "import os\nprint([hash('a'), os.environ.get('PYTHONHASHSEED'), sorted(os.environ)])"
    (number, seed, names), tape = live(tmp_path, job)
    assert seed is None
    assert "HEALER_HASH_SEED" not in str(names)
    assert number == hash_of("a", tape.hash_seed)


def test_a_seed_of_the_jobs_own_stays(tmp_path: Path) -> None:
    job = "import os\nprint([os.environ.get('PYTHONHASHSEED')])"
    values, tape = live(tmp_path, job, PYTHONHASHSEED="12")
    assert (values, tape.hash_seed) == (["12"], "12")


def hash_of(text: str, seed: str) -> int:
    program = [sys.executable, "-c", f"print(hash({text!r}))"]
    return int(subprocess.check_output(program, env={"PYTHONHASHSEED": seed}))


def test_a_module_of_that_name_that_is_another_is_left_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "import random\nrandom.draw()", "random.py": "draw = 1"})
    end = under_healer(sys.executable, "job.py", cwd=repo)
    assert b"TypeError: 'int' object is not callable" in end.stderr
    tape = read_only_tape(repo)
    assert (tape.chances, tape.gaps) == ((), ())


@pytest.mark.parametrize("module", ["random", "uuid", "secrets"])
def test_the_module_is_as_it_is_without_healer(tmp_path: Path, module: str) -> None:
    job = (
        f"import inspect, {module} as m, sys\n"
        "names = [(n, v.__name__, v.__qualname__, v.__doc__) for n, v in vars(m).items()"
        " if inspect.isroutine(v)]\n"
        "each = (m.__spec__.loader, m.__loader__, *sys.meta_path)\n"
        "kinds = [type(one).__name__ for one in each]\nprint(names, kinds)\nsys.exit(3)"
    )
    repo = repository(tmp_path, {"job.py": job})
    with_healer = under_healer(sys.executable, "job.py", cwd=repo)
    without = subprocess.run(
        [sys.executable, "job.py"], cwd=repo, env=environment(), capture_output=True, check=False
    )
    assert with_healer.stdout == without.stdout
    assert (with_healer.returncode, without.returncode) == (3, 3)


def test_of_many_draws_the_first_are_kept(tmp_path: Path) -> None:
    job = "import random, uuid\nfor _ in range(300):\n    random.Random(); uuid.uuid4()"
    (chance,) = live(tmp_path, job)[1].chances
    assert (len(chance.states), len(chance.identifiers)) == (8, 256)
    assert chance == Chance("job.py", chance.states, (), chance.identifiers)

"""Feeds broken tracebacks to the parser for as long as it is told.

    python tests/healer/failure/fuzz_tracebacks.py [--seconds 60] [--seed N]

Real tracebacks (of `oracle_program`, and of this file) are cut, doubled, interleaved, reversed and
sprinkled with bytes; each must give a value within the caps, the same wherever it is cut, in time
that grows with its length. The first input that does not is written out as Python, for a test.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from healer.failure import fingerprint, parse_all, parse_traceback
from healer.failure.scan import Scanner

SPICES = (
    *(b"\0", b"\xff\xfe", b"\r", b"\x1b[31m", b"  + ", b"    | ", b'  File "', b'"""', b"{", b"}"),
    *(b"Traceback (most recent call last):", b"#012", b"\\n", b'{"log":"', b"web-1  | ", b": "),
    b"\nDuring handling of the above exception, another exception occurred:\n",
)
MAX_S_PER_MB = 20.0


def seeds() -> list[bytes]:
    """What the interpreter prints for every snippet of the oracle."""
    program = Path(__file__).with_name("oracle_program.py")
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "scripts").mkdir()
        done = subprocess.run(
            [sys.executable, str(program), root], capture_output=True, check=False, timeout=60
        )
    return [text for text in done.stderr.split(b"\n=====\n") if len(text) < 20_000]


def broken(chance: random.Random, known: list[bytes]) -> bytes:
    """One input, made of real ones."""
    data = bytearray(chance.choice(known))
    for _ in range(chance.randrange(12)):
        place = chance.randrange(len(data) + 1)
        act = chance.randrange(6)
        if act == 0:
            data[place:place] = chance.choice(SPICES)
        elif act == 1:
            del data[place : place + chance.randrange(80)]
        elif act == 2:
            data[place:place] = chance.choice(known)[: chance.randrange(400)]
        elif act == 3:
            lines = data.split(b"\n")
            chance.shuffle(lines)
            data = bytearray(b"\n".join(lines))
        elif act == 4:
            prefix = chance.choice(SPICES)
            data = bytearray(b"\n".join(prefix + line for line in data.split(b"\n")))
        else:
            data[place:place] = chance.randbytes(chance.randrange(9))
    return bytes(data[:200_000])


def problem_of(data: bytes, chance: random.Random) -> str:
    """What is wrong with how this was read; empty for nothing."""
    start = time.process_time()
    chains = parse_all(data, "/srv")
    if time.process_time() - start > 0.5 + MAX_S_PER_MB * len(data) / 1e6:
        return f"it took {time.process_time() - start:.1f} s"
    for chain in (*chains, parse_traceback(data)):
        if len(chain) > 50 or any(len(r.frames) > 400 or len(r.message) > 4_000 for r in chain):
            return "a cap was passed"
        fingerprint(chain)
    whole, pieces, place = Scanner(), Scanner(), 0
    expected, found = whole.feed(data) + whole.end(), []
    while place < len(data):
        size = chance.randrange(1, 2_000)
        found += pieces.feed(data[place : place + size])
        place += size
    return "" if found + pieces.end() == expected else "the cut made a difference"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    chance, known = random.Random(seed), seeds()
    deadline, count = time.monotonic() + options.seconds, 0
    while time.monotonic() < deadline:
        data = broken(chance, known)
        count += 1
        try:
            problem = problem_of(data, chance)
        except Exception as error:
            problem = repr(error)
        if problem:
            print(f"seed {seed}, input {count}: {problem}\n{data!r}")
            return 1
    print(f"seed {seed}: {count} inputs, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())

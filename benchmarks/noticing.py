"""How fast logs are read, what `healer run` costs, and whether failures are told apart.

    python -m benchmarks.noticing [logs] [overhead] [pairs]

logs      a log with a traceback now and then, through the scanner and the parser: MB/s on one core
overhead  a job under `healer run` against the same job alone, taken in turns: added milliseconds
pairs     the fingerprint over the pairs of the tests: wrong ones

Without a name, all of them. What a daemon does with a failure is in `benchmarks.daemon` and
`benchmarks.drain`.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from healer.failure import chain_of, fingerprint
from healer.failure.scan import Scanner
from tests.healer.failure.fingerprint_pairs import DIFFERENT, SAME, Program
from tests.healer.failure.test_fingerprint import failure_of
from tests.support.git import make_repository

PROJECT = Path(__file__).parents[1]
PLAIN_LINE = b"2026-11-20 20:47:17,123 INFO worker-%d processed order %08d in %d ms\n"
TRACEBACK = """Traceback (most recent call last):
  File "scripts/sync.py", line {line}, in main
    total = add(rows)
            ^^^^^^^^^
  File "scripts/sync.py", line 7, in add
    return rows["{key}"]
           ~~~~^^^^^^^^^
KeyError: '{key}'
"""
LOG_MB = 64
EVERY = 2_000
"""Plain lines between two tracebacks: about one for each 120 kB."""


def make_log(size: int) -> tuple[bytes, int]:
    """(a log of about this size, the number of tracebacks in it)."""
    pieces: list[bytes] = []
    size_so_far = lines = tracebacks = 0
    while size_so_far < size:
        piece = PLAIN_LINE % (lines % 7, lines, lines % 900)
        lines += 1
        if lines % EVERY == 0:
            piece += TRACEBACK.format(line=lines % 50, key=f"k{lines % 9}").encode()
            tracebacks += 1
        pieces.append(piece)
        size_so_far += len(piece)
    return b"".join(pieces), tracebacks


def logs() -> None:
    data, expected = make_log(LOG_MB << 20)
    rates = []
    for _ in range(5):
        scanner, tracebacks = Scanner(), 0
        start = time.process_time()
        for place in range(0, len(data), 1 << 20):
            for block in scanner.feed(data[place : place + (1 << 20)]):
                tracebacks += bool(fingerprint(chain_of(block)))
        tracebacks += len(scanner.end())
        rates.append(len(data) / 1e6 / (time.process_time() - start))
        if tracebacks != expected:
            raise SystemExit(f"logs: {tracebacks} tracebacks found of {expected}")
    print(
        f"logs: {statistics.median(rates):.0f} MB/s of CPU, {expected} tracebacks in {LOG_MB} MiB"
    )


def overhead() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = repository(Path(folder))
        healer = [*healer_command(), "run", "--"]
        interpreter = [sys.executable, "-c", "pass"]
        jobs = {"true": ["true"], "python": [sys.executable, "job.py"]}
        subprocess.run([*healer, "true"], cwd=root, check=True)  # writes the bytecode
        for name, job in jobs.items():
            wall: list[float] = []
            cpu: list[float] = []
            for _ in range(40):
                alone, start = cost_ms(job, root), cost_ms(interpreter, root)
                under = cost_ms([*healer, *job], root)
                wall.append(under[0] - alone[0] - start[0])
                cpu.append(under[1] - alone[1] - start[1])
            print(
                f"overhead of a run ({name}), over the job and an interpreter's start: median"
                f" {statistics.median(wall):.1f} ms, of CPU {statistics.median(cpu):.1f} ms"
            )


def pairs() -> None:
    def name(program: Program) -> str:
        return fingerprint(failure_of(program))

    wrong = [each for each, one, other in SAME if name(one) != name(other)]
    wrong += [each for each, one, other in DIFFERENT if name(one) == name(other)]
    total = len(SAME) + len(DIFFERENT)
    print(f"pairs: {len(wrong)} wrong of {total} ({len(SAME)} same, {len(DIFFERENT)} different)")


def healer_command() -> list[str]:
    """healer as its console script starts it, from this checkout."""
    start = f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n"
    return [sys.executable, "-c", start + "from healer.__main__ import main; sys.exit(main())"]


def repository(root: Path) -> Path:
    return make_repository(root, {"job.py": "print(1)\n"})


def cost_ms(command: list[str], cwd: Path) -> tuple[float, float]:
    """(wall, CPU) milliseconds of one command with all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall * 1000, cpu * 1000


PARTS = {part.__name__: part for part in (logs, overhead, pairs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="*", choices=[[], *PARTS])
    parts = parser.parse_args().part or list(PARTS)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for name in parts:
        PARTS[name]()


if __name__ == "__main__":
    main()

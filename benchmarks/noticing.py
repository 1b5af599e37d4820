"""How fast failures are noticed, and whether they are told apart.

    python benchmarks/noticing.py [storm] [idle] [logs] [overhead] [record] [latency] [pairs]

logs      a log with a traceback now and then, through the scanner and the parser: MB/s on one core
overhead  a job under `healer run` against the same job alone, taken in turns: added milliseconds
record    from a job's end to its failure being claimed from the inbox
idle      the waiting loops with 10,000 files in the repository, for 30 s
storm     10,000 identical failures written to a log within 10 s: records, counts, memory
latency   from the last line of a traceback in a log to its failure being claimed
pairs     the fingerprint over the pairs of the tests: wrong ones

Without a name, all of them. Figures go to standard output, one line each.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from healer.failure import chain_of, fingerprint
from healer.failure.scan import Scanner
from healer.redact import Redactor
from healer.watch.events import failures, watch_logs
from healer.watch.inbox import Inbox
from healer.watch.logs import LogFollower

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
    written = lines = found = 0
    while written < size:
        piece = PLAIN_LINE % (lines % 7, lines, lines % 900)
        lines += 1
        if lines % EVERY == 0:
            piece += TRACEBACK.format(line=lines % 50, key=f"k{lines % 9}").encode()
            found += 1
        pieces.append(piece)
        written += len(piece)
    return b"".join(pieces), found


def logs() -> None:
    data, expected = make_log(LOG_MB << 20)
    rates = []
    for _ in range(5):
        scanner, found = Scanner(), 0
        start = time.process_time()
        for place in range(0, len(data), 1 << 20):
            for block in scanner.feed(data[place : place + (1 << 20)]):
                found += bool(fingerprint(chain_of(block)))
        found += len(scanner.end())
        rates.append(len(data) / 1e6 / (time.process_time() - start))
        if found != expected:
            raise SystemExit(f"logs: {found} tracebacks found of {expected}")
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


def idle() -> None:
    """The waiting loops alone, with 10,000 files in the repository and a glob that reads it all."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for n in range(10_000):
            path = root / f"d{n % 100}" / f"f{n}.py"
            path.parent.mkdir(exist_ok=True)
            path.touch()
        inbox, stop = Inbox(root / "state"), threading.Event()
        follower = LogFollower(inbox, root / "state", root, ("**/*.log",), Redactor())
        threads = [
            threading.Thread(target=lambda: list(failures(inbox, stop))),
            threading.Thread(target=watch_logs, args=(follower, stop)),
        ]
        for thread in threads:
            thread.start()
        time.sleep(3)
        cpu, start = time.process_time(), time.monotonic()
        time.sleep(30)
        share = (time.process_time() - cpu) / (time.monotonic() - start)
        stop.set()
        for thread in threads:
            thread.join()
    print(f"idle: {share:.2%} of one core, {resident_mb():.0f} MB resident at the peak")


def record() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = repository(Path(folder))
        (root / "job.py").write_text(
            "import sys, time\nsys.stderr.write(str(time.time()))\n1 / 0\n"
        )
        inbox, stop = Inbox(root / ".git" / "healer"), threading.Event()
        seen: list[float] = []

        def take() -> None:
            for failure in failures(inbox, stop):
                crashed = float(failure.stderr_tail.partition("Traceback")[0])
                seen.append((time.time() - crashed) * 1000)

        taking = threading.Thread(target=take)
        taking.start()
        for n in range(40):
            job = [*healer_command(), "run", "--", sys.executable, "job.py"]
            subprocess.run(job, cwd=root, capture_output=True, check=False)
            wait_for(lambda n=n: len(seen) > n)  # type: ignore[misc]
        stop.set()
        taking.join()
    print(f"record: crash to claimed: {spread(seen)}")


def latency() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "logs").mkdir()
        inbox, stop = Inbox(root / "state"), threading.Event()
        follower = LogFollower(inbox, root / "state", root, ("logs/*.log",), Redactor())
        seen: list[float] = []
        written = [0.0]

        def take() -> None:
            for _failure in failures(inbox, stop):
                seen.append((time.monotonic() - written[0]) * 1000)

        threads = [
            threading.Thread(target=take),
            threading.Thread(target=watch_logs, args=(follower, stop)),
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        for n in range(40):
            with (root / "logs/app.log").open("a") as log:
                log.write(TRACEBACK.format(line=n, key=f"k{n}"))
            written[0] = time.monotonic()
            wait_for(lambda n=n: len(seen) > n)  # type: ignore[misc]
        stop.set()
        for thread in threads:
            thread.join()
    print(f"latency: last line in a log to claimed: {spread(seen)}")


def storm() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "logs").mkdir()
        inbox = Inbox(root / "state")
        follower = LogFollower(inbox, root / "state", root, ("logs/*.log",), Redactor())
        follower.scan()
        before, cpu = resident_mb(), time.process_time()
        for _ in range(100):
            with (root / "logs/app.log").open("a") as log:
                log.write("".join(TRACEBACK.format(line=3, key="total") for _ in range(100)))
            follower.scan()
        follower.settle()
        cpu = time.process_time() - cpu
        counts = [failure.count for failure in inbox.claims()]
        names = {inbox.read(path.stem).fingerprint for path in (root / "state/taken").iterdir()}
        follower.close()
    print(
        f"storm: {sum(counts)} counted in {len(counts)} records of {len(names)} incident,"
        f" {cpu:.1f} s of CPU, {resident_mb() - before:+.1f} MB at the peak"
    )


def pairs() -> None:
    sys.path.insert(0, str(PROJECT / "tests" / "healer" / "failure"))
    from fingerprint_pairs import DIFFERENT, SAME  # type: ignore[import-not-found]  # noqa: PLC0415
    from test_fingerprint import failure_of  # type: ignore[import-not-found]  # noqa: PLC0415

    def name(program: object) -> str:
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
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / "job.py").write_text("print(1)\n")
    return root


def cost_ms(command: list[str], cwd: Path) -> tuple[float, float]:
    """(wall, CPU) milliseconds of one command with all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall * 1000, cpu * 1000


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("nothing arrived within 30 s")
        time.sleep(0.001)


def spread(values: list[float]) -> str:
    ordered = sorted(values)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"median {statistics.median(ordered):.0f} ms, 99th percentile {last:.0f} ms"


def resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS = {part.__name__: part for part in (storm, idle, logs, overhead, record, latency, pairs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="*", choices=[[], *PARTS])
    chosen = parser.parse_args().part or list(PARTS)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for name in chosen:
        PARTS[name]()


if __name__ == "__main__":
    main()

"""Measures that no job ever sees half a merge.

`python -m benchmarks.merge [MERGES]`: merges one repair after another (1,000 by default) into a
branch that is checked out, each replacing three scripts of about 100 kB, adding one and removing
one. Meanwhile jobs are started at random moments, each a Python process that runs one of the
scripts; and a reader opens all of them again and again. Every script carries the hash of its own
text. Counts runs and reads that found a script torn (its text does not match its hash, or does not
compile) or missing, and measures the merges.
"""

import hashlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing import Event, Process, SimpleQueue
from multiprocessing.synchronize import Event as Stop
from pathlib import Path

from quarantine.candidate import write_candidate
from quarantine.merge import Merged, merge
from quarantine.repository import Repository
from tests.support.git import make_repository

SCRIPTS = ("jobs/a.py", "jobs/b.py", "jobs/deep/c.py")
Row = tuple[str, int, int, int]
"""What was counted, how many, torn, missing."""
FILLING = 100_000
"""Bytes, many more than one write(2) of Python's or one page."""
CHECK = """\
import hashlib, pathlib
text = pathlib.Path(__file__).read_bytes()
first, _, rest = text.partition(b"\\n")
raise SystemExit(0 if first == b"# " + hashlib.sha256(rest).hexdigest().encode() else 9)
"""


def script(number: int) -> bytes:
    """A script that knows its own hash."""
    rest = (f"# {number:08d}\n" * (FILLING // 11) + CHECK).encode()
    return b"# " + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def whole(content: bytes) -> bool:
    first, _, rest = content.partition(b"\n")
    return first == b"# " + hashlib.sha256(rest).hexdigest().encode()


def start_jobs(root: Path, stop: Stop, answers: "SimpleQueue[Row]") -> None:
    """Jobs, one after another, with pauses of random length."""
    runs = torn_files = missing = 0
    while not stop.is_set():
        process = subprocess.run(
            [sys.executable, "-I", "-S", str(root / random.choice(SCRIPTS))],
            capture_output=True, check=False,
        )  # fmt: skip
        runs += 1
        missing += b"No such file" in process.stderr
        torn_files += process.returncode != 0 and b"No such file" not in process.stderr
        time.sleep(random.random() * 0.01)
    answers.put(("jobs started", runs, torn_files, missing))


def read_all(root: Path, stop: Stop, answers: "SimpleQueue[Row]") -> None:
    """Reads all scripts, again and again."""
    reads = torn_files = missing = 0
    while not stop.is_set():
        for name in SCRIPTS:
            try:
                content = (root / name).read_bytes()
            except FileNotFoundError:
                missing += 1
            else:
                torn_files += not whole(content)
            reads += 1
        time.sleep(random.random() * 0.001)
    answers.put(("reads", reads, torn_files, missing))


def begin(root: Path) -> Repository:
    files: dict[str, str | bytes] = {
        "jobs/deep/README": "x",
        **{name: script(0) for name in SCRIPTS},
    }
    return Repository.open(make_repository(root, files))


def merge_once(repository: Repository, number: int) -> float:
    """One repair on the tip; the seconds that its merge took."""
    changes: dict[str, bytes | None] = {name: script(number) for name in SCRIPTS}
    changes[f"jobs/new{number}.py"] = script(number)
    if number > 1:
        changes[f"jobs/new{number - 1}.py"] = None
    candidate = write_candidate(
        repository, base="refs/heads/main", changes=changes, message="Fix", when=number,
        branch=f"quarantine/job-{number}",
    )  # fmt: skip
    began = time.perf_counter()
    result = merge(repository, target="main", candidate=candidate, repair=f"r{number}")
    assert isinstance(result, Merged), result
    return time.perf_counter() - began


def measure(root: Path, merges: int) -> bool:
    repository = begin(root)
    stop = Event()
    answers: SimpleQueue[Row] = SimpleQueue()
    watchers = [Process(target=what, args=(root, stop, answers)) for what in (start_jobs, read_all)]
    for each in watchers:
        each.start()
    took = [merge_once(repository, number) for number in range(1, merges + 1)]
    stop.set()
    rows = [answers.get() for _ in watchers]
    for each in watchers:
        each.join()
    clean = not repository.git.run("status", "--porcelain")
    print(f"{'':16}{'count':>10}{'torn':>8}{'missing':>9}")
    for name, count, torn_files, missing in sorted(rows):
        print(f"{name:16}{count:>10,}{torn_files:>8}{missing:>9}")
    took_ms = sorted(1000 * each for each in took)
    print(f"{'merges':16}{merges:>10,}   median {statistics.median(took_ms):.0f} ms, "
          f"95 % within {took_ms[int(len(took_ms) * 0.95)]:.0f} ms")  # fmt: skip
    print(f"checkout at the end: {'clean' if clean else 'NOT clean'}; {os.cpu_count()} cores")
    return clean and not any(torn_files or missing for _, _, torn_files, missing in rows)


def main() -> None:
    merges = int(sys.argv[1]) if sys.argv[1:] else 1000
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(0 if measure(Path(folder) / "jobs", merges) else 1)


if __name__ == "__main__":
    main()

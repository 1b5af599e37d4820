"""What recording costs a job: 1,000 small requests over one connection, and the start of Python.

    python -m benchmarks.nights.overhead

Each figure is the least of several runs under `healer run`, with `[capture]` on and off in turn, so
that other work on the machine counts for little. The server is a thread of this process.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.healer_jobs import environment, healer_run, repository
from tests.support.tapes import serve_json

ROUNDS = 7
REQUESTS = 1_000
JOB = """
import sys, time
from http.client import HTTPConnection
link = HTTPConnection('127.0.0.1', int(sys.argv[1]))
began = time.perf_counter()
for number in range(int(sys.argv[2])):
    link.request('GET', '/rates?page=%d' % number)
    link.getresponse().read()
print(time.perf_counter() - began)
"""


def measure(repo: Path, *words: str) -> tuple[float, float]:
    """(seconds that the job counted itself, seconds of the whole command)."""
    began = time.perf_counter()
    run = subprocess.run(
        healer_run(sys.executable, *words),
        cwd=repo,
        env=environment(),
        capture_output=True,
        check=True,
    )
    return float(run.stdout or 0), time.perf_counter() - began


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder, serve_json() as port:
        repo = repository(Path(folder) / "repo", {"job.py": JOB, "start.py": ""})
        loops: dict[bool, list[float]] = {True: [], False: []}
        starts: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for is_on in (True, False):
                text = f"[capture]\nenabled = {str(is_on).lower()}\n"
                (repo / "healer.toml").write_text(text)
                loops[is_on].append(measure(repo, "job.py", str(port), str(REQUESTS))[0])
                starts[is_on].append(measure(repo, "start.py")[1])
    on, off = min(loops[True]), min(loops[False])
    print(f"{REQUESTS} requests: {off:.3f} s without, {on:.3f} s with: {on / off - 1:+.1%}")
    on, off = min(starts[True]), min(starts[False])
    print(
        f"start: {off * 1000:.1f} ms without, {on * 1000:.1f} ms with: {(on - off) * 1000:+.1f} ms"
    )


if __name__ == "__main__":
    main()

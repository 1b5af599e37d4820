"""The whole path on QuixBugs: `healer fix` as installed, without a model, with the visible tests.

    python -m benchmarks.quixbugs PATH [--only gcd,kth] [--inputs 1000] [--out results.json]

PATH is a git clone of QuixBugs (bare or not); nothing of it is kept here. Each program becomes a
small repository with its own tests. What healer made is then compared with the reference program on
generated inputs, in the sandbox. Prints a line for each program and the table of the figures.
"""

import argparse
import dataclasses
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.quixbugs.dataset import SETTINGS, Clone
from sandbox import Command, DockerSandbox, Limits, Plan
from sandbox.job import Job
from tests.support.git import make_repository, run_git

HERE = Path(__file__).parent
CHECK_S = 300.0


@dataclass
class Row:
    """One program, repaired and checked."""

    name: str
    outcome: str
    merged: bool
    found: bool
    """A fix that passes everything: merged, or waiting for a person."""
    seconds: float
    rule: str
    reason: str
    inputs: int = 0
    wrong: int = 0
    example: str = ""
    diff: str = ""

    @property
    def right(self) -> bool:
        return self.found and self.inputs > 0 and not self.wrong


def repair(folder: Path, script: str, *more: str) -> tuple[dict[str, Any], float]:
    """What `healer fix --json` says, and its seconds."""
    command = ["healer", "fix", script, "--drafter", "rules", "--json", *more]
    start = time.monotonic()
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    try:
        return json.loads(process.stdout), seconds
    except ValueError:
        return {"outcome": f"exit {process.returncode}", "reason": process.stderr[-300:]}, seconds


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def check(
    box: DockerSandbox, name: str, candidate: bytes, reference: bytes, count: int
) -> dict[str, Any]:
    """The candidate against the reference, in a fresh container."""
    files = {
        "check.py": (HERE / "check.py").read_bytes(),
        "agreement.py": (HERE / "agreement.py").read_bytes(),
        "inputs.py": (HERE / "inputs.py").read_bytes(),
        f"candidate/{name}.py": candidate,
        f"reference/{name}.py": reference,
    }
    command = Command(argv=("python", "check.py", name, str(count)))
    limits = Limits(timeout_s=CHECK_S)
    report = box.run(Job(tree=tar(files), plan=Plan(command=command), limits=limits))
    process_end = report.command
    try:
        answer: dict[str, Any] = json.loads(process_end.stdout if process_end else "")
    except ValueError:
        complaint = process_end.stderr[-200:] if process_end else str(report.fault)
        return {"inputs": 0, "wrong": 1, "example": f"the check did not run: {complaint}"}
    return answer


def one(name: str, clone: Clone, box: DockerSandbox, count: int) -> Row:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_repository(folder, {**clone.files(name), "healer.toml": SETTINGS.encode()})
        outcome, seconds = repair(folder, f"python_programs/{name}.py")
        attempts = outcome.get("attempts") or [{}]
        row = Row(
            name=name,
            outcome=outcome.get("outcome", ""),
            merged=bool(outcome.get("merged")),
            found=outcome.get("outcome") in ("healed", "review"),
            seconds=round(seconds, 1),
            rule=str(attempts[-1].get("rule", "")),
            reason=outcome.get("reason", ""),
            diff=attempts[-1].get("diff", ""),
        )
        commit = outcome.get("merged") or outcome.get("commit")
        if row.found and commit:
            candidate = run_git(folder, "show", f"{commit}:python_programs/{name}.py").stdout
            verdict = check(box, name, candidate, clone.reference(name), count)
            row.inputs, row.wrong = verdict["inputs"], verdict["wrong"]
            row.example = verdict["example"]
    return row


def show(row: Row) -> None:
    verdict = "right" if row.right else "WRONG" if row.found else "-"
    line = f"{row.name:27} {row.outcome:9} {verdict:5} {row.inputs:5} {row.seconds:6.1f} s"
    print(f"{line}  {row.reason[:150]}", flush=True)
    if row.wrong:
        print(f"{'':27} {row.wrong} of {row.inputs} differ: {row.example[:200]}", flush=True)


def table(rows: list[Row]) -> None:
    merges = [row for row in rows if row.merged]
    seconds = sorted(row.seconds for row in rows)
    print()
    print(f"{'programs':44} {len(rows):4}")
    print(f"{'a fix that passes everything found':44} {sum(r.found for r in rows):4}")
    print(f"{'... and right on every generated input':44} {sum(r.right for r in rows):4}")
    print(f"{'merged by themselves':44} {len(merges):4}")
    print(f"{'... and right':44} {sum(r.right for r in merges):4}")
    print(f"{'... and wrong':44} {sum(not r.right for r in merges):4}")
    ninth = seconds[min(len(seconds) - 1, int(0.9 * len(seconds)))]
    print(f"{'seconds for one `healer fix`':44} median {median(seconds):.1f}, p90 {ninth:.1f}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, {sys.version[:6]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--out", type=Path, help="write every row as JSON")
    options = parser.parse_args()
    clone = Clone(options.clone)
    names = options.only.split(",") if options.only else clone.programs()
    rows = []
    with DockerSandbox(pool_size=1) as box:
        for name in names:
            rows.append(one(name, clone, box, options.inputs))
            show(rows[-1])
            if options.out:
                every = [dataclasses.asdict(row) for row in rows]
                options.out.write_text(json.dumps(every, indent=1))
    table(rows)


if __name__ == "__main__":
    main()

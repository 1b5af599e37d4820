"""The rules on our own broken scripts: is the first draft right, and are the unclear ones left?

    python -m benchmarks.own_corpus

Runs each script of `corpus/cases.toml` (trusted, written for this), hands its traceback to the
rules, and runs the script again with the first draft. Prints the share by kind and every miss.
"""

import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from healer.draft.proposal import Case, Drafts, WriteFile
from healer.draft.rules import RulesDrafter
from healer.draft.rules.sightings import parse
from healer.failure import Failure
from sandbox import Report

CASES = Path(__file__).parent / "corpus" / "cases.toml"


class Folder:
    """Files in memory, as a `Source`."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files[path].encode() if path in self._files else None

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))


def run(files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            Path(folder, path).write_text(text, encoding="utf-8")
        command = [sys.executable, "-W", "ignore", "job.py"]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
        )


def draft(files: dict[str, str], stderr: str) -> Drafts:
    chain = tuple(reversed(parse(stderr)))
    failure = Failure(id="f", script="job.py", source="run", chain=chain, stderr_tail=stderr)
    case = Case(repair="r", script="job.py", failure=failure, base="", baseline=Report())
    return RulesDrafter().draft(case, Folder(files))


def right(case: dict[str, Any]) -> tuple[bool, str]:
    """Whether the outcome is as it should be, and what happened."""
    files = {"job.py": case["script"], **case.get("files", {})}
    before = run(files)
    if before.returncode == 0:
        return False, "the script does not fail"
    candidates = draft(files, before.stderr).candidates
    if case["expect"] == "refused":
        return not candidates, ", ".join(d.rule for d in candidates)
    if not candidates:
        return False, f"no draft for {before.stderr.strip().splitlines()[-1]}"
    changed = {e.path: e.content for e in candidates[0].edits if isinstance(e, WriteFile)}
    after = run({**files, **changed})
    good = after.returncode == 0 and after.stdout == case["output"]
    return good, f"{candidates[0].rule}: {after.stdout[-80:]!r} {after.stderr[-120:]!r}"


def main() -> None:
    cases = tomllib.loads(CASES.read_text(encoding="utf-8"))["case"]
    good: Counter[str] = Counter()
    total: Counter[str] = Counter()
    started = time.monotonic()
    for case in cases:
        fine, said = right(case)
        total[case["kind"]] += 1
        good[case["kind"]] += fine
        if not fine:
            print(f"MISS {case['kind']}: {case['name']}: {said}")
    for kind, count in total.items():
        print(f"{kind:10} {good[kind]:3} of {count}")
    share = sum(good.values()) / sum(total.values())
    print(f"all {sum(good.values())} of {sum(total.values())} ({share:.1%})")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()

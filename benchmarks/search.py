"""The search on small programs with tests: what it finds, after how many candidates, how fast.

    python -m benchmarks.search PATH_TO_QUIXBUGS [--only gcd,kth] [--budget 60]

PATH is a git clone of QuixBugs; nothing of it is kept here. Each program is given with its own
tests in the sandbox, and with no reference solution. Prints one line for each program, and the
figures: programs with a survivor, of these without doubt, candidates before the first survivor.
What is right beyond the tests is measured on the whole path, not here.
"""

import argparse
import statistics
import subprocess
import time
from pathlib import Path

from healer.draft.proposal import Case, Drafts
from healer.draft.search.drafter import SearchDrafter
from healer.failure import Failure
from sandbox import DockerSandbox, Ended, Limits, Report, Seen, TestResult, TestRun
from sandbox.job import Behaved, Fault, Screened, ScreenPlan, TestPlan
from sandbox.screen import SandboxScreening


class Files:
    """Files in memory, as a `Source`."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))


class Counted:
    """A screening that counts candidates and the first that passed."""

    def __init__(self, inner: SandboxScreening) -> None:
        self._inner = inner
        self.tried = self.first = 0
        self.cpu_s = self.first_s = 0.0
        self.started = time.monotonic()

    def spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[Seen, ...] | Fault:
        return self._inner.spectrum(tree, plan)

    def screen(
        self, tree: bytes, plan: ScreenPlan, budget_s: float
    ) -> tuple[Screened, ...] | Fault:
        results = self._inner.screen(tree, plan, budget_s)
        if isinstance(results, Fault):
            return results
        passed = [r.index for r in results if r.outcome == "passed"]
        if passed and not self.first:
            self.first = self.tried + passed[0] + 1
            self.first_s = time.monotonic() - self.started
        self.tried += len(results)
        self.cpu_s += sum(r.seconds for r in results)
        return results

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaved, ...] | Fault:
        return self._inner.compare(tree, plan)


def read(clone: Path) -> dict[str, bytes]:
    """The buggy programs, the tests and their data, from the clone's newest commit."""

    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(clone), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout

    wanted = ("python_programs/", "python_testcases/", "json_testcases/", "conftest.py")
    names = git("ls-tree", "-r", "--name-only", "HEAD").decode().split("\n")
    return {name: git("show", f"HEAD:{name}") for name in names if name.startswith(wanted)}


def one(name: str, files: dict[str, bytes], counted: Counted, budget_s: float) -> Drafts:
    program, test = f"python_programs/{name}.py", f"python_testcases/test_{name}.py"
    shared = ("conftest.py", "load_testdata.py", "node.py", f"/{name}.json")
    kept = {p: d for p, d in files.items() if p in (program, test) or p.endswith(shared)}
    result = TestResult(node=f"{test}::test_{name}", outcome="failed")
    run = TestRun(results=(result,), ended=Ended(exit_code=1))
    case = Case(
        repair="benchmark",
        script=program,
        failure=Failure(id="benchmark", script=program, source="check"),
        base="",
        baseline=Report(tests=(run,)),
        protected=tuple(path for path in kept if path != program),
        tests=TestPlan(select=(test,)),
    )
    return SearchDrafter(counted, budget_s=budget_s).draft(case, Files(kept))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--budget", type=float, default=60.0)
    chosen = parser.parse_args()
    files = read(chosen.clone)
    names = [Path(p).stem.removeprefix("test_") for p in files if "/test_" in p]
    names = [n for n in names if f"python_programs/{n}.py" in files]
    names = chosen.only.split(",") if chosen.only else names
    limits = Limits(memory_mb=1024, cpus=2.0, pids=256)
    found, sure, firsts, times = 0, 0, [], []
    with DockerSandbox(pool_size=2, limits=limits) as sandbox:
        for name in names:
            counted = Counted(SandboxScreening(sandbox, limits))
            drafts = one(name, files, counted, chosen.budget)
            clear = bool(drafts.candidates) and not drafts.candidates[0].doubt
            found, sure = found + bool(drafts.candidates), sure + clear
            if counted.first:
                firsts.append(counted.first)
                times.append(counted.first_s)
            rule = drafts.candidates[0].rule if drafts.candidates else drafts.reason
            state = "clear" if clear else "doubt" if drafts.candidates else "none"
            cpu_ms = 1000 * counted.cpu_s / max(1, counted.tried)
            line = f"{name:30} {state:6} tried {counted.tried:5} first {counted.first:5} at"
            print(f"{line} {counted.first_s:5.1f} s, {cpu_ms:.1f} ms each  {rule}", flush=True)
    print(f"{len(names)} programs: {found} with a survivor, {sure} without doubt")
    if firsts:
        print(f"candidates before the first survivor: median {statistics.median(firsts)}")
        print(f"seconds to the first survivor: median {statistics.median(times):.1f}")


if __name__ == "__main__":
    main()

"""The search on small programs with tests: what it finds, after how many candidates, how fast.

    python -m benchmarks.search PATH_TO_QUIXBUGS [--only gcd,kth] [--budget 30]

PATH is a git clone of QuixBugs; nothing of it is kept here. Each program is given with its own
tests in the sandbox, and with no reference solution; what passed is then compared with the
reference on generated inputs, in the order in which it was tried. Prints a line for each program
and the figures of the search. `benchmarks.quixbugs` measures the whole path.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from benchmarks.quixbugs.__main__ import check
from benchmarks.quixbugs.dataset import Clone
from healer.draft.search.drafter import SearchDrafter
from healer.facts.draft import Case, Drafts
from healer.failure import Failure
from sandbox import DockerSandbox, Limits, ProcessEnd, Report, SpectrumTest, TestResult, TestRun
from sandbox.job import ScreenPlan, TestPlan
from sandbox.report import Behaviour, ScreenResult
from sandbox.screen import SandboxScreening
from tests.support.memory_tree import MemoryTree

INPUTS = 300
MOST_CHECKED = 30
LIMITS = Limits(memory_mb=1024, cpus=float(os.cpu_count() or 1), pids=256)


class Counted:
    """A screening that notes what passed, after how many candidates and seconds."""

    def __init__(self, inner: SandboxScreening) -> None:
        self._inner = inner
        self.tried = 0
        self.screen_s = 0.0
        self.passed: list[tuple[int, float, str]] = []
        """Its place among all candidates, when its round was over, and its text."""
        self._started = time.monotonic()

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        return self._inner.measure_spectrum(tree, plan)

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        start = time.monotonic()
        results = self._inner.screen(tree, plan, budget_s)
        self.screen_s += time.monotonic() - start
        after_s = time.monotonic() - self._started
        for each in sorted(results, key=lambda r: r.turn):
            if each.outcome == "passed":
                text = next(iter(plan.candidates[each.index].values()))
                self.passed.append((self.tried + each.turn + 1, after_s, text))
        self.tried += sum(each.outcome != "alike" for each in results)
        return results

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaviour, ...]:
        return self._inner.compare(tree, plan)


def one(name: str, files: dict[str, bytes], screening: Counted, budget_s: float) -> Drafts:
    program, test = f"python_programs/{name}.py", f"python_testcases/test_{name}.py"
    result = TestResult(node=f"{test}::test_{name}", outcome="failed")
    run = TestRun(results=(result,), ended=ProcessEnd(exit_code=1))
    case = Case(
        repair="benchmark",
        script=program,
        failure=Failure(id="benchmark", script=program, source="check"),
        base="",
        baseline=Report(tests=(run,)),
        protected=tuple(path for path in files if path != program),
        tests=TestPlan(select=(test,)),
    )
    return SearchDrafter(screening, budget_s=budget_s).draft(case, MemoryTree(files))


def first_right(
    name: str, screening: Counted, clone: Clone, box: DockerSandbox
) -> tuple[int, float] | None:
    """The place and the time of the first that passes and is right; None where there is none."""
    reference = clone.reference(name)
    for place, after_s, text in screening.passed[:MOST_CHECKED]:
        verdict = check(box, name, text.encode(), reference, INPUTS)
        if verdict["inputs"] and not verdict["wrong"]:
            return place, after_s
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--budget", type=float, default=30.0)
    options = parser.parse_args()
    clone = Clone(options.clone)
    names = options.only.split(",") if options.only else clone.programs()
    correct, sure, firsts, times, tries, seconds = 0, 0, [], [], 0, 0.0
    with DockerSandbox(pool_size=2, limits=LIMITS) as sandbox:
        for name in names:
            screening = Counted(SandboxScreening(sandbox, LIMITS))
            drafts = one(name, clone.files(name), screening, options.budget)
            right = first_right(name, screening, clone, sandbox)
            clear = bool(drafts.candidates) and not drafts.candidates[0].doubt
            correct, sure = correct + bool(screening.passed), sure + clear
            tries, seconds = tries + screening.tried, seconds + screening.screen_s
            if right:
                firsts.append(right[0])
                times.append(right[1])
            rule = drafts.candidates[0].rule if drafts.candidates else drafts.reason
            state = "clear" if clear else "doubt" if drafts.candidates else "none"
            place, after_s = right or (0, 0.0)
            rate = screening.tried / max(screening.screen_s, 0.001)
            line = f"{name:26} {state:6} tried {screening.tried:5}, {rate:5.0f}/s, first right"
            print(f"{line} {place:5} at {after_s:5.1f} s  {rule}", flush=True)
    print(f"{len(names)} programs: {correct} with a survivor, {sure} without doubt")
    print(f"candidates a second, with starting containers and pytest: {tries / seconds:.0f}")
    if firsts:
        ninth = sorted(times)[min(len(times) - 1, int(0.9 * len(times)))]
        print(f"a right survivor: {len(firsts)}, after a median of {statistics.median(firsts)}")
        print(f"seconds to it: median {statistics.median(times):.1f}, p90 {ninth:.1f}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()

"""Candidates a second: screening, one pytest process for each, and mutmut, on the same programs.

    python -m benchmarks.speed PATH_TO_QUIXBUGS [--programs 12] [--mutmut VENV/bin/mutmut]

PATH is a git clone of QuixBugs; nothing of it is kept here. The programs are given with their right
text, since mutmut wants green tests, so nearly every candidate has to run its tests to a failure.
All three use every core. Screening and the pytest processes run in the sandbox; their times are
whole, from handing over the job to its answer. mutmut (in an environment of its own, not installed
by this) runs on the host; its time is that of the whole run, too.
"""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.quixbugs.__main__ import tar
from benchmarks.quixbugs.dataset import Clone
from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import weigh_lines
from healer.draft.search.screen_plan import add_tests
from healer.draft.search.variant_maker import Variant
from healer.draft.search.variants import stream_variants
from sandbox import Command, DockerSandbox, Limits, Plan, SpectrumTest, TestPlan, TestResult
from sandbox.job import Job, ScreenPlan
from sandbox.screen import SandboxScreening
from tests.support.git import make_repository

CORES = os.cpu_count() or 1
LIMITS = Limits(memory_mb=1024, cpus=float(CORES), pids=256, timeout_s=600.0)
MOST = 1_500
"""Candidates of one program."""
PROCESSES = 16
"""Candidates of one program that get a pytest process each."""
DRIVER = """import json, shutil, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
path, test, cores = sys.argv[1], sys.argv[2], int(sys.argv[3])
def one(pair):
    number, text = pair
    home = f"/tmp/one-{number}"
    shutil.copytree(".", home)
    open(f"{home}/{path}", "w").write(text)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test]
    try:
        subprocess.run(command, cwd=home, capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        pass
with ThreadPoolExecutor(cores) as pool:
    list(pool.map(one, enumerate(json.load(open("candidates.json")))))
"""
MUTMUT = """[mutmut]
source_paths=python_programs/
pytest_add_cli_args_test_selection=python_testcases/
also_copy=
    conftest.py
    json_testcases
    python_testcases
"""


class Program:
    """One program with its right text, and the candidates that the search makes of it."""

    def __init__(self, name: str, clone: Clone) -> None:
        self.name = name
        self.path, self.test = f"python_programs/{name}.py", f"python_testcases/test_{name}.py"
        self.files = {**clone.files(name), self.path: clone.reference(name)}

    def candidates(self, spectrum: tuple[SpectrumTest, ...]) -> list[Variant]:
        """The likeliest where all lines that a test runs are suspected."""
        code = SourceFile(self.path, self.files[self.path].decode())
        as_failed = [s.model_copy(update={"outcome": "failed"}) for s in spectrum]
        variants = stream_variants({self.path: code}, weigh_lines(as_failed))
        return list(itertools.islice(variants, MOST))


def screen(program: Program, box: DockerSandbox) -> tuple[int, float, list[str]]:
    """Candidates, seconds, and their texts."""
    screening = SandboxScreening(box, LIMITS)
    tree, select = tar(program.files), (program.test,)
    tests = TestPlan(select=select, sentinels=False)
    plan = ScreenPlan(tests=tests, select=select, watched=(program.path,), limit_s=0.4)
    spectrum = screening.measure_spectrum(tree, plan)
    texts = [candidate.content for candidate in program.candidates(spectrum)]
    candidates = tuple({program.path: text} for text in texts)
    plan = add_tests(plan, spectrum, baseline(tree, tests, box))
    plan = plan.model_copy(update={"candidates": candidates})
    start = time.monotonic()
    results = screening.screen(tree, plan, 600.0)
    return len(results), time.monotonic() - start, texts


def baseline(tree: bytes, tests: TestPlan, box: DockerSandbox) -> dict[str, TestResult]:
    """The tests as they end without a candidate, which a search knows before it begins."""
    report = box.run(Job(tree=tree, plan=Plan(tests=tests), limits=LIMITS))
    return {result.node: result for run in report.tests[:1] for result in run.results}


def processes(program: Program, texts: list[str], box: DockerSandbox) -> tuple[int, float]:
    """A spread of the same candidates, each with a pytest process of its own, in one container."""
    sample = texts[:: max(1, len(texts) // PROCESSES)][:PROCESSES]
    files = {
        **program.files,
        "driver.py": DRIVER.encode(),
        "candidates.json": json.dumps(sample).encode(),
    }
    command = Command(argv=("python", "driver.py", program.path, program.test, str(CORES)))
    job = Job(tree=tar(files), plan=Plan(command=command), limits=LIMITS)
    start = time.monotonic()
    report = box.run(job)
    seconds = time.monotonic() - start
    if report.command is None or report.command.exit_code != 0:
        raise SystemExit(f"the pytest processes did not run: {report.command or report.fault}")
    return len(sample), seconds


def run_mutmut(program: Program, mutmut: Path) -> tuple[int, float]:
    """Mutants and seconds of one whole run of mutmut."""
    with tempfile.TemporaryDirectory() as place:
        files = {**program.files, "setup.cfg": MUTMUT.encode()}
        make_repository(Path(place), {**files, "python_programs/__init__.py": b""})
        command = [str(mutmut), "run", "--max-children", str(CORES)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        start = time.monotonic()
        process = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.monotonic() - start
    counts = re.findall(r"(\d+)/(\d+) ", process.stdout)
    if not counts:
        print(f"mutmut did not run on {program.name}: {(process.stderr or process.stdout)[-200:]}")
        return 0, 0.0
    return int(counts[-1][0]), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--programs", type=int, default=12, help="spread over the dataset")
    parser.add_argument("--mutmut", type=Path)
    options = parser.parse_args()
    clone = Clone(options.clone)
    names = clone.programs()
    names = names[:: max(1, len(names) // options.programs)][: options.programs]
    totals: dict[str, list[float]] = {
        "screening": [0, 0.0],
        "a pytest process each": [0, 0.0],
        "mutmut": [0, 0.0],
    }
    with DockerSandbox(pool_size=1, limits=LIMITS) as box:
        for name in names:
            program = Program(name, clone)
            count, seconds, texts = screen(program, box)
            rows = [(count, seconds), processes(program, texts, box)]
            rows.append(run_mutmut(program, options.mutmut) if options.mutmut else (0, 0.0))
            for total, (number, took) in zip(totals.values(), rows, strict=True):
                total[0] += number
                total[1] += took
            rates = ", ".join(f"{number / max(took, 0.001):.1f}/s" for number, took in rows)
            print(f"{name:26} {rates}", flush=True)
    rate = {name: number / max(took, 0.001) for name, (number, took) in totals.items()}
    print()
    for name, (tries, took) in totals.items():
        times = f"{rate['screening'] / rate[name]:6.1f} x" if rate[name] else "not run"
        print(f"{name:24} {tries:6.0f} in {took:7.1f} s {rate[name]:8.1f}/s  screening is {times}")
    print(f"{CORES} cores, load {os.getloadavg()[0]:.1f} at the end, {sys.version[:6]}")


if __name__ == "__main__":
    main()

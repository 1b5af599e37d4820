"""A sandbox that runs small trusted programs and tests of them on this machine, for real.

Belongs here: commands of Python, plain test functions and unittest's classes, each in a process of
its own. Does not belong here: limits, traces and screenings, which the real sandbox has.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox import Command, Job, ProcessEnd, Report, TestResult, TestRun
from sandbox.inside.tree import parse

_RUN_TESTS = """\
import importlib.util, inspect, json, pathlib, sys, tempfile, traceback, unittest
sys.path.insert(0, ".")
out = []
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("tested", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception:
        out.append([path, "error", traceback.format_exc()])
        continue
    result = unittest.TestResult()
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    suite.run(result)
    bad = [text for _, text in [*result.failures, *result.errors]]
    if result.testsRun:
        out.append([path + "::T", "failed" if bad else "passed", "".join(bad)])
    for name, test in list(vars(module).items()):
        if name.startswith("test_"):
            needs = inspect.signature(test).parameters
            values = [pathlib.Path(tempfile.mkdtemp()) for _ in needs]
            try:
                test(*values)
                out.append([path + "::" + name, "passed", ""])
            except Exception:
                out.append([path + "::" + name, "failed", traceback.format_exc()])
print(json.dumps(out))
"""


def run_on_host(job: Job) -> Report:
    """What running this job shows."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for entry in parse(job.tree):
            path = root / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(entry.content))
        end = _run(root, job.plan.command) if job.plan.command else None
        plan = job.plan.tests
        tests = tuple(_run_tests(root, plan.select) for _ in plan.seeds) if plan else ()
    return Report(command=end, tests=tests)


def _run(root: Path, command: Command) -> ProcessEnd:
    words = [sys.executable if word == "python" else word for word in command.argv]
    start = time.monotonic()
    done = subprocess.run(words, cwd=root, input=command.stdin, capture_output=True, check=False)
    return ProcessEnd(
        exit_code=done.returncode,
        stdout=done.stdout.decode(),
        stderr=done.stderr.decode(),
        seconds=time.monotonic() - start,
    )


def _run_tests(root: Path, select: tuple[str, ...]) -> TestRun:
    paths = select or [str(each.relative_to(root)) for each in sorted(root.rglob("test_*.py"))]
    words = [sys.executable, "-c", _RUN_TESTS, *paths]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    results = tuple(
        TestResult.model_validate({"node": node, "outcome": outcome, "detail": detail})
        for node, outcome, detail in json.loads(done.stdout.splitlines()[-1])
    )
    return TestRun(results=results, ended=ProcessEnd(exit_code=0))

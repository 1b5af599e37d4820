"""Our own broken scripts, through the whole path: are they mended, and the unclear ones left?

    python -m benchmarks.own_corpus [--drafts] [--corpus cases] [--only forgotten,misspelled]
                                    [--kind files] [--out results.json]

Each script of `corpus/cases.toml` (or another file of that folder) becomes a small git repository,
in which `healer fix job.py --drafter rules` is run as installed, with the script as failing
command. A script that can be mended has something that says what it should give: tests of its
own, or a version before it that ran well under `healer run` with capture, or else a test of what it
should print. What was merged or waits is then run in the sandbox and must print that. One that
cannot be mended (nothing shows what was meant) has none, and nothing may be merged.
`--drafts` asks only whether the first draft of the rules is right: seconds, not minutes. With
`--out`, what is in that file already is not done again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.quixbugs.__main__ import repair, tar
from healer.draft.rules import RulesDrafter
from healer.draft.rules.observed_errors import parse_errors
from healer.facts.draft import Case, Drafts, WriteFile
from healer.failure import Failure
from sandbox import Command, DockerSandbox, Plan, Report
from sandbox.job import Job
from tests.support.git import commit_files, make_repository, run_git
from tests.support.memory_tree import MemoryTree

CORPUS = Path(__file__).parent / "corpus"
SETTINGS = 'scripts = ["job.py"]\n[[job]]\nscript = "job.py"\ncapture = true\n'
TEST = """import runpy


def test_output(capsys):
    runpy.run_path("job.py", run_name="__main__")
    assert capsys.readouterr().out == {output!r}
"""
RIGHT, WAITS, WRONG, LEFT = "mended", "waits, right", "WRONG MERGE", "left"


def run(files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text, encoding="utf-8")
        command = [sys.executable, "-W", "ignore", "job.py"]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
        )


def draft(files: dict[str, str], stderr: str) -> Drafts:
    chain = tuple(reversed(parse_errors(stderr)))
    failure = Failure(id="f", script="job.py", source="run", chain=chain, stderr_tail=stderr)
    case = Case(repair="r", script="job.py", failure=failure, base="", baseline=Report())
    return RulesDrafter().draft(case, MemoryTree(files))


def draft_only(case: dict[str, Any]) -> tuple[str, str]:
    """What became of a case by the rules' first draft alone."""
    files = {"job.py": case["script"], **case.get("files", {})}
    before = run(files)
    if before.returncode == 0:
        return WRONG, "the script does not fail"
    candidates = draft(files, before.stderr).candidates
    if not candidates:
        return LEFT, f"no draft for {before.stderr.strip().splitlines()[-1]}"
    contents = {e.path: e.content for e in candidates[0].edits if isinstance(e, WriteFile)}
    after = run({**files, **contents})
    good = after.returncode == 0 and after.stdout == case.get("output")
    comment = f"{candidates[0].rule}: {after.stdout[-80:]!r} {after.stderr[-120:]!r}"
    return RIGHT if good else WRONG, comment


def repair_whole(case: dict[str, Any], box: DockerSandbox) -> tuple[str, str]:
    """What became of a case by the whole path."""
    files = {"job.py": case["script"], **case.get("files", {}), "healer.toml": SETTINGS}
    if "tests" in case:
        files["test_job.py"] = case["tests"]
    elif case["expect"] == "mended" and "before" not in case:
        files["test_job.py"] = TEST.format(output=case["output"])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if "before" in case:
            ran_well(folder, {**files, "job.py": case["before"]}, case["script"])
            outcome, _ = repair(folder, "job.py")
        else:
            make_repository(folder, files)
            outcome, _ = repair(folder, "job.py", "--")
        reason = f"{outcome['outcome']}: {outcome.get('reason', '')}"
        commit = outcome.get("merged") or outcome.get("commit")
        if outcome["outcome"] not in ("healed", "review") or not commit:
            return LEFT, reason
        script = run_git(folder, "show", f"{commit}:job.py").stdout
    tree = tar({path: text.encode() for path, text in files.items()} | {"job.py": script})
    report = box.run(Job(tree=tree, plan=Plan(command=Command(argv=("python", "job.py")))))
    command = report.command
    good = command is not None and command.exit_code == 0 and command.stdout == case.get("output")
    if outcome["outcome"] == "review":
        return (WAITS if good else LEFT), reason
    return (RIGHT if good else WRONG), reason


def ran_well(folder: Path, files: dict[str, str], broken_script: str) -> None:
    """A repository whose job ran under `healer run` last night, was changed, and fails now."""
    make_repository(folder, files)
    job = ["healer", "run", "--", "python", "job.py"]
    subprocess.run(job, cwd=folder, capture_output=True, check=True)
    commit_files(folder, {"job.py": broken_script}, "Change the job")
    subprocess.run(job, cwd=folder, capture_output=True, check=False)


def measure(
    options: argparse.Namespace, cases: list[dict[str, Any]], box: DockerSandbox
) -> dict[str, tuple[str, str]]:
    """What became of each case, by its name; printed as it comes."""
    ends: dict[str, tuple[str, str]] = {}
    if options.out and options.out.exists():
        ends = {name: tuple(end) for name, end in json.loads(options.out.read_text()).items()}
    for case in cases:
        name = case["name"]
        is_known = name in ends
        if not is_known:
            ends[name] = draft_only(case) if options.drafts else repair_whole(case, box)
        if options.out:
            options.out.write_text(json.dumps(ends, indent=1))
        right = is_right(case, ends[name][0])
        if not right or not (options.drafts or is_known):
            mark = "" if right else "MISS "
            print(
                f"{mark}{case['kind']}: {name}: {ends[name][0]}: {ends[name][1][:200]}", flush=True
            )
    return ends


def is_right(case: dict[str, Any], end: str) -> bool:
    return end == RIGHT if case["expect"] == "mended" else end == LEFT


def table(cases: list[dict[str, Any]], ends: dict[str, tuple[str, str]]) -> None:
    print(f"\n{'':12} {'cases':>6} {'right':>6} {RIGHT:>7} {WAITS:>13} {LEFT:>5} {WRONG:>12}")
    kinds = list(dict.fromkeys(case["kind"] for case in cases))
    for kind in (*kinds, "all"):
        rows = [case for case in cases if kind in (case["kind"], "all")]
        counts = Counter(ends[case["name"]][0] for case in rows)
        right = sum(is_right(case, ends[case["name"]][0]) for case in rows)
        columns = f"{counts[RIGHT]:>7} {counts[WAITS]:>13} {counts[LEFT]:>5} {counts[WRONG]:>12}"
        print(f"{kind:12} {len(rows):>6} {right:>6} {columns}")
    print(f"right: {right / max(1, len(cases)):.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", action="store_true")
    parser.add_argument("--corpus", default="cases", help="a file of benchmarks/corpus")
    parser.add_argument("--only", default="", help="parts of names, separated by commas")
    parser.add_argument("--kind", default="")
    parser.add_argument("--out", type=Path, help="keeps every result as JSON, and goes on from it")
    options = parser.parse_args()
    text = (CORPUS / f"{options.corpus}.toml").read_text(encoding="utf-8")
    names = options.only.split(",")
    cases = [c for c in tomllib.loads(text)["case"] if any(part in c["name"] for part in names)]
    cases = [c for c in cases if options.kind in ("", c["kind"])]
    start = time.monotonic()
    with DockerSandbox(pool_size=0 if options.drafts else 1) as box:
        ends = measure(options, cases, box)
    table(cases, ends)
    print(f"{time.monotonic() - start:.0f} s", end="; ")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()

"""How the code is laid out, in figures: issue by issue comparable, per package and as a whole.

    python -m benchmarks.structure                 the table, and one row for each package
    python -m benchmarks.structure --base COMMIT   product lines against that commit
    python -m benchmarks.structure --longest 20    the longest functions and modules too

How it is counted: lines are physical lines of *.py, blank ones and comments with them. The examples
that rules carry are run as tests, and are counted as those, not as product. Hops are
calls from one function of ours to the next between the command `fix` and the function of the
repair's first step, `step` among them; the frames of click, DBOS and the rest of `healer.engine`
do not count. Files entered and calls across packages are those of one repair by a scripted model,
from `run_repair` to its end, in all threads: a file counts once when a function of it runs, a call
counts once for each pair of caller and called function in different packages.
Belongs here: counting. Does not belong here: limits (`scripts/checks`).
"""

import argparse
import ast
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from healer.cli.edge import main as command_line
from healer.engine.workflows import step
from scripts.checks.__main__ import Counts, count, find_problems
from scripts.checks.names import given_names, glossary_nouns, is_refused
from scripts.checks.sizes import function_lines
from scripts.checks.sources import PRODUCT, ROOT, Source, package_of, sources
from tests.support.bench import FILES, GOOD, SCRIPT, Bench
from tests.support.git import make_repository

ENGINE = "healer/engine/"
COMMAND = "healer/cli/fix.py: fix"
BASE = "26bfbad"
MOVED = "189a596"
"""The commit that laid the folders out as they are now, and changed nothing else."""
WITH_EXAMPLES = ("healer/draft/rules/", "quarantine/policy/")
EXAMPLES = frozenset({"example", "silent", "refuses", "allows"})
COLUMNS = ("names", "signatures", "ignores", "sizes", "resources", "dead", "mirror", "headers")


@dataclass
class Trace:
    """What of our code ran, and who called whom."""

    files: set[str] = field(default_factory=set)
    calls: set[tuple[CodeType, CodeType]] = field(default_factory=set)

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """The profile function of all threads."""
        del argument
        code = frame.f_code
        path = own_path(code)
        if event != "call" or path is None or code.co_name in {"<module>", "<lambda>"}:
            return
        self.files.add(path)
        caller = frame.f_back
        while caller is not None and own_path(caller.f_code) is None:
            caller = caller.f_back
        if caller is not None and caller.f_code.co_name != "<module>":
            self.calls.add((caller.f_code, code))

    def crossings(self) -> set[tuple[CodeType, CodeType]]:
        """The pairs whose packages differ."""
        return {
            (caller, callee)
            for caller, callee in self.calls
            if package_of(own_path(caller) or "") != package_of(own_path(callee) or "")
        }


def own_path(code: CodeType) -> str | None:
    """The file of the product that this code stands in, from the root; None for others."""
    return _own_path(code.co_filename)


@cache
def _own_path(filename: str) -> str | None:
    try:
        path = Path(filename).relative_to(ROOT).as_posix()
    except ValueError:
        return None
    return path if path.startswith(tuple(f"{name}/" for name in PRODUCT)) else None


def trace_repair() -> Trace:
    """One repair by a model whose first draft is right, in this process."""
    trace = Trace()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        threading.setprofile(trace)
        sys.setprofile(trace)
        try:
            bench.fix(GOOD)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    return trace


def print_way() -> None:
    """Runs `healer fix` here and prints our functions on the way to its first step, then ends."""

    def look(frame: FrameType, event: str, argument: Any) -> None:
        del argument
        if event == "call" and frame.f_code is step.__code__:
            command = sys._current_frames()[threading.main_thread().ident or 0]
            print(
                *reversed([*_own_functions(frame), *_own_functions(command)]), sep="\n", flush=True
            )
            os._exit(0)

    threading.setprofile(look)
    command_line(["fix", SCRIPT, "--drafter", "rules"])


def _own_functions(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        path = own_path(frame.f_code)
        if path and not path.startswith(ENGINE):
            yield f"{path}: {frame.f_code.co_name}"
        frame = frame.f_back


def hops() -> list[str]:
    """The functions between the command `fix` and the first step, and the step's own."""
    with tempfile.TemporaryDirectory() as folder:
        make_repository(Path(folder) / "shop", FILES)
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.structure", "--way"],
            cwd=Path(folder) / "shop", env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    lines = answer.stdout.splitlines()
    if answer.returncode or COMMAND not in lines:
        raise RuntimeError(f"no first step was reached: {answer.stderr or answer.stdout}")
    return [*lines[lines.index(COMMAND) + 1 :], "step", "the step's function"]


def shares(files: Iterable[Source]) -> dict[str, tuple[int, int]]:
    """For each kind of name, how many are refused and how many there are."""
    nouns = glossary_nouns()
    participles, names = Counter[str](), Counter[str]()
    for source in files:
        for name in given_names(source.nodes):
            names[name.kind] += 1
            participles[name.kind] += is_refused(name, nouns)
    return {kind: (participles[kind], number) for kind, number in names.items()}


def lines_of(files: Iterable[Source]) -> Counter[str]:
    """Lines per package, examples of rules left out."""
    lines = Counter[str]()
    for source in files:
        lines[package_of(source.path)] += len(source.lines) - example_lines(source)
    return lines


def examples_of(files: Iterable[Source]) -> Counter[str]:
    """Lines of rules' examples per package."""
    lines = Counter[str]()
    for source in files:
        lines[package_of(source.path)] += example_lines(source)
    return lines


def example_lines(source: Source) -> int:
    """The lines of the examples that the rules of a file carry in their decorators."""
    if not source.path.startswith(WITH_EXAMPLES):
        return 0
    return sum(
        (keyword.value.end_lineno or 0) - keyword.value.lineno + 1
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in EXAMPLES
    )


def lines_at(commit: str) -> Counter[str]:
    """Product lines of a commit per package; empty where it is not here."""
    tree = subprocess.run(
        ["git", "grep", "-c", "", commit, "--", *(f"{name}/*.py" for name in PRODUCT)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = Counter[str]()
    for row in tree.stdout.splitlines():
        _, path, number = row.rsplit(":", 2)
        lines[package_of(path)] += int(number)
    return lines


def mirror(files: Iterable[Source]) -> Iterator[Source]:
    """The tests under the path of what they test."""
    for source in files:
        if source.path.startswith(tuple(f"tests/{name}/" for name in PRODUCT)):
            yield Source(source.path.removeprefix("tests/"), source.text)


def print_whole(
    product: Sequence[Source], tests: Sequence[Source], by_check: Counts, base: str
) -> None:
    """The figures of the whole tree, one row each."""
    problems = Counter[str]()
    for (check, _), number in by_check.items():
        problems[check] += number
    way = hops()
    trace = trace_repair()
    lines, examples = lines_of(product).total(), examples_of(product).total()
    test_lines = lines_of(tests).total() + examples
    rules = ("healer/draft/rules/", "tests/healer/draft/rules/")
    rule_lines = lines_of(s for s in product if s.path.startswith(rules[0])).total()
    rule_tests = lines_of(s for s in tests if s.path.startswith(rules[1])).total()
    rule_tests += examples_of(s for s in product if s.path.startswith(rules[0])).total()
    rows: list[tuple[str, object, str]] = [
        ("hops from `fix` to the repair's first step", len(way), "≤ 4"),
        ("files entered by one model repair", len(trace.files), "≤ 90"),
        ("calls across packages in it", len(trace.crossings()), "≤ 150"),
    ]
    for kind, (participles, names) in shares(product).items():
        limit = {"function": "≤ 1 %", "local": "≤ 0.5 %"}.get(kind, "0 %")
        rows.append((f"{kind}s named by a bare participle", f"{participles / names:.1%}", limit))
    rows += [
        ("unexplained ignores", problems["ignores"], "0"),
        ("dicts of anything in public signatures", problems["signatures"], "0"),
        ("modules over 300 lines, functions over 50", problems["sizes"], "0"),
        ("classes with close() and no with-block", problems["resources"], "0"),
        ("dead code", problems["dead"], "0"),
        ("modules without a test file of their name", problems["mirror"], "0"),
        ("tests : source", f"{test_lines / lines:.2f}", "≥ 0.9"),
        ("tests : source of the rules", f"{rule_tests / rule_lines:.2f}", "≥ 1.0"),
        ("lines of the rules' examples", examples, ""),
        ("lines of product code", lines, f"≤ {lines_at(base).total()} ({base})"),
    ]
    print("| figure | now | limit |\n| --- | --- | --- |")
    for name, value, limit in rows:
        print(f"| {name} | {value} | {limit} |")
    print("\nThe way from `fix`: " + " → ".join(way))


def print_packages(product: Sequence[Source], tests: Sequence[Source], by_check: Counts) -> None:
    """One row for each package."""
    lines, test_lines = lines_of(product), lines_of(mirror(tests)) + examples_of(product)
    before = lines_at(MOVED)
    print("\n| package | lines | since the move | tests : source | " + " | ".join(COLUMNS) + " |")
    print("| --- " * (4 + len(COLUMNS)) + "|")
    for package in sorted(lines):
        cells = [str(by_check[check, package]) for check in COLUMNS]
        ratio = f"{test_lines[package] / lines[package]:.2f}"
        growth = lines[package] - before[package]
        print(
            f"| {package} | {lines[package]} | {growth:+} | {ratio} | " + " | ".join(cells) + " |"
        )


def print_longest(product: Sequence[Source], number: int) -> None:
    """The longest modules and functions."""
    functions = [
        (function_lines(node), f"{source.path}:{node.lineno} {node.name}")
        for source in product
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    modules = [(len(source.lines), source.path) for source in product]
    for title, items in (("modules", modules), ("functions", functions)):
        print(f"\nThe longest {title}:")
        for lines, name in sorted(items, reverse=True)[:number]:
            print(f"{lines:5} {name}")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.structure")
    parser.add_argument("--base", default=BASE, metavar="COMMIT")
    parser.add_argument("--longest", type=int, default=10, metavar="N")
    parser.add_argument("--packages", action="store_true", help="only the rows of the packages")
    parser.add_argument("--way", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print_way()
    product, tests = list(sources(*PRODUCT)), list(sources("tests"))
    by_check = count(find_problems())
    if not options.packages:
        print_whole(product, tests, by_check, options.base)
    print_packages(product, tests, by_check)
    print_longest(product, options.longest)


if __name__ == "__main__":
    main()

"""How often each rule is right: writes `healer/draft/rules/certainty.json`.

    python -m benchmarks.rules_precision [--tries 400] [--seconds 220] [--code FOLDER ...]
                                         [--only TEXT] [--seed 0] [--out FILE] [--write] [--show]

Files that nobody here wrote (the standard library, the environment's packages, each FOLDER) are
broken in the ways of `names`, `members`, `calls`, `values`, `old_python` and `broken_syntax`; the
failure is written as CPython prints it, and the rules draft. A first draft is right where the
file's syntax tree is the original's again (imports in any order). Breaks that take away what cannot
be known count too: every draft for them is wrong. Each breaker makes the same number of tries, in
files chosen evenly among the sources; a break that was drawn before is not counted again. With
`--out` a run goes on where the last one ended; `--write` writes the figures of that file. The seed
and the files decide everything else.
"""

import argparse
import difflib
import json
import random
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from benchmarks.broken_syntax import BREAKS
from benchmarks.rules_precision import calls, members, names, old_python, values
from benchmarks.rules_precision.breaks import Break, Way
from benchmarks.rules_precision.program import is_same_program
from healer.draft.rules.catalogue import RULES
from healer.draft.rules.certainty import CERTAINTY_JSON, Count
from healer.draft.rules.drafter import draft_fixes
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.rules.syntax.search import problem_of
from healer.facts.draft import WriteFile
from healer.failure import Frame, Raised
from tests.support.memory_tree import MemoryTree

PATH = "job.py"
BYTES = range(400, 8_000)
"""Files of the size of scripts."""
MISSES = 20
"""A breaker that finds no place in so many files has made its try."""
SLOW = frozenset({"it does not parse"})
"""Breakers of which a quarter of the tries must do."""
ON = "public code, broken"
SHOWN = 1500

Pools = tuple[tuple[Path, ...], ...]
"""The files of each source."""
Row = dict[str, list[int]]
"""By `rule`, `rule clear` (no rival stood beside it) or `silent`: how often right, of how often."""


class Outcome(NamedTuple):
    """What the rules made of one break."""

    rule: str
    """`silent` where none drafted."""
    is_clear: bool
    is_right: bool
    digest: str
    """Of the break: one that was drawn before is not counted again."""


def broken_syntax(code: SourceFile, source: random.Random) -> Break | None:
    """One slip of the hand after which the file does not parse."""
    text = BREAKS[source.choice(sorted(BREAKS))](code.text, source)
    problem = problem_of(text) if text else None
    if text is None or problem is None:
        return None
    return Break(text, problem.line, "SyntaxError", problem.message)


BREAKERS: dict[str, Way] = {
    **names.BREAKERS,
    **members.BREAKERS,
    **calls.BREAKERS,
    **values.BREAKERS,
    **old_python.BREAKERS,
    "it does not parse": Way(broken_syntax),
}


def main() -> None:
    """Makes the tries that are missing and prints the table."""
    options = _arguments().parse_args()
    pools = _pools(options.code)
    rows: dict[str, Row] = {}
    tries: dict[str, int] = {}
    digests: dict[str, list[str]] = {}
    if options.out and options.out.exists():
        rows, tries, digests = json.loads(options.out.read_text("utf-8"))
    selection = [n for n in BREAKERS if any(part in n for part in options.only.split(","))]
    end = time.monotonic() + options.seconds
    for number in range(options.tries):
        for name in BREAKERS:
            if name not in selection or tries.get(name, 0) != number:
                continue
            if time.monotonic() > end or (name in SLOW and number >= options.tries // 4):
                continue
            outcome = _try(name, number, options, pools)
            if outcome and outcome.digest not in digests.setdefault(name, []):
                digests[name].append(outcome.digest)
                _count(outcome, rows.setdefault(name, {}))
            tries[name] = number + 1
    if options.out:
        options.out.write_text(json.dumps([rows, tries, digests]), encoding="utf-8")
    rest = sum(options.tries - tries.get(n, 0) for n in selection)
    _print_table(rows, tries)
    print(f"{rest} tries are left" if rest else "all tries are made")
    if options.write:
        _write(rows)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tries", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=220.0)
    parser.add_argument("--code", type=Path, nargs="*", default=[])
    parser.add_argument("--only", default="", help="parts of breakers' names, by commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="print wrong drafts without a rival")
    return parser


def _pools(folders: list[Path]) -> Pools:
    """The files of each source, sorted; tests are left out, for they hold odd code on purpose."""
    paths = sysconfig.get_paths()
    sources = [Path(paths["stdlib"]), Path(paths["purelib"]), *folders]
    return tuple(pool for source in sources if (pool := tuple(sorted(_files(source)))))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).parts
        is_code = not {"site-packages", "test", "tests", "lib2to3"} & set(parts[:-1])
        if is_code and path.stat().st_size in BYTES:
            yield path


@cache
def _with_hint(pools: Pools, hint: str) -> list[list[Path]]:
    """The files of each source that hold some words."""
    word = hint.encode()
    files = ([path for path in pool if word in _bytes_of(path)] for pool in pools)
    return [pool for pool in files if pool]


@cache
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


@lru_cache(maxsize=1500)
def _read(path: Path) -> SourceFile | None:
    try:
        code = SourceFile(PATH, _bytes_of(path).decode())
    except UnicodeDecodeError:
        return None
    return code if code.tree is not None and "\r" not in code.text else None


def _try(name: str, number: int, options: argparse.Namespace, pools: Pools) -> Outcome | None:
    """What the rules make of one break; None where no place for one was met."""
    way = BREAKERS[name]
    source = random.Random(f"{options.seed} {name} {number}")
    places = _with_hint(pools, way.hint)
    for _ in range(MISSES):
        path = source.choice(source.choice(places))
        code = _read(path)
        case = way.breaker(code, source) if code else None
        if code and case and _is_as_meant(case):
            rule, is_clear, text = _draft(case)
            is_right = case.can_be_mended and is_same_program(text, code.text, case.renames)
            if options.show and is_clear and not is_right:
                print(f"--- {rule}: {name}: {path}:{case.line}: {case.message}")
                print(_difference(code.text, case.text, text), flush=True)
            digest = sha256(f"{case.line} {case.message} {case.text}".encode()).hexdigest()[:16]
            return Outcome(rule, is_clear, is_right, digest)
    return None


def _count(outcome: Outcome, row: Row) -> None:
    for key in (outcome.rule, f"{outcome.rule} clear") if outcome.is_clear else (outcome.rule,):
        count = row.setdefault(key, [0, 0])
        count[0] += outcome.is_right
        count[1] += 1


def _is_as_meant(case: Break) -> bool:
    """Only what is broken so that it does not parse does not."""
    is_program = SourceFile(PATH, case.text).tree is not None
    return is_program != (case.error == "SyntaxError")


def _draft(case: Break) -> tuple[str, bool, str]:
    """The rule of the first draft, whether no rival stands beside it, and the text it makes."""
    files = SourceFiles(MemoryTree({PATH: case.text}))
    frame = Frame(file=PATH, line=case.line, function="f", own=True)
    error = Raised(type=case.error, message=case.message, frames=(frame,))
    drafts = draft_fixes([error], files, RULES, PATH, is_forcing=lambda _: True)
    for draft in drafts[:1]:
        (edit,) = draft.edits
        if isinstance(edit, WriteFile):
            return draft.rule, bool(draft.forced), edit.content
    return "silent", False, ""


def _difference(original: str, text: str, draft: str) -> str:
    parts = []
    for old, new, what in ((original, text, "broken"), (text, draft, "drafted")):
        lines = difflib.unified_diff(old.split("\n"), new.split("\n"), "", what, "", "", 1, "")
        parts.append("\n".join(list(lines)[2:]))
    return "\n".join(parts)[:SHOWN]


def _sums(rows: dict[str, Row]) -> dict[str, Count]:
    right, of = Counter[str](), Counter[str]()
    for row in rows.values():
        for key, (good, every) in row.items():
            right[key] += good
            of[key] += every
    return {key: Count(right[key], of[key]) for key in sorted(of)}


def _print_table(rows: dict[str, Row], tries: dict[str, int]) -> None:
    print(f"{'break':34} {'tries':>6} {'made':>6} {'drafted':>8} {'right':>6}")
    for name, row in rows.items():
        counts = {key: count for key, count in row.items() if not key.endswith(" clear")}
        texts = sum(count[1] for count in counts.values())
        drafts = texts - counts.get("silent", [0, 0])[1]
        right = sum(count[0] for count in counts.values())
        print(f"{name:34} {tries.get(name, 0):>6} {texts:>6} {drafts:>8} {right:>6}")
    sums = _sums(rows)
    print(f"\n{'rule':24} {'drafts':>12} {'right':>6} {'clear':>6} {'right':>6} {'at least':>9}")
    for key, count in sums.items():
        if key.endswith(" clear") or key == "silent":
            continue
        clear = sums.get(f"{key} clear", Count(0, 0))
        lowest = f"{clear.lower_bound:.3f}" if clear.of else "-"
        print(
            f"{key:24} {count.of:>12} {count.right:>6} {clear.of:>6} {clear.right:>6} {lowest:>9}"
        )


def _write(rows: dict[str, Row]) -> None:
    sums = _sums(rows)
    lines = []
    for key, count in sums.items():
        if count.right and not key.endswith(" clear"):  # none right: no break was of its kind
            clear = sums.get(f"{key} clear", Count(0, 0))
            row = {"clear": [clear.right, clear.of], "drafts": [count.right, count.of]}
            lines.append(f'  "{key}": {json.dumps(row)}')
    table = ",\n".join(lines)
    text = f'{{\n "on": "{ON}",\n "rules": {{\n{table}\n }}\n}}\n'
    CERTAINTY_JSON.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

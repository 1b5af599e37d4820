"""What the judge lets merge, by kind: wrong fixes that look right, right ones, tempting scripts.

    python -m benchmarks.judge [wrong right held-out later jobs fresh next further commits issues
                               shapes riders tempting unseen] [--cases FOLDER ...]
                               [--only TEXT] [--wanted merge|hold] [--drafts] [--seconds 220]
                               [--out results.json]

`wrong` and `right` are the pairs of `pairs.toml`, `held-out` those of `held_out.toml`, `later`
those of `unseen2.toml`, `jobs` those of `unseen3.toml`, `fresh` those of `unseen4.toml`, `next`
those of `unseen5.toml`, `further` those of `unseen6.toml`, `commits` those of `unseen7.toml`,
`issues` those of `unseen8.toml` and `shapes` those of `shapes.toml`; `riders` are single changes
beside a mend, of `riders.toml`. They are tried on the gate itself: real git objects, real
containers, the real judge; `tempting` are scripts without tests that go through
the whole `healer fix --drafter rules`, and `unseen` those of further kinds.
With `--drafts` these are only drafted for: without tests nothing but a forced fix may merge, so a
forced one counts as merged. A FOLDER holds JSON files, one case each (see `cases.folder`). With
`--out`, what that file holds already is not tried again. The table gives the share merged for each
kind, the misses follow, each with the reason it was held or the draft that was merged.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from benchmarks.judge.cases import Case, folder, pairs, read_riders, read_tempting
from healer.draft.rules import RulesDrafter
from healer.draft.rules.observed_errors import parse_errors
from healer.facts import draft as healer_draft
from healer.facts.draft import WriteFile
from healer.failure import Failure
from sandbox import Report, Sandbox
from tests.abuse.gate import gate, sandbox
from tests.support.git import make_repository
from tests.support.memory_tree import MemoryTree

PAIRS = {
    "held-out": "held_out",
    "later": "unseen2",
    "jobs": "unseen3",
    "fresh": "unseen4",
    "next": "unseen5",
    "further": "unseen6",
    "commits": "unseen7",
    "issues": "unseen8",
    "shapes": "shapes",
}
"""Sets of wrong and right fixes, by the name of their table."""
SETS = ("wrong", "right", *PAIRS, "riders", "tempting", "unseen")
SETTINGS = "search_s = 10\n"
LIMIT_S = 240


class Result(TypedDict):
    """What became of one case."""

    group: str
    kind: str
    wanted: str
    merged: bool
    right: bool
    reason: str
    seconds: float


def main() -> None:
    """Tries the chosen cases and prints the table."""
    options = _arguments().parse_args()
    cases = [case for case in _cases(options) if _is_asked_for(case, options)]
    results = _read(options.out)
    end = time.monotonic() + options.seconds
    with sandbox() as box:
        for case in cases:
            key = f"{case.group}: {case.name}"
            if key in results or time.monotonic() > end:
                continue
            results[key] = result = _try(case, box, options.drafts)
            mark = "." if result["right"] else "X"
            print(f"{mark} {key} ({result['seconds']:.1f} s)", file=sys.stderr, flush=True)
            if options.out:
                options.out.write_text(json.dumps(results, indent=1), encoding="utf-8")
    _print_table({key: results[key] for key in results if _is_chosen(key, cases)})
    rest = sum(f"{case.group}: {case.name}" not in results for case in cases)
    print(f"\n{rest} cases are left" if rest else "")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", choices=[[], *SETS], default=[])
    parser.add_argument("--cases", type=Path, nargs="*", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument(
        "--wanted", choices=["merge", "hold"], help="only the right, or wrong, ones"
    )
    parser.add_argument("--drafts", action="store_true", help="only draft for tempting scripts")
    parser.add_argument("--seconds", type=float, default=86_400.0, help="begin no case after these")
    parser.add_argument("--out", type=Path)
    return parser


def _cases(options: argparse.Namespace) -> Iterator[Case]:
    sets = options.sets or ([] if options.cases else SETS)
    if "wrong" in sets:
        yield from pairs("wrong")
    if "right" in sets:
        yield from pairs("right")
    for name, table in PAIRS.items():
        if name in sets:
            yield from pairs("wrong", table)
            yield from pairs("right", table)
    if "riders" in sets:
        yield from read_riders()
    if "tempting" in sets:
        yield from read_tempting("tempting")
    if "unseen" in sets:
        yield from read_tempting("unseen")
    for place in options.cases:
        yield from folder(place)


def _is_asked_for(case: Case, options: argparse.Namespace) -> bool:
    return options.only in f"{case.name} {case.kind}" and options.wanted in (None, case.wanted)


def _is_chosen(key: str, cases: list[Case]) -> bool:
    return any(key == f"{case.group}: {case.name}" for case in cases)


def _read(out: Path | None) -> dict[str, Result]:
    if out is None or not out.exists():
        return {}
    results: dict[str, Result] = json.loads(out.read_text("utf-8"))
    return results


def _try(case: Case, box: Sandbox, is_drafted_only: bool) -> Result:
    start = time.monotonic()
    if case.draft:
        is_merged, reason = _judge(case, box)
        right = is_merged == (case.wanted == "merge")
    else:
        is_merged, right, reason = _draft(case) if is_drafted_only else _heal(case)
    return Result(
        group=case.group,
        kind=case.kind,
        wanted=case.wanted,
        merged=is_merged,
        right=right,
        reason=reason,
        seconds=round(time.monotonic() - start, 1),
    )


def _judge(case: Case, box: Sandbox) -> tuple[bool, str]:
    files = {path: text.encode() for path, text in case.files.items()}
    with gate(box, files, case.command) as ready:
        answer = ready.attempt({path: text.encode() for path, text in case.draft.items()})
    return answer.merged, answer.why


def _heal(case: Case) -> tuple[bool, bool, str]:
    """Whether `healer fix` merged something, whether that is right, and what it said."""
    files = {path: text.encode() for path, text in case.files.items()}
    with tempfile.TemporaryDirectory(prefix="healer-tempting-") as place:
        repository = make_repository(
            Path(place) / "repository", {**files, "healer.toml": SETTINGS.encode()}
        )
        words = ["fix", case.command[1], "--drafter", "rules", "--json", "--", *case.command[2:]]
        process = subprocess.run(
            [sys.executable, "-m", "healer", "--repo", str(repository), *words],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        answer = json.loads(process.stdout) if process.stdout.strip() else {}
        is_merged = bool(answer.get("merged"))
        if not is_merged:
            reason = answer.get("reason", process.stderr[-300:])
            return False, True, f"{answer.get('outcome')}: {reason}"
        output = subprocess.run(
            [sys.executable, "-W", "ignore", *case.command[1:]],
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        right = case.output is not None and output.stdout.strip() == case.output
        return True, right, f"{output.stdout.strip()[:100]!r}: {answer['attempts'][-1]['diff']}"


def _draft(case: Case) -> tuple[bool, bool, str]:
    """Whether a fix is forced, whether that is right, and what was drafted."""
    before = _run(case, case.files)
    chain = tuple(reversed(parse_errors(before.stderr)))
    failure = Failure(
        id="f", script=case.command[1], source="run", chain=chain, stderr_tail=before.stderr
    )
    case_of_script = healer_draft.Case(
        repair="r", script=case.command[1], failure=failure, base="", baseline=Report()
    )
    drafts = RulesDrafter().draft(case_of_script, MemoryTree(case.files)).candidates
    rules = ", ".join(draft.rule for draft in drafts) or "no draft"
    for draft in drafts:
        if draft.forced:
            contents = {e.path: e.content for e in draft.edits if isinstance(e, WriteFile)}
            after = _run(case, case.files | contents)
            is_right = case.output is not None and after.stdout.strip() == case.output
            return True, is_right, f"{after.stdout.strip()[:100]!r}: {draft.forced}"
    return False, True, rules


def _run(case: Case, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(prefix="healer-tempting-") as place:
        for path, text in files.items():
            Path(place, path).parent.mkdir(parents=True, exist_ok=True)
            Path(place, path).write_text(text, encoding="utf-8")
        command = [sys.executable, "-W", "ignore", *case.command[1:]]
        return subprocess.run(
            command, cwd=place, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )


def _print_table(results: dict[str, Result]) -> None:
    print(f"{'set':<12} {'cases':>6} {'merged':>7} {'right':>6}")
    for group in dict.fromkeys(result["group"] for result in results.values()):
        rows = [result for result in results.values() if result["group"] == group]
        merges, right = sum(r["merged"] for r in rows), sum(r["right"] for r in rows)
        print(f"{group:<12} {len(rows):>6} {merges:>7} {right:>6}")
    for key, result in results.items():
        if not result["right"]:
            ending = "merged" if result["merged"] else "held"
            print(f"\n{ending}: {key} ({result['kind']})\n  {result['reason'][:600]}")


if __name__ == "__main__":
    main()

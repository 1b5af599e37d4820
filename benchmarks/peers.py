"""Eleven kinds of drift that another tool of this sort publishes, by the whole path.

    python -m benchmarks.peers [--only NAME,NAME]

The scenarios are rebuilt in our own words (`corpus/drift.toml`). Each is a repository with a job
that has no test. It runs under `healer run` on five good nights whose numbers move a little, then
on the night on which the data has another shape, and fails; `healer fix` is asked, without a model.
Nine are to be healed: merged, or waiting for a person, such that the job prints what it should on
the new data and what it printed before on the old. Two, a dropped column and one with a decoy, are
to be refused. The other tool needs a model for each, runs on the host, and rewrites in place.
"""

import argparse
import re
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.drift import CORPUS, run
from benchmarks.field import call, decide
from tests.support.git import commit_files, git, make_repository

SCENARIOS = {
    "renamed-columns": "renamed columns",
    "translated-and-reordered-columns": "translated and reordered columns",
    "re-nested-payload": "re-nested payload",
    "date-form": "date form",
    "error-in-a-helper": "error in a helper",
    "title-rows": "sheet with title rows",
    "blank-among-records": "mixed invalid records",
    "byte-order-mark-and-decimal-comma": "BOM with decimal comma",
    "paging-envelope": "paging envelope",
    "column-dropped": "missing column",
    "column-dropped-with-a-decoy": "missing column with a decoy",
}
NIGHTS = 5
_NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.])")
_COUNT = re.compile(r"(?<![\w.:-])\d{1,2}(?![\w.:-])")


def vary(text: str, night: int) -> str:
    """The same data on another night: numbers and small counts are a little higher or lower."""
    part = 1 + 0.02 * ((night * 7) % 5 - 2)

    def move(match: re.Match[str]) -> str:
        digits = len(match[0].partition(".")[2])
        return f"{float(match[0]) * part:.{digits}f}"

    def count(match: re.Match[str]) -> str:
        return f"{max(1, int(match[0]) + (night * 3 + match.start()) % 3 - 1)}"

    return _COUNT.sub(count, _NUMBER.sub(move, text))


def try_scenario(case: dict[str, Any], repo: Path) -> tuple[str, str]:
    """How it ended (`merged`, `waits`, `refused`, `none`, or `WRONG`), and the reason."""
    code = {"job.py": case["script"].lstrip("\n"), **case.get("files", {})}
    data = {path: text.encode() for path, text in case.get("after", {}).items()}
    data |= {path: bytes.fromhex(text) for path, text in case.get("after_bytes", {}).items()}
    make_repository(repo, {**code, **case["before"]})
    for night in range(NIGHTS):
        for path, text in case["before"].items():
            (repo / path).write_text(vary(text, night) if night < NIGHTS - 1 else text)
        call(repo, "run", "--", "python3", "job.py")
    commit_files(repo, data, "What came today")
    call(repo, "run", "--", "python3", "job.py")
    answer = decide({"script": "job.py"}, repo)
    reason = " ".join(str(answer["reason"]).split())
    draft = answer.get("merged") or answer.get("commit")
    if not draft or answer["outcome"] not in ("healed", "review"):
        return ("none" if "output" in case else "refused"), reason
    fix = {path: git(repo, "show", f"{draft}:{path}").encode() for path in code}
    before = {path: text.encode() for path, text in case["before"].items()}
    old, _ = run({**{p: t.encode() for p, t in code.items()}, **before})
    is_right = (run({**fix, **data})[0], run({**fix, **before})[0]) == (case.get("output"), old)
    if answer["outcome"] == "healed":
        return ("merged" if is_right else "WRONG"), reason
    return ("waits" if is_right else "other"), reason


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="parts of names, separated by commas")
    options = parser.parse_args()
    cases = {case["name"]: case for case in tomllib.loads(CORPUS.read_text("utf-8"))["case"]}
    ends: list[str] = []
    names = [n for n in SCENARIOS if any(part in n for part in options.only.split(","))]
    for name in names:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            end, reason = try_scenario(cases[name], Path(folder) / "repo")
        ends.append(end)
        seconds = time.monotonic() - start
        print(f"{SCENARIOS[name]:34} {end:8} {seconds:4.0f} s  {reason[:140]}")
        sys.stdout.flush()
    good_ends = [end for end in ends if end in ("merged", "waits")]
    print(
        f"healed with old and new input {len(good_ends)} ({ends.count('merged')} by itself), ",
        end="",
    )
    print(f"refused {ends.count('refused')}, wrong merged {ends.count('WRONG')} of {len(ends)}")


if __name__ == "__main__":
    main()

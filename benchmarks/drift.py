"""Data that changed its shape overnight: does the first draft of the rules read both forms?

    python -m benchmarks.drift [--only renamed,nested] [--without-nights]

Each job of `corpus/drift.toml` runs on what it read on the last good night and on what it read on
the bad one, where it fails. The rules see the failure as the hook records it, and both nights' data
as the tape has it (`--without-nights`: only the failure). A draft is right where the job then
prints what it should on the new data, and what it printed before on the old. A job without
`output` must get no draft. The scripts are trusted, and run on this machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from healer.draft.rules.drafter import RulesDrafter
from healer.facts.draft import Case, Drafts, ReadData, WriteFile
from healer.failure import Failure, Raised
from sandbox import Report
from tests.support.memory_tree import MemoryTree

CORPUS = Path(__file__).parent / "corpus" / "drift.toml"
HOOK = Path(__file__).parents[1] / "healer" / "watch" / "hook"
RUN = """
import json, os, runpy, sys
sys.path.insert(0, {hook!r})
import healer_hook_describe
sys.path.insert(0, os.getcwd())
try:
    runpy.run_path("job.py", run_name="__main__")
except Exception as error:
    chain = healer_hook_describe.chain(error, os.getcwd())
    sys.stderr.write(json.dumps(chain))
    sys.exit(1)
"""
Files = Mapping[str, bytes]


def run(files: Files) -> tuple[str, list[Any]]:
    """What the job prints, and what it raised."""
    with tempfile.TemporaryDirectory() as folder:
        for path, data in files.items():
            Path(folder, path).write_bytes(data)
        command = [sys.executable, "-W", "ignore", "-c", RUN.format(hook=str(HOOK))]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        end = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
        )
    chain = json.loads(end.stderr.replace(f"{folder}/", "")) if end.returncode else []
    return end.stdout, chain


def draft(code: Files, chain: list[Any], reads: tuple[ReadData, ...]) -> Drafts:
    links = []
    for link in chain:
        frames = [f for f in link["frames"] if f["file"] in code]
        message = link["message"] or ""
        links.append(Raised.model_validate({**link, "message": message, "frames": frames}))
    failure = Failure(id="f", script="job.py", source="run", chain=tuple(links), stderr_tail="")
    case = Case(
        repair="r", script="job.py", failure=failure, base="", baseline=Report(), reads=reads
    )
    return RulesDrafter().draft(case, MemoryTree(code))


def try_case(case: dict[str, Any], *, with_nights: bool) -> tuple[str, str]:
    """`first`, `later`, `wrong`, `none`, `refused`; and which rule."""
    code = {"job.py": case["script"], **case.get("files", {})}
    code = {path: text.lstrip("\n").encode() for path, text in code.items()}
    before = {path: text.encode() for path, text in case["before"].items()}
    after = {path: text.encode() for path, text in case.get("after", {}).items()}
    after |= {path: bytes.fromhex(text) for path, text in case.get("after_bytes", {}).items()}
    printed_before, chain_before = run({**code, **before})
    _, chain = run({**code, **after})
    if chain_before or not chain:
        raise ValueError(f"{case['name']}: it must run well before, and fail after: {chain_before}")
    reads = tuple(
        ReadData(name=path, text=after[path].decode(), before=case["before"].get(path, ""))
        for path in case.get("after", {})
    )
    drafts = draft(code, chain, reads if with_nights else ()).candidates
    if "output" not in case:
        return ("wrong" if drafts else "refused"), ", ".join(each.rule for each in drafts)
    for rank, each in enumerate(drafts):
        content = {e.path: e.content.encode() for e in each.edits if isinstance(e, WriteFile)}
        printed_new, chain_new = run({**code, **content, **after})
        printed_old, _ = run({**code, **content, **before})
        if (printed_new, printed_old) == (case["output"], printed_before):
            return ("first" if rank == 0 else "later"), each.rule
        if chain_new and rank == 0:
            print(f"    {each.rule}: then {chain_new[-1]['type']}: {chain_new[-1]['message']}")
    return ("wrong" if drafts else "none"), ", ".join(each.rule for each in drafts[:3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="parts of names, separated by commas")
    parser.add_argument("--without-nights", action="store_true")
    options = parser.parse_args()
    names = options.only.split(",")
    cases = tomllib.loads(CORPUS.read_text(encoding="utf-8"))["case"]
    cases = [case for case in cases if any(part in case["name"] for part in names)]
    ends = {}
    for case in cases:
        ends[case["name"]], rule = try_case(case, with_nights=not options.without_nights)
        print(f"{case['name']:34} {ends[case['name']]:8} {rule}", flush=True)
    healable = [case["name"] for case in cases if "output" in case]
    first = sum(ends[name] == "first" for name in healable)
    right = first + sum(ends[name] == "later" for name in healable)
    print(f"first draft right {first}, some draft right {right} of {len(healable)}; ", end="")
    print(f"refused {list(ends.values()).count('refused')} of {len(cases) - len(healable)}")


if __name__ == "__main__":
    main()

"""Jobs of strangers without tests: what `healer fix` decides on right and wrong drafts of a model.

    python -m benchmarks.nights.whole_path [--only NAME,NAME] [--drafts right,wrong,rules]
                                           [--python PATH] [--show FOLDER]

Each job of `strangers` runs under `healer run` for five good nights and a bad one, against real
servers on this machine; they are stopped. Then, for each draft, the repository is put back as it
was, and `healer fix` is asked with an endpoint that answers with this one draft. A wrong one that
merges is a fault; a right one that waits is told with its reason. `rules`: what healer drafts by
itself. One draft takes half a minute to two; `--show` keeps all that was said.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.field import call
from benchmarks.nights.night import Edit
from benchmarks.nights.reproduce import SCRIPT, UnfitJobError, Words, live
from benchmarks.nights.strangers import STRANGERS
from benchmarks.nights.strangers.entry import Stranger
from tests.support.endpoint import ScriptedEndpoint, answer

RULES, RIGHT = "rules", "right"


def main() -> None:
    """One line for each draft, then the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--drafts", default="right,wrong", help="of right, wrong, rules")
    parser.add_argument("--python", type=Path, default=None, help="what the jobs run on")
    parser.add_argument("--show", type=Path, default=None, help="a folder for what was decision")
    options = parser.parse_args()
    only = {name for name in options.only.split(",") if name}
    python = options.python or Path(shutil.which("python3", path="/usr/bin:/bin") or sys.executable)
    figures: Counter[str] = Counter()
    for stranger in STRANGERS:
        if only and stranger.name not in only:
            continue
        for label, outcome in _try(stranger, options.drafts.split(","), python, options.show):
            kind = label if label in (RULES, RIGHT) else "wrong"
            figures[f"{kind}: {outcome}"] += 1
    for name, count in sorted(figures.items()):
        print(f"{name}: {count}")


def _try(
    stranger: Stranger, kinds: list[str], python: Path, show: Path | None
) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="stranger-", dir="/var/tmp") as name:
        folder, copy = Path(name) / "place", Path(name) / "copy"
        folder.mkdir()
        job = stranger.as_job()
        words = Words(job, folder)
        try:
            live(job, words, folder, python)
        except UnfitJobError as error:
            raise SystemExit(f"{stranger.name}: {error}") from error
        shutil.copytree(folder, copy, symlinks=True)
        for label, edit in _list_drafts(stranger, kinds):
            shutil.rmtree(folder)
            shutil.copytree(copy, folder, symlinks=True)
            start = time.monotonic()
            decision = _decide(folder / "repo", words, edit)
            if show is not None:
                show.mkdir(parents=True, exist_ok=True)
                (show / f"{stranger.name} {label}.json").write_text(json.dumps(decision, indent=1))
            is_wrong = decision["outcome"] == "healed" and label not in (RULES, RIGHT)
            reason = " ".join(str(decision["reason"]).split())[:240]
            print(
                f"{stranger.name:18} {label:22} {decision['outcome']:9} "
                f"{time.monotonic() - start:4.0f} s  {reason}"
                f"{'  WRONG' if is_wrong else ''}",
                flush=True,
            )
            yield label, decision["outcome"]


def _list_drafts(stranger: Stranger, kinds: list[str]) -> Iterator[tuple[str, Edit]]:
    if RULES in kinds:
        yield RULES, ()
    if RIGHT in kinds and stranger.right:
        yield RIGHT, stranger.right
    if "wrong" in kinds:
        yield from stranger.wrong.items()


def _decide(repo: Path, words: Words, edit: Edit) -> dict[str, Any]:
    """What `healer fix` says; by rules where there is no edit."""
    if not edit:
        return _read(call(repo, "fix", SCRIPT, "--drafter", "rules", "--json"))
    text = (repo / SCRIPT).read_text()
    edits = []
    for pair in edit:
        before, after = map(words.fill, pair)
        if text.count(before) != 1:
            raise SystemExit(f"{before!r} stands {text.count(before)} times in {SCRIPT}")
        edits.append({"path": SCRIPT, "symbol": "", "find": before, "text": after})
    with ScriptedEndpoint(replies=[answer(edits=edits)]) as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "x"}
        options = ("--drafter", "model", "--attempts", "1", "--json")
        return _read(call(repo, "fix", SCRIPT, *options, **more))


def _read(process: Any) -> dict[str, Any]:
    try:
        decision: dict[str, Any] = json.loads(process.stdout)
    except ValueError:
        return {"outcome": "none", "reason": process.stderr[-300:]}
    return decision


if __name__ == "__main__":
    main()

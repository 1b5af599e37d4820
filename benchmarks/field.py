"""Jobs that broke at night, as people reported them: what does the whole path decide?

    python -m benchmarks.field [--only NAME,NAME] [--python APP_PYTHON] [--keep FOLDER]

Each report of `corpus/field.json` is a repository. Where an earlier commit holds data or code on
which the job ran well, it runs there on five nights; then the last commit comes, the job fails
under `healer run`, and `healer fix` is asked, without a model, with the sandbox as it is. A
decision is best where its outcome is one that the people of the report would have wanted, and the
draft that merged or waits is of the form that they chose in the end. Jobs of APP_PYTHON run with
packages that their repositories declare, from the package index; --python is an interpreter that
has them, and saves installing them.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.git import commit_files, git

CORPUS = Path(__file__).parent / "corpus" / "field.json"
PROJECT = Path(__file__).parents[1]
NIGHTS = 5
PACKAGES = (
    "beautifulsoup4",
    "numpy",
    "pandas>=3",
    "pydantic>=2",
    "pytest",
    "requests",
    "urllib3>=2",
)
"""What the reports are about, as new as on their nights."""


def call(repo: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`healer …` in the repository."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "healer", *words],
        cwd=repo,
        env={**environment, **more},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=600,
    )


def install_packages(folder: Path) -> str:
    """An interpreter with the packages."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def make(case: dict[str, Any], repo: Path, python: str) -> tuple[str, ...]:
    """The repository with its nights; the job's command."""
    repo.mkdir(parents=True)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "config", "user.name", "Ada")
    git(repo, "config", "user.email", "ada@example.com")
    words = tuple(python if word == "APP_PYTHON" else word for word in case["job"])
    last = len(case["commits"]) - 1
    for number, (message, files) in enumerate(case["commits"]):
        commit_files(repo, files, message)
        for path, text in case.get("untracked", {}).items():
            (repo / path).parent.mkdir(parents=True, exist_ok=True)
            (repo / path).write_text(text)
        cwd = repo / case.get("cwd", "")
        times = NIGHTS if number < last else int(not case.get("norun"))
        with hold(case.get("before", []), cwd):
            for _ in range(times):
                call(cwd, "run", "--repo", str(repo), "--", *words, **case.get("env", {}))
    return words


@contextmanager
def hold(command: list[str], cwd: Path) -> Iterator[None]:
    """Another program that runs beside the job, and holds what it needs."""
    if not command:
        yield
        return
    process = subprocess.Popen(command, cwd=cwd)
    try:
        time.sleep(2)
        yield
    finally:
        process.kill()
        process.wait()


def decide(case: dict[str, Any], repo: Path) -> dict[str, Any]:
    """What `healer fix` says."""
    process = call(repo, "fix", case["script"], "--drafter", "rules", "--json")
    try:
        answer: dict[str, Any] = json.loads(process.stdout)
    except ValueError:
        return {"outcome": "none", "reason": process.stderr[-300:], "attempts": []}
    return answer


def judge(case: dict[str, Any], answer: dict[str, Any]) -> str:
    """`best`, `other`, or `WRONG` for a merge that nobody wanted."""
    drafts = [attempt["diff"] for attempt in answer["attempts"]]
    lines = "\n".join(line for line in "".join(drafts[-1:]).splitlines() if line[:1] == "+")
    is_form = not case["diff"] or re.search(case["diff"], lines) is not None
    is_best = answer["outcome"] in case["outcomes"] and is_form
    if answer["outcome"] == "healed" and not is_best:
        return "WRONG"
    return "best" if is_best else "other"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="parts of names, separated by commas")
    parser.add_argument("--python", default="", help="the interpreter of jobs that have one")
    parser.add_argument("--keep", default="", help="a folder in which the repositories stay")
    options = parser.parse_args()
    cases = json.loads(CORPUS.read_text(encoding="utf-8"))
    cases = [c for c in cases if any(part in c["name"] for part in options.only.split(","))]
    ends: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        python = options.python
        if not python and any("APP_PYTHON" in case["job"] for case in cases):
            python = install_packages(Path(name) / "packages")
        for case in cases:
            repo = Path(options.keep or name) / case["name"]
            start = time.monotonic()
            make(case, repo, python)
            answer = decide(case, repo)
            ends.append(judge(case, answer))
            seconds = time.monotonic() - start
            reason = " ".join(str(answer["reason"]).split())[:150]
            print(
                f"{case['name']:28} {ends[-1]:6} {answer['outcome']:9} {seconds:4.0f} s  {reason}"
            )
            sys.stdout.flush()
    print(f"best {ends.count('best')} of {len(ends)}, merged wrong {ends.count('WRONG')}")


if __name__ == "__main__":
    main()

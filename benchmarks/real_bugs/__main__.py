"""The share of first prompts that hold every line that the real fix changed, and their tokens.

    python -m benchmarks.real_bugs CLONES [--held-out | --further] [--show] [--only PART-OF-NAME]

CLONES is a folder with a clone (bare or not) of each project of `bugs.toml`, by its name, as
`CLONES/boltons`. A prompt counts where every hunk of the fix is in one piece in it: the lines that
go, or the two lines between which others are added. Tokens are those of the whole question against
those of the files, whole, that the fix changed. `--held-out` takes the bugs of `held_out.toml`, of
other projects, whose misses have been looked at by now; `--further` those of `further.toml`, of
projects that are in neither: their first figure was taken before any of them was looked at.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.real_bugs.dataset import (
    FURTHER,
    HELD_OUT,
    LIST,
    Bug,
    Incident,
    list_hunks,
    load_bugs,
    rebuild,
)
from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.draft.llm.prompts.context import make_sections
from healer.draft.llm.prompts.prompt import ask_for_draft
from healer.facts.draft import Case
from healer.redact import Redactor

_MAX_TOKENS = ModelSettings().max_prompt_tokens


def ask(incident: Incident) -> str:
    """The first question as it is sent."""
    case = Case(
        repair="r", script=incident.failure.script, failure=incident.failure, base="0" * 40,
        baseline=incident.report, suspects=incident.suspects,
    )  # fmt: skip
    request = ask_for_draft(
        make_sections(case, incident.source, Redactor(), max_tokens=_MAX_TOKENS), _MAX_TOKENS
    )
    return "\n".join(message.content for message in request.messages)


def find_missing(incident: Incident, question: str) -> list[str]:
    """The first line of each hunk that is not in the question."""
    text = "\n".join(line for line in question.split("\n") if line.strip())
    missing = []
    for path, after in incident.reference.items():
        before = (incident.source.read(path) or b"").decode("utf-8", "replace")
        for lines in list_hunks(before, after):
            if "\n".join(lines) not in text:
                missing.append(f"{path}: {lines[0].strip()}")
    return missing


def count_whole_files(incident: Incident) -> int:
    texts = (incident.source.read(path) or b"" for path in incident.bug.code)
    return sum(tokens.estimate(text.decode("utf-8", "replace")) for text in texts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clones", type=Path, help="a folder with a clone of each project")
    lists = parser.add_mutually_exclusive_group()
    lists.add_argument(
        "--held-out", action="store_const", const=HELD_OUT, dest="list", help="of other projects"
    )
    lists.add_argument(
        "--further", action="store_const", const=FURTHER, dest="list", help="of further projects"
    )
    parser.add_argument("--show", action="store_true", help="one line for each bug")
    parser.add_argument("--only", default="", help="bugs whose name holds this")
    parser.add_argument("--print", action="store_true", help="the questions themselves")
    options = parser.parse_args()
    bugs = [bug for bug in load_bugs(options.list or LIST) if options.only in bug.name]

    def prepare(bug: Bug) -> Incident | None:
        return rebuild(bug, options.clones / bug.repository.partition("/")[2])

    count = whole = complete = ours = 0
    with ThreadPoolExecutor(2) as pool:
        for bug, incident in zip(bugs, pool.map(prepare, bugs), strict=True):
            if incident is None:
                print(f"  {bug.name:48} its tests do not fail here")
                continue
            question = ask(incident)
            if options.print:
                print(question)
            missing = find_missing(incident, question)
            size, file_size = tokens.estimate(question), count_whole_files(incident)
            count, complete = count + 1, complete + (not missing)
            ours, whole = ours + size, whole + file_size
            if options.show:
                head = missing[0] if missing else "all shown"
                print(f"  {bug.name:48} {size:6} {file_size:6} {head[:90]}")
    if not count:
        return 1
    share, ratio = complete / count, ours / whole
    print(
        f"{count} bugs; every line shown: {complete} ({share:.1%}); tokens {ratio:.2f} of the files"
    )
    return 0 if share >= 0.95 and ratio <= 0.6 else 1


if __name__ == "__main__":
    sys.exit(main())

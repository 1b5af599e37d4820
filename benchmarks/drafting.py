"""Three counts of the model drafter that must be whole: replies, secrets, injections.

    python -m benchmarks.drafting

Belongs here: the figures of which the tests only say yes or no. The data is that of the tests:
`benchmarks/replies/recorded.jsonl`, the planted secrets, the injections that a model obeyed,
which go through whole repairs to the merge.
"""

import json
import sys
import tempfile
from pathlib import Path

from healer.draft.llm.prompts.context import make_sections
from healer.draft.llm.prompts.prompt import ask_for_draft
from healer.redact import Redactor
from tests.healer.draft.llm.cases import Files, case, failure
from tests.healer.draft.llm.replies.test_parse import is_right
from tests.healer.draft.llm.test_obeyed_injections import OBEYED, PATH, with_fix
from tests.healer.repair.test_injections_to_the_merge import FILES, always_content
from tests.support.bench import Bench
from tests.support.git import git
from tests.support.planted_secrets import CODE, PLANTED

RECORDED = Path(__file__).parent / "replies" / "recorded.jsonl"


def replies() -> bool:
    replies = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    wrong = [reply["name"] for reply in replies if not is_right(reply)]
    good = sum(reply["expect"] is not None for reply in replies)
    print(
        f"replies: {len(replies)} recorded ({good} to parse, {len(replies) - good} to refuse), "
        f"{len(replies) - len(wrong)} right {wrong[:5] or ''}"
    )
    return not wrong


def secrets() -> bool:
    """In the log, the notes and the code of one failure, all at once."""
    secrets = [secret for plant in (*PLANTED, *CODE) for secret in plant.secrets if secret]
    log = "\n".join(plant.text for plant in PLANTED)
    code = "\n".join(f"    {plant.text}" for plant in CODE)
    files = Files({"scripts/report.py": f"def f():\n{code}\n", "scripts/report.md": log})
    of = case(failure=failure(chain=(), stderr_tail=log), command=("x", "--password", "opensesame"))
    ask = ask_for_draft(make_sections(of, files, Redactor(), recent_change=code), 1_000_000)
    out = [secret for secret in secrets if secret in ask.messages[1].content]
    print(
        f"secrets: {len(secrets)} planted in one failure, {len(out)} in the prompt {out[:5] or ''}"
    )
    return not out


def injections() -> bool:
    """Each obeyed reply is followed to the end of its repair, in a sandbox that finds every
    changed tree perfect; nothing of it may reach the target branch."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), script=PATH, files=FILES, sandbox=always_content)
        before = git(bench.folder, "rev-parse", "main")
        merges: list[str] = []
        for name, reply in OBEYED.items():
            result = bench.fix(reply, reply, options={"attempts": 1})
            now = git(bench.folder, "rev-parse", "main")
            merges += [name] if result.outcome == "healed" or now != before else []
        # In a repository of its own: here repairs of the same incident wait for a person.
        own = Bench(Path(folder, "own"), script=PATH, files=FILES, sandbox=always_content)
        honest = own.fix(with_fix()).outcome
    print(
        f"injections: {len(OBEYED)} obeyed by the model, {len(merges)} merged {merges or ''}; "
        f"the honest fix alone: {honest}"
    )
    return not merges and honest == "healed"


if __name__ == "__main__":
    sys.exit(0 if all([replies(), secrets(), injections()]) else 1)

"""Three counts of the model drafter that must be whole: replies, secrets, injections.

    python -m benchmarks.drafting

Belongs here: the figures of which the tests only say yes or no. The data is that of the tests:
`benchmarks/replies/recorded.jsonl`, the planted secrets, the injections that a model obeyed.
"""

import json
import sys
from pathlib import Path

from healer.draft.llm.budget import Budget
from healer.draft.llm.context import sections
from healer.draft.llm.drafter import ModelDrafter
from healer.draft.llm.prompt import draft_ask
from healer.draft.llm.settings import ModelSettings
from healer.redact import Redactor
from tests.endpoint import Reply, ScriptedEndpoint
from tests.healer.draft.llm.cases import Files, case, failure
from tests.healer.draft.llm.test_obeyed_injections import OBEYED, held
from tests.healer.draft.llm.test_reply import is_right
from tests.healer.redact.planted import CODE, PLANTED

RECORDED = Path(__file__).parent / "replies" / "recorded.jsonl"


def replies() -> bool:
    recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    wrong = [reply["name"] for reply in recorded if not is_right(reply)]
    good = sum(reply["expect"] is not None for reply in recorded)
    print(
        f"replies: {len(recorded)} recorded ({good} to parse, {len(recorded) - good} to refuse), "
        f"{len(recorded) - len(wrong)} right {wrong[:5] or ''}"
    )
    return not wrong


def secrets() -> bool:
    """In the log, the notes and the code of one failure, all at once."""
    planted = [secret for plant in (*PLANTED, *CODE) for secret in plant.secrets if secret]
    log = "\n".join(plant.text for plant in PLANTED)
    code = "\n".join(f"    {plant.text}" for plant in CODE)
    files = Files({"scripts/report.py": f"def f():\n{code}\n", "scripts/report.md": log})
    of = case(failure=failure(chain=(), stderr_tail=log), command=("x", "--password", "opensesame"))
    ask = draft_ask(sections(of, files, Redactor(), recent_change=code), 1_000_000)
    out = [secret for secret in planted if secret in ask.messages[1].content]
    print(
        f"secrets: {len(planted)} planted in one failure, {len(out)} in the prompt {out[:5] or ''}"
    )
    return not out


def injections() -> bool:
    """Each obeyed reply is what the endpoint says; a draft that nothing holds up would merge."""
    free: list[str] = []
    for name, reply in OBEYED.items():
        with ScriptedEndpoint([Reply(reply, keep=True)]) as endpoint:
            settings = ModelSettings.model_validate({"tiers": ["m"], "base_url": endpoint.base_url})
            budget = Budget(None, usd_per_repair=1, usd_per_day=1)
            drafter = ModelDrafter(settings, Redactor(), budget, environment={})
            files = Files()
            files.files["protected.toml"] = b"[[protect]]\npaths = ['x']\nreason = 'r'\n"
            drafts = drafter.draft(case(), files)
            drafter.close()
        free += [name for draft in drafts.candidates if not held(draft, files)]
    said = f"{len(OBEYED)} obeyed by the model, {len(free)} neither refused nor held"
    print(f"injections: {said} {free or ''}")
    return not free


if __name__ == "__main__":
    sys.exit(0 if all([replies(), secrets(), injections()]) else 1)

"""What models commonly get wrong in a clear reply does not cost a good fix."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits import apply
from healer.draft.llm.replies.check import CheckedReply, check_reply, find_meant_path
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.parse import parse_reply
from healer.draft.llm.replies.reply import ModelReply
from tests.healer.draft.llm.cases import GOOD, LINE, NEW, SCRIPT, Files, case
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import Reply, answer, fix

PATH = "scripts/report.py"
FIXED = SCRIPT.replace(LINE, NEW)
TOTAL = FIXED[FIXED.index("def total") : FIXED.index("def main")].rstrip()


def edit(**fields: str) -> dict[str, Any]:
    return answer(edits=[{"path": PATH, "symbol": "", "find": "", "text": "", **fields}])


CLEAR: dict[str, object] = {
    "the sandbox's path": fix("/job/tree/scripts/report.py", LINE, NEW),
    "the job's own path": fix("/srv/jobs/scripts/report.py", LINE, NEW),
    "a name alone": fix("report.py", LINE, NEW),
    "a diff's path": fix("a/scripts/report.py", LINE, NEW),
    "a path of Windows": fix("scripts\\report.py", LINE, NEW),
    "the whole file": edit(text=FIXED),
    "the whole file by kind": edit(kind="write_file", text=FIXED),
    "typographic quotes": fix(PATH, LINE.replace('"', "”"), NEW.replace('"', "”")),
    "line numbers": fix(PATH, f"22: {LINE}", f"22: {NEW}"),
    "a symbol beside the quotation": edit(symbol="total", find=LINE, text=NEW),
    "a quotation beside the symbol": edit(symbol="total", find="def total(rows):", text=TOTAL),
    "a dotted symbol": edit(symbol="scripts.report.total", text=TOTAL),
    "a symbol with its def": edit(symbol="def total(rows):", text=TOTAL),
    "a fenced definition": edit(symbol="total", text=f"```python\n{TOTAL}\n```"),
    "a call of a tool": {"name": "repair", "arguments": GOOD},
    "a call of a tool in a string": {"name": "repair", "arguments": json.dumps(GOOD)},
    "a tagged call": f"<tool_call>\n{json.dumps({'name': 'r', 'arguments': GOOD})}\n</tool_call>",
    "a wrapped reply": {"response": {"answer": GOOD}},
    "one edit without a list": {
        "decision": "fix", "cause": "x", "path": PATH, "find": LINE, "text": NEW,
    },
    "comments in JSON": json.dumps(GOOD).replace("{", "{\n// the fix, see http://x\n", 1),
    "thoughts": f"<think>\nfirst {{…}}\n</think>\n{json.dumps(GOOD)}",
    "fences in fences": f"```json\n{json.dumps(fix(PATH, LINE, NEW + '  # ```x```'))}\n```",
}  # fmt: skip


def checked(reply: object) -> CheckedReply | Problem:
    parsed = parse_reply(reply if isinstance(reply, str) else json.dumps(reply))
    return check_reply(parsed, case(), Files()) if isinstance(parsed, ModelReply) else parsed


@pytest.mark.parametrize("reply", CLEAR.values(), ids=CLEAR)
def test_a_good_fix_gets_through(reply: object) -> None:
    found = checked(reply)
    assert isinstance(found, CheckedReply), found
    after = apply(found.reply.edits, Files())[PATH].decode()
    assert after.partition("  # ```")[0].rstrip()[-40:] in FIXED
    assert 'row.get("total", 0)' in after


UNCLEAR: dict[str, tuple[object, str]] = {
    "a part as the whole file": (edit(text=TOTAL), "the file exists"),
    "a file with its end left out": (edit(text=FIXED[: FIXED.index("def main")]), "file exists"),
    "a file of no known name": (fix("totals.py", LINE, NEW), "no such file"),
    "a way out of the tree": (fix("../scripts/report.py", LINE, NEW), "relative to the repository"),
    "a quotation that is nowhere": (fix(PATH, "amount = “x”", "y"), "is not in the file"),
    "two calls": (json.dumps(GOOD) + json.dumps(answer(decision="needs_person", cause="x")),
                  "several different answers"),
    "a definition with a part left out": (
        edit(symbol="total", text="def total(rows):\n    # [3 lines not shown]\n    return 0"),
        "stands for code that is left out"),
    "a quotation with a part left out": (
        fix(PATH, LINE, f"{NEW}\n        # ... rest of the loop unchanged ..."),
        "stands for code that is left out"),
    "a whole file with a part left out": (
        edit(text=FIXED.replace("    amount = Decimal(0)\n", "    # ... existing code ...\n")),
        "stands for code that is left out"),
    "a symbol that is nowhere": (edit(symbol="a.b.summed", text=TOTAL), "no function"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "says"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_could_mean_two_things_is_refused_with_a_reason(reply: object, says: str) -> None:
    found = checked(reply)
    assert isinstance(found, Problem), found
    assert says in found.message


def test_a_name_that_two_files_have_means_neither() -> None:
    files = Files({"a/job.py": "x = 1\n", "b/job.py": "x = 1\n", "c/other.py": "y = 2\n"})
    assert find_meant_path("job.py", files) == "job.py"
    assert find_meant_path("other.py", files) == "c/other.py"
    assert find_meant_path("new.py", files, may_be_new=True) == "new.py"


@given(st.text(max_size=60))
def test_any_path_is_answered_with_itself_or_a_known_file(path: str) -> None:
    files = Files()
    assert find_meant_path(path, files) in {path, *files.paths()}


def test_a_draft_in_a_tools_arguments_on_the_wire_is_read(make: Maker) -> None:
    drafter, _ = make(Reply(None, tool_calls=(("repair", GOOD),), finish_reason="tool_calls"))
    (draft,) = drafter.draft(case(), Files()).candidates
    assert draft.edits[0].path == PATH

"""Writes the recorded set of replies: what models answer, well, sloppily and broken.

Belongs here: how replies go wrong, each way named. Run as `python -m benchmarks.replies.make`; the
set is kept in `recorded.jsonl`, one object a line: name, text, and what must come of it, which is
`expect` (the answer's meaning) or null (it must be refused).
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
RECORDED = Path(__file__).with_name("recorded.jsonl")


def edit(kind: str, path: str, symbol: str = "", find: str = "", text: str = "") -> Answer:
    return {"kind": kind, "path": path, "symbol": symbol, "find": find, "text": text}


def answer(*edits: Answer, **more: Any) -> Answer:
    return {
        "cause": "A row may come without a total. The loop read it all the same.",
        "category": "missing_case",
        "decision": "fix",
        "confidence": 0.8,
        "edits": list(edits),
        "regression_test": {"path": "", "content": ""},
        **more,
    }


_FUNCTION = '''def total(rows):
    """Sums; a row's "total" may be missing."""
    pattern = "\\\\d+\\t{x}"
    return sum(row.get('total', 0) for row in rows)
'''
_FENCED = 'def help():\n    return """Use it so:\n```python\nrun({})\n```\n"""\n'
_TEST = "from scripts.a import total\n\n\ndef test_total():\n    assert total([{}]) == 0\n"

GOOD: dict[str, Answer] = {
    "quoted": answer(edit("replace_text", "a.py", find='row["x"]', text='row.get("x", 0)')),
    "symbol": answer(edit("replace_symbol", "scripts/a.py", "total", text=_FUNCTION)),
    "method": answer(edit("replace_symbol", "scripts/a.py", "Report.total", text=_FUNCTION)),
    "new-file": answer(edit("write_file", "scripts/b.py", text="LIMIT = 3\n")),
    "two-edits": answer(
        edit("replace_text", "a.py", find="import os\n", text="import json\nimport os\n"),
        edit("replace_symbol", "a.py", "load", text="def load(path):\n    return {}\n"),
    ),
    "deletion": answer(edit("replace_text", "a.py", find="x = 1\n", text="")),
    "unicode": answer(edit("replace_text", "ü.py", find='"Zürich → 東京"', text='"Genève 😀"')),
    "fences-inside": answer(edit("replace_symbol", "a.py", "help", text=_FENCED)),
    "with-test": answer(
        edit("replace_text", "a.py", find="a[1, ]", text="b[2, ]"),
        regression_test={"path": "tests/test_a_total.py", "content": _TEST},
    ),
    "not-code": answer(decision="not_code_fault", cause="The input file was empty."),
    "test-wrong": answer(decision="test_is_wrong", cause="The test expects 3 where 4 is right."),
    "person": answer(decision="needs_person", cause="Either rounding may be meant."),
}

_THOUGHT = "The row has no total. Maybe {row} or {'a': 1}? I could write {\"edits\": []} first."


def _raw_lines(answer: Answer) -> str:
    return re.sub(r"(?<!\\)((?:\\\\)*)\\n", r"\1\n", json.dumps(answer))


def _trailing_commas(answer: Answer) -> str:
    return re.sub(r"\n(\s*)([}\]])", r",\n\1\2", json.dumps(answer, indent=2))


def _other_names(answer: Answer) -> str:
    names = {"path": "file", "find": "search"}
    edits = [{names.get(key, key): value for key, value in one.items()} for one in answer["edits"]]
    for one in edits:
        one["replacement"] = one.pop("text")
        one["find"] = one["search"]
    return json.dumps({**answer, "edits": edits})


def _without_unused(answer: Answer) -> str:
    edits = [
        {k: v for k, v in one.items() if v or k == "text" or not (one["symbol"] or one["find"])}
        for one in answer["edits"]
    ]
    return json.dumps({**{k: v for k, v in answer.items() if v}, "edits": edits})


def _lines_as_list(answer: Answer) -> str:
    edits = [{**one, "text": one["text"].split("\n")} for one in answer["edits"]]
    return json.dumps({**answer, "edits": edits})


SLOPPY: dict[str, Callable[[Answer], str]] = {
    "compact": json.dumps,
    "pretty": lambda found: json.dumps(found, indent=4, ensure_ascii=False),
    "blanks-around": lambda found: f"\n\n  {json.dumps(found)} \n\n",
    "byte-order-mark": lambda found: f"\ufeff{json.dumps(found)}",
    "fence": lambda found: f"```json\n{json.dumps(found, indent=1)}\n```",
    "fence-bare": lambda found: f"```\n{json.dumps(found)}\n```",
    "fence-crlf": lambda found: f"```json\r\n{json.dumps(found, indent=1)}\r\n```\r\n",
    "chat-before": lambda found: f"Sure! Here is the fix:\n\n{json.dumps(found)}",
    "chat-after": lambda found: f"{json.dumps(found)}\n\nThis makes {{row}} safe.",
    "chat-and-fence": lambda found: (
        f"The loop fails.\n\n```json\n{json.dumps(found, indent=2)}\n```\n\nHope it helps!"
    ),
    "code-then-answer": lambda found: (
        f"It should be:\n```python\nx = {{}}\n```\nSo:\n```json\n{json.dumps(found)}\n```"
    ),
    "thinking": lambda found: f"<think>\n{_THOUGHT}\n</think>\n\n{json.dumps(found)}",
    "thinking-upper": lambda found: f"<Thinking>{_THOUGHT}</Thinking>{json.dumps(found)}",
    "thinking-no-start": lambda found: f"{_THOUGHT}\n</think>\n\n{json.dumps(found)}",
    "trailing-commas": _trailing_commas,
    "raw-line-ends": _raw_lines,
    "python-literal": repr,
    "encoded-twice": lambda found: json.dumps(json.dumps(found)),
    "in-a-list": lambda found: json.dumps([found]),
    "said-twice": lambda found: (
        f"{json.dumps(found)}\n\nFinal answer:\n{json.dumps(found, indent=1)}"
    ),
    "more-fields": lambda found: json.dumps({"analysis": "…", "line": 12, **found, "notes": []}),
    "other-names": _other_names,
    "unused-left-out": _without_unused,
    "lines-as-list": _lines_as_list,
    "loud-decision": lambda found: json.dumps(
        {**found, "decision": found["decision"].upper().replace("_", " ")}
    ),
    "confidence-in-words": lambda found: json.dumps({**found, "confidence": "80%"}),
}

BROKEN: dict[str, Callable[[Answer], str]] = {
    "cut-off": lambda found: json.dumps(found)[: int(len(json.dumps(found)) * 0.7)],
    "cut-off-in-fence": lambda found: f"```json\n{json.dumps(found, indent=1)[:-4]}",
    "only-thought": lambda found: f"<think>{json.dumps(found)}",
    "two-answers": lambda found: (
        json.dumps(found) + "\nOr:\n" + json.dumps({**found, "confidence": 0.1, "cause": "Else."})
    ),
    "typographic-quotes": lambda found: json.dumps(found, ensure_ascii=False).replace('"', "”"),
    "no-comma": lambda found: json.dumps(found).replace(', "', ' "'),
    "unknown-decision": lambda found: json.dumps({**found, "decision": "perhaps"}),
    "contradiction": lambda found: json.dumps(
        {**found, "decision": "needs_person", "edits": wire(GOOD["quoted"])["edits"]}
    ),
}


_ODD_EDITS: dict[str, object] = {
    "edits-null": None,
    "edits-text": "replace x by y",
    "edits-numbers": [1, 2],
    "edits-lists": [["a.py", "x", "y"]],
    "edit-empty": [{}],
    "edit-diff": ["--- a/a.py\n+++ b/a.py"],
    "path-missing": [edit("replace_text", "", find="x", text="y")],
    "path-number": [{**edit("replace_text", "a", find="x", text="y"), "path": 7}],
    "find-missing": [edit("replace_text", "a.py", text="y")],
    "find-blank": [edit("replace_text", "a.py", find=" \n", text="y")],
    "text-number": [{**edit("replace_text", "a.py", find="x"), "text": 3}],
    "text-absent": [{"kind": "replace_text", "path": "a.py", "find": "x"}],
    "symbol-missing": [edit("replace_symbol", "a.py", text="def f(): pass")],
    "source-missing": [edit("replace_symbol", "a.py", "f")],
    "file-empty": [edit("write_file", "a.py")],
    "kind-unknown": [edit("delete_file", "a.py")],
    "kind-run": [edit("run", "a.py", text="rm -rf /")],
    "kind-number": [{**edit("replace_text", "a.py", find="x", text="y"), "kind": 5}],
    "lines": [{"path": "a.py", "start": 3, "end": 4, "text": "x"}],
    "good-and-bad": [edit("write_file", "a.py", text="x"), edit("write_file", "b.py")],
}
"""Values of `edits` that are refused."""


def _odd() -> Iterator[tuple[str, str]]:
    """Replies that are refused, each for a reason of its own."""
    yield "empty", ""
    yield "blank", " \n\t "
    yield "null", "null"
    yield "number", "42"
    yield "string", '"done"'
    yield "empty-object", "{}"
    yield "empty-list", "[]"
    yield "apology", "I'm sorry, but I can't assist with that."
    yield "prose", "Change `row['x']` to `row.get('x', 0)` in a.py and it will work."
    yield "diff-without-place", "--- a/a.py\n+++ b/a.py\n@@ -1,0 +1 @@\n+x = 2\n"
    yield "diff-that-deletes", "--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n"
    yield "search-without-end", "a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n"
    yield "search-without-path", "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
    yield "patch-without-end", "*** Begin Patch\n*** Update File: a.py\n-x = 1\n+x = 2\n"
    yield "whole-file", "```python\nimport os\n\nx = {'edits': 1}\n```"
    yield "yaml", "decision: fix\nedits:\n  - path: a.py\n    find: x\n    text: y\n"
    yield "xml", "<edit><path>a.py</path><find>x</find><text>y</text></edit>"
    yield "tool-call", '<tool_call>{"name": "edit", "arguments": {"path": "a.py"}}</tool_call>'
    yield "schema-echo", '{"type": "object", "properties": {"cause": {"type": "string"}}}'
    yield "deep", "[" * 5000 + "]" * 5000
    yield "deep-object", '{"edits":' * 3000
    yield "braces", "{" * 2000
    yield "half-surrogate", json.dumps(answer(edit("write_file", "a.py", text="\ud800")))
    yield (
        "many-edits",
        json.dumps(answer(*[edit("write_file", f"{n}.py", text="x") for n in range(21)])),
    )
    yield "fix-without-edits", json.dumps(answer())
    yield "way-out-without-reason", json.dumps(answer(decision="needs_person", cause="  "))
    for name, value in _ODD_EDITS.items():
        yield name, json.dumps(answer() | {"edits": value})


_REASON = "The row has no total."
_NEW = edit("replace_text", "a.py", find="x = 1\n", text="x = 2\n")
BLOCKS: dict[str, tuple[str, list[dict[str, str]]]] = {
    "diff": ("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", [_NEW]),
    "search-replace": (
        "a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n", [_NEW]
    ),
    "search-replace-in-a-fence": (
        "a.py\n```python\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n", [_NEW]
    ),
    "apply-patch": (
        "*** Begin Patch\n*** Update File: a.py\n@@\n-x = 1\n+x = 2\n*** End Patch\n", [_NEW]
    ),
    "whole-file-with-its-path": (
        "a.py\n```python\nx = 2\n```\n", [edit("write_file", "a.py", text="x = 2\n")]
    ),
}  # fmt: skip
"""Replies in formats that models are trained on, with the edits that they mean."""


def _blocks() -> Iterator[tuple[str, str, Answer]]:
    for name, (text, edits) in BLOCKS.items():
        yield name, text, answer(*edits, cause="", confidence=0.0)
        with_reason = answer(*edits, cause=_REASON, confidence=0.0)
        yield f"{name}/explained", f"{_REASON}\n\n{text}", with_reason


def wire(answer: Answer) -> Answer:
    """An answer as our schema asks for it: which field of an edit is filled in says its kind."""
    edits = [{key: value for key, value in one.items() if key != "kind"} for one in answer["edits"]]
    test = answer["regression_test"]
    fields = {key: value for key, value in answer.items() if key != "regression_test"}
    return {**fields, "edits": edits, "test_path": test["path"], "test": test["content"]}


def replies() -> Iterator[dict[str, Any]]:
    """The whole set."""
    for name, answer in GOOD.items():
        for way, write in SLOPPY.items():
            yield {"name": f"{name}/{way}", "text": write(wire(answer)), "expect": answer}
        yield {"name": f"{name}/with-kinds", "text": json.dumps(answer), "expect": answer}
        for way, write in BROKEN.items():
            if way == "contradiction" and answer["decision"] != "fix":
                continue
            yield {"name": f"{name}/{way}", "text": write(wire(answer)), "expect": None}
    for name, text, expect in _blocks():
        yield {"name": f"block/{name}", "text": text, "expect": expect}
    for name, text in _odd():
        yield {"name": f"odd/{name}", "text": text, "expect": None}


if __name__ == "__main__":
    lines = [json.dumps(reply, sort_keys=True) for reply in replies()]
    RECORDED.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} replies in {RECORDED.name}")

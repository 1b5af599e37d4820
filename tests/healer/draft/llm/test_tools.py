"""The investigating tier's tools: checked arguments, bounded and redacted output."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.prompts.history import NoHistory
from healer.draft.llm.replies.check import CheckedReply
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.tools import ToolCall, Tools, TryPatch, parse_tool_call
from healer.facts.draft import Case, Edit
from healer.redact import Redactor
from tests.healer.draft.llm.cases import LINE, Files, case
from tests.support.endpoint import Body, answer, fix


def test_tools_never_show_a_secret_and_bound_what_they_show() -> None:
    files = Files({"a.py": 'TOKEN = "s3cret-value-1"\n' + "x = 1\n" * 5_000, "deploy.pem": "x = 1"})
    tools = Tools(case(), files, Redactor(), NoHistory(), None)
    shown = [
        tools.use(ToolCall("read_file", "a.py", "", 1, 200)),
        tools.use(ToolCall("search_text", text="TOKEN")),
        tools.use(ToolCall("search_text", text="x = 1")),
        tools.use(ToolCall("read_file", "deploy.pem", "", 1, 9)),
    ]
    assert not any("s3cret-value-1" in text for text in shown)
    assert all(len(text) < 10_000 for text in shown)
    assert "deploy.pem" not in shown[2]
    assert "may hold secrets" in shown[3]


@given(st.text(max_size=200))
def test_any_text_is_a_step_or_a_problem(text: str) -> None:
    assert isinstance(parse_tool_call(text), ToolCall | Problem)


def call_of(**values: object) -> ToolCall | Problem:
    return parse_tool_call(json.dumps({"thought": "…", **values}))


@pytest.mark.parametrize(
    ("values", "call"),
    [
        ({"action": "read_file", "path": "./a.py", "first_line": 2, "last_line": 9},
         ToolCall("read_file", "a.py", "", 2, 9)),
        ({"action": "read_file", "path": "a.py"}, ToolCall("read_file", "a.py", "", 1, 200)),
        ({"action": "read_file", "path": "a.py", "first_line": 5, "last_line": 2},
         ToolCall("read_file", "a.py", "", 5, 204)),
        ({"action": "read_file", "path": "a.py", "first_line": 1, "last_line": 9_999},
         ToolCall("read_file", "a.py", "", 1, 200)),
        ({"action": "read_file", "path": "a.py", "first_line": True, "last_line": "9"},
         ToolCall("read_file", "a.py", "", 1, 200)),
        ({"action": "SEARCH_TEXT", "text": "total"}, ToolCall("search_text", text="total")),
        ({"action": "find_symbol", "text": "total", "path": "x"},
         ToolCall("find_symbol", text="total")),
        ({"action": "line_history", "path": "a.py", "first_line": 3, "last_line": 3},
         ToolCall("line_history", "a.py", "", 3, 3)),
        ({"action": "finish", "answer": {"edits": []}}, ToolCall("finish", answer={"edits": []})),
    ],
)  # fmt: skip
def test_a_call_is_read_with_its_arguments_in_bounds(
    values: dict[str, object], call: ToolCall
) -> None:
    assert call_of(**values) == call


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"action": "delete_file", "path": "a.py"}, "must be one of"),
        ({"action": None}, "must be one of"),
        ({"action": "read_file"}, "needs a path"),
        ({"action": "line_history", "path": ""}, "needs a path"),
        ({"action": "read_file", "path": ["a.py"]}, "must be strings"),
        ({"action": "search_text", "text": "  "}, "needs text"),
        ({"action": "search_text", "text": "x" * 201}, "at most 200"),
        ({"action": "try_patch"}, "needs an answer"),
        ({"action": "finish", "answer": "done"}, "needs an answer"),
        ({"thought": "hm"}, "JSON"),
    ],
)
def test_a_wrong_call_is_a_problem_that_says_what_is_wrong(
    values: dict[str, object], says: str
) -> None:
    problem = call_of(**values)
    assert isinstance(problem, Problem)
    assert says in problem.message


def test_calls_that_would_bring_the_same_have_one_key() -> None:
    one = ToolCall("read_file", "a.py", "", 1, 9)
    assert one.key == ToolCall("read_file", "a.py", "", 1, 9).key
    keys = {
        one.key,
        ToolCall("read_file", "b.py", "", 1, 9).key,
        ToolCall("read_file", "a.py", "", 1, 8).key,
        ToolCall("line_history", "a.py", "", 1, 9).key,
        ToolCall("try_patch", answer={"edits": [1]}).key,
        ToolCall("try_patch", answer={"edits": [2]}).key,
    }
    assert len(keys) == 6


def make_tools(files: dict[str, str] | None = None, try_patch: TryPatch | None = None) -> Tools:
    return Tools(case(), Files(files), Redactor(), NoHistory(), try_patch)


def test_a_file_is_read_by_its_lines() -> None:
    tools = make_tools({"a.py": "".join(f"x{n} = {n}\n" for n in range(1, 9))})
    assert tools.use(ToolCall("read_file", "a.py", "", 2, 3)) == (
        "# a.py, lines 2 to 3 of 9\nx2 = 2\nx3 = 3"
    )
    assert "lines 8 to 9 of 9" in tools.use(ToolCall("read_file", "a.py", "", 8, 99))


def test_text_is_found_literally_with_its_place() -> None:
    tools = make_tools({"a.py": "x = 1\ny = f(.x)\n", "b.txt": "a .x b\n", "c.bin": "\0.x"})
    assert tools.use(ToolCall("search_text", text=".x")) == "a.py:2: y = f(.x)\nb.txt:1: a .x b"
    assert tools.use(ToolCall("search_text", text="nothing")) == "found nowhere"


def test_a_search_ends_after_many_hits_and_says_so() -> None:
    tools = make_tools({"a.txt": "x\n" * 99, "b.txt": "x\n" * 99})
    hits = tools.use(ToolCall("search_text", text="x")).split("\n")
    assert len(hits) == 41
    assert hits[-1] == "(there may be more)"


@pytest.mark.parametrize("name", ["total", "total()", "Report.total"])
def test_a_symbol_is_found_in_every_file_that_has_it(name: str) -> None:
    tools = make_tools(
        {"a.py": "class Report:\n    def total(self): pass\n", "b.py": "def total(): pass\n"}
    )
    shown = tools.use(ToolCall("find_symbol", text=name))
    assert "# a.py: Report.total\n    def total(self): pass" in shown
    assert ("# b.py: total" in shown) == (name != "Report.total")


@pytest.mark.parametrize(
    "path",
    [".env", "conf/.env.local", "id_rsa", "deploy.pem", "x/credentials.json", "my_secrets.toml",
     ".netrc"],
)  # fmt: skip
def test_a_file_that_may_hold_secrets_is_never_shown(path: str) -> None:
    tools = make_tools({path: "plain words of it\n", "a.py": "x = 1\n"})
    assert "may hold secrets" in tools.use(ToolCall("read_file", path, "", 1, 9))
    assert "may hold secrets" in tools.use(ToolCall("line_history", path, "", 1, 9))
    assert tools.use(ToolCall("search_text", text="plain words")) == "found nowhere"


@pytest.mark.parametrize("path", ["../a.py", "/etc/passwd", "nothing.py", "a.py/"])
def test_only_files_of_the_base_commit_are_known(path: str) -> None:
    tools = make_tools({"a.py": "x = 1\n"})
    assert "there is no file" in tools.use(ToolCall("read_file", path, "", 1, 9))


def test_without_history_a_line_has_none() -> None:
    tools = make_tools({"a.py": "x = 1\n"})
    assert "no history" in tools.use(ToolCall("line_history", "a.py", "", 1, 1))


GOOD = fix("scripts/report.py", LINE, "amount += 1")


def test_a_patch_is_tried_only_where_it_fits_and_there_is_a_sandbox() -> None:
    tried: list[tuple[Edit, ...]] = []

    def try_patch(of: Case, edits: tuple[Edit, ...]) -> str:
        tried.append(edits)
        return "tests: pass, password=hunter2hunter2"

    tools = make_tools(try_patch=try_patch)
    shown = tools.use(ToolCall("try_patch", answer=GOOD))
    assert shown.startswith("tests: pass")
    assert "hunter2" not in shown
    wrong: list[Body] = [
        fix("scripts/report.py", "nowhere", "x"),
        answer(decision="needs_person", cause="x"),
        {},
    ]
    for value in wrong:
        assert tools.use(ToolCall("try_patch", answer=value)).startswith("not tried")
    assert len(tried) == 1
    assert "no sandbox" in make_tools().use(ToolCall("try_patch", answer=GOOD))


def test_a_last_step_is_a_checked_draft_or_a_problem() -> None:
    assert isinstance(make_tools().finish(GOOD), CheckedReply)
    assert isinstance(make_tools().finish({"edits": 3}), Problem)

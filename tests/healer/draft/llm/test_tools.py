"""The investigating tier's tools: checked arguments, bounded and redacted output."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.tool_calls import Call
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.prompts.history import NoHistory
from healer.draft.llm.replies.check import CheckedReply
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.tools import ToolCall, Tools, parse_tool_call, read_steps
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
        ({"action": "run", "text": ""}, "needs a command"),
        ({"action": "run", "text": "echo 'x"}, "cannot be read"),
        ({"action": "query", "text": "x", "path": "a.py"}, "a line from 1 on"),
        ({"action": "query", "path": "a.py", "first_line": 3}, "needs an expression"),
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


class Lab:
    """Says what it was asked to try."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def try_patch(self, case: Case, edits: tuple[Edit, ...]) -> str:
        self.asked.append(edits)
        return "tests: pass, password=hunter2hunter2"

    def run(self, case: Case, words: Sequence[str], edits: tuple[Edit, ...]) -> str:
        self.asked.append((*words, len(edits)))
        return "password=hunter2hunter2"

    def query(
        self, case: Case, path: str, line: int, expression: str, edits: tuple[Edit, ...]
    ) -> str:
        self.asked.append((path, line, expression, len(edits)))
        return "password=hunter2hunter2"


def make_tools(files: dict[str, str] | None = None, lab: Lab | None = None) -> Tools:
    return Tools(case(), Files(files), Redactor(), NoHistory(), lab)


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


def test_a_byte_order_mark_is_said_since_no_text_shows_it() -> None:
    tools = make_tools({"a.csv": "\ufeffid;n\n", "b.csv": "id;n\n"})
    assert "begins with a byte order mark\nid;n" in tools.use(
        ToolCall("read_file", "a.csv", "", 1, 9)
    )
    assert "byte order mark" not in tools.use(ToolCall("read_file", "b.csv", "", 1, 9))


def test_without_history_a_line_has_none() -> None:
    tools = make_tools({"a.py": "x = 1\n"})
    assert "no history" in tools.use(ToolCall("line_history", "a.py", "", 1, 1))


GOOD = fix("scripts/report.py", LINE, "amount += 1")


def test_a_patch_is_tried_only_where_it_fits_and_there_is_a_sandbox() -> None:
    lab = Lab()
    tools = make_tools(lab=lab)
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
    assert len(lab.asked) == 1
    assert "no sandbox" in make_tools().use(ToolCall("try_patch", answer=GOOD))


def test_commands_and_questions_go_to_the_sandbox_with_or_without_a_patch() -> None:
    lab = Lab()
    tools = make_tools(lab=lab)
    shown = [
        tools.use(ToolCall("run", text="python -c 'print(1)'")),
        tools.use(ToolCall("run", text="ls", answer=GOOD)),
        tools.use(ToolCall("query", "a.py", "row", 3, 3)),
        tools.use(ToolCall("query", "a.py", "row", 3, 3, answer={"edits": [1]})),
    ]
    assert lab.asked == [("python", "-c", "print(1)", 0), ("ls", 1), ("a.py", 3, "row", 0)]
    assert not any("hunter2" in text for text in shown)
    assert shown[3].startswith("not tried")


READ = '{"path": "a.py", "first_line": 1, "last_line": 2}'


@pytest.mark.parametrize(
    "given",
    [
        Answer("", calls=(Call("c1", "read_file", READ),)),
        Answer(f'<tool_call>\n{{"name": "read_file", "arguments": {READ}}}\n</tool_call>'),
        Answer(f'[TOOL_CALLS][{{"name": "read_file", "arguments": {READ}}}]'),
        Answer(
            "<|channel|>analysis<|message|>Look first.<|end|><|start|>assistant"
            "<|channel|>commentary to=functions.read_file "
            f"<|constrain|>json<|message|>{READ}<|call|>"
        ),
        Answer(f"<function=read_file>{READ}</function>"),
        Answer(json.dumps({"action": "read_file", **json.loads(READ)})),
    ],
)
def test_a_call_is_read_however_it_is_written(given: Answer) -> None:
    ((_, outcome),) = read_steps(given)
    assert outcome == ToolCall("read_file", "a.py", "", 1, 2)


def test_several_calls_are_several_steps_and_wrong_ones_are_problems_of_their_own() -> None:
    calls = (Call("a", "read_file", READ), Call("b", "read_file", "{"), Call("c", "rm", "{}"))
    outcomes = [outcome for _, outcome in read_steps(Answer("", calls=calls))]
    assert isinstance(outcomes[0], ToolCall)
    assert [isinstance(each, Problem) for each in outcomes[1:]] == [True, True]


@pytest.mark.parametrize(
    ("name", "arguments", "call"),
    [
        ("finish", GOOD, ToolCall("finish", answer=GOOD)),
        ("try_patch", {"edits": [1]}, ToolCall("try_patch", answer={"edits": [1]})),
        ("run", {"command": "ls", "edits": []}, ToolCall("run", text="ls")),
        (
            "query",
            {"path": "./a.py", "line": 3, "expression": "row", "edits": [1]},
            ToolCall(
                "query", "a.py", "row", 3, 3,
                {"path": "./a.py", "line": 3, "expression": "row", "edits": [1]},
            ),
        ),
    ],
)  # fmt: skip
def test_the_arguments_of_a_native_call_are_those_of_the_action(
    name: str, arguments: Body, call: ToolCall
) -> None:
    ((_, outcome),) = read_steps(Answer("", calls=(Call("c", name, json.dumps(arguments)),)))
    assert outcome == call


def test_a_draft_and_nothing_else_is_the_last_step() -> None:
    ((_, outcome),) = read_steps(Answer(json.dumps(GOOD)))
    assert outcome == ToolCall("finish", answer=GOOD)


def test_a_draft_in_the_form_of_a_patch_is_the_last_step_too() -> None:
    text = "*** Begin Patch\n*** Update File: b.py\n@@\n-x = 1\n+x = 3\n*** End Patch"
    ((_, outcome),) = read_steps(Answer(f"It is one too few.\n\n{text}"))
    edit = {"path": "b.py", "symbol": "", "find": "x = 1\n", "text": "x = 3\n"}
    assert outcome == ToolCall("finish", answer={"cause": "It is one too few.", "edits": [edit]})


def test_a_last_step_is_a_checked_draft_or_a_problem() -> None:
    assert isinstance(make_tools().finish(GOOD), CheckedReply)
    assert isinstance(make_tools().finish({"edits": 3}), Problem)

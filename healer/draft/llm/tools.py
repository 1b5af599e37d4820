"""What the investigating tier may do: read-only looks, and experiments in the sandbox.

Belongs here: what each tool is said to be, its arguments, checked before use, and its bounded,
redacted output. Does not belong here: the loop (`investigate`), and the sandbox (`Experiments`). No
tool writes anything, or knows a path outside the base commit.
"""

import json
import shlex
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from healer.draft.llm.endpoint.tool_calls import Call, Tool, find_written_calls
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.prompts.code_base import CodeBase
from healer.draft.llm.prompts.history import History
from healer.draft.llm.prompts.prompt import clean, cut
from healer.draft.llm.replies.check import CheckedReply, check_reply
from healer.draft.llm.replies.jsontext import JsonObject, Problem, find_json_object, to_line
from healer.draft.llm.replies.parse import read_written_draft
from healer.draft.llm.replies.reply import read_reply, unwrap_reply
from healer.draft.llm.replies.schema import ACTIONS, TOOL_ARGUMENTS
from healer.facts.draft import Case, Edit, Source
from healer.redact import Redactor, may_hold_secrets


class Experiments(Protocol):
    """What may be done in the sandbox. All answers are plain text of what was seen, not redacted;
    `edits` are laid over the base commit and not kept."""

    def try_patch(self, case: Case, edits: tuple[Edit, ...]) -> str:
        """All checks of a patch."""

    def run(self, case: Case, words: Sequence[str], edits: tuple[Edit, ...]) -> str:
        """One command, in the world that was recorded of the failing one."""

    def query(
        self, case: Case, path: str, line: int, expression: str, edits: tuple[Edit, ...]
    ) -> str:
        """The values of an expression each time that a line is reached, by the failing command, and
        where that never gets there by the failing tests."""


_DESCRIPTIONS = {
    "read_file": "Lines of a file of the repository.",
    "search_text": "Where a text occurs literally, in all files.",
    "find_symbol": "The source of a function or class, by its name.",
    "line_history": "The last commits that changed these lines, with their diffs.",
    "run": "Runs a command in the sandbox (no network, the failing job's recorded input); "
    "with edits on the patched code.",
    "query": "The values of an expression each time that a line is about to run, while the failing "
    "command or test runs; with edits on the patched code.",
    "try_patch": "Checks a patch in the sandbox: the failing command and all tests. Not kept.",
    "finish": "The answer, as described.",
}
TOOLS = tuple(Tool(name, _DESCRIPTIONS[name], TOOL_ARGUMENTS[name]) for name in ACTIONS)
OUTPUT_TOKENS = 1_500
_MOST_LINES = 200
_MOST_HITS = 40
_MOST_SYMBOLS = 5
_LONGEST_HIT = 200
_LONGEST_TEXT = 200
_LONGEST_COMMAND = 2_000
_LARGEST_SEARCHED_BYTES = 1_000_000


@dataclass(frozen=True)
class ToolCall:
    """One checked step of an investigation."""

    action: str
    """One of ACTIONS."""
    path: str = ""
    text: str = ""
    first_line: int = 0
    last_line: int = 0
    answer: JsonObject = field(default_factory=dict)
    """The draft that is tried or final, not read yet."""

    @property
    def key(self) -> str:
        """The same for calls that would bring the same."""
        lines = f"{self.first_line}-{self.last_line}"
        return f"{self.action} {self.path} {self.text} {lines} {self.answer}"


def read_steps(answer: Answer) -> list[tuple[Call | None, ToolCall | Problem]]:
    """The steps that an answer asks for, at least one, each with the call that it came as: None
    where it is written as JSON, or is a draft and nothing else. Never raises."""
    calls = answer.calls or find_written_calls(answer.text)
    if calls:
        return [(call if answer.calls else None, _read_call(call)) for call in calls]
    return [(None, parse_tool_call(answer.text))]


def parse_tool_call(reply: str) -> ToolCall | Problem:
    """The tool call in a reply, or what is wrong with it; never raises. A draft without more is the
    last step."""
    value = find_json_object(reply, accepts=lambda value: "action" in value)
    if not isinstance(value, Problem):
        return read_step(to_line(value.get("action")).lower(), value)
    draft = find_json_object(reply, accepts=lambda value: unwrap_reply(value) is not None)
    if not isinstance(draft, Problem):
        return ToolCall("finish", answer=unwrap_reply(draft) or draft)
    other = read_written_draft(reply)
    if other is not None:
        return ToolCall("finish", answer=other)
    return replace(value, is_unreadable=True)


def _read_call(call: Call) -> ToolCall | Problem:
    try:
        value = json.loads(call.arguments or "{}", strict=False)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        says = f"the arguments of {call.name[:40]} are no JSON object"
        return Problem(says, is_unreadable=True)
    return read_step(call.name.lower(), value)


def read_step(action: str, value: JsonObject) -> ToolCall | Problem:
    """The call of an action with these arguments, or what is wrong with them."""
    if action not in ACTIONS:
        return Problem(f"action is {action[:40]!r}; it must be one of {', '.join(ACTIONS)}")
    answer = value.get("answer")
    if not isinstance(answer, dict):  # where it is a call, its arguments are the answer
        answer = value if unwrap_reply(value) is not None else {}
    if action in ("try_patch", "finish"):
        return (
            ToolCall(action, answer=answer)
            if answer
            else Problem(f"{action} needs an answer with the edits")
        )
    if action in ("run", "query"):
        return _read_experiment(action, value, answer if answer.get("edits") else {})
    return _read_arguments(action, value)


def _read_experiment(action: str, value: JsonObject, answer: JsonObject) -> ToolCall | Problem:
    text = value.get("command" if action == "run" else "expression") or value.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_COMMAND:
        what = "a command" if action == "run" else "an expression"
        return Problem(f"{action} needs {what} in text, of at most {_LONGEST_COMMAND} characters")
    if action == "run":
        try:
            words = shlex.split(text)
        except ValueError as error:
            return Problem(f"the command cannot be read: {error}")
        return ToolCall(action, text=text, answer=answer) if words else Problem("run needs text")
    path, line = value.get("path"), _read_line(value.get("line") or value.get("first_line"))
    if not isinstance(path, str) or not path or line < 1:
        return Problem("query needs a path and a line from 1 on")
    return ToolCall(action, path.removeprefix("./"), text, line, line, answer)


def _read_arguments(action: str, value: JsonObject) -> ToolCall | Problem:
    path, text = value.get("path") or "", value.get("text") or ""
    if not isinstance(path, str) or not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        return Problem(f"path and text must be strings, text of at most {_LONGEST_TEXT} characters")
    if action in ("search_text", "find_symbol"):
        return ToolCall(action, text=text) if text.strip() else Problem(f"{action} needs text")
    if not path:
        return Problem(f"{action} needs a path")
    first, last = max(_read_line(value.get("first_line")), 1), _read_line(value.get("last_line"))
    farthest = first + _MOST_LINES - 1
    last = min(last, farthest) if last >= first else farthest
    return ToolCall(action, path.removeprefix("./"), "", first, last)


def _read_line(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


class Tools:
    """The tools over one base commit."""

    def __init__(
        self,
        case: Case,
        source: Source,
        redactor: Redactor,
        history: History,
        experiments: Experiments | None,
    ) -> None:
        self.repair = case.repair
        self._case = case
        self._source = source
        self._redactor = redactor
        self._history = history
        self._experiments = experiments
        self._code_base = CodeBase(source)
        self._uses: dict[str, Callable[[ToolCall], str]] = {
            "read_file": self._read_file,
            "search_text": self._search_text,
            "find_symbol": self._find_symbol,
            "line_history": self._line_history,
            "run": self._experiment,
            "query": self._experiment,
            "try_patch": self._experiment,
        }

    def use(self, call: ToolCall) -> str:
        """What the call brings: redacted, without control characters, bounded."""
        return cut(clean(self._uses[call.action](call)) or "(nothing)", OUTPUT_TOKENS)

    def redact(self, text: str) -> str:
        """Our own words, which may quote a file."""
        return self._redactor.text(text)

    def finish(self, answer: JsonObject) -> CheckedReply | Problem:
        """The checked draft of a last step."""
        reply = read_reply(answer)
        return reply if isinstance(reply, Problem) else check_reply(reply, self._case, self._source)

    def _read_file(self, call: ToolCall) -> str:
        objection = self._object_to(call.path)
        if objection:
            return objection
        data = self._source.read(call.path) or b""
        lines = data.decode("utf-8", "replace").split("\n")
        text = "\n".join(lines[call.first_line - 1 : call.last_line])
        last = min(call.last_line, len(lines))
        head = f"# {call.path}, lines {call.first_line} to {last} of {len(lines)}"
        if data.startswith(BOM_UTF8):
            head += "; the file begins with a byte order mark"
        return f"{head}\n{self._hide(call.path, text)}"

    def _search_text(self, call: ToolCall) -> str:
        hits: list[str] = []
        for path in self._code_base.paths:
            data = b"" if may_hold_secrets(path) else self._source.read(path)
            if not data or len(data) > _LARGEST_SEARCHED_BYTES or b"\0" in data[:1000]:
                continue
            for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
                if call.text in line:
                    text = self._hide(path, line.strip())[:_LONGEST_HIT]
                    hits.append(f"{path}:{number}: {text}")
            if len(hits) >= _MOST_HITS:
                return "\n".join([*hits[:_MOST_HITS], "(there may be more)"])
        return "\n".join(hits) or "found nowhere"

    def _find_symbol(self, call: ToolCall) -> str:
        name = call.text.strip().removesuffix("()")
        parts: list[str] = []
        for path in self._code_base.paths:
            module = self._code_base.read_module(path) if path.endswith(".py") else None
            for symbol in module.symbols if module else ():
                if module and name in (symbol.name, symbol.name.rpartition(".")[2]):
                    body = self._redactor.source(module.excerpt(symbol.node))
                    parts.append(f"# {path}: {symbol.name}\n{body}")
        return "\n\n".join(parts[:_MOST_SYMBOLS]) or "found nowhere"

    def _line_history(self, call: ToolCall) -> str:
        objection = self._object_to(call.path)
        if objection:
            return objection
        first, last = call.first_line, call.last_line
        log = self._history.line_log(self._case.base, call.path, first, last)
        return self._redactor.text(log) or "there is no history of these lines"

    def _experiment(self, call: ToolCall) -> str:
        if self._experiments is None:
            return "there is no sandbox to try anything in; use finish"
        edits: tuple[Edit, ...] = ()
        if call.answer or call.action == "try_patch":
            outcome = self._check_patch(call.answer)
            if isinstance(outcome, Problem):
                return f"not tried: {outcome.message}"
            edits = outcome
        if call.action == "run":
            words = shlex.split(call.text)
            return self._redactor.text(self._experiments.run(self._case, words, edits))
        if call.action == "query":
            line, text = call.first_line, call.text
            values = self._experiments.query(self._case, call.path, line, text, edits)
            return self._redactor.text(values)
        return self._redactor.text(self._experiments.try_patch(self._case, edits))

    def _check_patch(self, answer: JsonObject) -> tuple[Edit, ...] | Problem:
        outcome = self.finish(answer)
        if isinstance(outcome, Problem):
            return outcome
        return outcome.reply.edits or Problem("there are no edits; use finish")

    def _object_to(self, path: str) -> str:
        """Why a file is not shown; empty where it may be."""
        if may_hold_secrets(path):
            return "this file may hold secrets and is not shown"
        return "" if path in self._code_base.paths else f"there is no file {path[:200]!r}"

    def _hide(self, path: str, text: str) -> str:
        return self._redactor.source(text) if path.endswith(".py") else self._redactor.text(text)

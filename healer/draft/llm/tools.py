"""What the investigating tier may do: five read-only looks and one try in the sandbox.

Belongs here: the arguments of each tool, checked before use, and its bounded, redacted output.
Does not belong here: the loop (`investigate`). No tool writes, starts a process or knows a path
outside the base commit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from healer.draft.llm.prompts.code_base import CodeBase
from healer.draft.llm.prompts.history import History
from healer.draft.llm.prompts.prompt import clean, cut
from healer.draft.llm.replies.check import CheckedReply, check_reply
from healer.draft.llm.replies.jsontext import JsonObject, Problem, find_json_object, to_line
from healer.draft.llm.replies.reply import read_reply
from healer.draft.llm.replies.schema import ACTIONS
from healer.facts.draft import Case, Edit, Source
from healer.redact import Redactor

TryPatch = Callable[[Case, tuple[Edit, ...]], str]
"""Runs the checks on a patch of the base commit in the sandbox; plain text, what was seen."""

OUTPUT_TOKENS = 1_500
_MOST_LINES = 200
_MOST_HITS = 40
_MOST_SYMBOLS = 5
_LONGEST_HIT = 200
_LONGEST_TEXT = 200
_LARGEST_SEARCHED_BYTES = 1_000_000
_SECRET_FILE = re.compile(
    r"(?i)^(?:\.env.*|.*\.(?:pem|key|p12|pfx|kdbx|jks)|id_(?:rsa|dsa|ecdsa|ed25519).*|\.netrc|"
    r"\.pypirc|\.npmrc|.*credentials?.*|.*secrets?(?:\.[a-z]+)?)$"
)


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


def parse_tool_call(reply: str) -> ToolCall | Problem:
    """The tool call in a reply, or what is wrong with it; never raises."""
    value = find_json_object(reply, accepts=lambda value: "action" in value)
    if isinstance(value, Problem):
        return replace(value, is_unreadable=True)
    action = to_line(value.get("action")).lower()
    if action not in ACTIONS:
        return Problem(f"action is {action[:40]!r}; it must be one of {', '.join(ACTIONS)}")
    if action in ("try_patch", "finish"):
        answer = value.get("answer")
        if isinstance(answer, dict):
            return ToolCall(action, answer=answer)
        return Problem(f"{action} needs an answer with the edits")
    return _read_arguments(action, value)


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
        try_patch: TryPatch | None,
    ) -> None:
        self.repair = case.repair
        self._case = case
        self._source = source
        self._redactor = redactor
        self._history = history
        self._try_patch = try_patch
        self._code_base = CodeBase(source)
        self._uses: dict[str, Callable[[ToolCall], str]] = {
            "read_file": self._read_file,
            "search_text": self._search_text,
            "find_symbol": self._find_symbol,
            "line_history": self._line_history,
            "try_patch": self._try,
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
        return f"{head}\n{self._hide(call.path, text)}"

    def _search_text(self, call: ToolCall) -> str:
        hits: list[str] = []
        for path in self._code_base.paths:
            data = b"" if _may_hold_secrets(path) else self._source.read(path)
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

    def _try(self, call: ToolCall) -> str:
        if self._try_patch is None:
            return "there is no sandbox to try patches in; use finish"
        outcome = self.finish(call.answer)
        if isinstance(outcome, Problem):
            return f"not tried: {outcome.message}"
        if not outcome.reply.edits:
            return "not tried: there are no edits; use finish"
        return self._redactor.text(self._try_patch(self._case, outcome.reply.edits))

    def _object_to(self, path: str) -> str:
        """Why a file is not shown; empty where it may be."""
        if _may_hold_secrets(path):
            return "this file may hold secrets and is not shown"
        return "" if path in self._code_base.paths else f"there is no file {path[:200]!r}"

    def _hide(self, path: str, text: str) -> str:
        return self._redactor.source(text) if path.endswith(".py") else self._redactor.text(text)


def _may_hold_secrets(path: str) -> bool:
    return _SECRET_FILE.match(PurePosixPath(path).name) is not None

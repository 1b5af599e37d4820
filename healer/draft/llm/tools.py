"""What the investigating tier may do: five read-only looks and one try in the sandbox.

Belongs here: the arguments of each tool, checked before use, and its bounded, redacted output.
Does not belong here: the loop (`investigate`). No tool writes, starts a process or knows a path
outside the base commit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from healer.draft.llm.prompts.background import History
from healer.draft.llm.prompts.code import Repository
from healer.draft.llm.prompts.sections import clean, cut
from healer.draft.llm.replies.check import Checked, check
from healer.draft.llm.replies.jsontext import Json, Problem, json_object, plain
from healer.draft.llm.replies.reply import draft_of
from healer.draft.llm.replies.schema import ACTIONS
from healer.facts.draft import Case, Edit, Source
from healer.redact import Redactor

TryPatch = Callable[[Case, tuple[Edit, ...]], str]
"""Runs the checks on a patch of the base commit in the sandbox; plain text, what was seen."""

OUTPUT_TOKENS = 1_500
_MOST_LINES = 200
_MOST_HITS = 40
_LONGEST_HIT = 200
_LONGEST_TEXT = 200
_LARGEST_SEARCHED_BYTES = 1_000_000
_SECRET_FILE = re.compile(
    r"(?i)^(?:\.env.*|.*\.(?:pem|key|p12|pfx|kdbx|jks)|id_(?:rsa|dsa|ecdsa|ed25519).*|\.netrc|"
    r"\.pypirc|\.npmrc|.*credentials?.*|.*secrets?(?:\.[a-z]+)?)$"
)


@dataclass(frozen=True)
class Step:
    """One checked step of an investigation."""

    action: str
    path: str = ""
    text: str = ""
    first_line: int = 0
    last_line: int = 0
    answer: Json | None = None

    @property
    def key(self) -> str:
        """The same for steps that would bring the same."""
        lines = f"{self.first_line}-{self.last_line}"
        return f"{self.action} {self.path} {self.text} {lines} {self.answer}"


def step_of(reply: str) -> Step | Problem:
    """The step in a reply, or what is wrong with it; never raises."""
    found = json_object(reply, wanted=lambda value: "action" in value)
    if isinstance(found, Problem):
        return found
    action = plain(found.get("action")).lower()
    if action not in ACTIONS:
        return Problem(f"action is {action[:40]!r}; it must be one of {', '.join(ACTIONS)}")
    if action in ("try_patch", "finish"):
        answer = found.get("answer")
        if isinstance(answer, dict):
            return Step(action, answer=answer)
        return Problem(f"{action} needs an answer with the edits")
    return _with_arguments(action, found)


def _with_arguments(action: str, found: Json) -> Step | Problem:
    path, text = found.get("path") or "", found.get("text") or ""
    if not isinstance(path, str) or not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        return Problem(f"path and text must be strings, text of at most {_LONGEST_TEXT} characters")
    if action in ("search_text", "find_symbol"):
        return Step(action, text=text) if text.strip() else Problem(f"{action} needs text")
    if not path:
        return Problem(f"{action} needs a path")
    first, last = max(_line(found.get("first_line")), 1), _line(found.get("last_line"))
    longest = first + _MOST_LINES - 1
    return Step(
        action, path.removeprefix("./"), "", first, min(last, longest) if last >= first else longest
    )


def _line(value: object) -> int:
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
        self._repository = Repository(source)
        self._uses: dict[str, Callable[[Step], str]] = {
            "read_file": self._read_file,
            "search_text": self._search_text,
            "find_symbol": self._find_symbol,
            "line_history": self._line_history,
            "try_patch": self._try,
        }

    def use(self, step: Step) -> str:
        """What the step brings: redacted, without control characters, bounded."""
        return cut(clean(self._uses[step.action](step)) or "(nothing)", OUTPUT_TOKENS)

    def redacted(self, text: str) -> str:
        """Our own words, which may quote a file."""
        return self._redactor.text(text)

    def finish(self, answer: Json) -> Checked | Problem:
        """The checked draft of a last step."""
        parsed = draft_of(answer)
        return parsed if isinstance(parsed, Problem) else check(parsed, self._case, self._source)

    def _read_file(self, step: Step) -> str:
        refused = self._refused(step.path)
        if refused:
            return refused
        data = self._source.read(step.path) or b""
        lines = data.decode("utf-8", "replace").split("\n")
        shown = "\n".join(lines[step.first_line - 1 : step.last_line])
        last = min(step.last_line, len(lines))
        head = f"# {step.path}, lines {step.first_line} to {last} of {len(lines)}"
        return f"{head}\n{self._hidden(step.path, shown)}"

    def _search_text(self, step: Step) -> str:
        hits: list[str] = []
        for path in self._repository.paths:
            data = b"" if _SECRET_FILE.match(PurePosixPath(path).name) else self._source.read(path)
            if not data or len(data) > _LARGEST_SEARCHED_BYTES or b"\0" in data[:1000]:
                continue
            for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
                if step.text in line:
                    shown = self._hidden(path, line.strip())[:_LONGEST_HIT]
                    hits.append(f"{path}:{number}: {shown}")
            if len(hits) >= _MOST_HITS:
                return "\n".join([*hits[:_MOST_HITS], "(there may be more)"])
        return "\n".join(hits) or "found nowhere"

    def _find_symbol(self, step: Step) -> str:
        wanted = step.text.strip().removesuffix("()")
        parts: list[str] = []
        for path in self._repository.paths:
            module = self._repository.module(path) if path.endswith(".py") else None
            for named in module.symbols if module else ():
                if module and wanted in (named.name, named.name.rpartition(".")[2]):
                    body = self._redactor.source(module.excerpt(named.node))
                    parts.append(f"# {path}: {named.name}\n{body}")
        return "\n\n".join(parts[:5]) or "found nowhere"

    def _line_history(self, step: Step) -> str:
        refused = self._refused(step.path)
        if refused:
            return refused
        found = self._history.lines(self._case.base, step.path, step.first_line, step.last_line)
        return self._redactor.text(found) or "there is no history of these lines"

    def _try(self, step: Step) -> str:
        if self._try_patch is None:
            return "there is no sandbox to try patches in; use finish"
        checked = self.finish(step.answer or {})
        if isinstance(checked, Problem):
            return f"not tried: {checked.message}"
        if not checked.parsed.edits:
            return "not tried: there are no edits; use finish"
        return self._redactor.text(self._try_patch(self._case, checked.parsed.edits))

    def _refused(self, path: str) -> str:
        if _SECRET_FILE.match(PurePosixPath(path).name):
            return "this file may hold secrets and is not shown"
        return "" if path in self._repository.paths else f"there is no file {path[:200]!r}"

    def _hidden(self, path: str, text: str) -> str:
        hide: Any = self._redactor.source if path.endswith(".py") else self._redactor.text
        return str(hide(text))

"""The part of a repository's files that fits a prompt: whole lines, in the order of each file.

Belongs here: keeping count of what is shown, within a budget of tokens. Does not belong here: what
is worth showing (`excerpts`). Lines of one file stand together, so that nothing is shown twice and
what is written next to each other is read so.
"""

import re
from collections.abc import Iterable

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.prompts.code import Module
from healer.failure import Frame

_LONGEST_VALUE = 120
_GAP_TOKENS = 8
"""Of the words for lines that are left out."""


class FileViews:
    """Lines of files, as long as there is room."""

    def __init__(self, max_tokens: int) -> None:
        self._room = max_tokens
        self._modules: dict[str, Module] = {}
        """In the order in which something of them was first shown."""
        self._lines: dict[str, set[int]] = {}
        self._remarks: dict[str, list[str]] = {}

    @property
    def modules(self) -> tuple[Module, ...]:
        """Those of which something is shown, what was shown first before the others."""
        return tuple(self._modules.values())

    @property
    def room(self) -> int:
        """Tokens that are left."""
        return self._room

    def count_rest(self, module: Module) -> int:
        """Tokens of what is not shown of a file."""
        lines = self._lines.get(module.path, ())
        return sum(module.line_tokens) - sum(module.line_tokens[number - 1] for number in lines)

    def shows(self, module: Module, line: int) -> bool:
        return line in self._lines.get(module.path, ())

    def add(self, module: Module, numbers: Iterable[int]) -> bool:
        """Shows these lines, all or none; False where they do not fit."""
        before = self._lines.get(module.path, set())
        lines = set(numbers) - before
        cost = sum(module.line_tokens[number - 1] for number in lines)
        cost += sum(_GAP_TOKENS for number in lines if number - 1 not in before | lines)
        cost += 0 if before else tokens.estimate(module.path)
        if lines and cost > self._room:
            return False
        if lines:
            self._room -= cost
            self._modules.setdefault(module.path, module)
            self._lines[module.path] = before | lines
        return True

    def remark(self, module: Module, text: str) -> None:
        """Our words on a file, above its lines."""
        self._remarks.setdefault(module.path, []).append(text)
        self._room -= tokens.estimate(text)

    def show(self) -> str:
        """Everything, file by file."""
        parts = []
        for path, module in self._modules.items():
            lines = self._lines[path]
            head = [f"# {path}", *self._remarks.get(path, ())]
            parts.append("\n".join([*head, module.show_lines(lines)]))
        return "\n\n".join(parts)


def show_values(frame: Frame) -> str:
    """Values of names on the shown line only; each in one line."""
    words = set(re.findall(r"\w+", frame.source))
    return "\n".join(
        f"# at line {frame.line}: {name} = {' '.join(value.splitlines())[:_LONGEST_VALUE]}"
        for name, value in frame.locals.items()
        if name in words
    )

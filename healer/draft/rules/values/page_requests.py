"""How a script asks for a list, so that the other pages can be asked for in the same way.

Belongs here: finding the statements from the request to the list's name, and writing them anew
with another address. Does not belong here: how an answer names its next page (`pages`).
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import dedent

from healer.draft.rules.bindings import assigned_values
from healer.draft.rules.rule import called_name
from healer.draft.rules.source_file import FunctionNode, SourceFile, TextEdit, apply_edits

_WEB = ("http://", "https://")
_MOST_STATEMENTS = 5
"""From the request to the list's name: `raise_for_status` and the like."""
_REPEATABLE = ast.Assign | ast.Expr | ast.With | ast.Return
_PARSERS = {"json", "load", "loads"}
_DEEPEST = 8
"""Of names within names: one may be given itself."""
NAME_OF_RESULT = "rows"


@dataclass(frozen=True)
class PageRequest:
    """Statements that ask one address of the web for a list, and give it a name."""

    code: SourceFile
    first: ast.stmt
    """It holds the call with the address."""
    last: ast.stmt
    """`rows = …`, or `return …`; it may be the first, or lie in it."""
    value: ast.expr
    """What the last one gives a name to, or returns."""
    call: ast.Call
    """The one with the address, which is its first argument."""

    @property
    def name(self) -> str:
        """Of the list; for a `return` one that it is given."""
        target = self.last.targets[0] if isinstance(self.last, ast.Assign) else None
        return target.id if isinstance(target, ast.Name) else NAME_OF_RESULT

    @property
    def address(self) -> ast.expr:
        return self.call.args[0]

    @property
    def holder(self) -> str:
        """The name of the response; empty where it has none."""
        for node in ast.walk(self.first):
            if isinstance(node, ast.withitem) and node.context_expr is self.call:
                return getattr(node.optional_vars, "id", "")
        is_plain = isinstance(self.first, ast.Assign) and self.first.value is self.call
        return getattr(self.first.targets[0], "id", "") if is_plain else ""  # type: ignore[attr-defined] # is_plain says that it is an assignment

    def repeat(self, where: str, name: str, params: str | None = None) -> list[str]:
        """The lines that ask for another page under another name. `params`: what is sent beside
        the address; empty: nothing is, None: what always was."""
        head = TextEdit(self.code.span(self.last)[0], self.code.span(self.value)[0], f"{name} = ")
        start, end = self.code.line_start(self.first.lineno), self.code.span(self.last)[1]
        return dedent(self._write(start, end, [head, *self._ask(where, params)])).splitlines()

    def ask(self, where: str) -> str:
        """The call alone, with another address, and nothing sent beside it."""
        return self._write(*self.code.span(self.call), self._ask(where, ""))

    def _write(self, start: int, end: int, edits: Iterable[TextEdit]) -> str:
        shifts = [TextEdit(e.start - start, e.end - start, e.text) for e in edits]
        return apply_edits(self.code.text[start:end], shifts)

    def _ask(self, where: str, params: str | None) -> list[TextEdit]:
        return [self.code.replace(self.address, where), *self._send(params)]

    def _send(self, params: str | None) -> Iterator[TextEdit]:
        for keyword in self.call.keywords:
            if keyword.arg == "params" and params is not None:
                edit = self.code.replace(keyword.value, params)
                before = self.code.text[: self.code.span(keyword)[0]].rstrip().rstrip(",")
                yield edit if params else TextEdit(len(before), edit.end, "")

    @property
    def params(self) -> ast.expr | None:
        """What is sent beside the address."""
        values = [each.value for each in self.call.keywords if each.arg == "params"]
        return values[0] if values else None

    def ask_with(
        self, parameter: str, name: str, page: str
    ) -> tuple[list[str], tuple[TextEdit, ...]]:
        """The lines that ask with one parameter more, and the import that they need."""
        if self.params is not None:
            params = self._add_parameter(parameter, name)
            return self.repeat(self.code.segment(self.address), page, params), ()
        query = f'urlencode({{"{parameter}": {name}}})'
        if isinstance(self.address, ast.Constant):
            where = f'"{read_address(self.code, self.address)}{self._mark}" + {query}'
        else:
            where = f'{self.code.segment(self.address)} + "{self._mark}" + {query}'
        line = self.code.add_import("from urllib.parse import urlencode")
        return self.repeat(where, page), (line,)

    def ask_for_number(self, page: str) -> list[str]:
        """The lines that ask for the page of the number that stands under its name."""
        text = self.code.segment(self.address)
        if self.params is not None:
            return self.repeat(text, page, self._add_parameter("page", page))
        number = f"{self._mark}page={{{page}}}"
        if isinstance(self.address, ast.Name):
            return self.repeat(f'f"{{{text}}}{number}"', page)
        if isinstance(self.address, ast.Constant):
            where = f'f"{read_address(self.code, self.address)}{number}"'
            return self.repeat(where, page)
        return self.repeat(f'{text} + f"{number}"', page)

    @property
    def _mark(self) -> str:
        return "&" if "?" in read_address(self.code, self.address) else "?"

    def _add_parameter(self, parameter: str, name: str) -> str:
        text = self.code.segment(self.params) if self.params is not None else ""
        if isinstance(self.params, ast.Dict) and self.params.keys:
            return f'{text.rstrip()[:-1].rstrip().rstrip(",")}, "{parameter}": {name}}}'
        return f'{{**{text}, "{parameter}": {name}}}'

    def add_behind(self, lines: Iterable[str]) -> list[TextEdit]:
        """Lines of their own once the list has its name; a `return` comes after them."""
        code, last = self.code, self.last
        at, pad = code.line_after(last), code.indent(last.lineno)
        outer = code.parents.get(last)
        if isinstance(outer, ast.With) and outer.body[-1] is last:
            pad = code.indent(outer.lineno)
        edits, texts = [], [*lines]
        if isinstance(last, ast.Return):
            start = code.span(last)[0]
            edits.append(TextEdit(start, code.span(self.value)[0], f"{self.name} = "))
            texts.append(f"return {self.name}")
        lacks_end = at == len(code.text) and not code.text.endswith("\n")
        text = "".join(f"{pad}{line}{code.newline}" for line in texts)
        return [*edits, TextEdit(at, at, (code.newline if lacks_end else "") + text)]


def find_request(code: SourceFile, scope: ast.AST | None, holder: ast.expr) -> PageRequest | None:
    """How what a loop walks over was asked for: by a name that is given once in that scope, or by a
    function of the file without arguments. None where it is not clear."""
    value = _find_value(scope, holder.id) if isinstance(holder, ast.Name) else holder
    function = _find_function(code, value) if value is not None else None
    if function is None:
        return None if value is None or value is holder else _follow(code, scope, value)
    returns = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
    result = returns[0].value if len(returns) == 1 else None
    if isinstance(result, ast.Name):
        result = _find_value(function, result.id)
    return _follow(code, function, result) if result is not None else None


def _find_value(scope: ast.AST | None, name: str) -> ast.expr | None:
    """What a name is given in a scope, where it is given something once."""
    values = list(assigned_values(scope, name))
    return values[0] if len(values) == 1 else None


def list_requests(code: SourceFile) -> Iterator[PageRequest]:
    """Every one of the file that parses what came, and gives it a name or returns it."""
    for node in code.nodes:
        if isinstance(node, ast.Assign | ast.Return) and node.value is not None:
            outer = code.functions_at(node.lineno)
            request = _follow(code, outer[-1] if outer else code.tree, node.value)
            names = {called_name(n) for n in ast.walk(node.value) if isinstance(n, ast.Call)}
            if request is not None and names & _PARSERS:
                yield request


def _find_function(code: SourceFile, value: ast.expr) -> FunctionNode | None:
    """The function of the file that is called without arguments."""
    if not isinstance(value, ast.Call) or value.args or value.keywords:
        return None
    body = code.tree.body if code.tree else []
    functions = [
        node
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name == getattr(value.func, "id", "")
    ]
    return functions[0] if len(functions) == 1 else None


def _follow(code: SourceFile, scope: ast.AST | None, value: ast.expr) -> PageRequest | None:
    last = code.parents.get(value)
    if isinstance(last, ast.Assign):
        if len(last.targets) != 1 or not isinstance(last.targets[0], ast.Name):
            return None
    elif not isinstance(last, ast.Return):
        return None
    sources = [value, *_find_sources(scope, value)]
    calls = [call for each in sources for call in _find_calls(code, each)]
    if len(calls) != 1:
        return None
    first = _find_first(code, calls[0], last)
    return PageRequest(code, first, last, value, calls[0]) if first is not None else None


def _find_sources(scope: ast.AST | None, value: ast.expr) -> Iterator[ast.expr]:
    """What the names in it were given, each once."""
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    for name in sorted(names):
        source = _find_value(scope, name)
        if source is not None:
            yield source


def _find_calls(code: SourceFile, value: ast.expr) -> list[ast.Call]:
    nodes = [node for node in ast.walk(value) if isinstance(node, ast.Call) and node.args]
    return [node for node in nodes if read_address(code, node.args[0])]


def _find_first(code: SourceFile, call: ast.Call, last: ast.stmt) -> ast.stmt | None:
    """The statement of the request, where those from it to the last one can be made again."""
    node: ast.AST = call
    while not isinstance(node, ast.stmt):
        node = code.parents[node]
    if node is last:
        return last
    block = code.parents.get(last)
    if node is block and isinstance(node, ast.With):
        inner = node.body[: node.body.index(last) + 1]
        return node if _are_repeatable(inner) else None
    body = getattr(block, "body", [])
    if node not in body or last not in body:
        return None
    between = body[body.index(node) : body.index(last) + 1]
    return node if between and _are_repeatable(between) else None


def _are_repeatable(statements: list[ast.stmt]) -> bool:
    return len(statements) <= _MOST_STATEMENTS and all(
        isinstance(each, _REPEATABLE) for each in statements
    )


def read_address(code: SourceFile, node: ast.expr) -> str:
    """An address of the web that is written out, put together, or named once in the module; empty
    for anything else."""
    text = _fold(code, node) or ""
    return text if text.startswith(_WEB) else ""


def _fold(code: SourceFile, node: ast.expr, depth: int = 0) -> str | None:
    parts: list[ast.expr] = []
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        body = code.tree.body if code.tree else []
        parts = [
            each.value
            for each in body
            if isinstance(each, ast.Assign)
            and [getattr(t, "id", "") for t in each.targets] == [node.id]
        ]
        parts = parts if len(parts) == 1 else []
    elif isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.FormattedValue) else p for p in node.values]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    texts = [_fold(code, part, depth + 1) if depth < _DEEPEST else None for part in parts]
    return None if None in texts or not texts else "".join(text for text in texts if text)

"""Where the parts of a source stand: their bytes, and what surrounds them.

Belongs here: addressing. Does not belong here: what is changed there (`mutants`).
"""

import ast
import io
from functools import cached_property

_LOAD = ast.Load()
_VALUES = (
    ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.Name, ast.ListComp, ast.DictComp,
    ast.SetComp, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.IfExp, ast.JoinedStr, ast.Compare,
    ast.UnaryOp,
)  # fmt: skip
_ORDERS = frozenset(("sorted", "sort", "min", "max", "nlargest", "nsmallest"))
_FLAGS = ("exist_ok", "parents", "missing_ok", "dirs_exist_ok", "flush")
_NO_PLACE = (
    ast.Attribute, ast.Starred, ast.Slice, ast.withitem, ast.arg, ast.FunctionDef,
    ast.AsyncFunctionDef, ast.ClassDef, ast.Raise, ast.Expr, ast.ExceptHandler,
)  # fmt: skip
_ONLY: dict[type[ast.AST], str] = {ast.AnnAssign: "value"}
"""Of these, one field is a value."""
_ALL_BUT: dict[type[ast.AST], str] = {
    ast.Call: "func", ast.Subscript: "value", ast.If: "test", ast.While: "test", ast.IfExp: "test",
}  # fmt: skip
"""Of these, all but one field are values."""


class Text:
    """A source addressed by the byte columns that `ast` gives."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._data = source.encode("utf-8")
        self._starts = [0]
        for line in io.StringIO(source, newline=""):  # lines as the parser counts them
            self._starts.append(self._starts[-1] + len(line.encode("utf-8")))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[end_line - 1] + end_column

    def get(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "replace")

    def replace(self, start: int, end: int, new: str) -> str:
        data = self._data[:start] + new.encode("utf-8") + self._data[end:]
        return data.decode("utf-8", "replace")


class Parents:
    """Where each node stands in its tree."""

    def __init__(self, tree: ast.AST) -> None:
        self._of = {
            child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)
        }

    def find_sort_key(self, node: ast.expr) -> ast.expr | None:
        """What things are put in order by, where the node is it or part of it: the body of the
        function given as `key`, in place or by its name in this file."""
        around: ast.AST | None = node
        while around is not None:
            parent = self._of.get(around)
            if isinstance(parent, ast.Lambda) and self._orders_by(self._of.get(parent)):
                return parent.body if around is parent.body else None
            if isinstance(around, ast.Return) and isinstance(parent, ast.FunctionDef):
                return around.value if parent.name in self._sort_functions else None
            if isinstance(around, ast.stmt):
                return None
            around = parent
        return None

    def _orders_by(self, keyword: ast.AST | None) -> bool:
        return (
            isinstance(keyword, ast.keyword)
            and keyword.arg == "key"
            and isinstance(call := self._of[keyword], ast.Call)
            and getattr(call.func, "id", getattr(call.func, "attr", "")) in _ORDERS
        )

    @cached_property
    def _sort_functions(self) -> frozenset[str]:
        """Names that are read to order by them, and for nothing else."""
        names = [n for n in self._of if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        others = {name.id for name in names if not self._orders_by(self._of[name])}
        return frozenset(name.id for name in names) - others

    def statement(self, node: ast.expr | ast.stmt) -> ast.stmt:
        """The innermost statement that the node is, or is part of."""
        around: ast.AST = node
        while not isinstance(around, ast.stmt):
            around = self._of[around]
        return around

    def line_of(self, node: ast.expr | ast.stmt) -> int:
        """Where the statement begins that the node is part of, or the handler whose exceptions it
        names."""
        handler = self.find_handler(node)
        return handler.lineno if handler else self.statement(node).lineno

    def find_handler(self, node: ast.expr | ast.stmt) -> ast.ExceptHandler | None:
        """The handler of whose exceptions the node names one, or all."""
        around: ast.AST = node
        while isinstance(around, ast.expr):
            around = self._of[around]
        return around if isinstance(around, ast.ExceptHandler) else None

    def is_inside_text(self, node: ast.AST) -> bool:
        """In an f-string, where columns are not to be relied on before Python 3.12."""
        parent = self._of.get(node)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.JoinedStr):
                return True
            parent = self._of.get(parent)
        return False

    def is_flag(self, node: ast.expr) -> bool:
        """An option that says what may be there already; it changes no result."""
        parent = self._of[node]
        return isinstance(parent, ast.keyword) and parent.arg in _FLAGS

    def is_value(self, node: ast.expr) -> bool:
        """Whether the node's value goes somewhere: not a target, a receiver, a called name, an
        annotation, a condition or a decorator."""
        if not isinstance(node, _VALUES) or not isinstance(getattr(node, "ctx", _LOAD), ast.Load):
            return False
        parent = self._of[node]
        if isinstance(parent, _NO_PLACE):
            return False
        field = _ONLY.get(type(parent))
        if field is not None:
            return node is getattr(parent, field)
        without = _ALL_BUT.get(type(parent))
        return without is None or node is not getattr(parent, without)

"""Rules that take the code's own way of doing a thing to another place where it was forgotten.

Belongs here: None, empty collections and missing arguments, where the same file shows what is
meant. Does not belong here: any default that the file does not show; nothing is invented.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits, body_without_docstring

_NONE = re.compile(r"'NoneType' object (?:has no attribute|is not subscriptable|is not iterable)")
_EMPTY = re.compile(
    r"division by zero|(?:arg is an|iterable argument is) empty|list index out of range"
)
_MISSING = re.compile(
    r"(\w+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (.+)"
)
_EMPTY_VALUES = frozenset({"", "[]", "{}", "()", "set()", "''"})
"""What the locals show of a collection that may be empty; the first where they show nothing."""


@rule(
    "none-as-elsewhere",
    "AttributeError TypeError",
    estimate=GUESS,
    example="""
          import re
          def first(lines):
              for line in lines:
                  match = re.search("a=(.)", line)
                  if match is None:
                      continue
                  print(match[1])
          def second(lines):
              for line in lines:
                  hit = re.search("b=(.)", line)
        +         if hit is None:
        +             continue
                  print(hit[1])  #! TypeError: 'NoneType' object is not subscriptable
          second(["b=1", ""])
        """,
    silent="""
        import re
        def first(line):
            match = re.search("a=(.)", line)
            print(match)
        def second(lines):
            for line in lines:
                hit = re.search("b=(.)", line)
                print(hit[1])  #! TypeError: 'NoneType' object is not subscriptable
        second(["b=1", ""])
        """,
    rivals=("here None must not happen, and stopping is right",),
    link="https://docs.python.org/3/library/re.html#re.search",
)
def none_as_elsewhere(site: FaultSite) -> Iterator[Fix]:
    """A result that may be None is checked in another place of the file, and not here."""
    if not _NONE.search(site.message):
        return
    code = site.code
    for name, function, assignment in _none_sources(site):
        for guard in _guards_after(code, function):
            other = _assigned_name(_statement_before(code, guard))
            is_one_line = (guard.end_lineno or 0) - guard.lineno <= 1
            if other and is_one_line and _means_the_same(code, guard, assignment):
                text = _move(code, guard, other, name, code.indent(assignment.lineno))
                end = code.line_after(assignment)
                cause = (
                    f"`{function}` may give None; line {guard.lineno} shows what this file does "
                    "then."
                )
                yield Fix(cause, (TextEdit(end, end, text),))
                return


def _none_sources(site: FaultSite) -> Iterator[tuple[str, str, ast.stmt]]:
    """Names in the failing statement that hold a call's result, the called function, and where."""
    names_used = {node.id for node in site.nodes(ast.Name)}
    nones = {name for name, record in site.locals.items() if record == "None"}
    for node in site.walk_scope():
        if isinstance(node, ast.Assign) and node.lineno < site.line:
            name, function = _assigned_name(node), _called_text(site.code, node)
            if name in names_used and function and (name in nones or not site.locals):
                yield name, function, node


def _assigned_name(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        return target.id if isinstance(target, ast.Name) else ""
    return ""


def _called_text(code: SourceFile, node: ast.stmt | None) -> str:
    value = node.value if isinstance(node, ast.Assign) else None
    return code.segment(value.func) if isinstance(value, ast.Call) else ""


def _guards_after(code: SourceFile, function: str) -> Iterator[ast.If]:
    """`if NAME is None:` or `if not NAME:` right after `NAME = FUNCTION(...)`, with one early
    end."""
    for node in code.nodes:
        if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1:
            continue
        before = _statement_before(code, node)
        name = _assigned_name(before)
        if name and _called_text(code, before) == function:
            tests = (f"{name} is None", f"not {name}", f"{name} == None")
            ends = isinstance(node.body[0], ast.Continue | ast.Return | ast.Break | ast.Raise)
            if ends and code.segment(node.test) in tests:
                yield node


def _statement_before(code: SourceFile, node: ast.stmt) -> ast.stmt | None:
    """The statement before this one in its block."""
    parent = code.parents.get(node)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and node in block:
            at = block.index(node)
            return block[at - 1] if at else None
    return None


def _means_the_same(code: SourceFile, guard: ast.If, assignment: ast.stmt) -> bool:
    """The guard's end means the same here: a loop around it, or a function."""
    around = [type(node) for node in code.nodes_on_line(assignment.lineno)]
    if isinstance(guard.body[0], ast.Continue | ast.Break):
        return ast.For in around or ast.While in around
    return ast.FunctionDef in around or not isinstance(guard.body[0], ast.Return)


def _move(code: SourceFile, guard: ast.If, old: str, new: str, indent: str) -> str:
    """The guard's lines for another name and another indentation; texts in it stay as they are."""
    start, end = code.span(guard)
    names = [n for n in ast.walk(guard) if isinstance(n, ast.Name) and n.id == old]
    edits = [code.replace(name, new) for name in names]
    text = apply_edits(code.text[:end], edits)[start:]
    old_indent = code.indent(guard.lineno)
    lines = (indent + line.removeprefix(old_indent) for line in text.splitlines(keepends=True))
    return "".join(lines) + code.newline


@rule(
    "empty-as-elsewhere",
    "ZeroDivisionError ValueError IndexError",
    estimate=GUESS,
    example="""
          def mean(values):
              if not values:
                  return 0.0
              return sum(values) / len(values)
          def spread(numbers):
        +     if not numbers:
        +         return 0.0
              return sum(abs(n - 1) for n in numbers) / len(numbers)
              #! ZeroDivisionError: division by zero
          print(spread([]))
        """,
    silent="""
        def last(values):
            if not values:
                return 0.0
            return values[-1]
        def spread(numbers):
            return sum(abs(n - 1) for n in numbers) / len(numbers)
            #! ZeroDivisionError: division by zero
        print(spread([]))
        """,
    rivals=("an empty collection is a fault of the caller here",),
    link="https://docs.python.org/3/library/exceptions.html#ZeroDivisionError",
)
def empty_as_elsewhere(site: FaultSite) -> Iterator[Fix]:
    """A collection is empty, and another function of the file shows what is given for one.

    Only where that function asks `if not rows:` first and then does with them what fails here.
    """
    code, function = site.code, site.code.function_at(site.line)
    if function is None or not _EMPTY.search(site.message):
        return
    names_used = {node.id for node in site.nodes(ast.Name)}
    for argument in function.args.args:
        name = argument.arg
        if name not in names_used or site.locals.get(name, "") not in _EMPTY_VALUES:
            continue
        uses = {_fragile_use(code, n, name) for n in code.nodes_of_statement(site.line)} - {""}
        guards = [
            (guard, other)
            for guard, other in _empty_guards(code, function)
            if uses & {_fragile_use(code, n, other) for n in ast.walk(code.parents[guard])}
        ]
        first = body_without_docstring(function)[0]
        indent = code.indent(first.lineno)
        texts = {_move(code, guard, other, name, indent) for guard, other in guards}
        if len(texts) == 1:
            line = guards[0][0].lineno
            cause = f"`{name}` may be empty; line {line} shows what this file gives then."
            start = code.line_start(first.lineno)
            yield Fix(cause, (TextEdit(start, start, texts.pop()),))


def _empty_guards(code: SourceFile, apart: ast.AST) -> Iterator[tuple[ast.If, str]]:
    """`if not rows: return ...` at the top of another function, for one of its parameters."""
    for function in code.nodes:
        if not isinstance(function, ast.FunctionDef) or function is apart:
            continue
        for statement in function.body[:2]:
            if not isinstance(statement, ast.If) or statement.orelse or len(statement.body) != 1:
                continue
            match = re.fullmatch(r"not (\w+)|len\((\w+)\) == 0", code.segment(statement.test))
            name = (match[1] or match[2]) if match else ""
            ends = isinstance(statement.body[0], ast.Return | ast.Raise)
            if ends and name in {argument.arg for argument in function.args.args}:
                yield statement, name


def _fragile_use(code: SourceFile, node: ast.AST, name: str) -> str:
    """What is done with a collection that fails where it is empty: its first, its mean."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv):
        return "divide" if code.segment(node.right) == f"len({name})" else ""
    if isinstance(node, ast.Subscript) and code.segment(node.value) == name:
        return f"item {code.segment(node.slice)}"
    if isinstance(node, ast.Call) and node.args:
        names = {getattr(inner, "id", "") for inner in ast.walk(node.args[0])}
        function = code.segment(node.func)
        return function if name in names and function in ("max", "min", "next") else ""
    return ""


@rule(
    "missing-argument",
    "TypeError",
    estimate=0.8,
    is_outward=True,
    example="""
          def price(amount, rate):
              return amount * rate
          rate = 2
        - print(price(3))  #! TypeError: price() missing 1 required positional argument: 'rate'
        + print(price(3, rate=rate))
        """,
    silent="""
        def price(amount, rate):
            return amount * rate
        factor = 2
        print(price(3))  #! TypeError: price() missing 1 required positional argument: 'rate'
        """,
    rivals=("another value was meant than the variable of that name",),
    link="https://docs.python.org/3/reference/expressions.html#calls",
)
def missing_argument(site: FaultSite) -> Iterator[Fix]:
    """A required argument is not passed, and a variable of that very name is at hand."""
    match = site.search(_MISSING)
    names = re.findall(r"'(\w+)'", match[2]) if match else []
    if not match or not names or not set(names) <= _names_at_hand(site):
        return
    for call in site.calls():
        name = called_name(call)
        if name == match[1] or (match[1] == "__init__" and name[:1].isupper()):
            arguments = ", ".join(f"{each}={each}" for each in names)
            cause = f"`{name}` needs `{', '.join(names)}`, which this function has under that name."
            yield Fix(cause, (site.code.add_argument(call, arguments),))


def _names_at_hand(site: FaultSite) -> set[str]:
    """Names that hold a value where the failing line runs: seen, or bound above it."""
    function = site.code.function_at(site.line)
    names = set(site.locals)
    if function is not None:
        names |= {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    for node in site.walk_scope():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            is_same_scope = site.code.function_at(node.lineno) is function
            names |= {node.id} if is_same_scope and node.lineno < site.line else set()
    return names - {"self", "cls"}

"""The few ways in which most people mend one expression, and mean it.

Belongs here: texts in place of one expression. Does not belong here: which expressions are tried
(`neighbours`). Pure.
"""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from healer.draft.rules.source_file import SourceFile, apply_edits, body_without_docstring

_DEFAULTS = ("0", "None", "''")
_OTHER_FORMS = {
    "str": ("format({}, '.2f')", "format({}, '02d')"),
    "int": ("round({})",),
    "round": ("int({})",),
}
"""Of a number: with two decimals, with two digits, rounded or cut."""
_ONCE = {"split": 1, "rsplit": 1, "replace": 2}
"""Methods that do something at each place or only at the first, with the arguments before that."""

_MODES = {
    f"{one}{more}": f"{other}{more}"
    for one, other in ("wa", "aw")
    for more in ("", "t", "b", "+", "b+", "+b")
}
_ASKS_DIGITS = ("isdigit", "isdecimal", "isnumeric")


def usual_readings(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression of the unfixed code."""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        if isinstance(node.ctx, ast.Load):
            holder, key = _text(code, node.value), _text(code, node.slice)
            yield from (f"{holder}.get({key}, {default})" for default in _DEFAULTS)
            if isinstance(node.value, ast.Subscript):  # what is found first may be nothing
                yield from (f"({holder} or {{}}).get({key}, {default})" for default in _DEFAULTS)
    elif _is_at_each_place(node):
        yield f"{_text(code, node)[:-1]}, 1)"


def usual_variations(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression that the fix brought."""
    text = _text(code, node)
    yield from _swap_priority(code, node)
    yield from _let_first_win(code, node)
    yield from _open_otherwise(code, node)
    yield from _keep_borders(code, node)
    if _is_returned_difference(code, node):
        yield f"abs({text})"
        yield f"max(0, {text})"
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and len(node.values) == 2:  # noqa: PLR2004 - a value and its default
        first, second = (_text(code, each) for each in node.values)
        yield f"({second} if {first} is None else {first})"
    elif isinstance(node, ast.IfExp) and isinstance(node.test, ast.Name | ast.Attribute):
        body, test, other = (_text(code, each) for each in (node.body, node.test, node.orelse))
        yield f"({body} if {test} is not None else {other})"
    elif (count := _find_repetition(node)) is not None and isinstance(node, ast.BinOp):
        items = _text(code, node.right if count is node.left else node.left)
        yield f"[_each for _ in range({_text(code, count)}) for _each in {items}]"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        top, bottom = _text(code, node.left), _text(code, node.right)
        yield f"-(-({top}) // ({bottom}))"
        yield f"round(({top}) / ({bottom}))"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        inner = _text(code, node.args[0])
        yield from (form.format(inner) for form in _OTHER_FORMS.get(node.func.id, ()))
    elif _is_at_each_place(node):
        yield f"{text[:-1]}, 1)"
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _ASKS_DIGITS:
        yield f"{text.rpartition('.')[0]}.lstrip('-').{text.rpartition('.')[2]}"


def _keep_borders(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """A number for each part of a text, where the parts are glued to one and lose their borders:
    `1.10` and `11.0` are alike then."""
    match node:
        case ast.Call(
            func=ast.Name(id="int" | "float"),
            args=[
                ast.Call(
                    func=ast.Attribute(value=text, attr="replace"),
                    args=[separator, ast.Constant(value="")],
                )
            ],
        ):
            parts = f"{_text(code, text)}.split({_text(code, separator)})"
            yield f"[int(_part) for _part in {parts}]"


def _swap_priority(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """Of two dicts that become one the other one wins."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield f"({_text(code, node.right)}) | ({_text(code, node.left)})"
    elif isinstance(node, ast.Dict) and None in node.keys:
        pairs = zip(node.keys, node.values, strict=True)
        items = [
            f"{_text(code, key)}: {_text(code, value)}" if key else f"**({_text(code, value)})"
            for key, value in pairs
        ]
        yield f"{{{', '.join(reversed(items))}}}"


def _open_otherwise(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """A file is written anew or goes on, where the mode says one of both."""
    above = code.parents.get(node)
    call = code.parents.get(above) if isinstance(above, ast.keyword) else above
    if isinstance(node, ast.Constant) and isinstance(call, ast.Call):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in ("open", "fdopen") and str(node.value) in _MODES:
            yield repr(_MODES[str(node.value)])


def _let_first_win(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """Of two items with one key the first stays, where pairs become a dict and the last one does:
    whoever did not think of it loses one of them either way."""
    if makes_dict(node):
        if isinstance(node, ast.DictComp):
            rounds = code.text[code.span(node.value)[1] : code.span(node)[1] - 1]
            pairs = (
                f"(({_text(code, node.key)}), ({_text(code, node.value)})) {rounds.lstrip(') ')}"
            )
        else:
            pairs = f"*({_text(code, node.args[0])})"
        yield f"(lambda _p: {{_k: dict(_p[::-1])[_k] for _k in dict(_p)}})([{pairs}])"


def makes_dict(node: ast.expr) -> TypeGuard[ast.DictComp | ast.Call]:
    """Whether the keys of a dict come from things that are gone through."""
    if isinstance(node, ast.Call):
        is_dict = isinstance(node.func, ast.Name) and node.func.id == "dict"
        return is_dict and len(node.args) == 1 and not node.keywords
    return isinstance(node, ast.DictComp)


def stay_in_loop(code: SourceFile, node: ast.stmt) -> Iterator[str]:
    """In place of a step out of a loop or of a round that the fix brought: the other one."""
    if isinstance(node, ast.Continue):
        yield "break"
    above = code.parents.get(node) if isinstance(node, ast.Return | ast.Break) else None
    while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(above, ast.For | ast.While):
            yield "continue"
            return
        above = code.parents.get(above)


def read_again(code: SourceFile, node: ast.expr) -> Iterator[tuple[ast.stmt, str]]:
    """For an argument that the fix goes through: the first statement of the function, with the
    argument made a list before it where it can be gone through only once."""
    function = code.function_at(node.lineno)
    parent = code.parents.get(node)
    is_gone_through = isinstance(parent, ast.comprehension | ast.For) and parent.iter is node
    arguments = {each.arg for each in function.args.args} if function else set()
    if function and is_gone_through and isinstance(node, ast.Name) and node.id in arguments:
        first = body_without_docstring(function)[0]
        line = f"{node.id} = {node.id} if hasattr({node.id}, '__len__') else list({node.id})"
        yield first, f"{line}\n{code.indent(first.lineno)}{code.segment(first)}"


def drop_guard(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a condition, a default or a choice that the fix brought: all that goes on without
    it, the contrary of a condition, and what usually stands for nothing, where it is computed."""
    parent = code.parents.get(node)
    if isinstance(parent, ast.If | ast.IfExp | ast.comprehension) and (
        node is getattr(parent, "test", None) or node in getattr(parent, "ifs", ())
    ):
        yield from ("True", f"(not ({_text(code, node)}))")
    if isinstance(node, ast.BoolOp):
        yield from (_text(code, each) for each in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (_text(code, each) for each in (node.body, node.orelse))
        if not isinstance(node.orelse, ast.Constant | ast.UnaryOp):
            head = f"{_text(code, node.body)} if {_text(code, node.test)} else"
            yield from (f"({head} {default})" for default in ("-1", *_DEFAULTS))
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and node.args:
        holder = code.segment(node.func).removesuffix(".get")
        yield f"{holder}[{_text(code, node.args[0])}]"


def leave_out(code: SourceFile, node: ast.expr) -> Iterator[tuple[ast.stmt, str]]:
    """For a default that the fix brought for what is missing in an item of an argument: the first
    statement of the function, with such items left out before it. A sum is the same then, and a
    mean or a count is not."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        value = _text(code, node.values[0])
    elif isinstance(node, ast.IfExp) and not isinstance(node.body, ast.Constant):
        value = _text(code, node.body)
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and node.args:
        value = f"{_text(code, node.func)}({_text(code, node.args[0])})"
    else:
        return
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    function = code.function_at(node.lineno)
    above = code.parents.get(node)
    while function and above is not None and above is not function:
        for loop in getattr(above, "generators", [above]):
            item, items = (getattr(getattr(loop, w, None), "id", "") for w in ("target", "iter"))
            if item in names and items in {each.arg for each in function.args.args}:
                first = body_without_docstring(function)[0]
                rest = f"[{item} for {item} in {items} if ({value}) is not None]"
                indent = code.indent(first.lineno)
                yield first, f"{items} = {rest}\n{indent}{code.segment(first)}"
        above = code.parents.get(above)


def move_try(code: SourceFile, node: ast.Try) -> Iterator[str]:
    """In place of a `try` that the fix brought: around each round of its loop in place of around
    the loop, or a loop that ends at what is caught in place of going on."""
    loop, holder = node.body[0], code.parents.get(node)
    is_plain = len(node.body) == 1 and not node.orelse and not node.finalbody
    if is_plain and isinstance(loop, ast.For) and not loop.orelse:
        inner = _catch(loop.body, node, ast.Continue())
        yield _write(code, node, ast.For(loop.target, loop.iter, [inner], [], lineno=0))
    elif is_plain and isinstance(holder, ast.For | ast.While):
        yield _write(code, node, _catch(node.body, node, ast.Break()))


def move_statement(code: SourceFile, node: ast.stmt) -> Iterator[str]:
    """For a statement that the fix brought and that changes something: the file with it after the
    work that follows, or before the work that it follows. What is marked as done before it is done
    shows itself only where that work fails."""
    block = _find_block(code, node)
    if not _has_effect(node) or block is None:
        return
    place = block.index(node)
    neighbours = [*block[place + 1 : place + 2], *block[max(0, place - 1) : place]]
    for other in neighbours:
        if any(isinstance(each, ast.Call) for each in ast.walk(other)):
            edits = [code.replace(node, code.segment(other))]
            yield apply_edits(code.text, [*edits, code.replace(other, code.segment(node))])
        if isinstance(other, ast.Try) and other is neighbours[0]:
            last = other.body[-1]
            line = f"\n{code.indent(last.lineno)}{code.segment(node)}"
            edits = [code.replace(node, "pass"), code.insert_after(last, line)]
            yield apply_edits(code.text, edits)


def _has_effect(node: ast.stmt) -> bool:
    """It does something, and gives no name to a value."""
    if isinstance(node, ast.Assign):
        return not any(isinstance(each, ast.Name | ast.Tuple) for each in node.targets)
    return isinstance(node, ast.AugAssign | ast.Delete) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    )


def _find_block(code: SourceFile, node: ast.stmt) -> list[ast.stmt] | None:
    """The statements among which it stands."""
    holder = code.parents.get(node)
    blocks = [getattr(holder, name, None) for name in ("body", "orelse", "finalbody")]
    return next((each for each in blocks if isinstance(each, list) and node in each), None)


def _catch(body: list[ast.stmt], node: ast.Try, ending: ast.stmt) -> ast.Try:
    handlers = [ast.ExceptHandler(each.type, each.name, [ending]) for each in node.handlers]
    return ast.Try(body, handlers, [], [])


def _write(code: SourceFile, node: ast.stmt, new: ast.stmt) -> str:
    """As it stands there from its first word on."""
    indent = code.indent(node.lineno)
    return ast.unparse(ast.fix_missing_locations(new)).replace("\n", f"\n{indent}")


def _is_returned_difference(code: SourceFile, node: ast.expr) -> bool:
    """What a function gives: of a part of it, one seldom asks what it is below nought."""
    is_difference = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    return is_difference and any(
        isinstance(each, ast.Return) and each.value is node for each in code.nodes
    )


def _find_repetition(node: ast.expr) -> ast.expr | None:
    """How often a list of what may be changed is repeated, `n` of `[[0]] * n`: all are one."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return None
    for items, count in ((node.left, node.right), (node.right, node.left)):
        if isinstance(items, ast.List) and not all(isinstance(e, ast.Constant) for e in items.elts):
            return count
    return None


def _is_at_each_place(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _ONCE.get(node.func.attr) == len(node.args)
        and not node.keywords
    )


def _text(code: SourceFile, node: ast.expr) -> str:
    start, end = code.span(node)
    return code.text[start:end]

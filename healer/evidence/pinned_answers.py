"""Does a test say what the fix gives where the code failed before? Programs that give another
answer there, and only there.

Belongs here: making them from both texts. Does not belong here: running them (`rivals`). Pure.

A patch that only suppresses (a default, a skip, an early return, a filter) makes any test green
that asks for no more than that nothing is raised. So the fixed function is put beside the unfixed
one: on each input on which they differ, its answer is changed a little. Where all tests still pass,
none of them says what comes out.
"""

import ast
import copy
import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from healer.draft.rules.source_file import SourceFile
from healer.judge.mutants import CHANGED

_FALSY = (
    "(lambda _v: _v if _v or isinstance(_v, (bool, tuple))"
    " else 0 if _v is None or isinstance(_v, str) else None)"
)
"""Nothing of another kind: 0, an empty text and None are alike to `not`. An empty text is not
changed to None, for `re.sub` takes both from a function and puts in nothing."""
_INNER = (
    f"(lambda _v: [{CHANGED}(_v[0]), *_v[1:]] if isinstance(_v, list) and _v"
    f" else {{**_v, next(reversed(_v)): {CHANGED}(_v[next(reversed(_v))])}}"
    " if isinstance(_v, dict) and _v else _v)"
)
_PART = (
    f"(lambda _v: (*_v[:_place], {CHANGED}(_v[_place]), *_v[_place + 1:])"
    " if type(_v) is tuple and len(_v) > _place else _v)"
)
CHANGES = {"another answer": CHANGED, "other content": _INNER, "another nothing": _FALSY}
MOST_YIELDED = 10_000
"""Of what a generator gives; one without an end shows no more."""
_PLAIN = {"of": "", "end": "", "give": "", "done": ""}
_ASYNC = {**_PLAIN, "of": "await "}
_GENERATOR = {
    "of": "[*__import__('itertools').islice(",
    "end": f", {MOST_YIELDED})]",
    "give": "(yield from ",
    "done": ")",
}
"""How the answer of each kind of function is taken, and given."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST_PARTS = 4
"""Of a tuple that a function returns, so many are tried each for itself."""
_WRAPPER = """


{base}


def _healer_between(fix, base):
    import copy
    import functools
    import gc

    def is_same(one, other):
        return type(one) is type(other) and one == other

    def change(result):
        other = {change}(result)
        if {sees} and not is_same(result, other):
            raise LookupError("seen")
        return other

    @functools.wraps(fix)
    def answer(*arguments, **named):
        kept = copy.deepcopy((arguments, named))
        result = fix(*arguments, **named)
        try:
            answers = [base(*kept[0], **kept[1])]
        except Exception:
            answers = []
        gc.collect(0)
        return result if answers and is_same(answers[0], result) else change(result)

    return answer


{name} = _healer_between({name}, _healer_base)
"""
"""Behind the module: it has to be imported anew, which costs as much as hundreds of test runs. What
the unfixed code held open, such as a database, is let go."""
_BODY = """
import copy as _healer_copy
_healer_kept = _healer_copy.deepcopy(((lambda *a, **k: (a, k))({call})))
_healer_result = {of}_healer_fix({call}){end}
def _healer_is_same(one, other):
    return type(one) is type(other) and one == other
def _healer_change(result):
    other = {change}(result)
    if {sees} and not _healer_is_same(result, other):
        raise LookupError("seen")
    return other
try:
    _healer_before = [{of}_healer_base(*_healer_kept[0], **_healer_kept[1]){end}]
except Exception:
    _healer_before = []
import gc as _healer_gc
_healer_gc.collect(0)
if _healer_before and _healer_is_same(_healer_before[0], _healer_result):
    return {give}_healer_result{done}
return {give}_healer_change(_healer_result){done}
"""
"""Inside the function, after both as functions of its own: the rest of the module is as it was, so
that a sandbox may put it in place without an import."""
_KEEPING_BODY = """
import copy as _healer_copy
_healer_kept = _healer_copy.deepcopy(((lambda *a, **k: (a, k))({call})))
try:
    _healer_answer = {of}{keeps}(*_healer_kept[0], **_healer_kept[1]){end}
except Exception:
    return {give}{of}_healer_fix({call}){end}{done}
try:
    {of}_healer_fix({call}){end}
except Exception:
    pass
return {give}_healer_answer{done}
"""
"""What a call leaves behind is the fix's; only what it gives is kept."""
OLD_ANSWERS, CONTROL = "what it was", "its own"
"""Kept on copies of all arguments: what is old, and, to see whether copies alone disturb the tests,
what the fix gives."""


class Answer(NamedTuple):
    """A fix that gives another answer where the unfixed code failed or gave another one."""

    path: str
    function: str
    change: str
    """What sort of another answer."""
    sees: bool
    """It raises in place of it, which shows whether the tests see such a case at all."""
    content: str


def find_other_answers(path: str, base: str, fix: str, name: str) -> Iterator[Answer]:
    """For a function or method, each sort of another answer, before it the one that raises; for one
    that never gives a value only what does nothing at all. None where two of the file have this
    name, and for what yields and waits at once."""
    function, before = (_find(SourceFile(path, text), name) for text in (fix, base))
    if function is None or before is None or _kind_of(function) != _kind_of(before):
        return
    if _is_procedure(function) and _is_procedure(before):
        yield Answer(path, name, "nothing at all", sees=False, content=_empty(fix, function))
        return
    parts = {
        f"another part {place + 1}": _PART.replace("_place", str(place))
        for place in range(_count_parts(function))
    }
    for change, text in {**CHANGES, **parts}.items():
        for sees in (True, False):
            if ast.dump(function.args) == ast.dump(before.args):
                body = _BODY.replace("{change}", text).replace("{sees}", str(sees))
                content = _put_inside(fix, function, before, body)
            elif function.col_offset or function.decorator_list or _kind_of(function) != _PLAIN:
                continue
            else:
                content = _put_behind(fix, name, ast.get_source_segment(base, before), text, sees)
            if SourceFile(path, content).tree is not None:
                yield Answer(path, name, change, sees, content)


def keep_answers(path: str, base: str, fix: str, name: str) -> Iterator[Answer]:
    """For a function or method the fix that gives all that the unfixed code gave, and its own
    answer only where that raises; before it its control, which keeps the fix's answers alike. Tests
    that call the one wrong, and pass the other, say that the code did not only crash."""
    function, before = (_find(SourceFile(path, text), name) for text in (fix, base))
    if function is None or before is None or _kind_of(function) != _kind_of(before):
        return
    if ast.dump(function.args) == ast.dump(before.args):
        for change, keeps in ((CONTROL, "_healer_fix"), (OLD_ANSWERS, "_healer_base")):
            body = _KEEPING_BODY.replace("{keeps}", keeps)
            content = _put_inside(fix, function, before, body)
            yield Answer(path, name, change, sees=False, content=content)


def _is_procedure(function: Function) -> bool:
    """It gives no value: what it is for is what it leaves changed."""
    nodes = list(_walk_own(function))
    gives = any(isinstance(n, ast.Return) and n.value for n in nodes)
    return not gives and not _yields(function)


def _yields(function: Function) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _walk_own(function))


def _kind_of(function: Function) -> Mapping[str, str]:
    is_async = isinstance(function, ast.AsyncFunctionDef)
    return _ASYNC if is_async else _GENERATOR if _yields(function) else _PLAIN


def _walk_own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions, classes and lambdas inside it."""
    todo: list[ast.AST] = [*function.body]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _empty(fix: str, function: Function) -> str:
    outer = copy.copy(function)
    outer.body = [ast.Pass()]
    return _replace(fix, function, outer)


def _put_behind(fix: str, name: str, base: str | None, change: str, sees: bool) -> str:
    source = (base or "").replace(f"def {name}", "def _healer_base", 1)
    return fix + _WRAPPER.format(base=source, name=name, change=change, sees=sees)


def _put_inside(fix: str, function: Function, base: Function, body: str) -> str:
    """Both take all their values by name, so that defaults are never asked for."""
    for name, text in {**_kind_of(function), "call": _make_call(function.args)}.items():
        body = body.replace(f"{{{name}}}", text)
    outer = copy.copy(function)
    outer.body = [
        _rename(function, "_healer_fix"),
        _rename(base, "_healer_base"),
        *ast.parse(body).body,
    ]
    return _replace(fix, function, outer)


def _replace(fix: str, function: Function, other: Function) -> str:
    """Decorators stay where they are: they stand above the line of the `def`."""
    other.decorator_list = []
    lines = fix.splitlines(keepends=True)
    head, tail = lines[: function.lineno - 1], lines[function.end_lineno or 0 :]
    text = textwrap.indent(ast.unparse(other), " " * function.col_offset)
    return "".join([*head, text, "\n", *tail])


def _rename(function: Function, name: str) -> Function:
    """The same function under another name, without what is evaluated when it is defined."""
    other = copy.deepcopy(function)
    other.name, other.returns = name, None
    other.decorator_list = []
    other.args.defaults = []
    other.args.kw_defaults = [None for _ in other.args.kwonlyargs]
    for node in ast.walk(other.args):
        if isinstance(node, ast.arg):
            node.annotation = None
    return other


def _make_call(args: ast.arguments) -> str:
    """The values of all parameters, as a call hands them on."""
    parts = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    parts += [f"*{args.vararg.arg}"] if args.vararg else []
    parts += [f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs]
    parts += [f"**{args.kwarg.arg}"] if args.kwarg else []
    return ", ".join(parts)


def _count_parts(function: Function) -> int:
    """Of the widest tuple that it returns as such."""
    returns = [n.value for n in _walk_own(function) if isinstance(n, ast.Return)]
    widths = [len(value.elts) for value in returns if isinstance(value, ast.Tuple)]
    return min(max(widths, default=0), MOST_PARTS)


def _find(code: SourceFile, name: str) -> Function | None:
    nodes = ast.walk(code.tree) if code.tree else ()
    functions = [node for node in nodes if isinstance(node, Function) and node.name == name]
    if len(functions) != 1 or (
        isinstance(functions[0], ast.AsyncFunctionDef) and _yields(functions[0])
    ):
        return None
    return functions[0]

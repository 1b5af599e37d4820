"""The call that failed, with the values that it had: what a small test can be made of.

Belongs here: which function it was, what it was given, and what it gives with the fix, all seen in
the sandbox. Does not belong here: the test's text (`case_text`) and whether it holds (`case_test`).
"""

import ast
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from healer.evidence.overlay import Overlay
from healer.evidence.small_input import Budget, shrink
from healer.failure import Failure
from healer.services.runner import PackableTree, SandboxRunner
from healer.support.tree_text import read_text
from sandbox import Command, Plan

LONGEST_VALUE = 20_000
"""Characters of the arguments of one call that are looked at."""
LONGEST_CALL = 600
"""Characters of arguments, and of a result, that a test may hold."""
_MARK = "healer-call: "
_TELL = (
    "(lambda s, a: len(a) <= {most} and s.__stderr__.write("
    "{mark!r} + ascii(({name!r}, a)) + chr(10)))(__import__('sys'), repr(({arguments})))"
)
_PROBE = """\
import ast, importlib.util, json, os, sys
path, function, calls = json.loads(sys.stdin.read())
folder = os.path.dirname(os.path.abspath(path))
sys.path[:0] = [folder, os.getcwd()]
touches = []
HARM = ("os.", "shutil.", "socket.", "subprocess.", "sqlite3.", "tempfile.", "glob.", "urllib.")
def listen(event, arguments):
    if on and (event.startswith(HARM) and event not in ("os.listdir", "os.scandir")):
        touches.append(event)
    if on and event == "open":
        name = str(arguments[0])
        if not name.startswith((sys.prefix, sys.base_prefix)) and ".py" not in name:
            touches.append("open " + name)
on = False
sys.addaudithook(listen)
name = os.path.basename(path)[:-3]
spec = importlib.util.spec_from_file_location(name, path)
module = sys.modules[name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for text in calls:
    values = ast.literal_eval(text)
    del touches[:]
    on = True
    try:
        end = ["gives", repr(getattr(module, function)(*values))]
    except BaseException as error:
        end = ["raises", type(error).__name__]
    on = False
    changed = repr(values) != text
    sys.__stderr__.write("healer-end: " + ascii([*end, bool(touches), changed]) + chr(10))
"""


class CallEnd(NamedTuple):
    """What came of one call."""

    how: str
    """`gives` or `raises`."""
    what: str
    """The result as text, or the exception's name."""
    touches: bool
    """It read or wrote more than its arguments."""
    changes: bool
    """It changed its arguments."""


class RecordedCall(NamedTuple):
    """A call that fails without the fix, and what it gives with it."""

    path: str
    function: str
    arguments: tuple[Any, ...]
    """Literals."""
    gives: str
    """A literal, as text."""


@dataclass(frozen=True)
class CallFinder:
    """Looks for the call on the unfixed tree, and calls it again on both."""

    base: PackableTree
    tree: PackableTree
    command: Command
    runner: SandboxRunner

    def find(self, failure: Failure) -> Iterator[RecordedCall]:
        """Calls that a test can make, the innermost first: of functions at the top of a module that
        does nothing when it is imported, with literals for arguments, that touch nothing else."""
        error = failure.exception.type.rpartition(".")[2] if failure.exception else ""
        places = list(dict.fromkeys(_list_functions(failure, self.base)))
        values = self._see_arguments(places) if places and error else {}
        for path, function in places:
            arguments = values.get(function)
            if arguments is None:
                continue
            call = self._make_smallest(path, function, arguments, error)
            if call is not None:
                yield call

    def _see_arguments(self, places: Sequence[tuple[str, str]]) -> dict[str, tuple[Any, ...]]:
        """What the functions were given the last time they were called."""
        texts: dict[str, str] = {}
        for path, function in places:
            text = texts.get(path) or read_text(self.base, path)
            texts[path] = watch_calls(text, function) or text
        files = {path: text.encode() for path, text in texts.items()}
        end = self.runner.run(Overlay(self.base, files), Plan(command=self.command)).command
        return dict(find_calls(end.stderr)) if end else {}

    def _make_smallest(
        self, path: str, function: str, arguments: tuple[Any, ...], error: str
    ) -> RecordedCall | None:
        budget = Budget()

        def tells(choices: list[tuple[Any, ...]]) -> list[bool]:
            choices = budget.cut(choices)
            start = time.monotonic()
            before = self.call(self.base, path, function, choices) if choices else []
            budget.measure(time.monotonic() - start, len(choices))
            after = self.call(self.tree, path, function, choices) if choices else []
            return [_tells(*pair, error) for pair in zip(before, after, strict=False)]

        if tells([arguments]) != [True]:
            return None
        smallest = shrink(arguments, tells)
        gives = self.call(self.tree, path, function, [smallest])[0].what
        if max(len(repr(smallest)), len(gives)) > LONGEST_CALL:
            return None
        return RecordedCall(path, function, smallest, gives)

    def call(
        self, tree: PackableTree, path: str, function: str, choices: Sequence[tuple[Any, ...]]
    ) -> list[CallEnd]:
        """How a function of a tree ends with each of these arguments; empty where it cannot be
        called there."""
        words = json.dumps([path, function, [repr(each) for each in choices]])
        command = Command(argv=("python", "-c", _PROBE), stdin=words.encode())
        end = self.runner.run(tree, Plan(command=command)).command
        return find_ends(end.stderr) if end else []


def watch_calls(text: str, function: str) -> str | None:
    """The file's text, in which a function at its top tells what it is given; None where it cannot
    be called with its arguments alone."""
    node = find_function(text, function)
    if node is None:
        return None
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
    lines = text.split("\n")
    if not body or not names or lines[body[0].lineno - 1][: body[0].col_offset].strip():
        return None
    tell = _TELL.format(
        most=LONGEST_VALUE, mark=_MARK, name=function, arguments="".join(f"{n}, " for n in names)
    )
    start = body[0].lineno - 1
    return "\n".join([*lines[:start], " " * body[0].col_offset + tell, *lines[start:]])


def find_function(text: str, function: str) -> ast.FunctionDef | None:
    """The function at the top of a module that is only made up of definitions; None where there is
    none that gives a result at once and takes plain arguments."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    if not all(map(_is_definition, module.body)):
        return None
    nodes = (n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == function)
    node = next(nodes, None)
    if node is None or node.decorator_list or any(
        isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node)
    ):  # fmt: skip
        return None
    is_plain = not (node.args.vararg or node.args.kwarg or node.args.kwonlyargs)
    return node if is_plain else None


def _is_definition(node: ast.stmt) -> bool:
    """It does nothing that an import of the module should not do."""
    if isinstance(node, ast.If):
        return "__name__" in ast.dump(node.test) or "TYPE_CHECKING" in ast.dump(node.test)
    if isinstance(node, ast.Try):
        return all(map(_is_definition, [*node.body, *node.orelse])) and not node.finalbody
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(
        node,
        ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        | ast.Assign | ast.AnnAssign | ast.Pass,
    )  # fmt: skip


def find_calls(stderr: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Functions with what they were given, as far as that is literals, in the order of calls."""
    for text in re.findall(rf"^{_MARK}(.*)$", stderr, re.MULTILINE):
        words = read_literal(text)
        if isinstance(words, tuple) and len(words) == 2:  # noqa: PLR2004 - a name and its arguments
            arguments = read_literal(str(words[1]))
            if isinstance(arguments, tuple):
                yield str(words[0]), arguments


def find_ends(stderr: str) -> list[CallEnd]:
    """What came of each call, in order."""
    ends = []
    for text in re.findall(r"^healer-end: (.*)$", stderr, re.MULTILINE):
        words = read_literal(text)
        if isinstance(words, list) and len(words) == len(CallEnd._fields):
            ends.append(CallEnd(str(words[0]), str(words[1]), bool(words[2]), bool(words[3])))
    return ends


def read_literal(text: str) -> Any:
    """The value; None where it is none, or is not written like this again."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if repr(value) == text or ascii(value) == text else None


def _tells(before: CallEnd, after: CallEnd, error: str) -> bool:
    """It fails for the same reason without the fix, and gives something that can be written down
    with it."""
    is_result = after.how == "gives" and after.what != "None"
    is_clean = not (after.touches or before.touches or after.changes)
    same = before.how == "raises" and before.what == error
    return same and is_result and is_clean and read_literal(after.what) is not None


def _list_functions(failure: Failure, base: PackableTree) -> Iterator[tuple[str, str]]:
    """Those of the traceback that can be watched, the innermost first."""
    frames = failure.exception.frames if failure.exception else ()
    for frame in reversed(frames):
        if frame.own and watch_calls(read_text(base, frame.file), frame.function) is not None:
            yield frame.file, frame.function

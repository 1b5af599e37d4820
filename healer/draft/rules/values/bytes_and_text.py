"""Rules for bytes that should have come in as text: programs' output, compressed files, replies.

Belongs here: the place where the bytes come in, and how text comes in there. Does not belong here:
literals beside bytes (`mixes`), which is the second-best repair.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import only_value, scope_of, values_of
from healer.draft.rules.io.open_modes import with_mode
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import dotted, imports
from healer.draft.rules.source_file import TextEdit

_BYTES_FOR_TEXT = re.compile(
    r"a bytes-like object is required, not 'str'|can only concatenate str \(not \"bytes\"\) to str"
    r"|cannot use a string pattern on a bytes-like object|first arg must be bytes"
    r"|expected str instance, bytes found|can't concat str to bytes"
    r"|argument must be str, not bytes|must be str, not bytes"
)
_PROGRAMS = ("check_output", "run", "Popen")
_COMPRESSED = ("gzip.open", "bz2.open", "lzma.open")
_REPLIES = ("urllib.request.urlopen", "base64.b64decode", "base64.b64encode", "zlib.decompress")
_TEXT_ON = frozenset({"text", "encoding", "universal_newlines", "errors"})


def bytes_that_came_in(site: FaultSite) -> Iterator[Fix]:
    """The failing line works with text, and its bytes come from a call that can give text."""
    if not _BYTES_FOR_TEXT.search(site.error.message):
        return
    known = imports(site.code)
    for call in _sources(site):
        name = dotted(call.func, known) or ""
        module, _, function = name.rpartition(".")
        given = {keyword.arg for keyword in call.keywords}
        if module == "subprocess" and function in _PROGRAMS and not given & _TEXT_ON:
            end = site.code.span(call)[1] - 1
            change = TextEdit(end, end, ", text=True")
            cause = "The program's output came in as bytes; `text=True` gives it as text."
            yield Fix(cause, (change,), 0.88)
        elif name in _COMPRESSED and _mode(call) in ("", "r", "rb"):
            change = with_mode(site, call, "rt")
            cause = f"`{name}` gives bytes; in mode `rt` it gives text."
            yield Fix(cause, (change,), 0.88)
        elif name in _REPLIES:
            yield from _decoded(site, call)


def _sources(site: FaultSite) -> Iterator[ast.Call]:
    """Calls that gave what the failing statement uses, also through names and loops."""
    seen: set[int] = set()
    waiting: list[ast.AST] = list(site.code.nodes_of_statement(site.line))
    for _ in range(200):
        if not waiting:
            return
        node = waiting.pop(0)
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for value in _given(site, node.id):
                waiting += ast.walk(value)


def _given(site: FaultSite, name: str) -> Iterator[ast.expr]:
    scope = scope_of(site)
    yield from values_of(scope, name)
    for node in ast.walk(scope) if scope else ():
        if isinstance(node, ast.For | ast.comprehension):
            targets = (getattr(n, "id", "") for n in ast.walk(node.target))
            yield from [node.iter] if name in targets else []


def _mode(call: ast.Call) -> str:
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    value = given[0] if given else None
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _decoded(site: FaultSite, call: ast.Call) -> Iterator[Fix]:
    """`.read()` of a reply, or the result itself, is decoded as UTF-8."""
    code = site.code
    reads: list[ast.expr] = [
        node
        for node in code.nodes
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "read"
        and isinstance(node.func, ast.Attribute)
        and (node.func.value is call or only_value(site, node.func.value) is call)
    ]
    opened = code.segment(call.func).endswith("urlopen")
    for node in reads if opened else [call]:
        change = code.replace(node, f"{code.segment(node)}.decode()")
        yield Fix(f"`{code.segment(node)}` gives bytes; they are read as UTF-8.", (change,), 0.82)


def text_to_send(site: FaultSite) -> Iterator[Fix]:
    """`urlopen(url, data="a=1")`, `socket.send(text)`, `input=text`: bytes are wanted."""
    message, code = site.error.message, site.code
    if "POST data should be bytes" in message:
        for call in site.nodes(ast.Call):
            values = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "data")]
            for value in values[:1]:
                change = code.replace(value, f"{code.segment(value)}.encode()")
                yield Fix("What is sent must be bytes; the text is encoded.", (change,), 0.93)
    if "memoryview: a bytes-like object is required, not 'str'" in message:
        for call in site.nodes(ast.Call):
            given = {keyword.arg for keyword in call.keywords}
            if "input" in given and not given & _TEXT_ON:
                end = code.span(call)[1] - 1
                cause = "The input is text; `text=True` lets the program's input be text."
                yield Fix(cause, (TextEdit(end, end, ", text=True"),), 0.9)


BYTES_RULES = (
    rule("bytes-that-came-in", "TypeError", bytes_that_came_in),
    rule("text-to-send", "TypeError", text_to_send),
)

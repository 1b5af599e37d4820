"""Keys that the data has lost and that the code asks for without failing: `row.get("rate")`.

Belongs here: from two nights' data to the places that miss something in silence, as the errors that
they would raise. Does not belong here: mending them (`values.moved_keys`). Only for a job that
ended well and left something else than expected: elsewhere a missing key may be as it should be.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.columns import read_columns
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.failure import Frame, Raised


def find_silent_losses(files: SourceFiles, script: str) -> Iterator[Raised]:
    """A `KeyError` for each first read of a lost key in each file, the script first."""
    lost_keys = _find_lost_keys(files)
    for code in files.parse_all(script) if lost_keys else ():
        if files.tests.is_test(code.path):
            continue
        lines: dict[str, int] = {}
        for node in code.nodes:
            key = asked_key(node)
            if key in lost_keys and key is not None and isinstance(node, ast.expr):
                lines.setdefault(key, node.lineno)
        for key, line in lines.items():
            yield _make_error(code, key, line)


def asked_key(node: ast.AST) -> str | None:
    """The text that is asked for in `x["rate"]` and `x.get("rate")`, where it is written out."""
    index: ast.AST | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        index = node.slice
    elif isinstance(node, ast.Call) and node.args and not node.keywords:
        function = node.func
        is_get = isinstance(function, ast.Attribute) and function.attr == "get"
        index = node.args[0] if is_get else None
    value = index.value if isinstance(index, ast.Constant) else None
    return value if isinstance(value, str) else None


def _find_lost_keys(files: SourceFiles) -> set[str]:
    """What led to data on the last good night, and leads nowhere today."""
    lost_keys: set[str] = set()
    for read in files.reads:
        before, now = set(read_columns(read.before)), set(read_columns(read.text))
        there_still = {key for path in before & now for key in path}
        starts = {path[:end] for path in now for end in range(1, len(path) + 1)}
        for path in before - now if now else ():
            ends = range(1, len(path) + 1)
            lost_keys |= {path[end - 1] for end in ends if path[:end] not in starts} - there_still
    return lost_keys


def _make_error(code: SourceFile, key: str, line: int) -> Raised:
    source = code.lines[line - 1].strip() if line <= len(code.lines) else ""
    frame = Frame(file=code.path, line=line, function="", source=source, own=True)
    return Raised(type="KeyError", message=repr(key), frames=(frame,))

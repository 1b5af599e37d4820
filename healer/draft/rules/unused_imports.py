"""Imports that a fix leaves without a use: they go with what used them.

Belongs here: imports at the top level that the file used before the fix and does not use after it.
Does not belong here: imports that were unused before; they may be there for what importing does.
"""

import ast

from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits


def drop_unused_imports(before: SourceFile, text: str) -> str:
    """The fixed text without the imports that only what was replaced had used."""
    after = SourceFile(before.path, text)
    if before.tree is None or after.tree is None or "__all__" in text:
        return text
    orphans = _names(before) - _names(after)
    edits = [edit for node in after.tree.body for edit in _without(after, node, orphans)]
    return apply_edits(text, edits)


def _names(code: SourceFile) -> set[str]:
    return {node.id for node in code.nodes if isinstance(node, ast.Name)}


def _without(code: SourceFile, node: ast.stmt, orphans: set[str]) -> list[TextEdit]:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return []
    names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) not in orphans]
    if len(names) == len(node.names):
        return []
    if names:
        start, end = code.span(node.names[0])[0], code.span(node.names[-1])[1]
        return [TextEdit(start, end, ", ".join(code.segment(alias) for alias in names))]
    start, end = code.span(node)
    first, last = code.line_start(node.lineno), code.line_after(node)
    is_alone = not code.text[first:start].strip() and not code.text[end:last].strip()
    return [TextEdit(first, last, "")] if is_alone else []

"""Which files a failing test or script can reach: where a search may look.

Belongs here: following imports by reading. Nothing is imported.
"""

import ast
from collections.abc import Iterable, Iterator

from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles

MAX_FILES = 12
MAX_FILE_BYTES = 120_000


def find_reachable_files(files: SourceFiles, starts: Iterable[str]) -> dict[str, SourceFile]:
    """Changeable files at or behind `starts`, nearest first, at most MAX_FILES."""
    reachable: dict[str, SourceFile] = {}
    queue = list(dict.fromkeys(starts))
    known_paths = set(queue)
    while queue and len(reachable) < MAX_FILES:
        path = queue.pop(0)
        code = files.parse(path)
        if code is None or code.tree is None:
            continue
        is_code = files.can_change(path) and not files.tests.is_test_code(path)
        if is_code and len(code.text) <= MAX_FILE_BYTES:
            reachable[path] = code
        for behind in find_imports(files, code):
            if behind not in known_paths:
                known_paths.add(behind)
                queue.append(behind)
    return reachable


def find_imports(files: SourceFiles, code: SourceFile) -> Iterator[str]:
    """Paths of the repository's own modules that a file imports."""
    for node in code.nodes:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(code.path, node)
            names = [f"{base}.{alias.name}".strip(".") for alias in node.names] + [base]
        for name in names:
            module = files.find_module(name) if name else None
            if module is not None:
                yield module.path


def _base(path: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = path.split("/")[: -node.level]
    return ".".join([*parts, *([node.module] if node.module else [])])

"""Keys that stand near a fix: in its file, in the tests, and in the heads of data files.

Belongs here: which other key a fix might have named as well. Does not belong here: trying them
(`rivals`). Pure but for the tree it reads.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence

from healer.draft.rules.source_file import SourceFile
from healer.evidence.hunks import Span
from healer.facts.draft import ReadData, Source
from healer.support.tree_text import read_text
from quarantine.project_tests import ProjectTests

MOST_KEYS = 24
MOST_FILES = 40
MOST_DATA = 65_536
"""Characters of what a night read."""
HEAD_BYTES = 4_096
"""Of a data file; its keys stand in its first lines."""
_JSON_KEY = re.compile(r'"([^"\\\n]{1,60})"\s*:')
_LOOKUPS = frozenset(("get", "pop", "setdefault"))


def swap_keys(code: SourceFile, spans: Sequence[Span], keys: Sequence[str]) -> Iterator[str]:
    """The file with one key within the spans replaced by each of the others, and where it stands
    there more than once, all of its places together."""
    places: dict[str, list[Span]] = {}
    for node in code.nodes:
        key = _key_of(node)
        place = Span(*code.span(key)) if key is not None else None
        if key is not None and place and any(span.contains(place) for span in spans):
            places.setdefault(str(key.value), []).append(place)
    for old, spots in places.items():
        groups = [[place] for place in spots] + ([spots] if len(spots) > 1 else [])
        for group, other in itertools.product(groups, keys):
            if other != old:
                yield _put(code.text, group, repr(other))


def _put(text: str, places: Sequence[Span], new: str) -> str:
    for place in sorted(places, key=lambda each: each.start, reverse=True):
        text = text[: place.start] + new + text[place.end :]
    return text


def _key_of(node: ast.AST) -> ast.Constant | None:
    """The literal key of `x["key"]` or `x.get("key")`."""
    key: ast.AST | None = None
    if isinstance(node, ast.Subscript):
        key = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        key = node.args[0] if node.func.attr in _LOOKUPS else None
    return key if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def collect_keys(tree: Source, paths: Sequence[str]) -> list[str]:
    """Keys of these files first, then of the tests, then of data files; each once."""
    tests = ProjectTests.load(tree)
    every = tree.paths()
    sources = [*paths, *[p for p in every if p.endswith(".py") and tests.is_test(p)][:MOST_FILES]]
    data = [p for p in every if p.endswith((".json", ".jsonl", ".csv", ".tsv"))][:MOST_FILES]
    keys: dict[str, None] = {}
    for path in sources:
        text = read_text(tree, path)
        keys |= dict.fromkeys(_python_keys(SourceFile(path, text)))
    for path in data:
        head = (tree.read(path) or b"")[:HEAD_BYTES].decode("utf-8", "replace")
        keys |= dict.fromkeys(_data_keys(path, head))
    return list(keys)[:MOST_KEYS]


def find_new_keys(reads: Sequence[ReadData]) -> list[str]:
    """Keys of JSON that the failing night read and the good night in its place did not."""
    keys: dict[str, None] = {}
    for read in reads:
        new = {match[1]: None for match in _JSON_KEY.finditer(read.text[:MOST_DATA])}
        old = {match[1] for match in _JSON_KEY.finditer(read.before[:MOST_DATA])}
        keys |= {key: None for key in new if read.before and key not in old}
    return list(keys)[:MOST_KEYS]


def _python_keys(code: SourceFile) -> Iterator[str]:
    for node in code.nodes:
        literals = node.keys if isinstance(node, ast.Dict) else [_key_of(node)]
        for key in literals:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            yield from _data_keys("", node.value)  # a table as a text of the program or a test


def _data_keys(path: str, head: str) -> Iterator[str]:
    if path.endswith((".json", ".jsonl")):
        yield from (match[1] for match in _JSON_KEY.finditer(head))
    else:
        first = head.partition("\n")[0]
        yield from (cell.strip().strip('"') for cell in re.split(r"[,;\t]", first) if cell.strip())

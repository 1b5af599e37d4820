"""Where a new test belongs, and how it reaches what it tests: as the project's own tests do.

Belongs here: files, folders, imports and style of the tests that are there. Does not belong here:
what a test says (`healer.repair.answer_as_test`, `healer.evidence.case_text`), or what is a test
(`quarantine.project_tests`). Pure but for the tree that it reads.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from healer.facts.draft import Source
from healer.support.tree_text import read_text
from quarantine.project_tests import ProjectTests, runner_of

USUAL_FOLDER = "tests"
_EITHER = r"""'[^'"]+'|"[^'"]+\""""
_ENDS = ("", "_answers", "_answers_2", "_answers_3")


def module_of(path: str) -> str:
    """`scripts.job` of `scripts/job.py`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def find_test_of(base: Source, module: str, function: str) -> tuple[str, str] | None:
    """The test file that imports the module, one that names the function before others: its path
    and text."""
    tests = ProjectTests.load(base)
    files = []
    for path in base.paths():
        if path.endswith(".py") and tests.is_test(path):
            text = read_text(base, path)
            if any(is_same_module(name, module) for name, _ in list_imports(text)):
                is_named = re.search(rf"(?<![.\w]){function}\b", text)
                files.append((not is_named, path, text))
    if not files:
        return None
    _, path, text = min(files)
    return path, text


def list_imports(text: str) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """Modules that the top of a file imports, with the statement; a name that is imported from one
    may be one, too."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node
            yield from ((f"{node.module}.{each.name}", node) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, node) for each in node.names)


def is_same_module(name: str, module: str) -> bool:
    """`job` imports scripts/job.py where its folder is on the path."""
    return module == name or module.endswith(f".{name}")


def find_name(text: str, function: str, module: str) -> tuple[str, str]:
    """How the function is called in a test file of this text, and the import that it needs first,
    if any."""
    for name, node in list_imports(text):
        if not is_same_module(name, module):
            continue
        if isinstance(node, ast.ImportFrom) and is_same_module(node.module or "", module):
            names = {each.name: each.asname or each.name for each in node.names}
            if function in names:
                return names[function], ""
            return function, f"from {node.module} import {function}"
        for each in node.names:
            whole = f"{node.module}.{each.name}" if isinstance(node, ast.ImportFrom) else each.name
            if is_same_module(whole, module):
                return f"{each.asname or each.name}.{function}", ""
    return function, f"from {module} import {function}"


def choose_new_path(script: str, base: Source, ends: Sequence[str] = _ENDS) -> str:
    """A test file that is not there yet, in the folder that holds the tests; empty where each name
    is taken. `ends` are tried in their order."""
    stem = re.sub(r"\W+", "_", PurePosixPath(script).stem)
    every = set(base.paths())
    folder = _find_folder(base)
    names = (str(PurePosixPath(folder, f"test_{stem}{end}.py")) for end in ends)
    return next((name for name in names if name not in every), "")


def _find_folder(base: Source) -> str:
    tests = ProjectTests.load(base)
    paths = [each for each in base.paths() if each.endswith(".py") and tests.is_test(each)]
    folders = Counter(path.rpartition("/")[0] for path in paths)
    return min(folders, key=lambda each: (-folders[each], each)) if folders else USUAL_FOLDER


def uses_classes(base: Source, command: Sequence[str]) -> bool:
    """Whether tests are written as classes of `unittest`: where its own runner runs them, or no
    other sort is there."""
    if runner_of(command).kind in ("unittest", "django"):
        return True
    texts = [text.decode("utf-8", "replace") for text in ProjectTests.load(base).contents(base)]
    own = [text for text in texts if re.search(r"^\s*(async )?def test", text, re.MULTILINE)]
    return bool(own) and all("TestCase" in text for text in own)


def uses_double_quotes(base: Source, script: str) -> bool:
    """Whether the strings of the tests, and of the script, mostly have these."""
    texts = [text.decode("utf-8", "replace") for text in ProjectTests.load(base).contents(base)]
    counts = Counter(
        string[-1] for text in (*texts, read_text(base, script)) for string in _list_strings(text)
    )
    return counts['"'] >= counts["'"]


def _list_strings(text: str) -> Iterator[str]:
    """Those in one line that could as well have the other quotes."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.STRING and re.fullmatch(_EITHER, token.string):
                yield token.string
    except (tokenize.TokenError, SyntaxError):
        return

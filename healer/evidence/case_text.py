"""A recorded case as the text of a test, in the project's own style.

Belongs here: the text. Does not belong here: where it stands (`healer.survey.place_of_tests`), what
happened (`recorded_call`, `recorded_run`), a run that fetches (`fetching_text`), and whether it
holds (`case_test`). Pure.
"""

import io
import re
import tokenize
from collections.abc import Sequence
from pprint import pformat
from textwrap import indent
from typing import Any, NamedTuple

from healer.evidence.recorded_call import RecordedCall, read_literal
from healer.evidence.recorded_run import RecordedRun

WIDTH = 88
PLACE = "__place__"
_CLEAN_PLACE = [
    "folder = tempfile.TemporaryDirectory()",
    "self.addCleanup(folder.cleanup)",
    "place = Path(folder.name)",
]


class Style(NamedTuple):
    """How the project writes tests, and what is said above this one."""

    has_classes: bool
    """Of `unittest`."""
    error: str
    """The exception's name."""
    why: str
    """One line: when, and what it said."""
    depth: int = 1
    """Folders between the test file and the repository's root."""
    has_double_quotes: bool = False


class Header(NamedTuple):
    """What stands above a test."""

    library: Sequence[str] = ()
    own: Sequence[str] = ()
    constants: Sequence[str] = ()
    functions: Sequence[str] = ()
    arguments: Sequence[str] = ()
    """Of a test that is a function, beside its folder."""


def write_call_test(call: RecordedCall, name: str, needs: str, style: Style) -> str:
    """A test that makes one call; `name` is how it is called, after the import `needs`."""
    arguments, gives = list(call.arguments), read_literal(call.gives)
    title = f"test_{call.function}_where_it_raised_{snake(style.error)}"
    line = f"{name}({', '.join(map(repr, arguments))})"
    before: list[str] = []
    if len(compare(line, gives, style)) > WIDTH - 8:
        names = [
            f"given_{n}" if len(arguments) > 1 else "given" for n in range(1, len(arguments) + 1)
        ]
        for each, value in zip(names, arguments, strict=True):
            before.append(_assign(each, value))
        before.append(_assign("expected", gives))
        line = f"{name}({', '.join(names)})"
        body = [*before, compare_texts(line, "expected", style)]
    else:
        body = [compare(line, gives, style)]
    return wrap(title, [f"# {style.why}", *body], Header(own=(needs,)), style)


def write_run_test(run: RecordedRun, style: Style, *, says_result: bool) -> str:
    """A test that runs the script in an empty folder; without `says_result` all that is asked for
    is that it ends well."""
    title = f"test_{snake(stem_of(run.script))}_where_it_raised_{snake(style.error)}"
    body = [f"# {style.why}"]
    for copy in run.copies:
        way = "shutil.copy" if copy.endswith(".py") else "shutil.copytree"
        body.append(f"{way}(ROOT / {copy!r}, {PLACE} / {copy!r})")
    body += lay_files(run)
    start = f"{PLACE} / {run.script!r}" if run.copies else f"ROOT / {run.script!r}"
    words = ", ".join(["sys.executable", start, *map(repr, run.words)])
    body += [
        f"done = subprocess.run(\n        [{words}],\n        cwd={PLACE}, capture_output=True, "
        "text=True,\n    )",
        compare_texts("done.returncode", "0", style, message="done.stderr"),
    ]
    if says_result:
        if run.stdout:
            body.append(compare("done.stdout", run.stdout, style))
        for path, text in run.written.items():
            body.append(compare(f"({PLACE} / {path!r}).read_text()", text, style))
    library = ["import subprocess", "import sys", "from pathlib import Path"]
    library += ["import shutil"] if any("shutil." in line for line in body) else []
    root = f"ROOT = Path(__file__).resolve().parents[{style.depth}]"
    return wrap(title, body, Header(library, constants=(root,)), style)


def lay_files(run: RecordedRun) -> list[str]:
    """The lines that make the folder as the run finds it."""
    folders = {path.rpartition("/")[0] for path in run.files} | set(run.folders)
    lines = [
        f"({PLACE} / {folder!r}).mkdir(parents=True, exist_ok=True)"
        for folder in sorted(folders - {""})
    ]
    for path, text in run.files.items():
        lines += _write_file(path, text)
    return lines


def _write_file(path: str, text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    if len(lines) <= 1 or len(text) <= WIDTH // 2:
        return [f"({PLACE} / {path!r}).write_text({text!r})"]
    inner = "\n".join(f"        {line!r}" for line in lines)
    return [f"({PLACE} / {path!r}).write_text(\n{inner}\n    )"]


def wrap(title: str, body: list[str], header: Header, style: Style) -> str:
    """The whole file: what is imported, and one test."""
    needs_place = any(PLACE in line for line in body)
    library = list(header.library)
    if style.has_classes:
        library += ["import unittest", *(["import tempfile"] if needs_place else [])]
    library.sort(key=lambda line: (line.startswith("from"), line))
    blocks = ["\n".join(library), "\n".join(header.own), "\n".join(header.constants)]
    head = "\n\n".join(each for each in blocks if each)
    head = "\n\n\n".join([head, *(each.rstrip() for each in header.functions)])
    if not style.has_classes:
        arguments = ", ".join([*(["tmp_path"] if needs_place else []), *header.arguments])
        text = f"def {title}({arguments}):\n" + "\n".join(f"    {line}" for line in body)
        return _quote(f"{head}\n\n\n{text}\n".replace(PLACE, "tmp_path"), style)
    first = _CLEAN_PLACE if needs_place else []
    inner = "\n".join(f"    {line}" for line in [*first, *body])
    name = "".join(word.capitalize() for word in title.split("_")[1:])
    method = indent(f"def {title}(self):\n{inner}", "    ")
    text = f"{head}\n\n\nclass Test{name}(unittest.TestCase):\n{method}\n"
    return _quote(text.replace(PLACE, "place"), style)


def _quote(text: str, style: Style) -> str:
    """The text with its strings in the quotes that the project has; one that holds such a quote, or
    anything after a backslash but a letter, stays as it is."""
    if not style.has_double_quotes:
        return text
    rows = text.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        inner = token.string[1:-1]
        if token.type == tokenize.STRING and re.fullmatch(r"'(?:[^'\"\\]|\\\w)*'", token.string):
            (row, start), (_, end) = token.start, token.end
            line = rows[row - 1]
            rows[row - 1] = f'{line[:start]}"{inner}"{line[end:]}'
    return "".join(rows)


def _assign(name: str, value: Any) -> str:
    text = pformat(value, width=WIDTH - 8 - len(name), sort_dicts=False)
    lines = text.split("\n")
    pad = " " * (len(name) + 3 + 4)
    return "\n".join([f"{name} = {lines[0]}", *(f"{pad}{line}" for line in lines[1:])])


def compare(line: str, value: Any, style: Style) -> str:
    """An assertion that this expression gives the value."""
    return compare_texts(line, repr(value), style)


def compare_texts(line: str, value: str, style: Style, message: str = "") -> str:
    """The same with the value as text; `message`: what is said where it does not."""
    end = f", {message}" if message else ""
    if value in ("None", "True", "False"):
        word = {"None": "assertIsNone", "True": "assertIs", "False": "assertIs"}[value]
        rest = "" if value == "None" else f", {value}"
        if style.has_classes:
            return f"self.{word}({line}{rest}{end})"
        return f"assert {line} is {value}{end}"
    if style.has_classes:
        return f"self.assertEqual({line}, {value}{end})"
    return f"assert {line} == {value}{end}"


def stem_of(path: str) -> str:
    """A file's name without its end."""
    return path.rpartition("/")[2].removesuffix(".py")


def snake(name: str) -> str:
    """Words for the name of a function."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", words).strip("_").lower()

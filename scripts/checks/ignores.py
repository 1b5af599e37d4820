"""Every ignored lint or type error has its reason beside it.

Beside it: on the same line after the codes, or in a comment of its own on the line above; in
pyproject.toml a comment on the line. Belongs here: finding those that have none. Does not belong
here: which codes may be ignored at all (ruff's RUF100 refuses those that ignore nothing).
"""

import io
import re
import tokenize
import tomllib
from collections.abc import Iterator

from scripts.checks.sources import ROOT, Problem, Source

CHECK = "ignores"
_MARK = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[^\]]*\])?"
    r"|pragma:\s*no cover|fmt:\s*off)"
)
_REASON = re.compile(r"[^\W\d_]{2,}")
_TABLES = ("[tool.ruff.lint]", "[tool.ruff.lint.per-file-ignores]")
_CODE = re.compile(r'"([A-Z]+[0-9]*)"')


def find_unexplained(source: Source) -> Iterator[Problem]:
    """The ignores of a file without a reason."""
    if not _MARK.search(source.text):
        return  # nearly all files: to take one apart into its tokens takes long
    comments: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string
    for line, comment in comments.items():
        if _MARK.search(comment) and not _has_reason(source, comments, line):
            yield source.problem(CHECK, line, f"{comment.strip()} needs its reason beside it")


def find_unexplained_settings() -> Iterator[Problem]:
    """The ignores of pyproject.toml without a reason."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tomllib.loads(text)
    table, ignoring = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            table, ignoring = line.strip(), line.strip() == _TABLES[1]
        elif table == _TABLES[0] and "=" in line.partition("#")[0]:
            ignoring = line.startswith("ignore")
        values = line.partition("#")[0]
        values = values.partition("=")[2] if "=" in values else values
        if table in _TABLES and ignoring and _CODE.search(values) and not _says_something(line):
            codes = ", ".join(_CODE.findall(values))
            yield Problem(CHECK, "pyproject.toml", number, f"{codes} needs its reason beside it")


def _says_something(line: str) -> bool:
    return bool(_REASON.search(line.partition("#")[2]))


def _has_reason(source: Source, comments: dict[int, str], line: int) -> bool:
    if _REASON.search(_MARK.sub("", comments[line])):
        return True
    above = comments.get(line - 1, "")
    is_own_line = source.lines[line - 2].strip() == above.strip() if line > 1 and above else False
    return is_own_line and not _MARK.search(above) and bool(_REASON.search(above))

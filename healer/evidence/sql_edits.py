"""A statement of SQL as somebody else might have written it as well: what it does with rows that
are there already, which rows it takes, and in which order.

Belongs here: small edits of the text of one statement. Does not belong here: which of them change
what a fix brought (`neighbours`), or running them. Pure.

The edits are those of mutation testing for SQL (Tuya, Suárez-Cabal, de la Riva, "Mutating database
queries", 2007: clauses, operators, aggregates), and the ways of SQLite, PostgreSQL and MySQL to
meet a row that is there already.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

MOST_EDITS = 24
_STATEMENT = re.compile(
    r"""[rbfuRBFU]*["'({\s]*(select|insert|replace|update|delete|with)\b.*"""
    r"""\b(from|into|set|values|select)\b""",
    re.IGNORECASE | re.DOTALL,
)
_INSERT = re.compile(
    r"\b(?:insert(?:\s+or\s+\w+)?|insert\s+ignore|replace)\s+into\b", re.IGNORECASE
)
_INSERTS = ("INSERT INTO", "INSERT OR IGNORE INTO", "INSERT OR REPLACE INTO")
_COLUMNS = re.compile(r"\binto\s+[\w.\"`\[\]]+\s*\(([\w\s,\"`]+)\)", re.IGNORECASE)
_UPSERT = re.compile(
    r"\bon\s+conflict\b(?P<target>\s*\([^)]*\))?\s*do\s+(?P<does>nothing\b|update\s+set\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_ASSIGNMENT = re.compile(r"\b(\w+)\s*=\s*excluded\.(\w+)", re.IGNORECASE)
_END = re.compile(r"""[\s;]*["']+\s*\)?\s*$""")
_CLAUSE_END = r"(?=\bgroup\s+by\b|\border\s+by\b|\blimit\b|\bunion\b|\breturning\b|[;\"')]|$)"
_PATTERNS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), texts)
    for pattern, texts in (
        (r"\bwhere\b.*?" + _CLAUSE_END, ("",)),
        (r"\border\s+by\b.*?(?=\blimit\b|[;\"']|$)", ("",)),
        (r"\blimit\s+\S+?(?=[\s;\"']|$)", ("",)),
        (r"\bdistinct\b\s*", ("",)),
        (r"\bselect\b(?!\s+distinct\b)", ("SELECT DISTINCT",)),
        (r"\bunion\s+all\b", ("UNION",)),
        (r"\bunion\b(?!\s+all\b)", ("UNION ALL",)),
        (r"\bleft\s+(?:outer\s+)?join\b", ("JOIN",)),
        (r"(?<!left\s)(?<!outer\s)(?<!cross\s)\b(?:inner\s+)?join\b", ("LEFT JOIN",)),
        (r"\bdesc\b", ("ASC",)),
        (r"(?<=\w)\s+asc\b", (" DESC",)),
        (r"\border\s+by\s+[\w.]+(?=[\s;\"']*(?:limit\b|[;\"']|$))", (r"\g<0> DESC",)),
        (r"\bis\s+not\s+null\b", ("IS NULL",)),
        (r"\bis\s+null\b", ("IS NOT NULL",)),
        (r"\band\b", ("OR",)),
        (r"\bor\b(?!\s+(?:ignore|replace|abort|fail|rollback)\b)", ("AND",)),
        (r"(?<![<>!=])<(?![=>])", ("<=",)),
        (r"<=", ("<",)),
        (r"(?<![<>!=])>(?!=)", (">=",)),
        (r">=", (">",)),
        (r"\bsum\s*\(", ("AVG(", "MAX(")),
        (r"\bavg\s*\(", ("SUM(",)),
        (r"\bmin\s*\(", ("MAX(",)),
        (r"\bmax\s*\(", ("MIN(",)),
        (r"\bcount\s*\(\s*(?!\*|distinct)", ("COUNT(DISTINCT ",)),
        (r"\bcount\s*\(\s*distinct\b", ("COUNT(",)),
        (r"\b(?:coalesce|ifnull)\s*\(([^(),]+),[^()]*\)", (r"\1",)),
    )
)


def vary_statement(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression that is the text of a statement; nothing for any other."""
    is_text = isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    if not is_text or isinstance(code.parents.get(node), ast.JoinedStr | ast.FormattedValue):
        return
    text = code.segment(node)
    if not _STATEMENT.match(text):
        return
    yield from _meet_rows_otherwise(text)
    for pattern, replacements in _PATTERNS:
        for match in pattern.finditer(text):
            for replacement in replacements:
                yield text[: match.start()] + match.expand(replacement) + text[match.end() :]


def _meet_rows_otherwise(text: str) -> Iterator[str]:
    """What an insert does with a row that is there already."""
    insert = _INSERT.search(text)
    if insert is None:
        return
    upsert, end = _UPSERT.search(text), _END.search(text)
    head, kind = text[: insert.start()], " ".join(insert[0].upper().split())
    if upsert is None:
        for other in _INSERTS:
            if other != kind:
                yield head + other + text[insert.end() :]
    tail_start = end.start() if end else len(text)
    start = upsert.start() if upsert else tail_start
    before, tail = head + "INSERT INTO" + text[insert.end() : start].rstrip(), text[tail_start:]
    target = (upsert["target"] or "") if upsert else ""
    yield f"{before} ON CONFLICT{target} DO NOTHING{tail}"
    columns = _COLUMNS.search(text)
    if columns is not None:
        names = [name.strip() for name in columns[1].split(",")]
        every = ", ".join(f"{name} = excluded.{name}" for name in names)
        yield f"{before} ON CONFLICT{target} DO UPDATE SET {every}{tail}"
    for match in _ASSIGNMENT.finditer(text):
        sum_text = f"{match[1]} = {match[1]} + excluded.{match[2]}"
        yield text[: match.start()] + sum_text + text[match.end() :]

"""The rule for scripts that do not parse.

Belongs here: from a SyntaxError to whole-file fixes with a cause. A script of Python 2 also gets
its moved names, since it could not run otherwise. Does not belong here: the edits (one module for
each kind) and the search over them (`search`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.names.renames import python2_edits
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits, parse_source
from healer.draft.rules.syntax.brackets import BRACKET_EDITS, COMMA_EDITS
from healer.draft.rules.syntax.indentation import LAYOUT_EDITS
from healer.draft.rules.syntax.python2 import PYTHON2_EDITS
from healer.draft.rules.syntax.remarks import REMARK_EDITS, STRAY_WORDS
from healer.draft.rules.syntax.search import RepairedText, problem_of, search_repairs
from healer.draft.rules.syntax.spelling import LAST_EDITS, SPELLING_EDITS

EDITS = (
    *PYTHON2_EDITS,
    *LAYOUT_EDITS,
    *BRACKET_EDITS,
    *SPELLING_EDITS,
    *REMARK_EDITS,
    *COMMA_EDITS,
    *LAST_EDITS,
)
"""In the order of how rarely such an edit makes a wrong text parse."""
DOES_NOT_PARSE = "does-not-parse"
MAX_CHARACTERS = 400_000
MOST_REMARKS = 2
"""A text with more lines of words is no program with remarks, but something else."""
_BYTE_ORDER_MARK = "\ufeff"


@rule(
    DOES_NOT_PARSE,
    "SyntaxError IndentationError TabError",
    estimate=0.85,
    example="""
        - def total(rows)  #! SyntaxError: expected ':'
        + def total(rows):
              return sum(rows)
        """,
    silent="""
        Dear all,

        the report ( is late : sorry ] about that.
        #! SyntaxError: closing parenthesis ']' does not match opening parenthesis '('
        """,
    rivals=("another edit makes it parse as well",),
    link="https://docs.python.org/3/tutorial/errors.html#syntax-errors",
)
def does_not_parse(site: FaultSite) -> Iterator[Fix]:
    """A script does not parse; few and likely edits make it a program again."""
    problem = problem_of(site.code.text)
    if problem is None:
        return
    for rank, repair in enumerate(repair_text(site.code.text)):
        names = ", ".join(dict.fromkeys(name.replace("-", " ") for name in repair.names))
        cause = f"Line {problem.line} does not parse: {problem.message}. Changed: {names}."
        whole = TextEdit(0, len(site.code.text), repair.text)
        yield Fix(cause, (whole,), 0.9 - 0.05 * rank - 0.05 * len(repair.names))


def repair_text(text: str) -> list[RepairedText]:
    """Texts that parse, each another program, likeliest first; empty for one that parses."""
    if len(text) > MAX_CHARACTERS:
        return []
    programs: dict[str, RepairedText] = {}
    bare = text.removeprefix(_BYTE_ORDER_MARK)
    for repair in search_repairs(bare.replace("\r\n", "\n"), EDITS):
        if repair.names.count(STRAY_WORDS) <= MOST_REMARKS and parse_source(repair.text).body:
            programs.setdefault(_program(repair.text), repair)
    newline = "\r\n" if "\r\n" in text else "\n"
    head = text[: len(text) - len(bare)]
    return [
        RepairedText(head + _modernise(repair).replace("\n", newline), repair.names)
        for repair in programs.values()
    ]


def _modernise(repair: RepairedText) -> str:
    """The text with the names that went with Python 2, where it is of Python 2."""
    if not any(name.startswith("python2") for name in repair.names):
        return repair.text
    text = apply_edits(repair.text, python2_edits(SourceFile("", repair.text)))
    return text if problem_of(text) is None else repair.text


def _program(text: str) -> str:
    """The same for texts that are one program."""
    try:
        return ast.dump(parse_source(text))
    except RecursionError:
        return text


def only_adds(old: str, new: str) -> bool:
    """All that was written is still there, in its order; white space does not count."""
    letters = iter("".join(new.split()))
    return all(character in letters for character in "".join(old.split()))

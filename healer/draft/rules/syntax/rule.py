"""The rule for scripts that do not parse.

Belongs here: from a SyntaxError to whole-file fixes with a cause. A script of Python 2 also gets
its moved names, since it could not run otherwise.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.names.renamed_apis import python2_names
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits
from healer.draft.rules.syntax.brackets import BRACKET_EDITS, COMMA_EDITS
from healer.draft.rules.syntax.indentation import LAYOUT_EDITS
from healer.draft.rules.syntax.python2 import PYTHON2_EDITS
from healer.draft.rules.syntax.search import Mended, mend, problem_of
from healer.draft.rules.syntax.spelling import LAST_EDITS, SPELLING_EDITS

EDITS = (
    *PYTHON2_EDITS,
    *LAYOUT_EDITS,
    *BRACKET_EDITS,
    *SPELLING_EDITS,
    *COMMA_EDITS,
    *LAST_EDITS,
)
"""In the order of how rarely such an edit makes a wrong text parse."""
MAX_CHARACTERS = 400_000


def mended(text: str) -> list[Mended]:
    """Texts that parse, each another program, likeliest first; empty for one that parses."""
    if len(text) > MAX_CHARACTERS:
        return []
    found = mend(text.replace("\r\n", "\n"), EDITS)
    programs: dict[str, Mended] = {}
    for each in found:
        programs.setdefault(_program(each.text), each)
    modern = [Mended(_modern(m), m.names) for m in programs.values()]
    ends = "\r\n" if "\r\n" in text else "\n"
    return [Mended(m.text.replace("\n", ends), m.names) for m in modern]


def _modern(found: Mended) -> str:
    if not any(name.startswith("python2") for name in found.names):
        return found.text
    text = apply_edits(found.text, python2_names(SourceFile("", found.text)))
    return text if problem_of(text) is None else found.text


def does_not_parse(site: FaultSite) -> Iterator[Fix]:
    if site.code.tree is not None and problem_of(site.code.text) is None:
        return
    problem = problem_of(site.code.text)
    said = problem.message if problem else ""
    at = problem.line if problem else 0
    for rank, found in enumerate(mended(site.code.text)):
        names = ", ".join(dict.fromkeys(name.replace("-", " ") for name in found.names))
        cause = f"Line {at} does not parse: {said}. Changed: {names}."
        whole = TextEdit(0, len(site.code.text), found.text)
        yield Fix(cause, (whole,), 0.9 - 0.05 * rank - 0.05 * len(found.names))


def _program(text: str) -> str:
    """The same for texts that are one program."""
    try:
        return ast.dump(ast.parse(text.removeprefix("\ufeff")))
    except RecursionError:
        return text


def only_adds(old: str, new: str) -> bool:
    """All that was written is still there, in its order; white space does not count."""
    left = iter("".join(new.split()))
    return all(character in left for character in "".join(old.split()))


DOES_NOT_PARSE = "does-not-parse"
SYNTAX_RULES = (rule(DOES_NOT_PARSE, "SyntaxError IndentationError TabError", does_not_parse),)

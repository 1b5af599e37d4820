"""Rules for regular expressions: signs that are meant as text, flags, groups.

Belongs here: a pattern's own error message, and the pattern. Does not belong here: a pattern that
is well-formed and does not match.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import estimate_of_match, find_closest
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import add_missing_import, imported_names, qualified_name

_BROKEN = re.compile(
    r"nothing to repeat|multiple repeat|unterminated (?:subpattern|character set)|unbalanced paren"
    r"|bad escape \(end of pattern\)|incomplete escape|bad escape"
)
_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")
_PREFIX = re.compile(r"(?i)[rbu]*(?:'''|\"\"\"|'|\")")
_TYPES = "error PatternError"
"""As `re.error` is printed, to Python 3.12 and from 3.13 on."""


def _patterns(site: FaultSite) -> Iterator[ast.expr]:
    """The first arguments of calls of `re` in the failing statement."""
    imports = imported_names(site.code)
    for call in site.calls():
        if qualified_name(call.func, imports).startswith("re.") and call.args:
            yield call.args[0]


@rule(
    "sign-as-text",
    _TYPES,
    estimate=0.93,
    example="""
          import re
        - print(re.split("(", "f(x"))
        #! error: missing ), unterminated subpattern at position 0
        + print(re.split(r"\\(", "f(x"))
        """,
    silent="""
        import re
        print(re.split("(a|b", "f(x"))
        #! error: missing ), unterminated subpattern at position 0
        """,
    rivals=(Rival("a pattern for file names was meant", "glob-as-pattern"),),
    link="https://docs.python.org/3/library/re.html#re.escape",
)
def sign_as_text(site: FaultSite) -> Iterator[Fix]:
    """A sign alone cannot be a pattern, so the sign itself is meant: `re.split("*", text)`."""
    if not site.search(_BROKEN):
        return
    for pattern in _patterns(site):
        text = pattern.value if isinstance(pattern, ast.Constant) else None
        if not isinstance(text, str):
            continue
        if re.fullmatch(r"[^\w\s]{1,2}", text) and "\\" not in text:
            estimate = 0.93 if len(text) == 1 and text not in "*?" else 0.75
        elif re.fullmatch(r"[\w ]+[^\w\s]{1,2}|[A-Za-z]:[\\/].*", text):
            estimate = 0.75
        else:
            continue
        quote = site.code.segment(pattern)[-1]
        literal = re.escape(text).replace(quote, f"\\{quote}")
        cause = f"`{text}` is no pattern; its signs are meant as text and are escaped."
        yield Fix(cause, (site.code.replace(pattern, f"r{quote}{literal}{quote}"),), estimate)


@rule(
    "glob-as-pattern",
    _TYPES,
    estimate=GUESS,
    example="""
        + import fnmatch
          import re
        - print(bool(re.match("*.csv", "day.csv")))  #! error: nothing to repeat at position 0
        + print(bool(re.match(fnmatch.translate("*.csv"), "day.csv")))
        """,
    silent="""
        import re
        print(bool(re.match("*+", "day.csv")))  #! error: nothing to repeat at position 0
        """,
    rivals=(Rival("the star was meant as a sign", "sign-as-text"),),
    link="https://docs.python.org/3/library/fnmatch.html#fnmatch.translate",
)
def glob_as_pattern(site: FaultSite) -> Iterator[Fix]:
    """A pattern for file names is used as a regular expression; `fnmatch` translates it."""
    if "nothing to repeat at position 0" not in site.message:
        return
    for pattern in _patterns(site):
        text = pattern.value if isinstance(pattern, ast.Constant) else None
        if isinstance(text, str) and re.fullmatch(r"\*[\w*?-]*\.\w+", text):
            edit = site.code.wrap(pattern, "fnmatch.translate({})")
            cause = f"`{text}` is a pattern for file names; `fnmatch` makes a pattern of it."
            yield Fix(cause, (edit, *add_missing_import(site.code, "fnmatch")))


@rule(
    "text-as-pattern",
    _TYPES,
    estimate=0.7,
    example="""
          import re
          name = "rate ("
        - print(re.search(name, "rate (eur)"))
        #! error: missing ), unterminated subpattern at position 5
        + print(re.search(re.escape(name), "rate (eur)"))
        """,
    silent="""
        import re
        first, second = "a", "("
        print(re.search(first + second, "a("))
        #! error: missing ), unterminated subpattern at position 1
        """,
    rivals=("the text is a pattern, and was mistyped where it comes from",),
    link="https://docs.python.org/3/library/re.html#re.escape",
)
def text_as_pattern(site: FaultSite) -> Iterator[Fix]:
    """A variable's text is used as a pattern and is none: it is meant as text."""
    if not site.search(_BROKEN) or imported_names(site.code).get("re") != "re":
        return
    for pattern in _patterns(site):
        parts = [pattern]
        if isinstance(pattern, ast.JoinedStr):
            parts = [v.value for v in pattern.values if isinstance(v, ast.FormattedValue)]
        elif isinstance(pattern, ast.BinOp):
            parts = [n for n in ast.walk(pattern) if isinstance(n, ast.Name)]
        names = [part for part in parts if isinstance(part, ast.Name | ast.Attribute)]
        if len(names) == 1:
            text = site.code.segment(names[0])
            cause = f"`{text}` holds text that is no pattern; its signs are escaped."
            yield Fix(cause, (site.code.wrap(names[0], "re.escape({})"),))


@rule(
    "flags-first",
    _TYPES,
    estimate=0.96,
    example="""
          import re
        - print(re.search(r"rate(?i)", "RATE"))
        #! error: global flags not at the start of the expression at position 4
        + print(re.search(r"(?i)rate", "RATE"))
        """,
    silent="""
        import re
        flags = "(?i)"
        print(re.search("rate" + flags, "RATE"))
        #! error: global flags not at the start of the expression at position 4
        """,
    rivals=("the flags were meant for a part of the pattern: `(?i:…)`",),
    link="https://docs.python.org/3/whatsnew/3.11.html#re",
)
def flags_first(site: FaultSite) -> Iterator[Fix]:
    """Flags for a whole pattern stand within it, and must stand first from Python 3.11 on."""
    if "global flags not at the start of the expression" not in site.message:
        return
    code = site.code
    for node in code.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text, flags = code.segment(node), _FLAGS.findall(node.value)
        if len(flags) == 1 and node.value.find(flags[0]) > 0 and text.count(flags[0]) == 1:
            prefix = _PREFIX.match(text)
            at = prefix.end() if prefix else 0
            new_text = text[:at] + flags[0] + text[at:].replace(flags[0], "", 1)
            cause = (
                f"`{flags[0]}` counts for the whole pattern and stands first, from Python 3.11 on "
                "(https://docs.python.org/3/whatsnew/3.11.html#re)."
            )
            yield Fix(cause, (code.replace(node, new_text),))


@rule(
    "named-group",
    "IndexError",
    estimate=0.88,
    example=r"""
          import re
          match = re.match(r"(?P<status>\d+)", "20")
        - print(match["staus"])  #! IndexError: no such group
        + print(match["status"])
        """,
    silent=r"""
        import re
        match = re.match(r"(?P<status>\d+)", "20")
        print(match["path"])  #! IndexError: no such group
        """,
    rivals=("the pattern was to have this group",),
    link="https://docs.python.org/3/library/re.html#re.Match.group",
)
def named_group(site: FaultSite) -> Iterator[Fix]:
    """A match is asked for a misspelled group: the file's patterns have one close to it."""
    if "no such group" not in site.message:
        return
    texts = [n.value for n in site.code.nodes if isinstance(n, ast.Constant)]
    groups = {g for t in texts if isinstance(t, str) for g in re.findall(r"\(\?P<(\w+)>", t)}
    keys = [node.slice for node in site.nodes(ast.Subscript)]
    keys += [argument for call in site.calls("group") for argument in call.args]
    for node in keys:
        wrong = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(wrong, str) or wrong in groups:
            continue
        if best := find_closest(wrong, groups):
            cause = f"The pattern has no group `{wrong}`; it has `{best.name}`."
            edit = site.code.requote(node, best.name)
            yield Fix(cause, (edit,), estimate_of_match(wrong, best))

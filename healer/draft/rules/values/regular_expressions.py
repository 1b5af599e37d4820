"""Rules for regular expressions: signs that are meant as text, flags, groups.

Belongs here: a pattern's own error message, and the pattern. Does not belong here: a pattern that
is well-formed and does not match.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.near_miss import clear, near_certainty
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import dotted, imports

_BROKEN = re.compile(
    r"nothing to repeat|multiple repeat|unterminated (?:subpattern|character set)|unbalanced paren"
    r"|bad escape \(end of pattern\)|incomplete escape|bad escape"
)
_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")
_TYPES = "error PatternError"
"""As `re.error` is printed, to Python 3.12 and from 3.13 on."""


def _patterns(site: FaultSite) -> Iterator[ast.expr]:
    """The first arguments of calls of `re` in the failing statement."""
    known = imports(site.code)
    for call in site.nodes(ast.Call):
        if (dotted(call.func, known) or "").startswith("re.") and call.args:
            yield call.args[0]


def sign_as_text(site: FaultSite) -> Iterator[Fix]:
    """`re.split("*", text)`: a sign alone cannot be a pattern, so the sign itself is meant."""
    if not _BROKEN.search(site.error.message):
        return
    for pattern in _patterns(site):
        if not isinstance(pattern, ast.Constant) or not isinstance(pattern.value, str):
            continue
        text = pattern.value
        if re.fullmatch(r"[^\w\s]{1,2}", text) and "\\" not in text:
            sure = 0.93 if len(text) == 1 and text not in "*?" else 0.75
        elif re.fullmatch(r"[\w ]+[^\w\s]{1,2}|[A-Za-z]:[\\/].*", text):
            sure = 0.75
        else:
            continue
        quote = site.code.segment(pattern)[-1]
        new = f"r{quote}{re.escape(text).replace(quote, chr(92) + quote)}{quote}"
        cause = f"`{text}` is no pattern; its signs are meant as text and are escaped."
        yield Fix(cause, (site.code.replace(pattern, new),), sure)


def glob_as_pattern(site: FaultSite) -> Iterator[Fix]:
    """`re.match("*.csv", name)`: that is a file pattern, which `fnmatch` translates."""
    if "nothing to repeat at position 0" not in site.error.message:
        return
    code = site.code
    for pattern in _patterns(site):
        value = pattern.value if isinstance(pattern, ast.Constant) else None
        if isinstance(value, str) and re.fullmatch(r"\*[\w*?-]*\.\w+", value):
            changes = [code.replace(pattern, f"fnmatch.translate({code.segment(pattern)})")]
            if "fnmatch" not in imports(code):
                changes.append(code.add_import("import fnmatch"))
            cause = f"`{value}` is a pattern for file names; `fnmatch` makes a pattern of it."
            yield Fix(cause, tuple(changes), 0.85)


def text_from_outside(site: FaultSite) -> Iterator[Fix]:
    """A variable's text is used as a pattern and is none: it is meant as text."""
    if not _BROKEN.search(site.error.message):
        return
    for pattern in _patterns(site):
        parts = [pattern]
        if isinstance(pattern, ast.JoinedStr):
            parts = [v.value for v in pattern.values if isinstance(v, ast.FormattedValue)]
        elif isinstance(pattern, ast.BinOp):
            parts = [n for n in ast.walk(pattern) if isinstance(n, ast.Name)]
        names = [part for part in parts if isinstance(part, ast.Name | ast.Attribute)]
        for name in names if len(names) == 1 else ():
            text = site.code.segment(name)
            cause = f"`{text}` holds text that is no pattern; its signs are escaped."
            change = site.code.replace(name, f"re.escape({text})")
            sure = imports(site.code).get("re") == "re"
            if sure:
                yield Fix(cause, (change,), 0.7)


def flags_first(site: FaultSite) -> Iterator[Fix]:
    """`"a(?i)"`: flags for the whole pattern stand at its beginning, from Python 3.11 on."""
    if "global flags not at the start of the expression" not in site.error.message:
        return
    code = site.code
    for node in code.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text, flags = code.segment(node), _FLAGS.findall(node.value)
        if len(flags) == 1 and node.value.find(flags[0]) > 0 and text.count(flags[0]) == 1:
            opening = re.match(r"(?i)[rbu]*(?:'''|\"\"\"|'|\")", text)
            at = opening.end() if opening else 0
            new = text[:at] + flags[0] + text[at:].replace(flags[0], "", 1)
            cause = (
                f"`{flags[0]}` counts for the whole pattern and stands first, from Python 3.11 on "
                "(https://docs.python.org/3/whatsnew/3.11.html#re)."
            )
            yield Fix(cause, (code.replace(node, new),), 0.96)


def named_group(site: FaultSite) -> Iterator[Fix]:
    """`match["staus"]`: the file's patterns have one closely named group."""
    if "no such group" not in site.error.message:
        return
    code = site.code
    texts = [n.value for n in code.nodes if isinstance(n, ast.Constant)]
    known = {g for t in texts if isinstance(t, str) for g in re.findall(r"\(\?P<(\w+)>", t)}
    asked = [n.slice for n in site.nodes(ast.Subscript)]
    asked += [
        a for c in site.nodes(ast.Call) if getattr(c.func, "attr", "") == "group" for a in c.args
    ]
    for node in asked:
        value = node.value if isinstance(node, ast.Constant) else None
        best = clear(value, known) if isinstance(value, str) and value not in known else None
        if best and isinstance(value, str):
            quote = code.segment(node)[-1]
            cause = f"The pattern has no group `{value}`; it has `{best[0]}`."
            change = code.replace(node, f"{quote}{best[0]}{quote}")
            yield Fix(cause, (change,), near_certainty(value, best))


REGEX_RULES = (
    rule("sign-as-text", _TYPES, sign_as_text),
    rule("glob-as-pattern", _TYPES, glob_as_pattern),
    rule("text-as-pattern", _TYPES, text_from_outside),
    rule("flags-first", _TYPES, flags_first),
    rule("named-group", "IndexError", named_group),
)

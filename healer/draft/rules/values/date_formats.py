"""A date in another form than the code expects: both forms are read from then on.

Belongs here: telling a date's form from its text. Two-sided: what was read before gives the same
result as before, and a text in neither form still raises. A form that could mean two days is left.
"""

import ast
import itertools
import re
from collections.abc import Iterator
from datetime import datetime

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit

_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%a, %d %b %Y",
)  # fmt: skip
_TIMES = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", "T%H:%M:%SZ",
    "T%H:%M:%S.%fZ", " %I:%M %p", ", %H:%M",
)  # fmt: skip
_FORMATS = tuple(f"{date}{time}" for date, time in itertools.product(_DATES, _TIMES))
_MISMATCH = re.compile(r"time data '(?P<text>[^']*)' does not match format '(?P<format>[^']*)'")
HELPER = "_parse_either"


def date_format(site: FaultSite) -> Iterator[Fix]:
    """`strptime` meets a date in another, certain form; the old form is still tried first."""
    text = _failing_text(site)
    call = _strptime(site)
    if text is None or call is None or HELPER in site.code.text:
        return
    form = form_of(text)
    if form is None:
        return
    code = site.code
    old, called = code.segment(call.args[1]), code.segment(call.func)
    text_of_helper = helper(called, code.newline)
    start = above(site)
    changes = (
        TextEdit(start, start, text_of_helper),
        code.replace(call, f"{HELPER}({code.segment(call.args[0])}, {old}, {form!r})"),
    )
    cause = f"`{text}` has the form `{form}`, not {old}; both are read now, the old one first."
    yield Fix(cause, changes, 0.8)


def form_of(text: str) -> str | None:
    """The one form that fits a date's text; None where none does, or several mean other days."""
    meanings: dict[datetime, str] = {}
    for form in _FORMATS:
        try:
            meanings.setdefault(datetime.strptime(text, form), form)
        except ValueError:
            continue
    return next(iter(meanings.values())) if len(meanings) == 1 else None


def _failing_text(site: FaultSite) -> str | None:
    match = _MISMATCH.search(site.error.message)
    if match:
        return match["text"]
    if "unconverted data remains" in site.error.message:
        call = _strptime(site)
        shown = site.locals.get(site.code.segment(call.args[0]), "") if call else ""
        quoted = re.fullmatch(r"'([^']*)'", shown)
        return quoted[1] if quoted else None
    return None


def _strptime(site: FaultSite) -> ast.Call | None:
    """The only call of `strptime` in the failing statement, with its two plain arguments."""
    found = [
        call
        for call in site.nodes(ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "strptime"
    ]
    plain = len(found) == 1 and len(found[0].args) == 2 and not found[0].keywords  # noqa: PLR2004
    return found[0] if plain else None


def above(site: FaultSite) -> int:
    """Where a helper goes: before the outermost statement that holds the failing line."""
    outermost = next(n for n in site.code.nodes_on_line(site.line) if isinstance(n, ast.stmt))
    decorators = getattr(outermost, "decorator_list", [])
    return site.code.line_start(min([outermost.lineno, *(d.lineno for d in decorators)]))


def helper(called: str, newline: str) -> str:
    lines = (
        f"def {HELPER}(text, *forms):",
        '    """The date in the first of these forms that fits."""',
        "    for form in forms[:-1]:",
        "        try:",
        f"            return {called}(text, form)",
        "        except ValueError:",
        "            continue",
        f"    return {called}(text, forms[-1])",
        "",
        "",
    )
    return newline.join((*lines, ""))


DATE_RULES = (rule("date-format", "ValueError", date_format),)

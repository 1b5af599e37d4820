"""A date in another form than the code expects: both forms are read from then on.

Belongs here: telling a date's form from its text. Two-sided: what was read before gives the same
result as before, and a text in neither form still raises. A form that could mean two days is left.
Does not belong here: sums and comparisons of times (`datetime_arithmetic`).
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
)  # fmt: skip  # a list of forms is read as a paragraph
_TIMES = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", "T%H:%M:%SZ",
    "T%H:%M:%S.%fZ", " %I:%M %p", ", %H:%M",
)  # fmt: skip  # a list of forms is read as a paragraph
_FORMATS = tuple(f"{date}{time}" for date, time in itertools.product(_DATES, _TIMES))
_MISMATCH = re.compile(r"time data '(?P<text>[^']*)' does not match format '(?P<format>[^']*)'")
HELPER = "_parse_either"
_STRPTIME_ARGUMENTS = 2


@rule(
    "date-format",
    "ValueError",
    estimate=0.8,
    example='''
          from datetime import datetime
        + def _parse_either(text, *forms):
        +     """The date in the first of these forms that fits."""
        +     for form in forms[:-1]:
        +         try:
        +             return datetime.strptime(text, form)
        +         except ValueError:
        +             continue
        +     return datetime.strptime(text, forms[-1])
        +
        +
        - print(datetime.strptime("31.01.2024", "%Y-%m-%d"))
        #! ValueError: time data '31.01.2024' does not match format '%Y-%m-%d'
        + print(_parse_either("31.01.2024", "%Y-%m-%d", '%d.%m.%Y'))
        ''',
    silent="""
        from datetime import datetime
        print(datetime.strptime("03/04/2024", "%Y-%m-%d"))
        #! ValueError: time data '03/04/2024' does not match format '%Y-%m-%d'
        """,
    rivals=("the date is malformed, and the run is to stop",),
    link="https://docs.python.org/3/library/datetime.html#strftime-and-strptime-format-codes",
)
def date_format(site: FaultSite) -> Iterator[Fix]:
    """`strptime` meets a date in another, certain form; the old form is still tried first."""
    call, code = _only_strptime(site), site.code
    text = _failing_text(site, call)
    form = form_of(text) if text is not None else None
    if call is None or form is None or HELPER in code.text:
        return
    old, function = code.segment(call.args[1]), code.segment(call.func)
    lines = (
        f"def {HELPER}(text, *forms):",
        '    """The date in the first of these forms that fits."""',
        "    for form in forms[:-1]:",
        "        try:",
        f"            return {function}(text, form)",
        "        except ValueError:",
        "            continue",
        f"    return {function}(text, forms[-1])",
    )
    edits = (
        _add_helper(site, lines),
        code.replace(call, f"{HELPER}({code.segment(call.args[0])}, {old}, {form!r})"),
    )
    cause = f"`{text}` has the form `{form}`, not {old}; both are read now, the old one first."
    yield Fix(cause, edits)


def form_of(text: str) -> str | None:
    """The one form that fits a date's text; None where none does, or several mean other days."""
    meanings: dict[datetime, str] = {}
    for form in _FORMATS:
        try:
            meanings.setdefault(datetime.strptime(text, form), form)
        except ValueError:
            continue
    return next(iter(meanings.values())) if len(meanings) == 1 else None


def _failing_text(site: FaultSite, call: ast.Call | None) -> str | None:
    if match := site.search(_MISMATCH):
        return match["text"]
    if call is None or "unconverted data remains" not in site.message:
        return None
    literal = re.fullmatch(r"'([^']*)'", site.recorded_value(call.args[0]))
    return literal[1] if literal else None


def _only_strptime(site: FaultSite) -> ast.Call | None:
    """The only call of `strptime` in the failing statement, with its two plain arguments."""
    calls = [call for call in site.calls("strptime") if isinstance(call.func, ast.Attribute)]
    if len(calls) != 1 or calls[0].keywords or len(calls[0].args) != _STRPTIME_ARGUMENTS:
        return None
    return calls[0]


def _add_helper(site: FaultSite, lines: tuple[str, ...]) -> TextEdit:
    """A function of its own, before the outermost statement that holds the failing line."""
    outermost = next(n for n in site.code.nodes_on_line(site.line) if isinstance(n, ast.stmt))
    decorators: list[ast.expr] = getattr(outermost, "decorator_list", [])
    start = site.code.line_start(min([outermost.lineno, *(d.lineno for d in decorators)]))
    return TextEdit(start, start, site.code.newline.join((*lines, "", "", "")))


@rule(
    "iso-text",
    "ValueError",
    estimate=0.8,
    example='''
          from datetime import datetime
        + def _parse_either(text, form):
        +     """The date as ISO writes it, or in this form."""
        +     try:
        +         return datetime.fromisoformat(text)
        +     except ValueError:
        +         return datetime.strptime(text, form)
        +
        +
        - print(datetime.fromisoformat("31.01.2024"))
        #! ValueError: Invalid isoformat string: '31.01.2024'
        + print(_parse_either("31.01.2024", '%d.%m.%Y'))
        ''',
    silent="""
        from datetime import datetime
        print(datetime.fromisoformat("soon"))  #! ValueError: Invalid isoformat string: 'soon'
        """,
    rivals=("the date is malformed, and the run is to stop",),
    link="https://docs.python.org/3/library/datetime.html#datetime.datetime.fromisoformat",
)
def iso_text(site: FaultSite) -> Iterator[Fix]:
    """`fromisoformat` meets a date in another, certain form; ISO texts are read as before."""
    match = site.search(r"Invalid isoformat string: '([^']*)'")
    form = form_of(match[1]) if match else None
    calls, code = list(site.calls("fromisoformat")), site.code
    if not match or form is None or HELPER in code.text or len(calls) != 1:
        return
    call, owner = calls[0], code.segment(calls[0].func).rpartition(".")[0]
    if len(call.args) != 1 or owner not in ("datetime", "datetime.datetime", "dt.datetime"):
        return
    lines = (
        f"def {HELPER}(text, form):",
        '    """The date as ISO writes it, or in this form."""',
        "    try:",
        f"        return {owner}.fromisoformat(text)",
        "    except ValueError:",
        f"        return {owner}.strptime(text, form)",
    )
    edits = (
        _add_helper(site, lines),
        code.replace(call, f"{HELPER}({code.segment(call.args[0])}, {form!r})"),
    )
    cause = f"`{match[1]}` has the form `{form}`, not ISO's; both are read now, ISO's first."
    yield Fix(cause, edits)

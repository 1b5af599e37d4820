"""Rules for moments in time: days against moments, milliseconds, ISO texts, seconds as text.

Belongs here: two kinds of time that do not fit. Does not belong here: forms of dates (`dates`), and
time zones (`mixes`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import only_value
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit
from healer.draft.rules.values.date_formats import HELPER, above, form_of

_DAY_AND_MOMENT = re.compile(
    r"can't compare datetime\.datetime to datetime\.date"
    r"|for -: 'datetime\.date(?:time)?' and 'datetime\.date(?:time)?'"
    r"|between instances of 'datetime\.date(?:time)?' and 'datetime\.date(?:time)?'"
)
_MOMENT = re.compile(r"\.(?:strptime|now|utcnow|fromtimestamp|utcfromtimestamp|combine)\(")
_MILLISECONDS = re.compile(r"year -?\d{5,} is out of range")
_LATEST_S = "100_000_000_000"
"""Seconds since 1970 in the year 5138; more than that was counted in milliseconds."""


def day_and_moment(site: FaultSite) -> Iterator[Fix]:
    """A `datetime` meets a `date`: its day is taken."""
    if not _DAY_AND_MOMENT.search(site.error.message):
        return
    code = site.code
    sides: list[ast.expr] = []
    for node in site.code.nodes_of_statement(site.line):
        if isinstance(node, ast.Compare):
            sides += [node.left, *node.comparators]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            sides += [node.left, node.right]
    for side in sides:
        text = code.segment(side)
        shown = site.locals.get(text, "")
        source = only_value(site, side)
        seen = code.segment(source) if source is not None else text
        known = shown.startswith("datetime.datetime(") if shown else _is_moment(seen)
        if known and isinstance(side, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
            cause = f"`{text}` is a moment, held against a day; its day is taken."
            yield Fix(cause, (code.replace(side, f"{text}.date()"),), 0.88)


def _is_moment(text: str) -> bool:
    return bool(_MOMENT.search(text)) and not text.endswith(".date()")


def milliseconds(site: FaultSite) -> Iterator[Fix]:
    """`fromtimestamp(1700000000000)`: that counts milliseconds. Seconds are read as before."""
    if not _MILLISECONDS.search(site.error.message):
        return
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") in ("fromtimestamp", "utcfromtimestamp") and call.args:
            text = site.code.segment(call.args[0])
            if not re.fullmatch(r"[\w.\[\]\"'()]+", text):
                continue
            new = f"{text} / 1000 if {text} > {_LATEST_S} else {text}"
            cause = f"`{text}` counts milliseconds; a count in seconds is read as before."
            yield Fix(cause, (site.code.replace(call.args[0], new),), 0.85)


def iso_text(site: FaultSite) -> Iterator[Fix]:
    """`fromisoformat` meets a date in another, certain form; ISO texts are read as before."""
    match = re.search(r"Invalid isoformat string: '([^']*)'", site.error.message)
    form = form_of(match[1]) if match else None
    if match is None or form is None or HELPER in site.code.text:
        return
    code = site.code
    calls = [c for c in site.nodes(ast.Call) if getattr(c.func, "attr", "") == "fromisoformat"]
    if len(calls) != 1 or len(calls[0].args) != 1:
        return
    call, owner = calls[0], code.segment(calls[0].func).rpartition(".")[0]
    if owner not in ("datetime", "datetime.datetime", "dt.datetime"):
        return
    start, newline = above(site), code.newline
    lines = (
        f"def {HELPER}(text, form):",
        '    """The date as ISO writes it, or in this form."""',
        "    try:",
        f"        return {owner}.fromisoformat(text)",
        "    except ValueError:",
        f"        return {owner}.strptime(text, form)",
        "",
        "",
        "",
    )
    inside = code.segment(call.args[0])
    changes = (
        TextEdit(start, start, newline.join(lines)),
        code.replace(call, f"{HELPER}({inside}, {form!r})"),
    )
    cause = f"`{match[1]}` has the form `{form}`, not ISO's; both are read now, ISO's first."
    yield Fix(cause, changes, 0.8)


MOMENT_RULES = (
    rule("day-and-moment", "TypeError", day_and_moment),
    rule("milliseconds", "ValueError OverflowError", milliseconds),
    rule("iso-text", "ValueError", iso_text),
)

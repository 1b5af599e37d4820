"""Rules for moments in time: days against moments, zones, milliseconds.

Belongs here: two kinds of time that do not fit. Does not belong here: how a date is written
(`date_formats`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import add_missing_import

_DAY_AND_MOMENT = re.compile(
    r"can't compare datetime\.datetime to datetime\.date"
    r"|for -: 'datetime\.date(?:time)?' and 'datetime\.date(?:time)?'"
    r"|between instances of 'datetime\.date(?:time)?' and 'datetime\.date(?:time)?'"
)
_MOMENT = re.compile(r"\.(?:strptime|now|utcnow|fromtimestamp|utcfromtimestamp|combine)\(")
_MILLISECONDS = re.compile(r"year -?\d{5,} is out of range")
_LATEST_S = "100_000_000_000"
"""Seconds since 1970 in the year 5138; more than that was counted in milliseconds."""
_DATETIMES = frozenset({"datetime", "datetime.datetime", "dt.datetime"})


@rule(
    "day-and-moment",
    "TypeError",
    estimate=0.88,
    example="""
          from datetime import date, datetime
          begun = datetime(2024, 1, 1)
        - print(date(2024, 1, 2) - begun)
        #! TypeError: unsupported operand type(s) for -: 'datetime.date' and 'datetime.datetime'
        + print(date(2024, 1, 2) - begun.date())
        """,
    silent="""
        from datetime import date, timedelta
        print(timedelta(1) - date(2024, 1, 2))
        #! TypeError: unsupported operand type(s) for -: 'datetime.timedelta' and 'datetime.date'
        """,
    rivals=("the day stands for its beginning, as a moment",),
    link="https://docs.python.org/3/library/datetime.html#date-objects",
)
def day_and_moment(site: FaultSite) -> Iterator[Fix]:
    """A `datetime` meets a `date`: its day is taken."""
    if not _DAY_AND_MOMENT.search(site.message):
        return
    code = site.code
    for side in _sides(site):
        text, value = code.segment(side), site.recorded_value(side)
        source = assigned_value(site, side)
        source_text = code.segment(source) if source is not None else text
        is_moment = value.startswith("datetime.datetime(") if value else _gives_moment(source_text)
        if is_moment and isinstance(side, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
            cause = f"`{text}` is a moment, held against a day; its day is taken."
            yield Fix(cause, (code.insert_after(side, ".date()"),))


def _sides(site: FaultSite) -> Iterator[ast.expr]:
    for node in site.code.nodes_of_statement(site.line):
        if isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            yield from (node.left, node.right)


def _gives_moment(text: str) -> bool:
    is_call = _MOMENT.search(text) or re.match(r"(?:\w+\.)?datetime\(", text)
    return bool(is_call) and not text.endswith(".date()")


@rule(
    "naive-and-aware",
    "TypeError",
    estimate=0.8,
    example="""
        + from datetime import timezone
          from datetime import datetime
          begun = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
        - print(datetime.now() > begun)
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        + print(datetime.now(timezone.utc) > begun)
        """,
    silent="""
        from datetime import datetime
        begun = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
        print(datetime(2024, 1, 1) > begun)
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        """,
    rivals=("the time without a zone is in the machine's own, or in the job's",),
    link="https://docs.python.org/3/library/datetime.html#aware-and-naive-objects",
)
def naive_and_aware(site: FaultSite) -> Iterator[Fix]:
    """The present, taken without a zone, meets a time with one: it is taken in UTC."""
    if "offset-naive and offset-aware" not in site.message:
        return
    code, names = site.code, {node.id for node in site.nodes(ast.Name)}
    here = set(code.nodes_of_statement(site.line))
    yield from _give_zone(site, names, here)
    for call in (n for n in code.nodes if isinstance(n, ast.Call)):
        if not isinstance(call.func, ast.Attribute) or call.args or call.keywords:
            continue
        owner = code.segment(call.func.value)
        if call.func.attr not in ("now", "utcnow") or owner not in _DATETIMES:
            continue
        if call in here or _is_assigned_to(code.parents.get(call), names):
            module = owner.rpartition(".")[0]
            zone = f"{module}.timezone.utc" if module else "timezone.utc"
            imports = () if module else add_missing_import(code, "datetime", "timezone")
            cause = (
                "A time without a zone is compared with one that has a zone; now is taken in UTC."
            )
            yield Fix(cause, (*imports, code.replace(call, f"{owner}.now({zone})")))


def _give_zone(site: FaultSite, names: set[str], here: set[ast.AST]) -> Iterator[Fix]:
    """A moment that was counted is the same in UTC; one that was read is taken for one in UTC."""
    code = site.code
    for call in (n for n in code.nodes if isinstance(n, ast.Call)):
        if not isinstance(call.func, ast.Attribute) or call.keywords:
            continue
        owner, name = code.segment(call.func.value), call.func.attr
        is_used = call in here or _is_assigned_to(code.parents.get(call), names)
        if owner not in _DATETIMES or not is_used or "%z" in code.segment(call).lower():
            continue
        module = owner.rpartition(".")[0]
        zone = f"{module}.timezone.utc" if module else "timezone.utc"
        imports = () if module else add_missing_import(code, "datetime", "timezone")
        if name == "fromtimestamp" and len(call.args) == 1:
            cause = "A count of seconds meets a time with a zone; it is the same moment in UTC."
            yield Fix(cause, (*imports, code.add_argument(call, zone)))
        elif name == "strptime":
            cause = "A time without a zone meets one that has a zone; it is taken for one in UTC."
            edit = code.insert_after(call, f".replace(tzinfo={zone})")
            yield Fix(cause, (*imports, edit), 0.6)


def _is_assigned_to(parent: ast.AST | None, names: set[str]) -> bool:
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


@rule(
    "milliseconds",
    "ValueError OverflowError",
    estimate=GUESS,
    example="""
          from datetime import datetime
          at = 1700000000000
        - print(datetime.fromtimestamp(at))  #! ValueError: year 55840 is out of range
        + print(datetime.fromtimestamp(at / 1000 if at > 100_000_000_000 else at))
        """,
    silent="""
        from datetime import datetime
        print(datetime(20240, 1, 1))  #! ValueError: year 20240 is out of range
        """,
    rivals=("the count is in microseconds", "the value is no time at all"),
    link="https://docs.python.org/3/library/datetime.html#datetime.datetime.fromtimestamp",
)
def milliseconds(site: FaultSite) -> Iterator[Fix]:
    """A moment is read from a count of milliseconds; a count in seconds is read as before."""
    if not _MILLISECONDS.search(site.message):
        return
    for call in site.calls("fromtimestamp", "utcfromtimestamp"):
        text = site.code.segment(call.args[0]) if call.args else ""
        if re.fullmatch(r"[\w.\[\]\"'()]+", text):
            seconds = f"{text} / 1000 if {text} > {_LATEST_S} else {text}"
            cause = f"`{text}` counts milliseconds; a count in seconds is read as before."
            yield Fix(cause, (site.code.replace(call.args[0], seconds),))

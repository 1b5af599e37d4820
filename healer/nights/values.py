"""What one value is: a number, a moment, an id, text; and what it is when written otherwise.

Belongs here: reading a single cell. Does not belong here: columns and tables (`profile`).
"""

import math
import re
from functools import lru_cache

from healer.nights.tables import Value

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_GROUPS = re.compile(r"[-+]?\d{1,3}(?:[,' _]\d{3})+(?:\.\d+)?")
_GERMAN = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_AROUND = re.compile(r"^[€$£¥]\s?|\s?(?:[€$£¥%]|[A-Za-z]{1,4})$")
_MOMENT = re.compile(
    r"(?:19|20)\d\d([-/.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T _-]?\d\d:?\d\d(?::?\d\d(?:[.,]\d+)?)?)?(?:Z|\s?[+-]\d\d:?\d\d)?"
    r"|\d{1,2}([./-])\d{1,2}\2(?:19|20)?\d\d(?:,? \d\d:\d\d(?::\d\d)?)?"
    r"|\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?"
)
_DAY = re.compile(
    r"(?P<y>\d{4})[-/.]?(?P<m>\d\d)[-/.]?(?P<d>\d\d)|(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<c>\d{4})"
)
_ID = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}", re.I
)
LONGEST = 40
"""Characters of a number or a moment, with what stands around it."""
LARGEST = 1e300
STAND_INS = frozenset({
    "", "-", "--", "?", "n/a", "na", "nan", "none", "null", "nil", "undefined", "unknown",
    "missing", "default", "error", "false", "tbd", "todo", "{}", "[]", "()", "0", "-1", "0.0",
    "1970-01-01",
})  # fmt: skip
"""What stands where no value was known, in lower case."""


_remember = lru_cache(maxsize=1 << 16, typed=True)
"""The same cells are read for each law, and on each night."""


@_remember
def read_number(value: Value) -> float | None:
    """As a person reads it: with its sign, grouping, decimal comma, currency or per cent."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = _spell_number(value)
        value = float(text) if text else math.nan
    return float(value) if -LARGEST < value < LARGEST else None


def _spell_number(text: str) -> str | None:
    """As Python reads it."""
    text = _AROUND.sub("", text.strip()) if len(text) <= LONGEST else ""
    if _NUMBER.fullmatch(text):
        return text
    if _GROUPS.fullmatch(text):
        return re.sub(r"[,' _]", "", text)
    return text.replace(".", "").replace(",", ".") if _GERMAN.fullmatch(text) else None


@_remember
def is_moment(value: Value) -> bool:
    """A date, a time, or both."""
    return (
        isinstance(value, str) and len(value) <= LONGEST and bool(_MOMENT.fullmatch(value.strip()))
    )


def is_random(value: Value) -> bool:
    """An id that no other run gives again."""
    return isinstance(value, str) and bool(_ID.fullmatch(value.strip()))


def is_stand_in(value: Value) -> bool:
    """What a program writes where it knows nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        return True
    return value is None or str(value).strip().lower() in STAND_INS


@_remember
def describe_kind(value: Value, is_text: bool) -> str:
    """The sort of a value; `is_text`: the file has text alone."""
    if isinstance(value, str):
        return _describe_text(value, is_text)
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else "a truth value"
    return "a number" if math.isfinite(value) else "no number"


def _describe_text(text: str, is_text: bool) -> str:
    if is_moment(text):
        return f"a moment as {re.sub(r'[0-9]', '9', text.strip())}"
    if is_random(text):
        return "an id"
    if _NUMBER.fullmatch(text):
        return "a number" if is_text else "a number as text"
    if read_number(text) is None:
        return "text"
    affix = "".join(_AROUND.findall(text)).strip()
    comma = " with a decimal comma" if _GERMAN.fullmatch(_AROUND.sub("", text)) else ""
    return f"a number{comma}" + (f" in {affix}" if affix else "")


def count_decimals(value: Value) -> int:
    """Digits after the point, as it is written."""
    text = repr(value) if isinstance(value, float) else str(value)
    return len(text.partition(".")[2]) if _NUMBER.fullmatch(text) and "e" not in text.lower() else 0


@_remember
def list_readings(value: Value) -> frozenset[str]:
    """Every form under which the same value may stand elsewhere, in one spelling."""
    if value is None:
        return frozenset()
    number = read_number(value)
    if number is not None and not is_moment(value):
        return frozenset({f"{number:.10g}"})
    text = str(value).strip()
    forms = {text.casefold()}
    day = _DAY.match(text)
    if day and is_moment(text):
        if day["y"]:
            forms.add(f"{day['y']}-{day['m']}-{day['d']}")
        else:
            forms |= {
                f"{day['c']}-{int(month):02}-{int(of_month):02}"
                for month, of_month in ((day["a"], day["b"]), (day["b"], day["a"]))
            }
    return frozenset(forms)

"""Short forms: durations, ages, money, counts, and a repair in one line. Pure.

Belongs here: how small facts are written everywhere. Does not belong here: whole views (`repair`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from healer.render.clean import first_lines, one_line

if TYPE_CHECKING:
    from healer.failure import Failure

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_SMALL_USD = 0.1
_THOUSAND, _MILLION = 1_000, 1_000_000
_BARS = "▁▂▃▄▅▆▇█"


def format_duration(seconds: float) -> str:
    """`12 ms`, `3.4 s`, `2 min 5 s`, `1 h 10 min`, `3 d 4 h`."""
    if seconds < 0.9995:  # noqa: PLR2004 - what rounds to 1000 ms is a second
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 59.95:  # noqa: PLR2004 - what rounds to 60.0 s is a minute
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR_S:
        return _two(whole, _MINUTE_S, 1, "min", "s")
    if whole < _DAY_S:
        return _two(whole, _HOUR_S, _MINUTE_S, "h", "min")
    return _two(whole, _DAY_S, _HOUR_S, "d", "h")


def format_age(since: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: `now`, `5 min`, `3 h`, `12 d`."""
    seconds = (now - since).total_seconds()
    for unit_s, name in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= unit_s:
            return f"{int(seconds // unit_s)} {name}"
    return "now"


def format_money(usd: float, *, is_known: bool = True) -> str:
    """`$0`, `$0.0012`, `$1.25`; `at least …`, or `an unknown sum`, where a price was unknown."""
    if usd == 0:
        if not is_known:
            return "an unknown sum"
        text = "$0"
    elif usd < _SMALL_USD:
        text = f"${usd:.4f}"
    else:
        text = f"${usd:,.2f}"
    return text if is_known else f"at least {text}"


def format_count(number: int) -> str:
    """`950`, `12.3k`, `4.5M`."""
    if number < _THOUSAND:
        return str(number)
    if number < _MILLION:
        return f"{number / _THOUSAND:.1f}k"
    return f"{number / _MILLION:.1f}M"


def format_bars(values: Sequence[float]) -> str:
    """One bar for each value, the highest one full; a space for zero and less."""
    most = max(values, default=0)
    return "".join(
        _BARS[min(int(value / most * len(_BARS)), len(_BARS) - 1)] if value > 0 else " "
        for value in values
    )


def format_failure(failure: "Failure | None", width: int = 60) -> str:
    """`KeyError: 'amount'`, or how the run ended; a dash where nothing is known."""
    if failure is None:
        return "–"
    error = failure.exception
    return one_line(f"{error.type}: {error.message}" if error else describe_end(failure), width)


def name_failure(failure: "Failure") -> str:
    """`KeyError: 'amount' at scripts/report.py:12`: what fails and where, at most 200 characters of
    what."""
    error, frame = failure.exception, failure.culprit
    what = one_line(f"{error.type}: {error.message}", 200) if error else describe_end(failure)
    return f"{what} at {frame.file}:{frame.line}" if frame else what


def describe_end(failure: "Failure") -> str:
    """How a run without a traceback ended."""
    if failure.timed_out:
        return "ran out of time"
    if failure.signal:
        return f"ended by signal {failure.signal}"
    return "failed" if failure.exit_code is None else f"exit code {failure.exit_code}"


def _two(whole: int, large_s: int, small_s: int, large: str, small: str) -> str:
    many, rest = divmod(whole, large_s)
    few = rest // small_s
    return f"{many} {large} {few} {small}" if few else f"{many} {large}"


def failure_in_three_lines(failure: "Failure") -> str:
    """What was raised, where in the user's own code, and that line of source."""
    error, frame = failure.exception, failure.culprit
    lines = [
        first_lines(f"{one_line(error.type, 100)}: {error.message}", 6) if error else "",
        describe_end(failure) if not error else "",
        one_line(f"{frame.file}:{frame.line} in {frame.function}", 300) if frame else "",
        f"    {one_line(frame.source, 300)}" if frame and frame.source else "",
    ]
    return "\n".join(line for line in lines if line)


def as_sentence(text: str) -> str:
    """With a capital and a full stop, so that another sentence may follow."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")

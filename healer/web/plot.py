"""Costs over time as a drawing: an SVG made here, so that no script and no other site is needed.

Belongs here: geometry. Does not belong here: colours (the style sheet has them, for dark and
light), the numbers (`healer.ledger.store`). Pure.
"""

import math
from collections.abc import Iterable
from datetime import date, timedelta
from html import escape

from healer.render.one_line import format_money
from healer.web.repairs import CostRow

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 8, 12, 28
_LABEL = 72
"""How wide a day's label is, at most."""
_MIDDLE_FROM = 8
"""With more days than this there is room for a label in the middle."""
DAYS_SHOWN = 60
MOST_USD = 1e9
"""Of a day. More is no bill but a broken number, and would overflow the axis."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def by_day(rows: Iterable[CostRow]) -> tuple[tuple[str, float], ...]:
    """Dollars of each day from the first to the last, days without costs among them.

    Rows whose day is no date are left out; at most the newest `DAYS_SHOWN` days.
    """
    usd_by_day: dict[date, float] = {}
    for row in rows:
        try:
            day = date.fromisoformat(row.day)
        except ValueError:
            continue
        if math.isfinite(row.cost_usd):
            usd_by_day[day] = min(MOST_USD, usd_by_day.get(day, 0.0) + max(0.0, row.cost_usd))
    if not usd_by_day:
        return ()
    last = max(usd_by_day)
    first = max(min(usd_by_day), last - timedelta(days=DAYS_SHOWN - 1))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple((day.isoformat(), usd_by_day.get(day, 0.0)) for day in days)


def cost_plot(days: tuple[tuple[str, float], ...]) -> str:
    """Bars by day as an SVG element; every number is in its title for people who cannot see it."""
    top = ceiling(max((usd for _, usd in days), default=0.0))
    total = sum(usd for _, usd in days)
    highest = format_money(max(usd for _, usd in days))
    label = f"Costs by day, {format_money(total)} in all, highest {highest}"
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(days))
    bars = "".join(_bar(number, day, usd, step, top) for number, (day, usd) in enumerate(days))
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{_grid(top)}{bars}{_dates(days, step)}</svg>"
    )


def ceiling(highest: float) -> float:
    """The next round number at or above `highest`: 1, 2, 2.5 or 5 times a power of ten."""
    if highest <= 0:
        return 0.01
    power = 1e-6
    while power * 10 < highest:
        power *= 10
    return next(power * step for step in _STEPS if power * step >= highest * (1 - 1e-9))


def _height(usd: float, top: float) -> float:
    return (HEIGHT - _TOP - _BOTTOM) * min(1.0, usd / top)


def _bar(number: int, day: str, usd: float, step: float, top: float) -> str:
    height = _height(usd, top)
    x, y = _LEFT + number * step + step * 0.1, HEIGHT - _BOTTOM - height
    return (
        f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" '
        f'height="{height:.1f}" rx="2"><title>{escape(day)}: {format_money(usd)}</title></rect>'
    )


def _grid(top: float) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = HEIGHT - _BOTTOM - _height(top * share, top)
        lines.append(
            f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{format_money(top * share)}</text>"
        )
    return "".join(lines)


def _dates(days: tuple[tuple[str, float], ...], step: float) -> str:
    """The first and the last day, and one in the middle where there is room."""
    last = len(days) - 1
    numbers = sorted({0, last // 2, last} if last > _MIDDLE_FROM else {0, last})
    return "".join(
        f'<text class="tick" x="{_LEFT + (number + 0.5) * step:.1f}" y="{HEIGHT - 8}" '
        f'text-anchor="{_anchor(number, last, step)}">{escape(days[number][0])}</text>'
        for number in numbers
    )


def _anchor(number: int, last: int, step: float) -> str:
    """Below the middle of its bar, unless it would not fit at the right."""
    fits = step / 2 + _RIGHT >= _LABEL / 2
    return "middle" if number < last or fits else "end"

"""The drawing of costs is true to the numbers, for any numbers."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.web.plot import DAYS_SHOWN, HEIGHT, WIDTH, by_day, ceiling, cost_plot
from healer.web.repairs import CostRow


def row(day: str, usd: float) -> CostRow:
    return CostRow(day=day, script="s", drafter="d", outcome="healed", cost_usd=usd)


def test_a_day_is_the_sum_of_its_rows_and_days_between_are_empty() -> None:
    rows = [row("2026-01-01", 1), row("2026-01-03", 2), row("2026-01-01", 0.5)]
    assert by_day(rows) == (("2026-01-01", 1.5), ("2026-01-02", 0.0), ("2026-01-03", 2.0))


def test_only_the_newest_days_are_drawn() -> None:
    days = by_day([row("2020-01-01", 1), row("2026-01-01", 2)])
    assert len(days) == DAYS_SHOWN
    assert days[-1] == ("2026-01-01", 2.0)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 0.01), (0.003, 0.005), (0.01, 0.01), (1.27, 2), (2.1, 2.5), (70, 100)]
)
def test_the_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert ceiling(highest) == pytest.approx(top)


@given(
    st.lists(
        st.builds(
            row,
            st.dates().map(str) | st.text(max_size=12),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        max_size=20,
    )
)
def test_any_rows_give_a_drawing_with_every_bar_inside(rows: list[CostRow]) -> None:
    days = by_day(rows)
    if not days:
        return
    drawing = ElementTree.fromstring(cost_plot(days))
    bars = [part for part in drawing.iter() if part.tag == "rect"]
    assert len(bars) == len(days)
    for bar in bars:
        x, y, width, height = (float(bar.attrib[n]) for n in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= WIDTH
        assert 0 <= y <= y + height <= HEIGHT + 0.1
    assert not re.search(r"nan|inf", cost_plot(days))

"""A trial as a page: whole by itself, well-formed, and every text on it escaped."""

import xml.etree.ElementTree as ET

import pytest

from healer.render.trial_page import COLOURS, trial_page
from healer.render.trial_report import TrialReport
from tests.healer.render.test_trial import CASE, NOTHING, report

BAD = CASE.model_copy(
    update={"subject": "<script>x</script>", "script": "<b>.py", "diff": "+<i>", "at": 5}
)


def parse(page: str) -> ET.Element:
    body = page.removeprefix("<!doctype html>").replace('<meta charset="utf-8">', "")
    return ET.fromstring(body)


@pytest.mark.parametrize("of", [report(CASE, NOTHING, BAD), report(NOTHING), report()])
def test_a_page_is_well_formed_and_loads_nothing(of: TrialReport) -> None:
    page = trial_page(of, "shop & <co>")
    root = parse(page)
    assert root.find("head/title").text == "healer trial: shop & <co>"
    assert not {"script", "link", "img", "iframe"} & {each.tag for each in root.iter()}
    assert "http" not in page


def test_every_case_is_a_dot_and_every_script_a_bar() -> None:
    root = parse(trial_page(report(CASE, NOTHING), "shop"))
    dots = [each.get("fill") for each in root.iter("circle")]
    assert dots == [COLOURS["differs"], COLOURS["nothing"]]
    bars = [(each.get("fill"), float(each.get("width"))) for each in root.iter("rect")]
    assert [fill for fill, _ in bars] == [COLOURS["differs"], COLOURS["nothing"]]
    assert bars[0][1] == bars[1][1] > 0

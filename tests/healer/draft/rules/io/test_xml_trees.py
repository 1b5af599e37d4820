"""An element that moved is looked for in both places, where two nights' data shows where it is."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_silence, content_of, draft_example


def make_feed(price: str) -> str:
    items = "".join(f'<item n="{n}"><id>g{n}</id>{price.format(n + 3)}</item>' for n in range(4))
    return f"<rss><channel>{items}</channel></rss>"


def make_example(price: str, line: str, error: str) -> Example:
    text = f"""
    def read(item):
        {line}
    #! {error}
    """
    return Example(
        text, is_reported=True, read=(make_feed("<price>{}.5</price>"), make_feed(price))
    )


NO_TEXT = "AttributeError: 'NoneType' object has no attribute 'text'"
NO_NUMBER = "TypeError: float() argument must be a string or a real number, not 'NoneType'"


@pytest.mark.parametrize(
    ("price", "line", "error", "fixed"),
    [
        (
            "<amount>{}.5</amount>",
            'return float(item.find("price").text)',
            NO_TEXT,
            'item.find("price" if item.find("price") is not None else "amount").text',
        ),
        (
            '<x:amount xmlns:x="urn:x">{}.5</x:amount>',
            'return float(item.find("price").text)',
            NO_TEXT,
            'item.find("price" if item.find("price") is not None else "{*}amount").text',
        ),
        (
            "<offer><price>{}.5</price></offer>",
            'return float(item.findtext("price"))',
            NO_NUMBER,
            'item.findtext("price" if item.find("price") is not None else "offer/price")',
        ),
    ],
)
def test_both_places_are_looked_for(price: str, line: str, error: str, fixed: str) -> None:
    (draft,) = draft_example(make_example(price, line, error)).candidates
    assert draft.rule == "moved-element"
    assert fixed in content_of(draft)
    assert not draft.forced


@pytest.mark.parametrize(
    "price", ["", "<amount>gone</amount>", "<a>{0}.5</a><b>{0}.5</b>", "<!DOCTYPE x>"]
)
def test_an_element_without_a_clear_successor_is_not_replaced(price: str) -> None:
    check_silence(
        "moved-element", make_example(price, 'return float(item.find("price").text)', NO_TEXT)
    )

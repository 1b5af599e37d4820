"""Jobs as strangers write them, without tests, each with its right fix and four wrong ones."""

from benchmarks.nights.strangers import feeds, lists, money, pages, readings, reports, transfers

STRANGERS = (
    *money.STRANGERS,
    *readings.STRANGERS,
    *lists.STRANGERS,
    *reports.STRANGERS,
    *feeds.STRANGERS,
    *transfers.STRANGERS,
    *pages.STRANGERS,
)

"""Jobs as strangers write them, without tests: what each does, and what right and wrong fixes of it are."""

from benchmarks.nights.strangers import lists, money, readings

STRANGERS = (*money.STRANGERS, *readings.STRANGERS, *lists.STRANGERS)

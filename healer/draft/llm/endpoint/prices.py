"""What models cost at the addresses where they are sold, where the configuration does not say.

Belongs here: asking the kept table of the `genai-prices` library; nothing is fetched. Does not
belong here: counting money (`budget`), and prices of a tier of its own (`settings`).
"""

import ipaddress
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from healer.draft.llm.endpoint.settings import Endpoint

_SAMPLE = 1_000
"""Tokens of which the price is asked: some models cost more in prompts of 200,000 and more."""
_MILLION = 1_000_000


class Prices(NamedTuple):
    """US dollars for a million tokens."""

    prompt: float
    reply: float
    cached: float
    """Of a prompt's tokens that the endpoint had read before."""


def fill_prices(endpoint: Endpoint) -> Endpoint:
    """The endpoint with the table's prices, where it has none of its own and the table knows the
    model at this address."""
    if endpoint.prices_known:
        return endpoint
    prices = find_prices(endpoint.model, endpoint.base_url)
    if prices is None:
        return endpoint
    return endpoint.model_copy(
        update={
            "usd_per_million_in": prices.prompt,
            "usd_per_million_out": prices.reply,
            "usd_per_million_cached": prices.cached,
            "has_listed_prices": True,
        }
    )


@cache
def find_prices(model: str, base_url: str) -> Prices | None:
    """The prices of a model at an address; None where the table does not know both. A name alone
    says nothing: the same model is free on a machine of one's own."""
    if is_private(base_url):
        return None
    from genai_prices import Usage, calc_price  # noqa: PLC0415  (a second, only where it is asked)

    try:
        price = calc_price(
            Usage(input_tokens=_SAMPLE, output_tokens=_SAMPLE), model, provider_api_url=base_url
        )
        read_before = calc_price(
            Usage(input_tokens=_SAMPLE, cache_read_tokens=_SAMPLE, output_tokens=0),
            model,
            provider_api_url=base_url,
        )
    except (LookupError, ValueError):
        return None
    amounts = (price.input_price, price.output_price, read_before.input_price)
    return Prices(*(float(amount) / _SAMPLE * _MILLION for amount in amounts))


def is_private(base_url: str) -> bool:
    """An address of one's own: a number, or a name without a dot; or none at all."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return True
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return "." not in host

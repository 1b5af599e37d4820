"""How many drafts a repair's budget pays for, where the configuration leaves it open.

Belongs here: the default of `candidates`, from prices and budget; pure. Does not belong here: the
budget itself (`budget`), and second opinions, which are asked by what is left of it
(`healer.repair.second_opinion`).
"""

from healer.draft.llm.endpoint.prices import fill_prices
from healer.draft.llm.endpoint.settings import Endpoint, ModelSettings

USUAL = 2
"""Two that differ show that the failure leaves more than one fix; more rarely show another."""
SHARE = 0.5
"""Of the budget of a repair: the rest is for longer prompts of later attempts, the reviewer and the
investigator."""


def choose_candidates(settings: ModelSettings, endpoint: Endpoint) -> int:
    """How many drafts are asked of a model side by side. One where nobody knows its price: a
    machine of one's own does one after the other."""
    if settings.candidates is not None:
        return settings.candidates
    place = fill_prices(endpoint)
    if not place.prices_known:
        return 1
    most_usd = place.cost_usd(place.max_prompt_tokens, place.max_output_tokens)
    is_paid = most_usd * USUAL * settings.max_attempts <= settings.budget_usd_per_repair * SHARE
    return USUAL if is_paid and most_usd else 1

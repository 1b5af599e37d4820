"""Money. Everything here is repaired by people: see protected.toml."""

RATES = {"EUR": 1.0, "USD": 1.08, "CHF": 0.94}


def convert(amount, currency):
    """An amount in euro, in another currency."""
    return round(amount * RATE[currency], 2)

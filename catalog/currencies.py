"""Which currencies there are."""

from functools import cache

import pycountry


@cache
def currencies() -> frozenset[str]:
    """Return the codes of ISO 4217."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)

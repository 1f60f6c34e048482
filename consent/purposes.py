"""What personal data may be used for, by key; enforcement names purposes by these keys."""

from typing import Final

NECESSARY: Final = "necessary"
FUNCTIONAL: Final = "functional"
ANALYTICS: Final = "analytics"
PERSONALIZATION: Final = "personalization"
TRAINING: Final = "training"
ADVERTISING: Final = "advertising"
SALE_OR_SHARING: Final = "sale_or_sharing"

# What "accept" on the banner stands for: the purposes its text describes, and no others.
OPTIONAL: Final = (
    FUNCTIONAL,
    ANALYTICS,
    PERSONALIZATION,
    TRAINING,
    ADVERTISING,
    SALE_OR_SHARING,
)
# What a browser that sends `Sec-GPC: 1` refuses (CCPA § 7025(c)).
REFUSED_BY_GPC: Final = frozenset({ADVERTISING, SALE_OR_SHARING})

"""Write other systems' names as ours: small letters, digits and underscores."""

import re
from typing import Final

from catalog.romanising import mark, romanised

LONGEST_TYPE: Final = 64
LONGEST_NAME: Final = 200
NAME: Final = "event_name"
UNNAMED: Final = "unnamed"
WORD_STARTS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Return `order_id` for "orderId", "Order ID" and "order-id"; other alphabets are kept."""
    spaced = WORD_STARTS.sub("_", name.strip())
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower() or name


def event_type(name: object) -> str:
    """Return the event type this name stands for; `unnamed` where there is none.

    Another alphabet is romanised, with a mark behind it: two names are never one type.
    """
    if not isinstance(name, str) or not name.strip():
        return UNNAMED
    roman = snake_case(romanised(snake_case(name)))
    written = re.sub(r"[^a-z0-9]+", "_", roman).strip("_") or mark(name)
    if written[:1].isdigit():
        written = f"event_{written}"
    if len(written) <= LONGEST_TYPE or name.isascii():
        return written[:LONGEST_TYPE].rstrip("_")
    # The mark stands last, and is what tells it from others.
    return f"{written[: LONGEST_TYPE - len(mark(name)) - 1].rstrip('_')}_{mark(name)}"


def label_of(name: object, kind: str) -> dict[str, str]:
    """Return the name as a property where its type does not say it in its own alphabet."""
    is_other = isinstance(name, str) and not name.isascii() and kind == event_type(name)
    return {NAME: str(name).strip()[:LONGEST_NAME]} if is_other else {}

"""Write other systems' names as ours: small letters, digits and underscores."""

import re
import unicodedata
from typing import Final

LONGEST_TYPE: Final = 64
UNNAMED: Final = "unnamed"
WORD_STARTS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Return `order_id` for "orderId", "Order ID" and "order-id"; other alphabets are kept."""
    spaced = WORD_STARTS.sub("_", name.strip())
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower() or name


def event_type(name: object) -> str:
    """Return the event type this name stands for; `unnamed` where nothing of it can be written."""
    stated = snake_case(name) if isinstance(name, str) else ""
    plain = unicodedata.normalize("NFKD", stated).encode("ascii", "ignore").decode()
    written = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if written[:1].isdigit():
        written = f"event_{written}"
    return written[:LONGEST_TYPE].rstrip("_") or UNNAMED

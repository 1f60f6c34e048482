"""Show that something is known without showing it."""

from typing import Any, Final

DOTS: Final = "•••"
PHONE_SHOWN: Final = 2


def masked(name: str, value: Any) -> str:
    """Return enough to tell two apart: `a•••@e•••.com`, `•••42`, `A•••`."""
    text = str(value).strip()
    if "@" in text:
        return _masked_email(text)
    if name.endswith("phone"):
        return f"{DOTS}{text[-PHONE_SHOWN:]}" if len(text) > 2 * PHONE_SHOWN else DOTS
    if name.endswith("birthday"):
        return DOTS
    return _initial(text)


def _masked_email(text: str) -> str:
    local, _, domain = text.rpartition("@")
    host, dot, ending = domain.rpartition(".")
    return f"{_initial(local)}@{_initial(host)}{dot}{ending if dot else DOTS}"


def _initial(text: str) -> str:
    return f"{text[:1]}{DOTS}"

"""Fit what other systems nest and spell freely into what the door takes.

Names become snake_case. Names of people, addresses and e-mail addresses are left out at every
depth, not only at the top, where the door itself looks.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from personalization.doors.naming import snake_case
from personalization.events.normalising import is_currency
from personalization.events.validating import DIRECT, MAX_TRAITS, PROPERTIES
from personalization.vault.naming import canonical

Scalar = str | int | float | bool
ALSO_DIRECT: Final = DIRECT | {"full_name", "username"}
DIRECT_ENDINGS: Final = tuple(f"_{name}" for name in sorted(ALSO_DIRECT - {"name"}))
# A "name" inside one of these is not a person's.
NAMED_THINGS: Final = frozenset({"company", "campaign", "product", "products", "items", "plan"})


def flat_traits(stated: Mapping[str, Any]) -> tuple[dict[str, Scalar | None], dict[str, Any]]:
    """Return (traits, rest): what a trait can hold, and what can only be kept beside.

    Nested names are joined, `{"company": {"plan": "pro"}}` to `company_plan`; a list of plain
    values becomes one text, "red, blue". Lists of objects and everything after the fiftieth trait
    are the rest. Of an address the country is kept, as `country`; what says directly who it is goes
    along for the door to seal.
    """
    traits: dict[str, Scalar | None] = _country_of(stated)
    rest: dict[str, Any] = {}
    for name, value in _leaves(stated):
        written = _as_trait(value)
        if written is None and value is not None:
            rest[name] = without_direct(value)
        elif len(traits) < MAX_TRAITS or name in traits:
            traits[name] = written
        else:
            rest[name] = written
    direct = _for_the_vault(stated)
    others = [(name, value) for name, value in traits.items() if name not in direct]
    return direct | dict(others[: MAX_TRAITS - len(direct)]), rest


def plain_properties(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties under snake_case names, without direct identifiers and nothings.

    A price that is "free" is kept as `price_as_sent`, and a currency that there is not as
    `currency_as_sent`, as is whatever else does not fit the name under which the door knows it: the
    event is not lost for it.
    """
    kept = {
        name: without_direct(value, within=name)
        for name, value in _named(stated)
        if value is not None and not is_direct(name)
    }
    return {_fitting_name(name, value): _fitting(name, value) for name, value in kept.items()}


def without_direct(value: Any, *, within: str = "") -> Any:
    """Return the value without the direct identifiers at any depth."""
    if isinstance(value, list):
        return [without_direct(one, within=within) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: without_direct(inner, within=snake_case(name))
        for name, inner in value.items()
        if not is_direct(snake_case(name), within=within)
    }


def is_direct(name: str, *, within: str = "") -> bool:
    """Return whether a snake_case name is one under which people write who they are."""
    if name == "name" and within in NAMED_THINGS:
        return False
    return name in ALSO_DIRECT or name.endswith(DIRECT_ENDINGS)


def _leaves(stated: Mapping[str, Any], path: str = "", within: str = "") -> Iterator[Any]:
    for name, value in _named(stated):
        if is_direct(name, within=within):
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}_", name)
        else:
            yield f"{path}{name}", value


def _named(stated: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in stated.items():
        yield snake_case(name), value


def _for_the_vault(stated: Mapping[str, Any]) -> dict[str, Scalar | None]:
    """Return the person's own name, address and so on; not those of somebody nested deeper."""
    named = dict(_named(stated))
    address = named.pop("address", None)
    lines = address if isinstance(address, Mapping) else {"": address}
    named |= {f"address_{name}".rstrip("_"): line for name, line in _named(lines)}
    found: dict[str, Scalar | None] = {
        name: value
        for name, value in named.items()
        if canonical(name) and isinstance(value, str | int | float)
    }
    if "@" not in str(found.get("email", "@")):
        del found["email"]  # "n/a" would make strangers one person
    return found


def _country_of(stated: Mapping[str, Any]) -> dict[str, Scalar | None]:
    address = stated.get("address")
    country = address.get("country") if isinstance(address, Mapping) else None
    return {"country": country} if isinstance(country, str) and country else {}


def _as_trait(value: Any) -> Scalar | None:
    if isinstance(value, list):
        if any(isinstance(one, list | Mapping) for one in value):
            return None
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, str | int | float) else None


def fits(name: str, value: Any) -> bool:
    """Return whether the door takes this as what the name says; a number may come as text."""
    rule = PROPERTIES.get(name)
    if name == "currency" and not is_currency(value):
        return False
    return rule is None or rule.holds(_fitting(name, value))


def _fitting_name(name: str, value: Any) -> str:
    return name if fits(name, value) else f"{name}_as_sent"


def _fitting(name: str, value: Any) -> Any:
    """Read a number that came as text, or the other way round; else return it as it came."""
    rule, read = PROPERTIES.get(name), READ.get(name)
    if rule is None or read is None or rule.holds(value) or isinstance(value, bool):
        return value
    with suppress(TypeError, ValueError, OverflowError):
        if isinstance(value, str | int | float) and rule.holds(read(value)):
            return read(value)
    return value


READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "item_id": str,
    "category": str,
    "order_id": str,
    "price": float,
    "value": float,
    "quantity": float,
}

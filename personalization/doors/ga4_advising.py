"""What of Google's events is taken here, but will not do what its sender hopes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalization.doors.flattening import fits

# Names of events that Google makes itself, after the Measurement Protocol's reserved names.
RESERVED: Final = frozenset(
    {
        "ad_activeview",
        "ad_click",
        "ad_exposure",
        "ad_query",
        "ad_reward",
        "adunit_exposure",
        "app_clear_data",
        "app_exception",
        "app_install",
        "app_remove",
        "app_store_refund",
        "app_update",
        "app_upgrade",
        "dynamic_link_app_open",
        "dynamic_link_app_update",
        "dynamic_link_first_open",
        "error",
        "firebase_campaign",
        "firebase_in_app_message_action",
        "firebase_in_app_message_dismiss",
        "firebase_in_app_message_impression",
        "first_open",
        "first_visit",
        "in_app_purchase",
        "notification_dismiss",
        "session_start",
        "user_engagement",
    }
)
ITEMS: Final = "items"


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark, in the words of Google's validation server."""

    fieldPath: str  # noqa: N815  # Google's name
    description: str
    validationCode: str  # noqa: N815


def advise(events: Iterable[Any]) -> Iterator[Advice]:
    """Yield a remark on each name that Google keeps for itself, and each value that does not fit.

    /mp/collect takes such events all the same.
    """
    for nth, event in enumerate(events):
        if not isinstance(event, Mapping):
            continue
        place, name, params = f"events[{nth}]", event.get("name"), event.get("params")
        if isinstance(name, str) and name.lower() in RESERVED:
            said = f"Google keeps the name {name} for itself, and refuses it. Here it is taken."
            yield Advice(f"{place}.name", said, "NAME_RESERVED")
        if isinstance(params, Mapping):
            yield from _of_params(params, f"{place}.params")


def _of_params(params: Mapping[str, Any], place: str) -> Iterator[Advice]:
    yield from _unfit(params, place)
    items = params.get(ITEMS)
    if items is None:
        return
    if not isinstance(items, list):
        said = "Use a list of items, each a JSON object. As it is, it names no item."
        yield Advice(f"{place}.{ITEMS}", said, "VALUE_INVALID")
        return
    for nth, item in enumerate(items):
        if isinstance(item, Mapping):
            yield from _unfit(item, f"{place}.{ITEMS}[{nth}]")
        else:
            said = "An item is a JSON object. As it is, it is left out."
            yield Advice(f"{place}.{ITEMS}[{nth}]", said, "VALUE_INVALID")


def _unfit(stated: Mapping[str, Any], place: str) -> Iterator[Advice]:
    for name, value in stated.items():
        if value is not None and not fits(name, value):
            said = f"It is no {name}. It is kept as {name}_as_sent, and counts nowhere."
            yield Advice(f"{place}.{name}", said, "VALUE_INVALID")

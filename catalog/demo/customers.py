"""Real customers of the data set worth stepping into: the demo switcher's cast."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Final

RECENT_DAYS: Final = 30
SEASON_DAYS: Final = 90
LAPSED_DAYS: Final = 180
FREQUENT_ORDERS: Final = 4
SEASON_LINES: Final = 12
HOME_COUNTRY: Final = "United Kingdom"


@dataclass(frozen=True, slots=True)
class Persona:
    """A customer to step into; `kind` is what the switcher's form sends."""

    kind: str
    label: str
    user_id: str
    country: str

    def as_json(self) -> dict[str, str]:
        """Return the persona as var/demo/customers.json keeps it."""
        return asdict(self)


@dataclass(slots=True)
class History:
    """What one customer bought, as far as choosing needs it; days are those of the shop."""

    user_id: str
    country: str = ""
    spent: float = 0.0
    orders: dict[str, date] = field(default_factory=dict)
    recent_categories: Counter[str] = field(default_factory=Counter)

    def orders_since(self, day: date) -> int:
        """Return how many orders were placed on that day or later."""
        return sum(ordered >= day for ordered in self.orders.values())

    @property
    def last_order(self) -> date:
        """The day of the latest order."""
        return max(self.orders.values(), default=date.min)

    def share_of(self, category: str) -> float:
        """Return the share of the season's lines in that category; 0 where there are too few."""
        lines = self.recent_categories.total()
        return self.recent_categories[category] / lines if lines >= SEASON_LINES else 0.0


def add_to_history(histories: dict[str, History], event: Mapping[str, Any], *, today: date) -> None:
    """Add one event to its customer's history; guests and refunds are passed over."""
    user_id = event.get("user_id")
    if user_id is None or event["type"] != "purchase":
        return
    history = histories.setdefault(user_id, History(user_id))
    bought = event["properties"]
    day = date.fromisoformat(event["occurred_at"][:10])
    history.country = event["traits"]["country"]
    history.spent += bought["price"] * bought["quantity"]
    history.orders[bought["order_id"]] = day
    if day >= today - timedelta(days=SEASON_DAYS):
        history.recent_categories[bought["category"]] += 1


def choose_personas(histories: Mapping[str, History], *, today: date) -> list[Persona]:
    """Return one customer of each kind that the data holds, nobody twice."""
    chosen: dict[str, Persona] = {}
    for kind, (label, score) in KINDS.items():
        scored = ((score(history, today), history.user_id) for history in histories.values())
        points, user_id = max((s for s in scored if s[1] not in chosen), default=(0.0, ""))
        if points > 0:
            country = histories[user_id].country
            title = label.format(country=country)
            chosen[user_id] = Persona(kind, title, user_id, country)
    return list(chosen.values())


def _frequent(history: History, today: date) -> float:
    orders = history.orders_since(today - timedelta(days=RECENT_DAYS))
    return orders if history.country == HOME_COUNTRY and orders >= FREQUENT_ORDERS else 0


def _generous(history: History, today: date) -> float:
    return history.spent if history.orders_since(today - timedelta(days=SEASON_DAYS)) else 0


def _christmas(history: History, today: date) -> float:
    return history.share_of("christmas")


def _lapsed(history: History, today: date) -> float:
    lapsed = history.last_order < today - timedelta(days=LAPSED_DAYS)
    return len(history.orders) if lapsed else 0


def _abroad(history: History, today: date) -> float:
    recent = history.orders_since(today - timedelta(days=RECENT_DAYS))
    return recent if history.country in ("France", "Germany") else 0


# What the switcher says, and how well a customer plays the part; 0 is not at all.
KINDS: Final[Mapping[str, tuple[str, Callable[[History, date], float]]]] = {
    "frequent": ("a frequent buyer", _frequent),
    "generous": ("a big spender", _generous),
    "christmas": ("a Christmas shopper", _christmas),
    "lapsed": ("a lapsed buyer", _lapsed),
    "abroad": ("a buyer from {country}", _abroad),
}

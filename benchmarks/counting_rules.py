"""The rules that `counting.py` counts, and the same over plain columns."""

from typing import Any

from counting_profiles import CATEGORIES, EVENTS, NUMBERS, SECONDS, TEXTS

from personalization.profiles.visits import SESSION_SECONDS
from personalization.rules.geography import Point, box_around
from personalization.rules.sql import Sql
from personalization.rules.tree import Condition, Fact, Group

FACTS = [
    *(Fact("trait", name) for name in (*TEXTS, *NUMBERS)),
    *(Fact("count", event, days=days) for event in EVENTS for days in (7, 30, 90)),
    *(Fact("sum", event, days=days) for event in EVENTS for days in (30, 90)),
    *(
        Fact("count", "event0", category=name, days=days)
        for name in CATEGORIES
        for days in (30, 90)
    ),
    *(Fact("days_since", event) for event in EVENTS),
]
FOLLOWED = Fact("sequence", "event1", then="event2", minutes=240, days=1)
OTHERS = [
    *(Fact("consent", purpose) for purpose in ("analytics", "advertising")),
    Fact("location", ""),
    FOLLOWED,
    Fact("session", "events"),
    Fact("in_session", "event1"),
]
COLUMNS = {fact: f"c{number}" for number, fact in enumerate([*FACTS, *OTHERS])}
COMPARED = {
    "equals": "{c} = %s",
    "at_least": "{c} >= %s",
    "greater": "{c} > %s",
    "less": "{c} < %s",
    "granted": "{c}",
    "done": "{c}_followed",
    "not_followed": f"{{c}}_until < {SECONDS}",
}
OF_VISIT = f"{{c}}_last >= {SECONDS - SESSION_SECONDS} AND {{c}}_number >= %s"
# With the box beforehand, as whoever writes it by hand would; it is worth as much here.
WITHIN_KM = """{c}_latitude BETWEEN %s::float8 AND %s::float8
 AND {c}_longitude BETWEEN %s::float8 AND %s::float8
 AND 12742017.6 * asin(sqrt(sin(radians({c}_latitude - %s) / 2) ^ 2
 + cos(radians({c}_latitude)) * cos(radians(%s))
 * sin(radians({c}_longitude - %s) / 2) ^ 2)) <= %s"""


def trait(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"fact": "trait", "name": name, "operator": operator, "value": value}


def count(event: str, days: int, value: int, category: str | None = None) -> dict[str, Any]:
    window = {"event": event, "category": category, "days": days}
    return {"fact": "count", **window, "operator": "at_least", "value": value}


RULES = {
    "one trait": {"all": [trait("text1", "equals", "Value 3")]},
    "two traits": {"all": [trait("text1", "equals", "Value 3"), trait("number2", "greater", 500)]},
    "five conditions": {
        "all": [
            trait("text2", "equals", "Value 1"),
            trait("number1", "less", 800),
            trait("number5", "greater", 100),
            count("event1", 30, 1),
            count("event2", 90, 2),
        ]
    },
    "a window": {"all": [count("event0", 30, 3, "category2")]},
    "a mix": {
        "any": [
            {"all": [trait("text7", "equals", "Value 2"), count("event3", 7, 1)]},
            {"none": [trait("number0", "greater", 10), count("event0", 90, 1, "category4")]},
        ]
    },
}
BERLIN = (52.52, 13.405)
STEPS = {
    "fact": "sequence",
    **{"event": "event1", "category": None, "then": "event2", "then_category": None},
    **{"minutes": 240, "days": 1},
}
AGREED = {"fact": "consent", "name": "analytics", "operator": "granted"}
VISIT = {"fact": "session", "name": "events", "operator": "at_least", "value": 4}
NEAR = {"fact": "location", "operator": "within_km", "value": [*BERLIN, 100]}
KINDS = {
    "consent": {"all": [AGREED]},
    "within 100 km": {"all": [NEAR]},
    "within 400 km": {"all": [NEAR | {"value": [*BERLIN, 400]}]},
    "A then B": {"all": [STEPS | {"operator": "done"}]},
    "A, no B in time": {"all": [STEPS | {"operator": "not_followed"}]},
    "acts of a visit": {"all": [VISIT]},
    "all of these": {"all": [AGREED, NEAR, STEPS | {"operator": "done"}, VISIT]},
}
SLOTLESS = {
    "all": [
        {"fact": "average", "event": "event1", "days": 14, "operator": "greater", "value": 20},
    ]
}


def as_plain(member: Group | Condition) -> Sql:
    """Return a rule as SQL over the plain table."""
    if isinstance(member, Condition):
        return _of_condition(member)
    members = [as_plain(one) for one in member.members]
    between = " AND " if member.match == "all" else " OR "
    text = f"({between.join(one.text for one in members)})"
    params = tuple(param for one in members for param in one.params)
    return Sql(f"NOT {text}" if member.match == "none" else text, params)


def _of_condition(condition: Condition) -> Sql:
    column, value = COLUMNS[condition.fact], condition.value
    if isinstance(value, tuple):
        latitude, longitude, km = map(float, value)
        box = box_around(Point(latitude, longitude), km * 1_000)
        sides = (box.south, box.north, box.west, box.east)
        params = (*sides, latitude, latitude, longitude, km * 1_000)
        return Sql(WITHIN_KM.format(c=column), params)
    if condition.fact.kind in ("session", "in_session"):
        return Sql(OF_VISIT.format(c=column), (value,))
    wanted = value.lower() if isinstance(value, str) else value
    text = COMPARED[condition.operator].format(c=column)
    return Sql(text, () if wanted is None else (wanted,))

"""The profiles that `counting.py` counts, as SQL that draws them, and their plain columns."""

from datetime import UTC, datetime
from typing import Any, Final

NOW: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECONDS: Final = int(NOW.timestamp())
TODAY: Final = SECONDS // 86_400
TEXTS: Final = [f"text{n}" for n in range(14)]
NUMBERS: Final = [f"number{n}" for n in range(6)]
EVENTS: Final = [f"event{n}" for n in range(5)]
CATEGORIES: Final = [f"category{n}" for n in range(5)]
ACTS: Final = 12
# Everybody has one identifier, under which six of ten agreed.
IDENTIFIERS: Final = """
INSERT INTO profiles_profileidentifier (profile_id, kind, pseudonym)
SELECT id, 'anonymous', md5(id::text) FROM profiles_profile
"""
CHOICES: Final = """
INSERT INTO consent_consentrecord (pseudonym, purpose, state, notice_locale, notice_hash,
 mechanism, jurisdiction, ip, user_agent, recorded_at)
SELECT pseudonym, purpose, CASE WHEN random() < 0.6 THEN 'granted' ELSE 'denied' END,
 '', '', 'banner', '', '', '', now()
FROM profiles_profileidentifier, (VALUES ('analytics'), ('advertising')) AS p(purpose)
"""


def insert_profiles(number: int) -> str:
    """Return the statement that makes so many profiles."""
    return (
        f"INSERT INTO profiles_profile (facts, has_unkept_acts) SELECT {_facts()}, FALSE"  # noqa: S608
        f" FROM generate_series(1, {number})"
    )


def plain_columns(fact: Any, column: str, held: Any) -> list[str]:
    """Return the columns of the plain table that have a fact, read from its slot in the census."""
    number = held.number
    if fact.kind == "consent":
        return [f"f{number} AS {column}"]
    if fact.kind == "sequence":
        return [f"x{number} = 1 AS {column}_followed", f"y{number} AS {column}_until"]
    if fact.kind == "location":
        return [f"x{number} AS {column}_latitude", f"y{number} AS {column}_longitude"]
    if held.shape == "pair":
        return [f"x{number} AS {column}_number", f"y{number} AS {column}_last"]
    letter = "a" if held.shape == "amount" else "t" if fact.name in TEXTS else "n"
    return [f"{letter}{number} AS {column}"]


def _facts() -> str:
    texts = [f"'{name}', 'Value ' || floor(random() * 8)" for name in TEXTS]
    numbers = [f"'{name}', floor(random() * 1000)" for name in NUMBERS]
    place = ["'latitude', 47 + random() * 8", "'longitude', 6 + random() * 9"]
    by_event = _object({name: _days("floor(random() * 4)") for name in EVENTS})
    money = _object({name: _days("round((random() * 90)::numeric, 2)") for name in EVENTS})
    categories = _object({name: _days("floor(random() * 3)") for name in CATEGORIES})
    last = _object(dict.fromkeys(EVENTS, f"({TODAY} - floor(random() * 90)) * 86400"))
    return _object(
        {
            "traits": f"jsonb_build_object({', '.join([*texts, *numbers, *place])})",
            "counts": by_event,
            "sums": money,
            "categories": _object({"event0": categories}),
            "last": last,
            "lists": "'[]'::jsonb",
            "recent": _acts(),
            "session": _visit(),
        }
    )


def _acts() -> str:
    """Return acts of the last days, the oldest first."""
    acts = [
        f"jsonb_build_array({SECONDS} - {(ACTS - n) * 5400} + floor(random() * 5400),"
        f" 'event' || floor(random() * {len(EVENTS)}), '', '')"
        for n in range(ACTS)
    ]
    return f"jsonb_build_array({', '.join(acts)})"


def _visit() -> str:
    last = f"{SECONDS} - floor(random() * 7200)"
    types = _object(dict.fromkeys(EVENTS, "floor(random() * 4)"))
    numbers = {"number": "3", "started": f"{SECONDS - 9_000}", "last": last, "types": types}
    return _object({**numbers, "events": "1 + floor(random() * 9)"})


def _days(amount: str) -> str:
    day = f"({TODAY} - floor(random() * 90))::text"
    return f"jsonb_build_object({', '.join(f'{day}, {amount}' for _ in range(3))})"


def _object(members: dict[str, str]) -> str:
    stated = ", ".join(f"'{name}', {sql}" for name, sql in members.items())
    return f"jsonb_build_object({stated})"

"""Profiles and rules that the tests of the census share."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection

from personalization.census import counting
from personalization.census.assigning import keep_facts
from personalization.census.counting import count_rules
from personalization.census.refreshing import refresh_census
from personalization.profiles.models import Profile
from personalization.rules.parsing import parse_rule
from personalization.rules.tree import Fact, Group

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = int(NOON.timestamp()) // 86_400
COUNTRY = Fact("trait", "country")
BOUGHT = Fact("count", "purchase", days=1)
FRENCH = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}
BUYS = {"fact": "count", "event": "purchase", "days": 1, "operator": "at_least", "value": 1}


def rule(*conditions: dict[str, Any], match: str = "all") -> Group:
    return parse_rule({match: list(conditions)})


def people(*countries: str) -> list[Profile]:
    facts = [
        {"traits": {"country": one}, "counts": {"purchase": {str(TODAY): 1}}} for one in countries
    ]
    return Profile.objects.bulk_create(Profile(facts=one) for one in facts)


def filled(*facts: Fact) -> None:
    keep_facts(facts)
    assert refresh_census(now=NOON, batches=20).is_current


def matched(wanted: Group, now: datetime = NOON) -> int:
    return count_rules(rules={"one": wanted}, now=now).matched["one"]


def only_the_census(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a count fail that has to read all profiles."""
    monkeypatch.delattr(counting, "ALL_PROFILES")


def other_connection() -> psycopg.Connection[Any]:
    settings = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{name: settings[name] for name in names if name in settings})

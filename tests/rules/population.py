"""People of every kind that a rule may meet."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from consent.mirroring import mirror
from consent.models.proof import DENIED, GRANTED, WITHDRAWN, ConsentRecord, Suppression
from personalization.events.counting import IN_CATEGORY
from personalization.profiles.facts import Facts, empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.compiling import Known
from personalization.segments.asking import known_of

NOW = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
EVENTS = ["purchase", "item_view", "o'clock%s"]
CATEGORIES = ["lanterns", "mugs"]
TRAITS = ["country", "age", "member", "since"]
PURPOSES = ["analytics", "training", "necessary"]
TEXTS = ["France", "FRANCE", " fr ance", "ÖSTERREICH", "österreich", "Ελλάς", "50% “off”", "42"]
DATES = ["2026-03-10", "2026-03-09", "2026-03-01", "2026-02-30"]
DATELIKE = [
    *DATES,
    " 2026-03-08T23:59:59Z ",
    "2026-03-07 12:00",
    "2026-03-07x",
    "2026-3-7",
    "٢026-03-07",
]
NUMBERS = [0, 1, 2, 42, -3, 0.1, 0.3, 1.5, 42.0, 1e11]


PLACES: list[Any] = [0, 13.405, -52.5, 89.9999, 90, 91, 180, -180, "52", True, None]


def some_facts(random: Random) -> Facts:
    facts = empty_facts()
    values = [*TEXTS, *NUMBERS, True, False, "", " ", None]
    for name in TRAITS:
        if random.random() < 0.8:
            facts["traits"][name] = random.choice(DATELIKE if name == "since" else values)
    if random.random() < 0.7:
        listed: list[Any] = random.choices([*values, ["nested"], {}], k=random.randrange(5))
        facts["traits"]["likes"] = random.choice([listed, listed, random.choice(values), {}])
    if random.random() < 0.7:
        facts["traits"] |= {"latitude": random.choice(PLACES), "longitude": random.choice(PLACES)}
    facts["lists"] = random.sample(TRAITS, random.randrange(3))
    for _ in range(random.randrange(12)):
        at = NOW - timedelta(hours=random.randrange(24 * 8))
        value = random.choice([None, 0.1, 0.2, 19.99, 50])
        category = random.choice([*CATEGORIES, ""])
        order = random.choice(["", "", "o1", "o2"])
        happening = Happening(
            random.choice(EVENTS), at, category=category, value=value, order=order
        )
        remember(facts, happening)
    return {**facts, **lately(random), **judged(random)}


def lately(random: Random) -> Facts:
    """Return the part of facts that hangs on minutes: latest acts, the visit, different items."""
    seconds = int(NOW.timestamp())
    acts = [
        [
            seconds - random.choice([0, 1, 59, 60, 600, 1_800, 1_801, 86_400, 200_000]),
            random.choice(EVENTS),
            "",
            random.choice([*CATEGORIES, ""]),
            *random.choice([[], [], [0], [IN_CATEGORY]]),
        ]
        for _ in range(random.randrange(7))
    ]
    day = seconds // 86_400
    items = {f"i{n}": str(day - random.randrange(9)) for n in range(random.randrange(5))}
    last = seconds - random.choice([0, 900, 1_800, 1_801, 90_000])
    session = {
        "number": random.randrange(1, 5),
        "started": last - random.choice([0, 59, 60, 3_600]),
        "last": last,
        "events": 4,
        "types": {"purchase": random.randrange(4), "o'clock%s": 1},
    }
    return {
        "recent": sorted(acts),
        "items": {random.choice(EVENTS): items},
        "session": random.choice([{}, session, session]),
    }


def judged(random: Random) -> Facts:
    """Return what models say, and when somebody came first and last."""
    today = int(NOW.timestamp()) // 86_400 * 86_400
    last = random.choice([0, 30, 31, 90, 91])
    first = last + random.choice([0, 30, 31])
    came = {
        name: {"purchase": today - 86_400 * days}
        for name, days in (("first", first), ("last", last))
    }
    return {
        "scores": {} if random.random() < 0.3 else {"age": random.choice([0.5, 3, 4])},
        "persona": random.choice(["", "Fan", " fan ", "Ελλάς"]),
        **(came if random.random() < 0.5 else {}),
    }


class People(list[Known]):
    """Some profiles; the report of a failing example need not spell them out."""

    def __repr__(self) -> str:
        return f"{len(self)} people"


@pytest.fixture
def population(db: None) -> People:
    random = Random(7)
    facts = [{}, empty_facts(), *(some_facts(random) for _ in range(80))]
    Profile.objects.bulk_create([Profile(facts=one) for one in facts])
    people = list(Profile.objects.all())
    choose(people, random)
    return People(known(profile) for profile in people)


def choose(people: list[Profile], random: Random) -> None:
    """Give profiles identifiers that agreed and refused, were silent, or were erased."""
    named = [
        ProfileIdentifier(profile=one, kind="anonymous", pseudonym=f"{one.pk:030}-{number}")
        for one in people
        for number in range(random.randrange(4))
    ]
    records = [
        ConsentRecord(
            pseudonym=one.pseudonym,
            purpose=purpose,
            state=random.choice([GRANTED, GRANTED, DENIED, WITHDRAWN]),
            recorded_at=NOW + random.choice([-1, 1]) * timedelta(hours=1),
        )
        for one in named
        for purpose in random.choices(PURPOSES[:2], k=random.randrange(4))
    ]
    erased = [one.pseudonym for one in named if random.random() < 0.2]
    ProfileIdentifier.objects.bulk_create(named)
    ConsentRecord.objects.bulk_create(records)
    Suppression.objects.bulk_create(Suppression(pseudonym=one, erased_at=NOW) for one in erased)
    mirror([one.pseudonym for one in named])


def known(profile: Profile) -> Known:
    return known_of(profile, context={}, now=NOW)

"""Made-up people, and records of them with the slips that typing makes. No real person is meant."""

import string
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

Record = dict[str, Any]
FIRST: Final = (
    "anna bert clara david emma felix greta hugo ida jonas karla linus mara nils olga paul rosa"
    " simon tilda ulrich vera walter xenia yasmin zeno frida oskar lotte anton"
)
LAST: Final = (
    "adler brandt conrad dietz ebert fuchs graf huber illig jansen keller lorenz maurer neumann"
    " otto peters quandt richter schubert thoma ulmer vogt winter zander berger franke"
)
STREETS: Final = (
    "garden station church mill school forest castle river lake harbour market chapel meadow"
    " orchard spring tower valley weaver"
)
CITIES: Final = (
    "ashford brimley calder dunmore elston farley gresham holt ives kelso larne merton norwell"
)


def people(count: int, *, seed: int = 1) -> list[Record]:
    """Return this many people, each one record."""
    random = Random(seed)
    return [_person(random, number) for number in range(count)]


def mistyped(person: Record, *, seed: int, slips: int = 2) -> Record:
    """Return another record of the person, with slips in it and a field missing here and there."""
    random = Random(seed)
    again = dict(person, record_id=f"{person['record_id']}-again")
    names = [name for name in person if name != "record_id"]
    for name in random.sample(names, slips):
        again[name] = random.choice(SLIPS)(str(again[name]), random)
    return again


def _person(random: Random, number: int) -> Record:
    cities = CITIES.split()
    city = random.randrange(len(cities))
    return {
        "record_id": f"person-{number}",
        "first_name": random.choice(FIRST.split()),
        "last_name": random.choice(LAST.split()),
        "street": f"{random.randrange(1, 120)} {random.choice(STREETS.split())} street",
        "city": cities[city],
        "postcode": f"{4000 + city * 37 + random.randrange(4)}",
        "birthday": f"19{random.randrange(40, 99)}{random.randrange(1, 13):02}"
        f"{random.randrange(1, 29):02}",
    }


def _drop(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at + 1 :]


def _swap(text: str, random: Random) -> str:
    at = random.randrange(max(len(text) - 1, 1))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _replace(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    alphabet = string.digits if text[at].isdigit() else string.ascii_lowercase
    return text[:at] + random.choice(alphabet) + text[at + 1 :]


def _lose(text: str, random: Random) -> str:
    return ""


SLIPS: Sequence[Callable[[str, Random], str]] = (_drop, _swap, _replace, _lose)

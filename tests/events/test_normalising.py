"""The same thing is written in the same way, whoever sent it."""

from datetime import UTC
from typing import Any

import pytest

from personalization.events.accepted import AcceptedEvent
from personalization.events.country_names import COMMON, code_of, folded
from personalization.events.keepable import EventRefused
from personalization.events.normalising import Spellings, normalise
from personalization.events.validating import validate
from tests.factories import NOON, make_event

SPELLINGS = Spellings(
    items={"OLD-1": "1001"}, categories={"lampen & leuchten": "lanterns"}, countries={"uk": "GB"}
)


def normalised(**changes: Any) -> AcceptedEvent:
    return normalise(validate(make_event(**changes), now=NOON), SPELLINGS)


@pytest.mark.parametrize(
    ("name", "stated", "written"),
    [
        ("currency", "gbp", "GBP"),
        ("currency", " eur", "EUR"),
        ("item_id", " 1002 ", "1002"),
        ("item_id", "OLD-1", "1001"),
        ("items", ["OLD-1", " 2"], ["1001", "2"]),
        ("category", "Lampen & Leuchten ", "lanterns"),
        ("category", "bags", "bags"),
    ],
)
def test_properties_are_written_in_one_way(name: str, stated: Any, written: Any) -> None:
    assert normalised(properties={name: stated}).properties == {name: written}


@pytest.mark.parametrize("stated", ["GB", "gbr", "United Kingdom ", "uk"])
def test_countries_become_codes_of_two_letters(stated: str) -> None:
    event = normalised(context={"country": stated}, traits={"country_code": stated})

    assert (event.context["country"], event.traits["country_code"]) == ("GB", "GB")
    assert event.flags == []


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("Russia", "RU"),
        ("turkey", "TR"),
        ("Türkiye", "TR"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("Holland", "NL"),
        ("The Netherlands", "NL"),
        ("Ivory Coast", "CI"),
        ("Cote d\N{RIGHT SINGLE QUOTATION MARK}Ivoire", "CI"),
        ("Macau", "MO"),
        ("Curacao", "CW"),
        ("Guinea Bissau", "GW"),
        ("St. Lucia", "LC"),
        ("Trinidad & Tobago", "TT"),
    ],
)
def test_countries_are_known_by_the_names_people_write(stated: str, code: str) -> None:
    event = normalise(validate(make_event(context={"country": stated}), now=NOON))

    assert (event.context["country"], event.flags) == (code, [])


def test_every_common_name_leads_to_a_country_and_is_written_as_it_is_looked_up() -> None:
    for name, code in COMMON.items():
        assert folded(name) == name
        assert code_of(code) == code


def test_a_country_that_cannot_be_read_is_kept_and_flagged() -> None:
    event = normalised(context={"country": "Atlantis"})

    assert event.context == {"country": "Atlantis"}
    assert event.flags == ["unknown:context.country"]


def test_the_trait_that_rules_compare_with_names_stays_a_name() -> None:
    assert normalised(traits={"country": "France"}).traits == {"country": "France"}


@pytest.mark.parametrize("stated", ["QQQ", "$", "XX"])
def test_a_currency_that_does_not_exist_is_refused_with_its_field(stated: str) -> None:
    with pytest.raises(EventRefused) as refused:
        normalised(properties={"currency": stated})

    assert refused.value.field == "properties.currency"


def test_times_are_in_utc() -> None:
    event = normalised(occurred_at="2026-06-15T13:30:00+02:00")

    assert event.occurred_at.tzinfo is UTC
    assert event.occurred_at.isoformat() == "2026-06-15T11:30:00+00:00"


def test_what_is_written_well_is_not_copied() -> None:
    event = validate(make_event(), now=NOON)

    assert normalise(event, SPELLINGS) is event

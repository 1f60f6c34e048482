"""What is known of visitors, against what the shop would like to know."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from personalization.profiles.completeness import completeness_of, coverage
from personalization.profiles.models import Profile, WantedTrait
from personalization.vault.keeping import Statement, keep
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def visitor(*, email: str = "", **traits: object) -> Profile:
    profile = Profile.objects.create(facts={"traits": traits})
    if email:
        keep([Statement(profile.pk, "email", email, "crm", NOON)])
    return profile


def want(**weights: int) -> list[WantedTrait]:
    return [WantedTrait.objects.create(name=name, weight=weights[name]) for name in weights]


def test_a_profile_is_as_complete_as_the_weights_of_what_is_known() -> None:
    wanted = want(country=2, email=1, size=1)

    found = completeness_of(visitor(country="France", size=None, email="a@b.c"), wanted=wanted)

    assert found is not None
    assert (found.percent, found.missing) == (75, ("size",))


def test_where_nothing_is_wanted_nothing_is_said() -> None:
    assert completeness_of(visitor(), wanted=[]) is None


def test_of_all_profiles_each_trait_is_counted_in_one_scan() -> None:
    wanted = want(country=1, size=1, email=1)
    visitor(country="France", email="a@b.c")
    visitor(country="France", size=0)
    visitor(country=None)

    with CaptureQueriesContext(connection) as queries:
        found = coverage(wanted)

    assert [(str(one.trait), one.known, one.profiles) for one in found] == [
        ("country", 2, 3),
        ("size", 1, 3),
        ("email", 1, 3),
    ]
    assert len(queries) == 2


def test_nobody_is_counted_where_nobody_is(admin_client: Client) -> None:
    want(country=1)

    assert "0 of 0 (0 %)" in admin_client.get("/admin/profiles/wantedtrait/").content.decode()


def test_the_page_says_of_how_many_but_not_of_a_few(admin_client: Client) -> None:
    want(country=1, size=1)
    for number in range(12):
        visitor(country="France", size=1 if number < 3 else None)

    page = admin_client.get("/admin/profiles/wantedtrait/").content.decode()

    assert "12 of 12 (100 %)" in page
    assert "fewer than 10 of 12" in page


def test_a_profile_says_how_complete_it_is(admin_client: Client) -> None:
    want(country=1, size=1)
    profile = visitor(country="France")

    page = admin_client.get(f"/admin/profiles/profile/{profile.pk}/change/").content.decode()

    assert "50 %" in page
    assert "not known: size" in page


def test_two_spellings_of_a_personal_trait_are_one_wish() -> None:
    want(first_name=1)
    again = WantedTrait(name=" FirstName")

    with pytest.raises(ValidationError, match="already exists"):
        again.full_clean()

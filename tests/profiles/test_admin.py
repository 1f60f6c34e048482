"""Profiles as the admin shows them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from consent.subjects import Identifier
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Profile:
    facts = empty_facts()
    remember(facts, Happening("purchase", NOON, item_id="1001", traits={"country": "<b>France"}))
    profile = Profile.objects.create(facts=facts)
    pseudonym = Identifier("user", "anna").pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym)
    return profile


def test_a_search_leads_to_the_person_and_leaves_the_address_out_of_the_url(
    anna: Profile, admin_client: Client
) -> None:
    pseudonym = Identifier("email", "anna@example.org").pseudonym
    ProfileIdentifier.objects.create(profile=anna, kind="email", pseudonym=pseudonym)
    page = "/admin/profiles/profile/"

    found = admin_client.post(page, {"q": "anna@example.org"})
    nobody = admin_client.post(page, {"q": "bo@example.org"}, follow=True)

    assert found.headers["Location"] == f"{page}{anna.pk}/change/"
    assert nobody.redirect_chain == [(page, 302)]
    assert "Nobody is known by this." in nobody.content.decode()
    assert 'method="post"' in nobody.content.decode()


def test_who_may_not_see_profiles_searches_none(anna: Profile, client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))

    assert client.post("/admin/profiles/profile/", {"q": "anna"}).status_code == 403


def test_a_profile_is_found_by_its_identifier_and_shown_without_it(
    anna: Profile, admin_client: Client
) -> None:
    found = admin_client.get("/admin/profiles/profile/?q=anna").content.decode()
    page = admin_client.get(f"/admin/profiles/profile/{anna.pk}/change/").content.decode()

    assert f"Profile {anna.pk}" in found
    assert "purchase" in page
    assert "&lt;b&gt;France" in page
    assert Identifier("user", "anna").pseudonym not in page


def test_somebody_else_is_not_found(anna: Profile, admin_client: Client) -> None:
    page = admin_client.get("/admin/profiles/profile/?q=bert").content.decode()

    assert f"Profile {anna.pk}" not in page


def test_nobody_deletes_a_profile_by_hand(anna: Profile, admin_client: Client) -> None:
    answer = admin_client.post(f"/admin/profiles/profile/{anna.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert Profile.objects.filter(pk=anna.pk).exists()


def test_who_may_not_view_profiles_does_not(anna: Profile, client: Client) -> None:
    client.force_login(User.objects.create_user("nosy", is_staff=True))

    assert client.get(f"/admin/profiles/profile/{anna.pk}/change/").status_code == 403

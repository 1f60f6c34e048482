"""One visitor's page in the admin: who, what is known, what they did, what they agreed to."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from personalization.events.tracking import track
from personalization.profiles.models import Profile
from personalization.vault.models import Look, SealedValue
from tests.factories import agree, make_event, make_item

pytestmark = pytest.mark.django_db
ADDRESS = "anna@example.com"
Queries = Any


@pytest.fixture
def anna(consume: Callable[[], None]) -> Profile:
    now = timezone.now().replace(hour=12, minute=0) - timedelta(days=1)
    agree(user_id="anna", now=now)
    make_item("1001", name="White Lantern")
    traits = {"email": ADDRESS, "name": "Anna Ash", "plan": "<b>pro"}
    exposure = {"placement": "home_hero", "activity": "spring", "variation": "green"}
    sent = [
        make_event(type="identify", traits=traits, occurred_at=now.isoformat()),
        *(
            make_event(occurred_at=(now - timedelta(minutes=minutes)).isoformat())
            for minutes in (5, 10, 300)
        ),
        make_event(type="exposure", properties=exposure, occurred_at=now.isoformat()),
    ]
    assert track(sent, now=now, source="crm").refused == ()
    consume()
    return Profile.objects.get()


def page_of(profile: Profile) -> str:
    return f"/admin/profiles/profile/{profile.pk}/change/"


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def login(client: Client, role: str) -> User:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def test_direct_identifiers_are_masked_for_everybody_at_first(
    anna: Profile, admin_client: Client
) -> None:
    answer = admin_client.get(page_of(anna))

    assert "a•••@e•••.com" in text_of(answer)
    assert ADDRESS not in answer.content.decode()
    assert "Anna Ash" not in answer.content.decode()
    assert not Look.objects.exists()


def test_who_may_see_them_does_and_it_is_written_down(anna: Profile, client: Client) -> None:
    officer = login(client, "Privacy officer")

    page = text_of(client.post(page_of(anna)))

    assert ADDRESS in page
    assert "That you looked is recorded." in page
    (seen,) = Look.objects.all()
    assert (seen.seen_by, seen.profile_id, seen.fields) == (
        officer.username,
        anna.pk,
        ["email", "name"],
    )
    looks = text_of(client.get("/admin/vault/look/"))
    assert f"Profile {anna.pk}" in looks
    assert ADDRESS not in looks


def test_who_may_not_see_them_is_refused_and_not_offered_it(anna: Profile, client: Client) -> None:
    login(client, "Marketer")

    assert "Show in the clear" not in text_of(client.get(page_of(anna)))
    assert client.post(page_of(anna)).status_code == 403
    assert client.get("/admin/vault/look/").status_code == 403
    assert not Look.objects.exists()


def test_a_look_asked_for_by_a_foreign_page_is_refused(anna: Profile, admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    assert client.post(page_of(anna)).status_code == 403
    assert not Look.objects.exists()


def test_traits_say_where_they_come_from(anna: Profile, admin_client: Client) -> None:
    answer = admin_client.get(page_of(anna))

    page = text_of(answer)
    assert "from a CRM import" in page
    assert "&lt;b&gt;pro" in answer.content.decode()


def test_the_timeline_is_grouped_by_visit_newest_first(anna: Profile, admin_client: Client) -> None:
    page = text_of(admin_client.get(page_of(anna)))

    timeline = page[page.index("Timeline") :]
    assert "11:50\N{EN DASH}12:00, 3 acts" in timeline
    assert "item view White Lantern" in timeline
    assert timeline.index("11:55") < timeline.index("07:00")


def test_the_timeline_is_paged(
    anna: Profile, admin_client: Client, consume: Callable[[], None]
) -> None:
    now = timezone.now()
    track([make_event(occurred_at=now.isoformat()) for _ in range(60)], now=now)
    consume()

    first = text_of(admin_client.get(page_of(anna)))
    second = text_of(admin_client.get(page_of(anna), {"page": "2"}))
    odd = text_of(admin_client.get(page_of(anna), {"page": "-1"}))

    assert ("Older" in first, "Newer" in first) == (True, False)
    assert ("Older" in second, "Newer" in second) == (False, True)
    assert "Page 1" in odd


def test_activities_and_choices_are_shown(anna: Profile, admin_client: Client) -> None:
    page = text_of(admin_client.get(page_of(anna)))

    assert re.search(r"spring green home_hero 1 ", page)
    assert re.search(r"personalization granted .*? API", page)
    assert "advertising never asked" in page


def test_a_key_that_is_missing_is_said_and_breaks_nothing(
    anna: Profile, admin_client: Client, settings: Settings
) -> None:
    settings.VAULT_KEYS = ["other:" + "A" * 43 + "="]

    for answer in (admin_client.get(page_of(anna)), admin_client.post(page_of(anna))):
        assert "Some of it cannot be opened" in text_of(answer)
    assert not Look.objects.exists()


def test_a_profile_of_whom_nothing_is_known_says_so(admin_client: Client) -> None:
    page = text_of(admin_client.get(page_of(Profile.objects.create())))

    for words in ("No name, address", "Nothing was stated.", "Has done nothing yet.", "No acts"):
        assert words in page


def test_there_is_no_page_of_nobody(admin_client: Client) -> None:
    assert admin_client.get("/admin/profiles/profile/999/change/").status_code == 404


def test_the_page_asks_a_bounded_number_of_queries(
    anna: Profile,
    admin_client: Client,
    consume: Callable[[], None],
    django_assert_max_num_queries: Queries,
) -> None:
    now = timezone.now()
    track(
        [make_event(anonymous_id=f"b{n}", occurred_at=now.isoformat()) for n in range(20)], now=now
    )
    consume()
    assert SealedValue.objects.count() == 2

    with django_assert_max_num_queries(16):
        admin_client.get(page_of(anna))


def test_someone_is_known_since_their_first_act_where_it_lies_before_the_profile(
    anna: Profile, client: Client
) -> None:
    login(client, "Marketer")
    Profile.objects.update(facts=anna.facts | {"first": {"purchase": 1_700_000_000.0}})
    assert "Known since 14 November 2023" in text_of(client.get(page_of(anna)))

    Profile.objects.update(facts={})
    made = f"{anna.created_at:%-d %B %Y}"
    assert f"Known since {made}" in text_of(client.get(page_of(anna)))

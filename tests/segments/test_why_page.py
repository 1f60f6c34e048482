"""A marketer asks why a profile is in a segment or not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.subjects import Identifier
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments.models import Segment
from personalization.segments.publishing import publish_changes, publish_segment
from tests.rules.test_references import naming

pytestmark = pytest.mark.django_db
Queries = Callable[[int], Any]

REGULARS = {"fact": "count", "event": "purchase", "days": 30, "operator": "greater", "value": 3}
BY_PHONE = {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}


@pytest.fixture
def anna() -> Profile:
    facts = empty_facts()
    for _ in range(3):
        remember(facts, Happening("purchase", timezone.now()))
    profile = Profile.objects.create(facts=facts)
    pseudonym = Identifier("user", "anna").pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym)
    return profile


@pytest.fixture
def regulars() -> Segment:
    return Segment.objects.create(name="Regulars", rule={"all": [REGULARS]})


def why(segment: Segment) -> str:
    return reverse("admin:segments_segment_why", args=[segment.pk])


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("by", ["user id", "number"])
def test_a_near_miss_is_explained(
    admin_client: Client, anna: Profile, regulars: Segment, by: str
) -> None:
    term = "anna" if by == "user id" else str(anna.pk)

    page = text_of(admin_client.post(why(regulars), {"profile": term}))

    assert f"Profile {anna.pk} is not in this segment." in page
    assert "more than 3 purchases in the last 30 days" in page
    assert "Is: 3 purchases" in page
    assert "one purchase short" in page
    assert "Does not hold:" in page


def test_an_unknown_profile_is_named_as_such(admin_client: Client, regulars: Segment) -> None:
    page = text_of(admin_client.post(why(regulars), {"profile": "nobody"}))

    assert "No profile is known by this." in page
    assert not LogEntry.objects.exists()


def test_draft_and_live_are_answered_apart_where_they_differ(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    publish_segment(segment=regulars, by="ann", now=timezone.now())
    same = text_of(admin_client.post(why(regulars), {"profile": "anna"}))
    regulars.rule = {"all": [{**REGULARS, "value": 2}]}
    regulars.save()

    page = text_of(admin_client.post(why(regulars), {"profile": "anna"}))

    assert "Live, version 1" in same
    assert "As saved" not in same
    assert "is not in this segment." in page
    assert "is in this segment." in page
    assert page.index("Live, version 1") < page.index("As saved; not live yet")


def test_a_segment_that_names_another_is_answered_through_it(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    lot = {"fact": "percentage", "name": "spring", "operator": "at_least", "value": 0}
    rule = {"all": [*naming("regulars")["all"], lot]}
    through = Segment.objects.create(name="Through another", rule=rule)
    for segment in (regulars, through):
        publish_segment(segment=segment, by="ann", now=timezone.now())

    live = text_of(admin_client.post(why(through), {"profile": "anna"}))
    regulars.rule = {"all": [{**REGULARS, "value": 2}]}
    regulars.save()
    page = text_of(admin_client.post(why(through), {"profile": "anna"}))

    assert "in the segment “Regulars”" in live
    assert "one purchase short" in live
    assert "depends on" not in live
    assert "As saved" not in live
    assert page.index("is not in this segment.") < page.index("As saved; not live yet")
    assert "is in this segment." in page


def test_the_profile_lists_segments_that_name_others_or_draw_lots(
    admin_client: Client, anna: Profile
) -> None:
    lot = {"fact": "percentage", "name": "spring", "operator": "at_least", "value": 0}
    drawn = Segment.objects.create(name="Drawn", rule={"all": [lot]})
    through = Segment.objects.create(name="Through another", rule=naming("drawn"))
    for segment in (drawn, through):
        publish_segment(segment=segment, by="ann", now=timezone.now())

    page = text_of(admin_client.get(reverse("admin:profiles_profile_change", args=[anna.pk])))

    assert ">Drawn</a></li>" in page
    assert ">Through another</a></li>" in page


def test_a_visit_can_be_stated(admin_client: Client, anna: Profile) -> None:
    segment = Segment.objects.create(name="By phone", rule={"all": [BY_PHONE]})

    left_open = text_of(admin_client.post(why(segment), {"profile": "anna"}))
    on_a_phone = {"profile": "anna", "visit_device": "mobile"}
    stated = text_of(admin_client.post(why(segment), on_a_phone))

    assert "depends on the visit" in left_open
    assert "only on the right visit" in left_open
    assert "is in this segment." in stated


def test_a_link_names_a_profile_by_number_only(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    assert "is not in this segment" in text_of(
        admin_client.get(f"{why(regulars)}?profile={anna.pk}")
    )
    assert "is not in this segment" not in text_of(
        admin_client.get(f"{why(regulars)}?profile=anna")
    )


def test_that_someone_looked_is_recorded(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    admin_client.post(why(regulars), {"profile": "anna"})

    entry = LogEntry.objects.get()
    assert entry.object_id == str(anna.pk)
    assert "Regulars" in entry.change_message
    assert "anna" not in entry.change_message


def test_who_may_not_see_profiles_is_refused(client: Client, regulars: Segment) -> None:
    analyst = User.objects.create_user("ann", is_staff=True)
    analyst.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(analyst)

    assert client.get(why(regulars)).status_code == 403


def test_a_profile_lists_its_live_segments_in_a_bounded_number_of_queries(
    admin_client: Client, anna: Profile, django_assert_max_num_queries: Queries
) -> None:
    rule = {"all": [{**REGULARS, "value": 2}]}
    segments = [Segment(name=f"S{n}", key=f"s{n}", rule=rule) for n in range(1_000)]
    Segment.objects.bulk_create(segments)
    changes = {("segments", one.key): one.definition() for one in segments}
    publish_changes(changes=changes, by="ann", note="", now=timezone.now())
    page = reverse("admin:profiles_profile_change", args=[anna.pk])

    with django_assert_max_num_queries(20):
        shown = text_of(admin_client.get(page))

    assert shown.count("?profile=") == 1_000


def test_a_profile_in_no_segment_says_so(admin_client: Client, anna: Profile) -> None:
    page = reverse("admin:profiles_profile_change", args=[anna.pk])

    assert "In no live segment." in text_of(admin_client.get(page))

"""Numbers of people that point at single ones are kept from those who may not see profiles."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile
from personalization.segments.disclosing import EXACT, VAGUE
from personalization.segments.models import Segment, SegmentSize
from tests.rules.test_contradicting import country

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("part", "whole", "number", "share", "drawn"),
    [
        (0, 100, "0", "0 %", 0),
        (1, 100, "under 10", "-", 10),
        (9, 100, "under 10", "-", 10),
        (10, 100, "10+", "10 %", 10),
        (19, 100, "10+", "11 %", 10),
        (90, 100, "90+", "90 %", 90),
        (91, 100, "nearly all", "-", 100),
        (100, 100, "100+", "100 %", 100),
        (3, 5, "under 10", "-", 5),
        (0, 0, "0", "-", 0),
    ],
)
def test_neither_a_few_nor_all_but_a_few_are_told(
    part: int, whole: int, number: str, share: str, drawn: int
) -> None:
    assert VAGUE.number(part, whole) == number
    assert VAGUE.share(part, whole) == share
    assert VAGUE.drawn(part, whole) == drawn
    assert EXACT.number(part, whole) == f"{part}"
    assert EXACT.drawn(part, whole) == part


@pytest.fixture
def analyst() -> Client:
    user = User.objects.create_user("analyst", is_staff=True)
    user.groups.add(Group.objects.get(name="Analyst"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def french() -> Segment:
    facts = empty_facts()
    Profile.objects.bulk_create(
        Profile(facts={**facts, "traits": {"country": "France" if n < 23 else "Spain"}})
        for n in range(30)
    )
    segment = Segment.objects.create(name="French", rule={"all": [country("equals", "France")]})
    Segment.objects.create(name="Known", rule={"all": [country("is_set", None)]})
    today = timezone.now().date()
    SegmentSize.objects.create(key="french", day=today, matched=23, total=30)
    return segment


def test_the_complement_of_a_count_is_not_told(
    analyst: Client, admin_client: Client, french: Segment
) -> None:
    page = reverse("admin:segments_segment_change", args=[french.pk])

    told = analyst.get(page).content.decode()
    assert "nearly all of 30 profiles" in told
    assert "23" not in told[told.index("rule__count") :].split("</p>")[0]
    assert "23 of 30 profiles (76.7 %)" in admin_client.get(page).content.decode()


def test_neither_chart_nor_list_tell_it(
    analyst: Client, admin_client: Client, french: Segment
) -> None:
    page = reverse("admin:segments_segment_change", args=[french.pk])
    listing = reverse("admin:segments_segment_changelist")

    figure = analyst.get(page).content.decode().partition("size__figure")[2]
    assert "nearly all of 30 profiles" in figure
    assert "<td>nearly all</td>" in figure
    assert "From nearly all to nearly all profiles" in analyst.get(listing).content.decode()
    assert "From 23 to 23 profiles" in admin_client.get(listing).content.decode()
    assert "<td>23</td>" in admin_client.get(page).content.decode()


def test_an_overlap_tells_no_share_of_what_is_left(analyst: Client, french: Segment) -> None:
    overlap = reverse("admin:segments_segment_overlap")

    page = analyst.get(overlap, {"segments": ["french", "known"]}).content.decode()

    assert "77 %" not in page
    assert "Numbers are rounded down to tens" in page
    assert "nearly all" in page


def test_who_they_are_is_not_told_of_all_but_a_few(analyst: Client, french: Segment) -> None:
    page = analyst.get(reverse("admin:segments_segment_composition", args=[french.pk]))

    assert "or all but fewer than 10" in page.content.decode()

"""The list of segments and a profile's page stay quick, and find what is looked for."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from personalization.activation.models import Audience, WatchedSegment
from personalization.content.models import Activity, Placement
from personalization.segments.admin.segment import SegmentAdmin
from personalization.segments.models import Segment, SegmentSize
from personalization.segments.publishing import publish_changes
from tests.activation.world import make_destination
from tests.factories import NOON
from tests.rules.test_contradicting import bought, country
from tests.segments.test_members_pages import FRENCH, GOLD, make_profile, page_of, segment

pytestmark = pytest.mark.django_db


def make_segments(number: int) -> None:
    made = [
        Segment(name=f"S{n}", key=f"s{n}", rule={"all": [country("not_equals", str(n))]})
        for n in range(number)
    ]
    Segment.objects.bulk_create(made)
    publish_changes(
        changes={("segments", one.key): one.definition() for one in made},
        by="ann",
        note="All",
        now=NOON,
    )


def queries_of(client: Client, page: str) -> int:
    client.get(page)  # what is looked up once per process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_the_list_asks_as_often_for_5000_segments_as_for_50(admin_client: Client) -> None:
    counted = []
    for number in (50, 5_000):
        Segment.objects.all().delete()
        make_segments(number)
        counted.append(queries_of(admin_client, page_of("changelist")))

    assert counted[0] == counted[1] <= 12


def test_a_profile_page_asks_as_often_for_1000_memberships_as_for_50(admin_client: Client) -> None:
    profile = make_profile(0, country="France")
    page = reverse("admin:profiles_profile_change", args=[profile.pk])
    counted = []
    for number in (50, 1_000):
        Segment.objects.all().delete()
        make_segments(number)
        counted.append(queries_of(admin_client, page))
        assert admin_client.get(page).content.decode().count("?profile=") == number

    assert counted[0] == counted[1] <= 20


def test_the_list_is_narrowed_by_kind_state_and_text(admin_client: Client) -> None:
    segment("Live one", FRENCH)
    changed = segment("Changed one", FRENCH)
    changed.rule = {"all": [bought("greater", 1)]}
    changed.save()
    Segment.objects.create(name="Draft one", rule=FRENCH, kind="static")

    def names(**asked: str) -> set[str]:
        page = admin_client.get(page_of("changelist"), asked).content.decode()
        return {name for name in ("Live one", "Changed one", "Draft one") if f">{name}<" in page}

    assert names(state="live") == {"Live one"}
    assert names(state="changed since publishing") == {"Changed one"}
    assert names(state="draft") == {"Draft one"}
    assert names(kind__exact="static") == {"Draft one"}
    assert names(q="changed") == {"Changed one"}
    assert names(owner="nobody") == {"Live one", "Changed one", "Draft one"}
    assert names(state="nonsense") == {"Live one", "Changed one", "Draft one"}


def test_the_list_tells_used_segments_from_those_that_nothing_is_made_of(
    admin_client: Client,
) -> None:
    used = {name: segment(name, FRENCH) for name in ("Shown", "Watched", "Pushed", "Named")}
    segment("Idle", FRENCH)
    naming = {"fact": "segment", "operator": "in_segment", "value": "named"}
    segment("Naming", {"any": [GOLD, {"all": [naming]}]})
    hero = Placement.objects.create(key="hero", name="Hero")
    Activity.objects.create(name="Hello", placement=hero, segment=used["Shown"])
    WatchedSegment.objects.create(segment=used["Watched"])
    Audience.objects.create(
        name="A",
        segment=used["Pushed"],
        destination=make_destination("http://localhost/"),
        every_hours=1,
    )

    def names(is_used: str) -> set[str]:
        page = admin_client.get(page_of("changelist"), {"used": is_used})
        return {one.name for one in page.context["cl"].result_list}

    assert names("yes") == {"Shown", "Watched", "Pushed", "Named"}
    assert names("no") == {"Idle", "Naming"}


def test_the_list_is_narrowed_by_owner_and_sorted_by_size(
    admin_client: Client, admin_user: User
) -> None:
    ann = User.objects.create_user("ann")
    for name, owner, size in (("A", ann, 5), ("B", admin_user, 70), ("C", ann, 9)):
        made = Segment.objects.create(name=name, rule=FRENCH, created_by=owner)
        SegmentSize.objects.create(key=made.key, day=timezone.now().date(), matched=size, total=100)

    def names(**asked: Any) -> list[str]:
        page = admin_client.get(page_of("changelist"), asked)
        return [one.name for one in page.context["cl"].result_list]

    columns = SegmentAdmin.list_display.index("size") + 1
    assert names(owner=ann.pk) == ["A", "C"]
    assert names(o=f"-{columns}") == ["B", "C", "A"]
    assert names(owner=ann.pk, q="c") == ["C"]

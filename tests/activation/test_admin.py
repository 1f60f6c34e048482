"""The pages on which people set activation up and see how it fares."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.activation.confiding import secret_of
from personalization.activation.models import (
    Audience,
    AudienceRun,
    Delivery,
    Destination,
    Trigger,
    WatchedSegment,
)
from tests.factories import NOON

from .conftest import Receiver
from .world import make_destination, make_segment, sync, watch

pytestmark = pytest.mark.django_db
PAGES = ("trigger", "audience", "destination", "delivery", "audiencerun", "watchedsegment")


def listed(name: str) -> str:
    return reverse(f"admin:activation_{name}_changelist")


def page(name: str, pk: Any) -> str:
    return reverse(f"admin:activation_{name}_change", args=[pk])


def form(**changes: Any) -> dict[str, Any]:
    fields = {
        "name": "Ads",
        "kind": "webhook",
        "url": "https://ads.example/news",
        "purpose": "advertising",
        "identifier_kinds": ["user"],
        "tells_entered": "on",
        "is_active": "on",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def test_a_secret_is_made_shown_once_and_sealed(admin_client: Client) -> None:
    segment = make_segment()
    add = reverse("admin:activation_destination_add")

    answer = admin_client.post(add, form(segments=[segment.pk]), follow=True)

    made = Destination.objects.get()
    assert secret_of(made) in answer.content.decode()
    assert secret_of(made).encode() not in bytes(made.sealed_secret)
    assert secret_of(made) not in admin_client.get(page("destination", made.pk)).content.decode()
    assert list(made.segments.all()) == [segment]
    before = secret_of(made)
    admin_client.post(page("destination", made.pk), form(name="Other"))
    assert secret_of(Destination.objects.get()) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_c2hvcnQ="}, "secret"),
        ({"kind": "bucket", "bucket": "b", "access_key": "k"}, "secret"),
        ({"kind": "bucket", "secret": "s", "access_key": "k"}, "bucket"),
        ({"url": "https://me:pass@ads.example/"}, "url"),
        ({"url": "ftp://ads.example/"}, "url"),
    ],
)
def test_what_could_not_work_is_refused_at_its_field(
    admin_client: Client, changes: dict[str, Any], field: str
) -> None:
    answer = admin_client.post(reverse("admin:activation_destination_add"), form(**changes))

    assert not Destination.objects.exists()
    assert list(answer.context["adminform"].form.errors) == [field]


def test_a_test_says_what_came_back(admin_client: Client, receiver: Receiver) -> None:
    destination = make_destination(receiver.url)
    address = reverse("admin:activation_destination_try_it", args=[destination.pk])
    receiver.will_answer(500, body=b"broken")

    asked = admin_client.get(address, follow=True).content.decode()
    assert receiver.types == []
    failed = admin_client.post(address, follow=True).content.decode()
    worked = admin_client.post(address, follow=True).content.decode()

    assert "Nothing was done yet: press “Send a test”." in asked
    assert f'<form method="post" action="{address}">' in asked
    assert "It did not take the test: 500. broken" in failed
    assert "It took the test: 204." in worked
    assert receiver.types == ["test", "test"]


def test_a_test_is_not_sent_for_another_site(receiver: Receiver) -> None:
    User.objects.create_superuser("root")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="root"))
    destination = make_destination(receiver.url)

    answer = strict.post(reverse("admin:activation_destination_try_it", args=[destination.pk]))

    assert answer.status_code == 403
    assert receiver.types == []


def test_switching_on_again_starts_counting_anew(admin_client: Client) -> None:
    destination = make_destination(
        "https://ads.example/", is_active=False, failures=50, disabled_because="It failed."
    )
    assert "stopped" in admin_client.get(listed("destination")).content.decode()

    admin_client.post(page("destination", destination.pk), form())

    again = Destination.objects.get()
    assert (again.is_active, again.failures, again.disabled_because) == (True, 0, "")


def test_a_failed_recalculation_stands_in_the_list_and_can_be_run_now(
    admin_client: Client,
) -> None:
    watched = watch(make_segment())
    WatchedSegment.objects.update(
        state="failed", error="It failed with Fault.", next_run_at=NOON + timedelta(days=9999)
    )

    text = admin_client.get(listed("watchedsegment")).content.decode()
    admin_client.post(
        listed("watchedsegment"),
        {"action": "recalculate_now", "_selected_action": [watched.pk]},
    )

    shown = admin_client.get(page("watchedsegment", watched.pk)).content.decode()
    assert "It failed with Fault." in text
    assert "(&#x27;" not in shown
    watched.refresh_from_db()
    assert watched.next_run_at is not None
    assert watched.next_run_at <= timezone.now()


def test_a_trigger_lacking_what_it_does_is_refused_with_help(admin_client: Client) -> None:
    segment = make_segment()
    add = reverse("admin:activation_trigger_add")
    fields = {"segment": segment.pk, "kind": "email", "within_hours": 24, "every_hours": 24}

    answer = admin_client.post(add, fields)

    assert "Choose the activity, the webhook with its e-mail" in answer.content.decode()
    destination = make_destination("https://mail.example/")
    admin_client.post(add, {**fields, "destination": destination.pk, "template": "welcome"})
    assert Trigger.objects.get().template == "welcome"


def test_a_segment_shows_what_an_entry_fires_and_leads_to_more(admin_client: Client) -> None:
    segment = make_segment()
    mail = make_destination("https://mail.example/", segment, name="Mail")
    own = reverse("admin:segments_segment_change", args=[segment.pk])
    add = f"{reverse('admin:activation_trigger_add')}?segment={segment.pk}&of={segment.pk}"
    assert add.replace("&", "&amp;") in admin_client.get(own).content.decode()
    assert f'value="{segment.pk}" selected' in admin_client.get(add).content.decode()
    fields = {"segment": segment.pk, "kind": "email", "within_hours": 24, "every_hours": 48}

    answer = admin_client.post(add, {**fields, "destination": mail.pk, "template": "welcome"})

    assert answer.headers["Location"] == own
    shown = admin_client.get(own).content.decode()
    said = "Ask “Mail” to send “welcome”; at most once in 2 days for one visitor."
    assert said in shown
    assert "switched off" in shown  # the form did not tick “active”
    trigger = f"{page('trigger', Trigger.objects.get().pk)}?of={segment.pk}"
    assert trigger in shown
    answer = admin_client.post(
        trigger, {**fields, "destination": mail.pk, "template": "hello", "is_active": "on"}
    )
    assert answer.headers["Location"] == own
    shown = admin_client.get(own).content.decode()
    assert "“hello”" in shown
    assert "switched off" not in shown


def test_whoever_may_not_see_triggers_is_not_told_of_them(client: Client) -> None:
    user = User.objects.create_user("kim", is_staff=True)
    user.groups.add(Group.objects.get(name="Analyst"))
    client.force_login(user)
    segment = make_segment()
    Trigger.objects.create(segment=segment, kind="task", task="secret.task")

    shown = client.get(reverse("admin:segments_segment_change", args=[segment.pk]))

    assert shown.status_code == 200
    assert "What follows" not in shown.content.decode()


def test_an_audience_is_pushed_now_and_its_runs_are_listed(
    admin_client: Client, receiver: Receiver
) -> None:
    segment = make_segment()
    watch(segment)
    audience = Audience.objects.create(
        name="Buyers", segment=segment, destination=make_destination(receiver.url)
    )
    sync(audience)
    later = NOON + timedelta(days=9999)
    Audience.objects.update(next_run_at=later)

    admin_client.post(listed("audience"), {"action": "push_now", "_selected_action": [audience.pk]})

    assert Audience.objects.due(timezone.now()).count() == 1
    assert "too few" in admin_client.get(listed("audiencerun")).content.decode()
    assert "too few" in admin_client.get(listed("audience")).content.decode()
    assert AudienceRun.objects.count() == 1


def test_lists_take_a_bounded_number_of_queries(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        segment = make_segment(f"S{number}")
        destination = make_destination("https://a.example/", segment, name=f"D{number}")
        audience = Audience.objects.create(
            name=f"A{number}", segment=segment, destination=destination
        )
        AudienceRun.objects.create(audience=audience, started_at=NOON, seen_at=NOON)
        Trigger.objects.create(segment=segment, kind="task", task="t")
        Delivery.objects.create(destination=destination, type="test", created_at=NOON)

    for name in PAGES:
        with django_assert_max_num_queries(14):
            assert admin_client.get(listed(name)).status_code == 200


@pytest.mark.parametrize(
    ("role", "seen", "added"),
    [
        ("Marketer", PAGES, {"trigger", "audience", "watchedsegment"}),
        ("Analyst", (), set()),
        ("Auditor", ("destination", "audiencerun"), set()),
    ],
)
def test_each_role_sees_and_does_what_is_its_own(
    client: Client, role: str, seen: tuple[str, ...], added: set[str]
) -> None:
    user = User.objects.create_user("kim", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert {name for name in PAGES if client.get(listed(name)).status_code == 200} == set(seen)
    adding = {name: reverse(f"admin:activation_{name}_add") for name in PAGES}
    assert {name for name in PAGES if client.get(adding[name]).status_code == 200} == added

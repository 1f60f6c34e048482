"""What nobody types by hand is refused in words, and breaks nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.segments.models import Funnel, Segment

from .test_builder import ADD, ARRANGE, country, sent

pytestmark = pytest.mark.django_db
RULE = {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "France"}]}
LONG = "9" * 5_000
HIDDEN = ["High\u202evalue", "High\nvalue", "High\u2028value", "High\u2066value", "High\x07value"]


@pytest.mark.parametrize("after", ["\0", "a b", "x" * 65, "ü"])
def test_a_page_goes_on_behind_a_key_only(call: Any, after: str) -> None:
    answer = call("GET", "segments", {"after": after})

    assert answer.status_code == 400
    assert "next_after" in answer.content.decode()


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        ("9999-12-31T23:59", "America/New_York"),
        ("0001-01-01T00:00", "Asia/Tokyo"),
        ("2200-01-01T00:00", "UTC"),
    ],
)
def test_a_time_at_the_end_of_the_calendar_is_refused(
    admin_client: Client, at: str, zone: str
) -> None:
    segment = Segment.objects.create(name="The French", rule=RULE)
    page = reverse("admin:segments_segment_schedule", args=[segment.pk])

    answer = admin_client.post(page, {"at": at, "zone": zone}).content.decode()

    assert "Choose a time within the next 100 years." in answer


@pytest.mark.parametrize(
    "button", ["spread:0", f"value:0:{LONG}", f"up:{LONG}", f"move:0:{LONG}:x"]
)
def test_long_numbers_in_days_and_buttons_are_survived(admin_client: Client, button: str) -> None:
    row = {"fact": "count", "event": "purchase", "operator": "greater", "value": "1", "days": LONG}

    answer = admin_client.post(ARRANGE, sent(row, **{"rule-do": button}))

    assert answer.status_code == 200
    assert 'value="purchase"' in answer.json()["html"]


@pytest.mark.parametrize("name", HIDDEN)
def test_a_name_with_what_nobody_sees_is_refused_by_the_api(call: Any, name: str) -> None:
    answer = call("POST", "segments", {"name": name, "rule": RULE})

    assert answer.status_code == 400
    [said] = answer.json()["errors"]
    assert said["field"] == "name"
    assert "cannot be seen (U+" in said["message"]


@pytest.mark.parametrize("name", HIDDEN)
def test_a_name_with_what_nobody_sees_is_refused_by_the_form(
    admin_client: Client, name: str
) -> None:
    answer = admin_client.post(ADD, sent(country("France"), name=name))

    assert "cannot be seen (U+" in str(answer.context["adminform"].form.errors["name"])
    assert not Segment.objects.exists()


def test_a_description_may_have_lines_and_no_turned_text(admin_client: Client, call: Any) -> None:
    turned = {"name": "A", "rule": RULE, "description": "for\u202espring"}
    assert call("POST", "segments", turned).json()["errors"][0]["field"] == "description"
    refused = admin_client.post(ADD, sent(country("France"), description="a\u202eb"))
    assert "description" in refused.context["adminform"].form.errors

    admin_client.post(ADD, sent(country("France"), description="One\r\nTwo\t👩\u200d💻"))
    assert Segment.objects.get().description == "One\r\nTwo\t👩\u200d💻"


def test_a_funnel_has_a_name_that_is_seen(admin_client: Client) -> None:
    form = {"steps-1-event": "a", "steps-2-event": "b", "window_minutes": "60", "name": "a\u202eb"}

    admin_client.post("/admin/segments/funnel/add/", form)

    assert not Funnel.objects.exists()

"""Schemas, spellings and the policy as people edit them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalization.events.models import EventMapping, EventSchema, IntakePolicy
from personalization.events.standards import standards_now
from personalization.events.tracking import track
from tests.factories import NOON, agree, make_category, make_event

pytestmark = pytest.mark.django_db
SCHEMAS = "/admin/events/eventschema/"
MAPPINGS = "/admin/events/eventmapping/"


def in_force(kind: str = "item_view") -> EventSchema:
    return EventSchema.objects.get(type=kind, is_active=True)


def save(client: Client, schema: Any, **fields: str) -> Any:
    shown = in_force()
    written = schema if isinstance(schema, str) else json.dumps(schema)
    address = f"{SCHEMAS}{shown.pk}/change/"
    return client.post(address, {"schema": written, "note": "", **fields}, follow=True)


def as_role(client: Client, role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def test_a_save_is_a_new_version_that_is_in_force(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = save(admin_client, {"type": "object"}, note="Anything goes")

    assert page.status_code == 200
    saved = in_force()
    assert (saved.version, saved.saved_by, saved.note) == (2, "admin", "Anything goes")
    assert EventSchema.objects.filter(type="item_view").count() == 2
    assert standards_now().versions["item_view"] == 2


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{", "This is not JSON"),
        ("[]", "A schema is a JSON object"),
        (
            {"properties": {"properties": {"properties": {"price": {"type": "nummer"}}}}},
            "At properties.properties.properties.price.type",
        ),
        ({"properties": {"price": {}}}, "At properties.price: An event has properties"),
        *(('{"a":' * deep + "1" + "}" * deep, "at most 100 levels") for deep in (101, 300, 9_000)),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_at_its_field(
    admin_client: Client, schema: Any, said: str
) -> None:
    page = save(admin_client, schema)

    assert said in page.content.decode()
    assert in_force().version == 1


def test_the_list_shows_the_latest_version_of_each_type(admin_client: Client) -> None:
    save(admin_client, {"type": "object"})

    page = admin_client.get(SCHEMAS)

    shown = [(one.type, one.version) for one in page.context["cl"].queryset]
    assert ("item_view", 2) in shown
    assert ("item_view", 1) not in shown


def test_versions_say_what_changed_and_can_return(admin_client: Client) -> None:
    before = in_force().schema
    save(admin_client, {"properties": {"properties": {"required": ["item_id"]}}})
    address = reverse("admin:events_eventschema_versions", args=[in_force().pk])

    page = admin_client.get(address).content.decode()
    assert "properties.properties.required" in page
    assert "maxLength" in page
    admin_client.post(address, {"version": "1"})

    assert in_force().version == 3
    assert in_force().schema == before


def test_a_type_has_one_schema(admin_client: Client) -> None:
    page = admin_client.post(f"{SCHEMAS}add/", {"type": "item_view", "schema": "{}", "note": ""})

    assert "This type has a schema" in page.content.decode()


def test_a_new_type_is_described(admin_client: Client) -> None:
    assert admin_client.get(f"{SCHEMAS}add/").status_code == 200
    admin_client.post(f"{SCHEMAS}add/", {"type": "sofa_sat_on", "schema": "{}", "note": ""})

    assert in_force("sofa_sat_on").version == 1


def test_a_type_is_taken_out_of_force(admin_client: Client) -> None:
    chosen = {"action": "withdraw", "_selected_action": [str(in_force().pk)]}

    admin_client.post(SCHEMAS, chosen)

    assert not EventSchema.objects.filter(type="item_view", is_active=True).exists()


def test_a_spelling_counts_after_it_is_saved(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    make_category(key="lanterns")
    lamps = {"kind": "category", "stated": "Lampen", "meant": "lanterns"}

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(f"{MAPPINGS}add/", lamps)

    assert standards_now().spellings.categories == {"lampen": "lanterns"}
    assert "Lampen" in admin_client.get(MAPPINGS).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "category", "stated": "Lampen", "meant": "nowhere"}, "There is no such category"),
        ({"kind": "country", "stated": "Blighty", "meant": "gb"}, "There is no such country"),
        ({"kind": "country", "stated": "uk", "meant": "GB"}, "in the list already"),
    ],
)
def test_a_spelling_that_leads_nowhere_is_refused(
    admin_client: Client, fields: dict[str, str], said: str
) -> None:
    assert said in admin_client.post(f"{MAPPINGS}add/", fields).content.decode()
    assert EventMapping.objects.count() == 1


def test_the_policy_is_one_row_that_a_privacy_officer_changes(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    officer = as_role(client, "Privacy officer")
    page = officer.get("/admin/events/intakepolicy/", follow=True)
    assert "keep them aside for seven days" in page.content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        officer.post(
            "/admin/events/intakepolicy/1/change/", {"unknown_types": "quarantine"}, follow=True
        )

    assert IntakePolicy.objects.get().unknown_types == "quarantine"
    assert not standards_now().accepts_unknown


def test_a_marketer_reads_schemas_and_writes_spellings(client: Client) -> None:
    marketer = as_role(client, "Marketer")

    assert marketer.get(SCHEMAS).status_code == 200
    assert marketer.get(f"{SCHEMAS}add/").status_code == 403
    assert marketer.get(f"{MAPPINGS}add/").status_code == 200


def test_a_save_says_how_many_stored_events_it_would_refuse(
    admin_client: Client, consume: Callable[[], None]
) -> None:
    agree(user_id="anna")
    sent = [make_event(traits={"country": "France"}), make_event(traits={})]
    track(sent, now=NOON)
    consume()

    page = save(admin_client, {"properties": {"traits": {"required": ["country"]}}})

    assert "Of the latest 2 events of this type, 1 would now be refused." in page.content.decode()

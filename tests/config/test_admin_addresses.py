"""An address in the admin that names nothing is no fault of the server."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from personalization.segments.models import Segment

pytestmark = pytest.mark.django_db

ACTIONS = [
    (registered.opts.label_lower, str(action.action_name), wrong)
    for registered in admin.site._registry.values()
    for action in (
        *getattr(registered, "_get_base_actions_detail", list)(),
        *getattr(registered, "_get_base_actions_row", list)(),
    )
    for wrong in ("abc", "1/x")
]


@pytest.mark.parametrize(
    "address",
    [
        "segments/proposal/abc/change/",
        "segments/segment/abc/why/",
        "learning/modelversion/1/x/",
        "learning/modelversion/1/x/change/",
        "connectors/connection/1/dry_run/",
        "connectors/connection/x/try_it/",
        "consent/privacyrequest/1/x/",
        "consent/privacyrequest/abc/change/",
        "profiles/profile/abc/history/",
        "segments/segment/abc/delete/",
    ],
)
def test_a_key_that_cannot_be_one_is_not_found(admin_client: Client, address: str) -> None:
    assert admin_client.get(f"/admin/{address}").status_code == 404


@pytest.mark.parametrize(("model", "name", "wrong"), ACTIONS)
def test_no_button_of_one_thing_fails_at_a_wrong_key(
    admin_client: Client, model: str, name: str, wrong: str
) -> None:
    assert admin_client.get(reverse(f"admin:{name}", args=[wrong])).status_code in (302, 403, 404)


def test_what_exists_is_shown_as_ever(admin_client: Client) -> None:
    segment = Segment.objects.create(name="Regulars", rule={"all": []})

    assert admin_client.get(f"/admin/segments/segment/{segment.pk}/change/").status_code == 200

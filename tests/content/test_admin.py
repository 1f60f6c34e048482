"""A marketer writes, previews and publishes an activity."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.content.models import Activity, Placement
from personalization.segments.models import Publication
from personalization.segments.publishing import current_document

from .conftest import Make

ADD = "/admin/content/activity/add/"
Capture = Callable[..., Any]


def form(make: Make, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Bonjour",
        "segment": "",
        "placement": make.placement().pk,
        "priority": "0",
        "variations-TOTAL_FORMS": "1",
        "variations-INITIAL_FORMS": "0",
        "variations-0-name": "Only",
        "variations-0-weight": "1",
        "variations-0-kind": "banner",
        "variations-0-headline": "Bonjour",
        "variations-0-tone": "calm",
        "variations-0-strategy": "recommended",
        "variations-0-limit": "4",
        **changes,
    }


def test_save_and_publish_makes_an_activity_live(
    admin_client: Client, make: Make, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(ADD, form(make, _publish=""), follow=True)

    page = answer.content.decode()
    assert "is live as version 1" in page
    assert "As visitors see it" in page
    assert "block--banner" in page
    [variation] = current_document()[1]["activities"]["bonjour"]["variations"]
    assert variation["content"]["headline"] == "Bonjour"


def test_saving_keeps_a_draft(admin_client: Client, make: Make) -> None:
    admin_client.post(ADD, form(make))

    listing = admin_client.get(reverse("admin:content_activity_changelist")).content.decode()
    assert not Publication.objects.exists()
    assert "draft" in listing
    assert "Everyone" in listing


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("headline", "", "Banner needs this."),
        ("headline", "{{ user.password }}", "template code does not work here"),
        ("link", "javascript:alert(1)", "Begin the link with"),
        ("limit", "0", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    admin_client: Client, make: Make, field: str, value: str, message: str
) -> None:
    answer = admin_client.post(ADD, form(make, **{f"variations-0-{field}": value}))

    assert message in answer.content.decode()
    assert not Activity.objects.exists()


def test_removed_html_is_named(admin_client: Client, make: Make) -> None:
    html = {"variations-0-kind": "html", "variations-0-html": "<p>a</p><script>b</script>"}

    answer = admin_client.post(ADD, form(make, **html), follow=True)

    assert (
        "Removed from the HTML because it is not safe: &lt;script&gt;." in answer.content.decode()
    )


def test_a_failing_check_publishes_nothing_and_says_why(admin_client: Client, make: Make) -> None:
    ended = {"ends_at_0": "2020-01-01", "ends_at_1": "00:00", "_publish": ""}

    answer = admin_client.post(ADD, form(make, **ended), follow=True)

    assert "Not published. The end lies in the past." in answer.content.decode()
    assert not Publication.objects.exists()


def test_a_live_activity_can_be_taken_offline(admin_client: Client, make: Make) -> None:
    admin_client.post(ADD, form(make, _publish=""))
    activity = Activity.objects.get()
    page = reverse("admin:content_activity_change", args=[activity.pk])
    assert 'name="_unpublish"' in admin_client.get(page).content.decode()
    sent = form(make, _unpublish="")
    sent |= {"variations-INITIAL_FORMS": "1", "variations-0-id": activity.variations.get().pk}
    sent |= {"variations-0-activity": activity.pk}

    admin_client.post(page, sent)

    assert Publication.objects.latest().document["activities"] == {}


def test_deleting_a_live_activity_takes_it_offline(admin_client: Client, make: Make) -> None:
    admin_client.post(ADD, form(make, _publish=""))
    page = reverse("admin:content_activity_delete", args=[Activity.objects.get().pk])

    admin_client.post(page, {"post": "yes"})

    assert Publication.objects.latest().document["activities"] == {}


def test_a_new_placement_is_known_at_once(admin_client: Client) -> None:
    sent = {"key": "basket", "name": "Basket", "fallback_note": ""}

    admin_client.post("/admin/content/placement/add/", sent)

    assert Placement.objects.get().key == "basket"
    assert Publication.objects.latest().document["placements"] == {"basket": {"name": "Basket"}}


def test_variations_that_somebody_else_saved_are_not_overwritten_unseen(
    admin_client: Client, make: Make
) -> None:
    admin_client.post(ADD, form(make))
    activity = Activity.objects.get()
    page = reverse("admin:content_activity_change", args=[activity.pk])
    seen = admin_client.get(page).context["adminform"].form.seen
    variation = activity.variations.get()
    sent = form(
        make,
        **{
            "seen": seen,
            "variations-INITIAL_FORMS": "1",
            "variations-0-id": variation.pk,
            "variations-0-activity": activity.pk,
        },
    )
    admin_client.post(page, {**sent, "variations-0-headline": "Theirs"})

    answer = admin_client.post(page, {**sent, "variations-0-headline": "Mine"})

    shown = answer.content.decode()
    assert "Not saved: somebody else saved this" in shown
    assert "headline: Theirs" in shown
    assert 'value="Mine"' in shown
    variation.refresh_from_db()
    assert variation.headline == "Theirs"

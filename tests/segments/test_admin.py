"""A marketer writes, previews, publishes and undoes a segment."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from personalization.profiles.models import Profile
from personalization.rules.choices import (
    BEHAVIOUR_CHOICES,
    GROUP_CHOICES,
    OPERATOR_CHOICES,
)
from personalization.segments import previewing
from personalization.segments.limiting import TookTooLong
from personalization.segments.models import Publication, Segment
from personalization.segments.publishing import current_document

pytestmark = pytest.mark.django_db
Capture = Callable[..., Any]

ROW = {
    "rule-0-fact": "count",
    "rule-0-event": "purchase",
    "rule-0-category": "",
    "rule-0-days": "30",
    "rule-0-operator": "greater",
    "rule-0-value": "3",
}
FORM = {
    "name": "High value",
    "description": "",
    "rule-match": "all",
    "rule-json": "",
    "rule-TOTAL_FORMS": "4",
    "rule-INITIAL_FORMS": "0",
    **ROW,
}
RULE = {
    "all": [
        {
            "fact": "count",
            "event": "purchase",
            "category": None,
            "days": 30,
            "operator": "greater",
            "value": 3,
        }
    ]
}
NESTED = {"all": [{"any": RULE["all"]}]}
ADD = "/admin/segments/segment/add/"


@pytest.fixture
def marketer(admin_client: Client) -> Client:
    return admin_client


def page_of(segment: Segment) -> str:
    return reverse("admin:segments_segment_change", args=[segment.pk])


def test_saving_keeps_a_draft(marketer: Client) -> None:
    marketer.post(ADD, FORM)

    assert Segment.objects.get().rule == RULE
    assert not Publication.objects.exists()


def test_save_and_publish_makes_it_live(
    marketer: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = marketer.post(ADD, {**FORM, "_publish": ""}, follow=True)

    assert "is live as version 1" in answer.content.decode()
    assert current_document()[1]["segments"]["high-value"]["rule"] == RULE


def test_changing_the_number_and_publishing_changes_what_is_live(
    marketer: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    marketer.post(ADD, {**FORM, "_publish": ""})
    with django_capture_on_commit_callbacks(execute=True):
        changed = {**FORM, "rule-0-value": "1", "rule-INITIAL_FORMS": "1", "_publish": ""}
        marketer.post(page_of(Segment.objects.get()), changed)

    assert current_document()[1]["segments"]["high-value"]["rule"]["all"][0]["value"] == 1


def test_the_form_shows_the_rule_in_rows(marketer: Client) -> None:
    segment = Segment.objects.create(name="High value", rule=RULE)

    page = marketer.get(page_of(segment)).content.decode()

    assert 'name="rule-0-value" value="3"' in page
    assert 'id="id_rule-0-fact"' in page
    assert 'name="_publish"' in page
    assert "More than 3 purchases in the last 30 days." in page


def test_an_error_stands_at_its_row(marketer: Client) -> None:
    answer = marketer.post(ADD, {**FORM, "rule-0-value": "many"}).content.decode()

    assert 'id="id_rule-0-value_error">Give a number.' in answer
    assert not Segment.objects.exists()


SECOND_ROW = {
    "rule-1-fact": "count",
    "rule-1-event": "purchase",
    "rule-1-days": "30",
    "rule-1-operator": "less",
    "rule-1-value": "2",
}


def test_a_contradiction_is_shown_at_its_row_and_does_not_keep_from_saving(
    marketer: Client,
) -> None:
    warning = "Nobody can fulfil this and also: more than 3 purchases in the last 30 days."
    said = marketer.post(reverse("segments:preview"), {**FORM, **SECOND_ROW}).json()
    assert said["warnings"] == {"rule-1": [warning]}

    marketer.post(ADD, {**FORM, **SECOND_ROW})

    page = marketer.get(page_of(Segment.objects.get())).content.decode()
    row = page[page.index('id="rule-1-warnings"') :]
    assert row[: row.index("</div>")].endswith(f"{warning}</p>")


def test_the_form_speaks_every_word_of_the_language(marketer: Client) -> None:
    page = marketer.get(ADD).content.decode()

    for value, label in (*OPERATOR_CHOICES, *BEHAVIOUR_CHOICES, *GROUP_CHOICES):
        assert f'<option value="{value}"' in page, label
    assert 'id="rule-vocabulary"' in page


def test_a_segment_without_conditions_is_refused(marketer: Client) -> None:
    answer = marketer.post(ADD, {**FORM, "rule-0-fact": ""}).content.decode()

    assert "Add at least one condition." in answer


def test_nested_rules_are_kept_and_edited_as_json(marketer: Client) -> None:
    segment = Segment.objects.create(name="Nested", rule=NESTED)
    page = marketer.get(page_of(segment))
    builder = page.context["adminform"].form.builder
    sent = {
        **FORM,
        "name": "Renamed",
        "rule-0-fact": "",
        "rule-use_json": "on",
        "rule-json": builder.rule_form["json"].value(),
    }

    marketer.post(page_of(segment), sent)

    segment.refresh_from_db()
    assert (segment.name, segment.rule) == ("Renamed", NESTED)


def test_a_nested_rule_is_not_replaced_by_empty_rows(marketer: Client) -> None:
    segment = Segment.objects.create(name="Nested", rule=NESTED)

    marketer.post(page_of(segment), {**FORM, "rule-0-fact": ""})

    segment.refresh_from_db()
    assert segment.rule == NESTED


@pytest.mark.parametrize("text", ["{", "[]", '{"all": [], "all": []}', '{"all": [1]}'])
def test_broken_json_is_refused(marketer: Client, text: str) -> None:
    marketer.post(ADD, {**FORM, "rule-use_json": "on", "rule-json": text})

    assert not Segment.objects.exists()


def test_the_preview_says_whom_the_typed_rule_matches(marketer: Client) -> None:
    Profile.objects.create(facts={})

    sent = {**FORM, "rule-0-operator": "at_most"}
    answer = marketer.post(reverse("segments:preview"), sent).json()

    assert "At most 3 purchases in the last 30 days." in answer["html"]
    assert "1 of 1 profiles (100.0 %)" in answer["html"]
    assert answer["rule"]["all"][0]["operator"] == "at_most"


def test_an_estimate_asks_the_form_to_come_again_for_the_number(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(**_: object) -> None:
        raise TookTooLong

    monkeypatch.setattr(previewing, "count_rules", too_slow)

    first = marketer.post(reverse("segments:preview"), FORM).json()["html"]
    patient = marketer.post(reverse("segments:preview"), {**FORM, "rule-patient": "1"}).json()

    assert "Estimated from a sample" in first
    assert "data-counting" in first
    assert "Counting exactly took too long" in patient["html"]
    assert "data-counting" not in patient["html"]


def test_the_preview_is_for_staff_that_may_see_segments(
    client: Client, django_user_model: type[User]
) -> None:
    url = reverse("segments:preview")
    assert client.post(url, FORM).status_code == 302

    staff = django_user_model.objects.create_user("sam", is_staff=True)
    client.force_login(staff)
    assert client.post(url, FORM).status_code == 403

    staff.user_permissions.add(Permission.objects.get(codename="view_segment"))
    assert client.post(url, FORM).status_code == 200
    assert client.get(url).status_code == 405


def test_one_who_may_not_publish_only_saves(client: Client, django_user_model: type[User]) -> None:
    staff = django_user_model.objects.create_user("sam", is_staff=True)
    for codename in ("add_segment", "change_segment", "view_segment"):
        staff.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(staff)

    client.post(ADD, {**FORM, "_publish": ""})

    assert Segment.objects.exists()
    assert not Publication.objects.exists()
    assert 'name="_publish"' not in client.get(ADD).content.decode()


def test_one_who_may_only_look_sees_the_sentence(
    client: Client, django_user_model: type[User]
) -> None:
    staff = django_user_model.objects.create_user("sam", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(staff)
    segment = Segment.objects.create(name="High value", rule=RULE)

    page = client.get(page_of(segment)).content.decode()

    assert "More than 3 purchases" in page
    assert "rule-0-fact" not in page


def test_the_list_tells_drafts_from_what_is_live(marketer: Client) -> None:
    marketer.post(ADD, {**FORM, "_publish": ""})
    marketer.post(ADD, {**FORM, "name": "Second"})
    changed = {**FORM, "rule-0-value": "5", "rule-INITIAL_FORMS": "1"}
    listing = reverse("admin:segments_segment_changelist")
    assert ">live<" in "".join(marketer.get(listing).content.decode().split())

    marketer.post(page_of(Segment.objects.get(name="High value")), changed)

    page = marketer.get(listing).content.decode()
    assert "changed since publishing" in page
    assert "draft" in page
    assert "Version 1" in page


def test_going_back_asks_first_and_then_does_it(marketer: Client) -> None:
    marketer.post(ADD, {**FORM, "_publish": ""})
    marketer.post(ADD, {**FORM, "name": "Second", "_publish": ""})
    undo = reverse("admin:segments_publication_undo", args=[1])

    assert "Go back to version 1" in marketer.get(undo).content.decode()
    assert Publication.objects.count() == 2

    marketer.post(undo)
    assert Publication.objects.latest().document == Publication.objects.get(version=1).document
    assert marketer.get(reverse("admin:segments_publication_changelist")).status_code == 200


def test_deleting_a_live_segment_takes_it_offline(marketer: Client) -> None:
    marketer.post(ADD, {**FORM, "_publish": ""})
    segment = Segment.objects.get()

    marketer.post(reverse("admin:segments_segment_delete", args=[segment.pk]), {"post": "yes"})

    assert Publication.objects.latest().document["segments"] == {}
    assert not Segment.objects.exists()

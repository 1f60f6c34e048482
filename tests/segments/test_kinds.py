"""Segments that are a list, a combination or a score; and templates to start from."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Category
from consent.subjects import Identifier
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.parsing import parse_rule
from personalization.rules.querying import matching_profiles
from personalization.rules.sentences import rule_sentence
from personalization.segments import list_telling
from personalization.segments.models import LiveEntry, MemberList, Segment, saved_rule
from personalization.segments.starting import templates
from personalization.segments.tasks import tell_list_members, tell_waiting_lists
from tests.factories import NOON, make_category
from tests.rules.test_contradicting import bought, country

pytestmark = pytest.mark.django_db
ADD = "/admin/segments/segment/add/"
NAMES = {"name": "New", "description": ""}
LIST = {**NAMES, "id_kind": "user", "pasted": "", "frozen_from": ""}


def make_profile(user_id: str, **traits: Any) -> Profile:
    profile = Profile.objects.create(facts={**empty_facts(), "traits": traits})
    pseudonym = Identifier("user", user_id).pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym)
    return profile


def members(segment: Segment) -> set[int]:
    found = matching_profiles(parse_rule(segment.rule), now=NOON, resolve=saved_rule)
    return set(found.values_list("pk", flat=True))


def test_a_pasted_list_is_saved_and_published_at_once(admin_client: Client) -> None:
    anna = make_profile("anna")
    sent = {**LIST, "pasted": "anna, bert,\n carl", "_publish": ""}

    page = admin_client.post(f"{ADD}?kind=static", sent, follow=True).content.decode()

    segment = Segment.objects.get()
    assert (segment.kind, members(segment)) == ("static", {anna.pk})
    assert LiveEntry.objects.get().definition == segment.definition()
    assert "3 members are on the list." in page
    assert "Pasted" in page


def test_an_uploaded_file_says_which_lines_it_refused(admin_client: Client) -> None:
    upload = SimpleUploadedFile("vips.csv", b"email,name\nann@example.com,Ann\nbob,Bob\n")
    sent = {**LIST, "id_kind": "email", "upload": upload}

    page = admin_client.post(f"{ADD}?kind=static", sent, follow=True).content.decode()

    assert "1 members are on the list." in page
    assert "1 refused. Line 3: It is no e-mail address." in page
    assert MemberList.objects.get().note == "Uploaded vips.csv"


def test_a_file_without_any_identifier_is_refused_whole(admin_client: Client) -> None:
    upload = SimpleUploadedFile("picture.png", b"\x89PNG\x00\xff\n")
    sent = {**LIST, "upload": upload}

    page = admin_client.post(f"{ADD}?kind=static", sent).content.decode()

    assert "It is no text. Save it as" in page
    assert not Segment.objects.exists()


def test_one_source_is_asked_for_and_no_more(admin_client: Client) -> None:
    assert "Paste identifiers" in admin_client.post(f"{ADD}?kind=static", LIST).content.decode()
    both = {**LIST, "pasted": "anna", "upload": SimpleUploadedFile("a.txt", b"anna")}
    assert "Give one of the three" in admin_client.post(f"{ADD}?kind=static", both).content.decode()


def test_a_list_is_frozen_from_a_segment(admin_client: Client) -> None:
    anna = make_profile("anna", country="France")
    make_profile("bert", country="Spain")
    french = Segment.objects.create(name="French", rule={"all": [country("equals", "France")]})

    admin_client.post(f"{ADD}?kind=static", {**LIST, "frozen_from": french.key})

    assert members(Segment.objects.get(name="New")) == {anna.pk}


def test_what_depends_on_the_visit_is_not_frozen(admin_client: Client) -> None:
    phone = {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}
    mobile = Segment.objects.create(name="Mobile", rule={"all": [phone]})

    page = admin_client.post(f"{ADD}?kind=static", {**LIST, "frozen_from": mobile.key})

    assert "Who is in it depends on the visit" in page.content.decode()


def test_a_list_keeps_its_members_when_only_its_name_changes(admin_client: Client) -> None:
    anna = make_profile("anna")
    admin_client.post(f"{ADD}?kind=static", {**LIST, "pasted": "anna"})
    segment = Segment.objects.get()
    page = reverse("admin:segments_segment_change", args=[segment.pk])

    admin_client.post(page, {**LIST, "name": "Renamed"})

    segment.refresh_from_db()
    assert (segment.name, members(segment)) == ("Renamed", {anna.pk})
    assert MemberList.objects.count() == 1


def test_a_long_list_is_matched_by_a_worker(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_telling, "TOLD_AT_ONCE", 1)
    anna = make_profile("anna")

    page = admin_client.post(
        f"{ADD}?kind=static", {**LIST, "pasted": "anna, bert", "_continue": ""}, follow=True
    )

    made = MemberList.objects.get()
    assert "being matched" in page.content.decode()
    assert members(Segment.objects.get()) == set()
    tell_list_members(made.pk)
    assert members(Segment.objects.get()) == {anna.pk}


def test_a_list_whose_task_got_lost_is_matched_all_the_same(admin_client: Client) -> None:
    admin_client.post(f"{ADD}?kind=static", {**LIST, "pasted": "anna"})
    MemberList.objects.update(is_ready=False, made_at=NOON)

    tell_waiting_lists()

    assert MemberList.objects.get().is_ready


def test_a_combination_is_union_intersection_and_difference(admin_client: Client) -> None:
    french = make_profile("anna", country="France", plan="gold")
    spanish = make_profile("bert", country="Spain", plan="gold")
    make_profile("carl", country="Italy", plan="gold")
    make_profile("dora", country="France")
    blocked = make_profile("emil", country="Spain", plan="gold", blocked=True)
    gold = {"fact": "trait", "name": "plan", "operator": "equals", "value": "gold"}
    stopped = {"fact": "trait", "name": "blocked", "operator": "equals", "value": True}
    for name, rule in {
        "French": country("equals", "France"),
        "Spanish": country("equals", "Spain"),
        "Gold": gold,
        "Blocked": stopped,
    }.items():
        Segment.objects.create(name=name, rule={"all": [rule]})
    sent = {**NAMES, "in_all": ["gold"], "in_any": ["french", "spanish"], "in_none": ["blocked"]}

    admin_client.post(f"{ADD}?kind=combined", sent)

    made = Segment.objects.get(name="New")
    assert made.kind == "combined"
    assert members(made) == {french.pk, spanish.pk}
    assert blocked.pk not in members(made)
    page = admin_client.get(reverse("admin:segments_segment_change", args=[made.pk]))
    assert 'name="in_all" value="gold" checked' in page.content.decode()
    assert rule_sentence(made.parsed_rule) == (
        "In the segment “gold” and (in the segment “french” or in the segment “spanish”)"
        " and (not in the segment “blocked”)."
    )


def test_a_combination_of_nothing_or_with_itself_is_refused(admin_client: Client) -> None:
    assert (
        "Choose at least one" in admin_client.post(f"{ADD}?kind=combined", NAMES).content.decode()
    )
    first = Segment.objects.create(name="First", rule={"all": [bought("greater", 1)]})
    admin_client.post(f"{ADD}?kind=combined", {**NAMES, "in_all": ["first"]})
    made = Segment.objects.get(name="New")
    first.rule = {"all": [{"fact": "segment", "operator": "in_segment", "value": "new"}]}
    page = reverse("admin:segments_segment_change", args=[made.pk])

    refused = admin_client.post(page, {**NAMES, "in_all": ["new"]}).content.decode()

    assert "lead in a circle" in refused


def test_templates_open_the_builder_filled(admin_client: Client) -> None:
    make_category(key="lanterns")
    page = admin_client.get(reverse("admin:segments_segment_start")).content.decode()
    assert "High value" in page
    assert "Lanterns lovers" in page

    form = admin_client.get(f"{ADD}?template=high-value").content.decode()

    assert 'value="High value"' in form
    assert 'value="150"' in form


def test_every_template_is_a_rule_under_a_name_of_its_own() -> None:
    make_category()
    found = templates()

    assert len({one.key for one in found}) == len(found)
    assert all(one.sentence.endswith(".") for one in found)
    keys = {one.key for one in found}
    assert {"high-value", "cart-abandoners", "window-shoppers", "lapsing"} < keys
    assert "category-lovers" in keys
    Category.objects.all().delete()
    assert "category-lovers" not in {one.key for one in templates()}


def test_a_template_that_does_not_exist_starts_from_nothing(admin_client: Client) -> None:
    assert admin_client.get(f"{ADD}?template=nothing").status_code == 200
    assert admin_client.get(f"{ADD}?kind=nothing").status_code == 200


def test_a_score_band_holds_both_its_ends(admin_client: Client) -> None:
    inside = [make_scored("churn", value) for value in (0.7, 0.85, 1)]
    for value in (0.69, 1.01, None):
        make_scored("churn", value)
    sent = {**NAMES, "score": "churn", "low": "0.7", "high": "1"}

    admin_client.post(f"{ADD}?kind=predictive", sent)

    segment = Segment.objects.get()
    assert (segment.kind, members(segment)) == ("predictive", {one.pk for one in inside})
    page = admin_client.get(reverse("admin:segments_segment_change", args=[segment.pk]))
    assert 'value="churn"' in page.content.decode()
    assert 'value="0.7"' in page.content.decode()
    wrong = {**sent, "name": "Wrong", "low": "2"}
    refused = admin_client.post(f"{ADD}?kind=predictive", wrong).content.decode()
    assert "Give the lower number first." in refused


def make_scored(name: str, value: float | None) -> Profile:
    scores = {} if value is None else {name: value}
    return Profile.objects.create(facts={**empty_facts(), "scores": scores})


def test_templates_know_stages_of_life_and_scores() -> None:
    said = {one.key: one.sentence for one in templates()}

    assert {"new", "active", "at-risk", "lapsed"} < said.keys()
    assert {"rfm-champions", "rfm-loyal", "rfm-hibernating"} < said.keys()

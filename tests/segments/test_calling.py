"""Marketers read and write segments by their names; the stored rules keep keys."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.segments.calling import SavedNames
from personalization.segments.checking import check_segments
from personalization.segments.differing import changes_between
from personalization.segments.history import history_of, record_saving
from personalization.segments.models import Segment
from personalization.segments.publishing import (
    document_of,
    latest_publication,
    publish_changes,
    publish_segment,
)
from personalization.segments.restoring import versions_of
from tests.factories import NOON
from tests.rules.test_calling import member
from tests.rules.test_contradicting import bought, country
from tests.segments.test_members_pages import make_profile, page_of
from tests.segments.test_segment_list import queries_of

pytestmark = pytest.mark.django_db
FRENCH = {"all": [country("equals", "France")]}


@pytest.fixture
def french() -> Segment:
    return Segment.objects.create(name="From France", key="fr", rule=FRENCH)


def naming(key: str, name: str = "Both", operator: str = "in_segment") -> Segment:
    return Segment.objects.create(name=name, rule={"all": [member(key, operator)]})


def typed(name: str, value: str) -> dict[str, str]:
    return {
        "name": name,
        "rule-match": "all",
        "rule-TOTAL_FORMS": "1",
        "rule-INITIAL_FORMS": "0",
        "rule-0-depth": "0",
        "rule-0-fact": "segment",
        "rule-0-operator": "in_segment",
        "rule-0-value": value,
    }


def add(client: Client, sent: dict[str, str]) -> Any:
    return client.post(reverse("admin:segments_segment_add"), sent)


def preview(client: Client, value: str) -> Any:
    return client.post(reverse("segments:preview"), typed("New", value)).json()


@pytest.mark.parametrize("text", ["From France", "from france ", "fr"])
def test_a_condition_is_written_by_name_or_key_and_stored_by_key(
    admin_client: Client, french: Segment, text: str
) -> None:
    add(admin_client, typed("New", text))

    made = Segment.objects.get(name="New")
    assert made.rule == {"all": [member("fr")]}
    page = admin_client.get(reverse("admin:segments_segment_change", args=[made.pk]))
    shown = page.content.decode()
    assert 'name="rule-0-value" value="From France"' in shown
    assert '<p class="picker__key" data-key>fr</p>' in shown
    assert "In the segment “From France”." in shown


def test_names_that_are_alike_are_told_apart_where_they_are_typed(admin_client: Client) -> None:
    for key, name in (("vips", "VIPs"), ("vips-2", "Vips")):
        Segment.objects.create(key=key, name=name, rule=FRENCH)

    refused = preview(admin_client, "VIPS")["errors"]["rule-0"]["value"]
    add(admin_client, typed("New", "Vips (vips-2)"))

    assert refused == [
        "There is no segment “VIPS”. Do you mean “VIPs (vips)”, “Vips (vips-2)”?",
    ]
    assert Segment.objects.get(name="New").rule == {"all": [member("vips-2")]}


def test_an_exact_name_means_its_own_segment(admin_client: Client) -> None:
    for key, name in (("vips", "VIPs"), ("vips-2", "Vips"), ("vips-3", "vipS")):
        Segment.objects.create(key=key, name=name, rule=FRENCH)

    add(admin_client, typed("One", "VIPs"))
    add(admin_client, typed("Two", "Vips"))

    assert Segment.objects.get(name="One").rule == {"all": [member("vips")]}
    assert Segment.objects.get(name="Two").rule == {"all": [member("vips-2")]}


def test_who_types_the_name_of_one_that_is_the_key_of_another_is_asked(
    admin_client: Client,
) -> None:
    for key, name in (("gold", "Best customers"), ("gold-2", "gold")):
        Segment.objects.create(key=key, name=name, rule=FRENCH)

    refused = preview(admin_client, "gold")["errors"]["rule-0"]["value"]

    assert refused == [
        "Two segments may be meant by “gold”. Do you mean “Best customers”, “gold (gold-2)”?"
    ]


def test_what_is_no_segment_is_told_at_the_condition(admin_client: Client, french: Segment) -> None:
    answer = preview(admin_client, "Fance")
    assert answer["errors"]["rule-0"]["value"] == ["There is no segment “Fance”."]

    answer = preview(admin_client, "france")
    said = "There is no segment “france”. Do you mean “From France”?"
    assert answer["errors"]["rule-0"]["value"] == [said]


def test_the_list_says_names_with_one_query_for_all_rows(
    admin_client: Client, french: Segment
) -> None:
    counted = []
    for number in range(2):
        for n in range(5):
            naming("fr", f"Built on it {number}-{n}")
        counted.append(queries_of(admin_client, page_of("changelist")))

    page = admin_client.get(page_of("changelist")).content.decode()

    assert counted[0] == counted[1]
    assert page.count("In the segment “From France”.") == 10
    assert "“fr”" not in page


def test_why_is_answered_by_names(admin_client: Client, french: Segment) -> None:
    segment = naming("fr", operator="not_in_segment")
    profile = make_profile(0, country="France")

    page = admin_client.post(
        reverse("admin:segments_segment_why", args=[segment.pk]), {"profile": str(profile.pk)}
    )

    assert "not in the segment “From France”" in page.content.decode()


def test_the_linter_says_names() -> None:
    Segment.objects.bulk_create(
        [
            Segment(name="Ants", key="a", rule={"all": [member("b")]}),
            Segment(name="Bees", key="b", rule={"all": [member("a")]}),
        ]
    )

    found = {one.name: one.problem for one in check_segments(now=NOON)}

    assert found["Ants"].endswith("These segments lead in a circle: Ants → Bees → Ants.")


def test_a_segment_that_was_renamed_changes_no_version_of_another(french: Segment) -> None:
    both = naming("fr")
    publish_segment(segment=french, by="ann", now=NOON)
    publish_segment(segment=both, by="ann", now=NOON)
    before = document_of(latest_publication())
    french.name = "Frankreich"
    french.save()
    both.rule = {"all": [member("fr"), bought("at_least", 2)]}
    both.save()
    changes = {("segments", one.key): one.definition() for one in (french, both)}
    publish_changes(changes=changes, by="ann", note="Both", now=NOON)

    latest, first = versions_of(both)
    [change, _] = changes_between(before, document_of(latest_publication()))

    assert [(one.text, one.differs) for one in latest.line.after] == [
        ("Named “Both”. In the segment", False),
        ("“Frankreich” and at least 2 purchases in the last 30 days.", True),
    ]
    assert latest.line.before[1].text == "“Frankreich”."
    assert [one.text for one in first.line.after if one.differs]
    assert change.key == "both"
    assert [one.text for one in change.lines[1].before] == ["In the segment", "“Frankreich”."]


def test_history_says_names(french: Segment) -> None:
    both = naming("fr")
    before = Segment.objects.get(pk=both.pk)
    both.rule = {"none": [member("fr")]}

    record_saving(segment=both, before=before, by="ann", now=NOON)

    [deed] = history_of(both.key)
    assert (deed.entry.before, deed.entry.after) == (
        "In the segment “From France”.",
        "Not in the segment “From France”.",
    )


def test_the_picker_shows_the_key_in_small_print(admin_client: Client, french: Segment) -> None:
    sent = {"name": "", "in_all": ["fr"]}

    page = admin_client.post(f"{reverse('admin:segments_segment_add')}?kind=combined", sent)

    shown = '<span class="picker__name">From France</span> <span class="picker__key">fr</span>'
    assert shown in page.content.decode()


def test_a_search_says_how_a_segment_is_written(admin_client: Client) -> None:
    Segment.objects.create(key="vips", name="Best", rule=FRENCH)
    Segment.objects.create(key="other", name="vips", rule=FRENCH)

    found = admin_client.get(reverse("segments:search"), {"q": "vips"}).json()["found"]

    called = {one["key"]: one["called"] for one in found}
    assert called == {"other": "vips (other)", "vips": "Best"}
    names = SavedNames()
    assert {names.key_of(text): text for text in called.values()} == called

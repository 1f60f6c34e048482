"""Golden visitors stop a publication that changes what is expected of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.profiles.facts import SECONDS_PER_DAY, empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile
from personalization.rules.tree import Fact
from personalization.segments.freezing import freeze_facts
from personalization.segments.golden import freeze_visitor
from personalization.segments.models import GoldenVisitor, Publication, Segment
from personalization.segments.publishing import NotPublishable, publish_segment, revert
from tests.factories import NOON
from tests.rules.test_contradicting import bought, country
from tests.rules.test_references import naming

pytestmark = pytest.mark.django_db


@pytest.fixture
def regulars() -> Segment:
    return Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})


@pytest.fixture
def anna() -> Profile:
    facts = empty_facts()
    traits = {"country": "France", "email": "anna@example.com"}
    for _ in range(4):
        happening = Happening("purchase", NOON, item_id="1001", traits=traits)
        remember(facts, happening)
    return Profile.objects.create(facts=facts)


def freeze(profile: Profile, segment: Segment, **context: Any) -> GoldenVisitor:
    return freeze_visitor(
        name="Buys a lot", profile=profile, segment=segment, context=context, now=NOON
    )


def test_what_leads_back_to_a_person_is_not_kept(anna: Profile) -> None:
    read = {Fact("trait", "country"), Fact("trait", "email")}
    kept = freeze_facts(anna.facts, read=read)

    assert kept["traits"] == {"country": "France"}
    assert kept["recent"] == []
    assert kept["last"]["purchase"] % SECONDS_PER_DAY == 0
    assert kept["counts"] == anna.facts["counts"]


def test_only_traits_that_segments_read_are_kept(anna: Profile, regulars: Segment) -> None:
    assert freeze(anna, regulars).facts["traits"] == {}

    Segment.objects.create(name="French", rule={"all": [country("equals", "France")]})
    GoldenVisitor.objects.all().delete()
    assert freeze(anna, regulars).facts["traits"] == {"country": "France"}


def test_what_holds_today_is_expected(anna: Profile, regulars: Segment) -> None:
    few = Segment.objects.create(name="Few", rule={"all": [bought("less", 3)]})
    golden = freeze(anna, regulars)
    other = freeze_visitor(name="No", profile=anna, segment=few, context={}, now=NOON)

    assert ([*golden.belongs_to.all()], [*golden.stays_out_of.all()]) == ([regulars], [])
    assert ([*other.belongs_to.all()], [*other.stays_out_of.all()]) == ([], [few])


def test_a_publication_that_breaks_an_expectation_is_stopped(
    anna: Profile, regulars: Segment
) -> None:
    freeze(anna, regulars)
    regulars.rule = {"all": [bought("greater", 4)]}

    with pytest.raises(NotPublishable) as refused:
        publish_segment(segment=regulars, by="ann", now=NOON)

    assert refused.value.messages == (
        "The golden visitor “Buys a lot” would not be in “Regulars”: more than 4 purchases in the"
        " last 30 days (4 purchases). Change the segment, or what you expect of the golden"
        " visitor.",
    )
    assert not Publication.objects.exists()


def test_one_that_would_get_in_against_expectation_stops_it_too(
    anna: Profile, regulars: Segment
) -> None:
    golden = freeze(anna, regulars)
    golden.belongs_to.clear()
    golden.stays_out_of.add(regulars)

    with pytest.raises(NotPublishable, match="would get into “Regulars”"):
        publish_segment(segment=regulars, by="ann", now=NOON)

    golden.stays_out_of.clear()
    assert publish_segment(segment=regulars, by="ann", now=NOON).version == 1


def test_time_does_not_break_an_expectation(anna: Profile, regulars: Segment) -> None:
    freeze(anna, regulars)

    assert publish_segment(segment=regulars, by="ann", now=NOON + timedelta(days=90)).version == 1


def test_a_change_elsewhere_is_not_stopped(anna: Profile, regulars: Segment) -> None:
    golden = freeze(anna, regulars)
    publish_segment(segment=regulars, by="ann", now=NOON)
    golden.belongs_to.clear()
    golden.stays_out_of.add(regulars)
    other = Segment.objects.create(name="Other", rule={"all": [bought("greater", 1)]})

    assert publish_segment(segment=other, by="ann", now=NOON).version == 2


def test_a_change_of_a_segment_is_stopped_where_another_names_it(
    anna: Profile, regulars: Segment
) -> None:
    publish_segment(segment=regulars, by="ann", now=NOON)
    naming_it = Segment.objects.create(name="Through another", rule=naming("regulars"))
    golden = freeze(anna, naming_it)
    assert golden.belongs_to.get() == naming_it
    publish_segment(segment=naming_it, by="ann", now=NOON)
    regulars.rule = {"all": [bought("greater", 9)]}

    with pytest.raises(NotPublishable, match="would not be in “Through another”"):
        publish_segment(segment=regulars, by="ann", now=NOON)


def test_of_a_lot_that_a_frozen_visitor_cannot_draw_nothing_is_expected(anna: Profile) -> None:
    lot = {"fact": "percentage", "name": "spring", "operator": "at_least", "value": 0}
    golden = freeze(anna, Segment.objects.create(name="Drawn", rule={"all": [lot]}))

    assert not golden.belongs_to.exists()
    assert not golden.stays_out_of.exists()


def test_going_back_is_held_against_golden_visitors(anna: Profile, regulars: Segment) -> None:
    regulars.rule = {"all": [bought("greater", 9)]}
    publish_segment(segment=regulars, by="ann", now=NOON)
    regulars.rule = {"all": [bought("greater", 3)]}
    regulars.save()
    publish_segment(segment=regulars, by="ann", now=NOON)
    freeze(anna, regulars)

    with pytest.raises(NotPublishable, match="would not be in “Regulars”"):
        revert(to_version=1, by="ann", now=NOON)


def test_what_the_visit_decides_is_expected_only_of_a_stated_visit(anna: Profile) -> None:
    phone = {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}
    segment = Segment.objects.create(name="By phone", rule={"all": [phone]})

    left_open = freeze(anna, segment)
    assert not left_open.belongs_to.exists()
    assert not left_open.stays_out_of.exists()
    left_open.delete()

    assert freeze(anna, segment, device="mobile").belongs_to.get() == segment


def test_a_marketer_saves_one_from_the_page_that_says_why(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    why = reverse("admin:segments_segment_why", args=[regulars.pk])
    asked = {"profile": str(anna.pk)}
    assert "Save as golden visitor" in admin_client.post(why, asked).content.decode()
    assert not GoldenVisitor.objects.exists()

    sent = {**asked, "_golden": "", "name": "Buys a lot"}
    page = admin_client.post(why, sent, follow=True).content.decode()

    golden = GoldenVisitor.objects.get()
    assert "Say what you expect of it" in page
    assert "4 in all" in page
    assert "anna@example.com" not in page
    assert golden.name == "Buys a lot"
    again = admin_client.post(why, sent).content.decode()
    assert "already exists" in again


def test_in_and_out_of_the_same_segment_is_refused(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    golden = freeze(anna, regulars)
    page = reverse("admin:segments_goldenvisitor_change", args=[golden.pk])
    both = {"name": "Buys a lot", "belongs_to": regulars.pk, "stays_out_of": regulars.pk}

    answer = admin_client.post(page, both).content.decode()

    assert "Nobody is in and out of the same segment: Regulars." in answer
    assert not golden.stays_out_of.exists()


def test_the_admin_says_which_golden_visitor_objects(
    admin_client: Client, anna: Profile, regulars: Segment
) -> None:
    golden = freeze(anna, regulars)
    golden.belongs_to.clear()
    golden.stays_out_of.add(regulars)
    form = {"name": "Regulars", "rule-match": "all", "rule-use_json": "on", "_publish": ""}
    sent = {**form, "rule-TOTAL_FORMS": "0", "rule-INITIAL_FORMS": "0", "rule-json": RAW}
    page = reverse("admin:segments_segment_change", args=[regulars.pk])

    answer = admin_client.post(page, sent, follow=True).content.decode()

    assert "Not published. The golden visitor “Buys a lot” would get into “Regulars”" in answer


RAW = (
    '{"all": [{"fact": "count", "event": "purchase", "days": 30,'
    ' "operator": "greater", "value": 2}]}'
)

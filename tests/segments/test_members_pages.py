"""Who is in a segment: composition, overlap, the file, and lists that stay quick when long."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.subjects import KINDS, Identifier
from personalization.events.models import Event
from personalization.events.partitions import ensure_partitions
from personalization.identifiers.kinds import announce_kinds
from personalization.identifiers.models import IdentifierKind
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.parsing import parse_rule
from personalization.segments.composing import compose
from personalization.segments.exporting import harmless
from personalization.segments.models import HistoryEntry, Segment
from personalization.segments.overlapping import overlaps
from personalization.segments.publishing import publish_segment
from tests.factories import NOON, agree
from tests.rules.test_contradicting import country

pytestmark = pytest.mark.django_db
Queries = Callable[[int], Any]
FRENCH = {"all": [country("equals", "France")]}
GOLD = {"all": [{"fact": "trait", "name": "plan", "operator": "equals", "value": "gold"}]}


def make_profile(n: int, *, agrees: bool = True, **traits: Any) -> Profile:
    facts = {**empty_facts(), "traits": traits}
    facts["categories"] = {"item_view": {"lanterns": {"20000": 1}}} if n % 2 else {}
    profile = Profile.objects.create(facts=facts)
    name = Identifier("user", f"u{profile.pk}").pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=name)
    if agrees:
        agree(user_id=f"u{profile.pk}")
    return profile


def segment(name: str, rule: Any) -> Segment:
    made = Segment.objects.create(name=name, rule=rule)
    publish_segment(segment=made, by="ann", now=NOON)
    return made


def page_of(name: str, *args: Any) -> str:
    return reverse(f"admin:segments_segment_{name}", args=args)


def with_role(role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_every_combination_is_counted_in_one_scan(django_assert_num_queries: Queries) -> None:
    everybody: tuple[dict[str, Any], ...] = (
        {"country": "France", "plan": "gold"},
        {"country": "France", "plan": "gold"},
        {"country": "France"},
        {"plan": "gold"},
        {},
    )
    for traits in everybody:
        make_profile(0, **traits)
    rules = {"french": parse_rule(FRENCH), "gold": parse_rule(GOLD)}

    which_slots_and_the_scan = 2
    with django_assert_num_queries(which_slots_and_the_scan):
        found = overlaps(rules=rules, now=NOON)

    assert (found.total, dict(found.sizes)) == (5, {"french": 3, "gold": 3})
    assert {tuple(sorted(one.keys)): one.profiles for one in found.combinations} == {
        ("french", "gold"): 2,
        ("french",): 1,
        ("gold",): 1,
    }
    assert found.pairs() == [("french", "gold", 2)]


def test_eight_can_be_compared_and_no_more() -> None:
    make_profile(0, country="France")
    rules = {str(n): parse_rule(FRENCH) for n in range(8)}
    assert overlaps(rules=rules, now=NOON).combinations[0].profiles == 1

    with pytest.raises(ValueError, match="1 to 8"):
        overlaps(rules={**rules, "9": parse_rule(FRENCH)}, now=NOON)


def test_the_overlap_page_shows_combinations_and_pairs(admin_client: Client) -> None:
    segment("French", FRENCH)
    segment("Gold", GOLD)
    for n in range(12):
        make_profile(n, country="France", plan="gold" if n < 3 else "basic")

    page = admin_client.get(page_of("overlap"), {"segments": ["french", "gold"]}).content.decode()
    analyst = with_role("Analyst").get(page_of("overlap"), {"segments": ["french", "gold"]})

    assert "French and Gold: 3" in page
    assert "25 % of French, 100 % of Gold" in page
    assert "French and Gold: under 10" in analyst.content.decode()
    alone = admin_client.get(page_of("overlap"), {"segments": ["french"]}).content.decode()
    assert "Choose two to 8 segments." in alone


def test_composition_compares_members_with_everybody() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    ensure_partitions([yesterday])
    for n in range(20):
        profile = make_profile(n, country="France", plan="gold")
        Event.objects.create(
            id=f"00000000-0000-0000-0000-{n:012d}",
            occurred_at=yesterday,
            received_at=timezone.now(),
            profile_id=profile.pk,
            type="page_view",
            properties={},
            context={"device": "mobile"},
            purposes=[],
        )
    for n in range(20):
        make_profile(n, country="Spain" if n else "France")

    found = compose(rule=parse_rule(GOLD), now=timezone.now())

    assert (found.members, found.everybody) == (20, 40)
    [french] = found.shares["Country"] or ()
    assert (french.value, french.members, french.everybody, french.index) == ("France", 20, 21, 190)
    [viewed] = found.shares["Category viewed"] or ()
    assert (viewed.value, viewed.members, viewed.index) == ("lanterns", 10, 100)
    [device] = found.shares["Device, last 30 days"] or ()
    assert (device.value, device.members) == ("mobile", 20)


def test_the_page_says_who_they_are(admin_client: Client) -> None:
    french = segment("French", FRENCH)
    for n in range(12):
        make_profile(n, country="France")
    for n in range(12):
        make_profile(n, country="Spain")

    page = admin_client.get(page_of("composition", french.pk)).content.decode()

    assert "12 of 24 profiles" in page
    assert "index--more" in page
    assert ">200</strong>" in page


def test_analysts_are_not_told_what_few_have_in_common() -> None:
    french = segment("French", FRENCH)
    for n in range(9):
        make_profile(n, country="France")

    page = with_role("Analyst").get(page_of("composition", french.pk)).content.decode()

    assert "Fewer than 10 people are in it" in page
    assert "lanterns" not in page


def export(client: Client, of: Segment, purpose: str = "personalization") -> Any:
    return client.post(page_of("export", of.pk), {"purpose": purpose})


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.getvalue().decode())))


def test_an_export_has_those_who_agreed_and_is_recorded(admin_client: Client) -> None:
    french = segment("French", FRENCH)
    agreed = [make_profile(n, country="France") for n in range(10)]
    make_profile(0, agrees=False, country="France")

    answer = export(admin_client, french)
    heading, *rows = rows_of(answer)

    assert answer["Content-Disposition"].startswith('attachment; filename="french-')
    assert heading[:2] == ["profile", "user"]
    assert [row[0] for row in rows] == [str(one.pk) for one in agreed]
    assert rows[0][1] == Identifier("user", f"u{agreed[0].pk}").pseudonym
    assert "exported its members" in LogEntry.objects.latest("pk").change_message
    told = HistoryEntry.objects.latest("pk")
    assert told.said == "10 members exported as CSV, for the purpose “personalization”."
    assert told.by == "admin"


def test_an_export_has_a_column_for_each_kind_of_identifier(admin_client: Client) -> None:
    IdentifierKind.objects.create(key="loyalty", priority=7, limit=1)
    announce_kinds()
    for n in range(10):
        make_profile(n, country="France")

    heading, *_ = rows_of(export(admin_client, segment("French", FRENCH)))

    assert "loyalty" in heading
    assert set(KINDS) < set(heading)


def test_no_cell_is_a_formula(admin_client: Client) -> None:
    everyone = segment("Everyone", {"none": [country("equals", "Nowhere")]})
    for n in range(10):
        make_profile(n, country='=HYPERLINK("http://example.com")')

    _, row, *_ = rows_of(export(admin_client, everyone))

    assert row[-1] == '\'=HYPERLINK("http://example.com")'
    for text in ("=1", "+1", "-1", "@x", "\tx", "\rx"):
        assert harmless(text) == f"'{text}"
    assert harmless("France") == "France"


def test_fewer_than_ten_are_not_exported(admin_client: Client) -> None:
    french = segment("French", FRENCH)
    for n in range(12):
        make_profile(n, agrees=n < 9, country="France")

    answer = admin_client.post(
        page_of("export", french.pk), {"purpose": "personalization"}, follow=True
    )

    assert "Not exported. Fewer than 10 people" in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_only_who_may_export_does() -> None:
    french = segment("French", FRENCH)

    assert with_role("Analyst").get(page_of("export", french.pk)).status_code == 403
    assert with_role("Marketer").get(page_of("export", french.pk)).status_code == 200

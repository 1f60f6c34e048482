"""Lists of people: uploaded or frozen, matched now or when somebody is recognised later."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from consent.keyspaces import redis_connection
from consent.mirroring import mirror_suppressions
from consent.models import Suppression
from consent.stores import Person
from consent.subjects import Identifier
from personalization.events.tracking import track
from personalization.profiles.facts import empty_facts, unpack
from personalization.profiles.identifying import Identity, identify
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.rebuilding import rebuild_facts
from personalization.profiles.remembering import FACTS
from personalization.profiles.undoing import undo_merge
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.parsing import parse_rule
from personalization.rules.querying import NotCountable, matching_profiles
from personalization.segments import list_filling
from personalization.segments.list_filling import Filling
from personalization.segments.listing import (
    KEPT,
    forget_old_lists,
    freeze_list,
    keep_list,
    list_rule,
    tell_profiles,
)
from personalization.segments.models import ListMember, MemberList, Segment, saved_rule
from personalization.segments.personal_data import ListStore
from personalization.segments.publishing import NotPublishable, publish_segment
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def vips() -> Segment:
    return Segment.objects.create(name="VIPs", kind="static", rule=list_rule("none-yet"))


def upload(segment: Segment, *ids: str, kind: str = "user", tell: bool = True) -> Filling:
    lines: Iterable[bytes] = [f"{one}\n".encode() for one in ids]
    done = keep_list(segment=segment, lines=lines, kind=kind, note="", by="ann", now=NOON)
    if tell:
        tell_profiles(done.member_list)
    return done


def pseudonym(user_id: str) -> str:
    return Identifier("user", user_id).pseudonym


def make_profile(user_id: str, **traits: Any) -> Profile:
    profile = Profile.objects.create(facts={**empty_facts(), "traits": traits})
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym(user_id))
    return profile


def members(segment: Segment) -> set[int]:
    found = matching_profiles(parse_rule(segment.rule), now=NOON, resolve=saved_rule)
    return set(found.values_list("pk", flat=True))


def lists_of(profile: Profile) -> list[str]:
    return list(Profile.objects.get(pk=profile.pk).facts.get("lists", []))


def test_an_uploaded_list_matches_the_profiles_it_names(vips: Segment) -> None:
    anna, bert = make_profile("anna"), make_profile("bert")

    done = upload(vips, "anna", "unknown yet")

    assert members(vips) == {anna.pk}
    assert lists_of(bert) == []
    assert (done.member_list.members, vips.rule) == (2, list_rule(done.member_list.key))


def test_decisions_read_the_list_with_the_other_facts(vips: Segment) -> None:
    anna = make_profile("anna")

    upload(vips, "anna")

    packed = redis_connection().get(FACTS.key(anna.pk))
    assert packed is not None
    rule = compile_rule(parse_rule(vips.rule))
    assert rule.matches(Known(unpack(packed), {}, NOON, profile_id=anna.pk))
    assert not rule.matches(Known(empty_facts(), {}, NOON))


def test_somebody_listed_before_we_knew_them_matches_once_recognised(
    vips: Segment, consume: Callable[[], None]
) -> None:
    upload(vips, "anna")
    agree(user_id="anna")

    assert track([make_event()], now=NOON).refused == ()
    consume()

    anna = Profile.objects.get()
    assert members(vips) == {anna.pk}
    packed = redis_connection().get(FACTS.key(anna.pk))
    assert packed is not None
    assert unpack(packed)["lists"] == lists_of(anna) != []


def test_a_merge_keeps_both_on_their_lists_and_undoing_it_parts_them(vips: Segment) -> None:
    browsers = Segment.objects.create(name="Browsers", rule=list_rule("none-yet"))
    browser, account = Identity("", "browser"), Identity("user-pseudonym", "")
    of_browser = identify([browser])[browser].profile_id
    of_account = identify([account])[account].profile_id
    for segment, name in ((vips, "user-pseudonym"), (browsers, "browser")):
        made = upload(segment, "somebody else").member_list
        ListMember.objects.create(member_list=made, pseudonym=name)
        tell_profiles(made)
    assert [len(lists_of(Profile(pk=one))) for one in (of_browser, of_account)] == [1, 1]

    both = Identity("user-pseudonym", "browser")
    kept = identify([both])[both].profile_id

    assert len(lists_of(Profile(pk=kept))) == 2
    assert members(vips) == members(browsers) == {kept}

    undo_merge(ProfileMerge.objects.get().pk, by="olga", why="Two sisters", now=NOON)

    assert (members(vips), members(browsers)) == ({of_account}, {of_browser})


def test_an_identifier_that_leaves_takes_its_lists_along(vips: Segment) -> None:
    anna = make_profile("anna")
    upload(vips, "anna")

    ProfileIdentifier.objects.all().delete()

    assert lists_of(anna) == []


def test_rebuilding_the_facts_keeps_the_lists(vips: Segment) -> None:
    anna = make_profile("anna")
    upload(vips, "anna")

    rebuild_facts([anna.pk])

    assert members(vips) == {anna.pk}


def test_what_is_refused_is_told_and_the_rest_kept(vips: Segment) -> None:
    done = upload(vips, "ann@example.com", "nobody", kind="email")

    assert (done.member_list.members, done.member_list.refused) == (1, 1)
    assert [one.line for one in done.refusals] == [2]


def test_the_same_identifier_twice_is_one_member(vips: Segment) -> None:
    assert upload(vips, "anna", " anna ", "anna").member_list.members == 1


def test_who_was_erased_does_not_come_back_through_a_list(vips: Segment) -> None:
    Suppression.objects.create(pseudonym=pseudonym("anna"), erased_at=NOON - timedelta(days=3))
    mirror_suppressions([pseudonym("anna")])

    upload(vips, "anna", "bert")

    [kept] = ListMember.objects.values_list("pseudonym", flat=True)
    assert kept == pseudonym("bert")


def test_a_list_does_not_tell_who_was_erased(
    vips: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_filling, "AT_ONCE", 1)
    Suppression.objects.create(pseudonym=pseudonym("anna"), erased_at=NOON - timedelta(days=3))
    mirror_suppressions([pseudonym("anna")])

    told = [
        (done.members, done.refused, done.refusals, done.member_list.members)
        for done in (upload(vips, name, "bert", name) for name in ("anna", "unknown"))
    ]

    assert told[0] == told[1] == (2, 0, [], 2)


def test_an_erasure_takes_a_person_off_every_list(vips: Segment) -> None:
    upload(vips, "anna", "bert")
    person = Person(frozenset({pseudonym("anna")}), frozenset())
    assert ListStore().count(person) == 1
    assert [one["segment"] for one in ListStore().export(person)] == ["VIPs"]

    ListStore().erase(person)
    ListStore().erase(person)

    assert (ListStore().count(person), ListMember.objects.count()) == (0, 1)


def test_a_list_frozen_from_a_rule_stays_as_it_was(vips: Segment) -> None:
    anna, bert = make_profile("anna", country="France"), make_profile("bert", country="Spain")
    rule = parse_rule(
        {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "France"}]}
    )

    made = freeze_list(segment=vips, rule=rule, note="", by="ann", now=NOON)
    tell_profiles(made)
    Profile.objects.filter(pk=bert.pk).update(facts={"traits": {"country": "France"}})

    assert members(vips) == {anna.pk}
    assert ListMember.objects.get().pseudonym == pseudonym("anna")


def test_who_is_in_it_only_on_some_visits_cannot_be_frozen(vips: Segment) -> None:
    rule = parse_rule(
        {"all": [{"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}]}
    )

    with pytest.raises(NotCountable):
        freeze_list(segment=vips, rule=rule, note="", by="ann", now=NOON)


def test_a_list_that_is_still_being_matched_is_not_published(vips: Segment) -> None:
    done = upload(vips, "anna", tell=False)
    with pytest.raises(NotPublishable, match="still being matched"):
        publish_segment(segment=vips, by="ann", now=NOON)

    tell_profiles(done.member_list)

    assert publish_segment(segment=vips, by="ann", now=NOON).version == 1


def test_a_new_list_is_a_draft_until_it_is_published(vips: Segment) -> None:
    anna, bert = make_profile("anna"), make_profile("bert")
    upload(vips, "anna")
    live = publish_segment(segment=vips, by="ann", now=NOON).document["segments"]["vips"]

    upload(vips, "bert")

    assert members(vips) == {bert.pk}
    assert set(matching_profiles(parse_rule(live["rule"]), now=NOON, resolve=saved_rule)) == {anna}


def test_old_lists_go_but_never_one_that_is_live_or_saved(vips: Segment) -> None:
    anna = make_profile("anna")
    first = upload(vips, "anna").member_list
    publish_segment(segment=vips, by="ann", now=NOON)
    for _ in range(KEPT + 2):
        upload(vips, "anna")
    kept = set(vips.lists.values_list("key", flat=True))

    forgotten = forget_old_lists(vips)

    left = set(MemberList.objects.values_list("key", flat=True))
    assert (forgotten, len(kept - left)) == (2, 2)
    assert first.key in left
    assert set(lists_of(anna)) == left


def test_a_list_has_a_name_that_no_other_ever_had(vips: Segment) -> None:
    first = upload(vips, "anna").member_list.key
    vips.delete()
    again = Segment.objects.create(name="VIPs", kind="static", rule=list_rule("none-yet"))

    assert upload(again, "anna").member_list.key != first


def test_the_sentence_names_the_list() -> None:
    assert compile_rule(parse_rule(list_rule("vips-1"))).sentence == "On the list “vips-1”."

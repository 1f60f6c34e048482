"""What a merge keeps, what it shares, and that it can be undone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from consent.checking import UNKNOWN, choices_of
from consent.models import ConsentRecord
from consent.stores import personal_data_stores
from consent.subjects import Identifier, Subject
from personalization.events.models import Event, SeenMessage
from personalization.events.tracking import track
from personalization.profiles.models import (
    KeptApart,
    Profile,
    ProfileIdentifier,
    ProfileMerge,
    UnjoinedIdentifier,
)
from personalization.profiles.resolving import resolve_person
from personalization.profiles.undoing import CannotUndo, undo_merge
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db(transaction=True)

Consume = Callable[[], None]
LAPTOP = {"user_id": None, "anonymous_id": "laptop"}
BOTH = {"user_id": "anna", "anonymous_id": "laptop"}


@pytest.fixture(autouse=True)
def agreed() -> None:
    agree(user_id="anna")
    agree(anonymous_id="laptop")
    agree(anonymous_id="tablet")


def send(*events: dict[str, Any]) -> None:
    assert track([make_event(**event) for event in events], now=NOON).refused == ()


def profile_of(kind: str, value: str) -> Profile:
    return Profile.objects.get(identifiers__pseudonym=Identifier(kind, value).pseudonym)


def undo(merge: ProfileMerge) -> None:
    undo_merge(merge.pk, by="olga", why="Two sisters", now=NOON)


def fused(consume: Consume) -> ProfileMerge:
    yesterday = (NOON - timedelta(days=1)).isoformat()
    send({"user_id": "anna", "traits": {"team": "Ulm"}, "occurred_at": yesterday})
    send({**LAPTOP, "type": "purchase", "traits": {"team": "Zell", "plan": "x"}})
    consume()
    send({**BOTH, "type": "identify"})
    consume()
    return ProfileMerge.objects.get()


def test_a_merge_says_which_event_named_whom(consume: Consume) -> None:
    merge = fused(consume)

    assert (merge.means, merge.event_type, merge.by) == ("event", "identify", "")
    assert merge.event_id == Event.objects.get(type="identify").pk
    assert merge.evidence_kept == [["user", Identifier("user", "anna").pseudonym]]
    assert merge.evidence_absorbed == [["anonymous", Identifier("anonymous", "laptop").pseudonym]]


def test_what_the_account_said_is_believed_though_the_browser_said_it_later(
    consume: Consume,
) -> None:
    fused(consume)

    facts = profile_of("user", "anna").facts
    assert facts["traits"] == {"team": "Ulm", "plan": "x"}
    assert facts["ranks"] == {"team": 1, "plan": 6}
    assert set(facts["counts"]) >= {"item_view", "purchase"}


def test_a_refusal_of_one_side_counts_for_both_from_then_on(consume: Consume) -> None:
    agree(user_id="anna", to=("functional", "analytics", "personalization"))

    fused(consume)

    laptop = Subject.of(anonymous_id="laptop")
    assert choices_of(laptop).denied >= {"training"}
    assert choices_of(laptop).allows("analytics")
    record = ConsentRecord.objects.get(mechanism="profile merge")
    assert (record.pseudonym, record.purpose) == (laptop.pseudonyms[0], "training")
    assert record.state == "withdrawn"


def test_a_choice_made_on_a_browser_holds_for_the_account_that_is_new_on_it(
    consume: Consume,
) -> None:
    agree(anonymous_id="phone", to=("analytics", "personalization"))

    send({"type": "identify", "anonymous_id": "phone", "user_id": "bea"})
    consume()

    bea = Subject.of(user_id="bea")
    assert choices_of(bea) == choices_of(Subject.of(anonymous_id="phone"))
    assert choices_of(bea).allows("analytics")
    assert not choices_of(bea).allows("training")
    records = ConsentRecord.objects.filter(pseudonym=bea.pseudonyms[0])
    assert {record.mechanism for record in records} == {"identifier joined"}
    send({"type": "item_view", "user_id": "bea", "anonymous_id": None})


def test_an_account_that_does_not_join_the_browser_gets_nobodys_choice(consume: Consume) -> None:
    agree(anonymous_id="phone", to=("analytics", "personalization"))
    for user in ("bea", "carl"):
        send({"type": "identify", "anonymous_id": "phone", "user_id": user})
        consume()

    assert choices_of(Subject.of(user_id="carl")) == UNKNOWN


def test_a_merge_grants_nothing(consume: Consume) -> None:
    agree(anonymous_id="laptop", to=("analytics", "personalization"))

    fused(consume)

    assert not choices_of(Subject.of(anonymous_id="laptop")).allows("training")
    assert not choices_of(Subject.of(user_id="anna")).allows("training")


def test_undoing_gives_both_back_what_was_theirs(consume: Consume) -> None:
    merge = fused(consume)
    send({**LAPTOP, "type": "add_to_cart"})
    consume()
    assert Event.objects.get(type="add_to_cart").profile_id == merge.kept_id

    undo(merge)

    anna, laptop = profile_of("user", "anna"), profile_of("anonymous", "laptop")
    assert (anna.pk, laptop.pk) == (merge.kept_id, merge.absorbed_id)
    assert anna.facts["traits"] == {"team": "Ulm"}
    assert laptop.facts["traits"] == {"team": "Zell", "plan": "x"}
    assert set(anna.facts["counts"]) == {"item_view", "identify", "session"}
    assert set(laptop.facts["counts"]) == {"purchase", "add_to_cart", "session"}
    assert Event.objects.get(type="add_to_cart").profile_id == laptop.pk


def test_what_was_undone_is_not_merged_again_by_the_same_two(consume: Consume) -> None:
    merge = fused(consume)
    undo(merge)

    send({**BOTH, "type": "identify"})
    consume()

    assert profile_of("user", "anna") != profile_of("anonymous", "laptop")
    left_out = UnjoinedIdentifier.objects.get(profile_id=merge.kept_id)
    assert left_out.reason == "Their merge was undone: they are kept apart."


def test_an_identifier_that_came_with_one_side_goes_with_it(consume: Consume) -> None:
    merge = fused(consume)
    laptop = {**LAPTOP, "identifiers": {"email": "laptop@example.org"}}
    send(laptop)
    consume()

    undo(merge)

    assert profile_of("email", "laptop@example.org").pk == merge.absorbed_id


def test_a_merge_within_a_merge_comes_back_with_its_side(consume: Consume) -> None:
    send({"user_id": None, "anonymous_id": "tablet", "identifiers": {"email": "a@example.org"}})
    send({**LAPTOP, "type": "purchase"})
    consume()
    send({**LAPTOP, "identifiers": {"email": "a@example.org"}})
    consume()
    inner = ProfileMerge.objects.get()
    send({"user_id": "anna"})
    consume()
    send({"user_id": "anna", "anonymous_id": "tablet"})
    consume()
    outer = ProfileMerge.objects.exclude(pk=inner.pk).get()
    assert ProfileMerge.objects.get(pk=inner.pk).kept_id == outer.kept_id

    undo(outer)
    undo(inner)

    people = {profile_of("user", "anna"), profile_of("anonymous", "tablet")}
    assert len(people | {profile_of("anonymous", "laptop")}) == 3
    assert profile_of("anonymous", "laptop").facts["counts"]["purchase"]
    assert profile_of("email", "a@example.org") == profile_of("anonymous", "tablet")


def test_the_first_of_two_merges_can_be_undone_while_the_second_stays(consume: Consume) -> None:
    first = fused(consume)
    send({"user_id": None, "anonymous_id": "tablet", "type": "search"})
    send({"user_id": "anna", "anonymous_id": "tablet"})
    consume()

    undo(first)

    assert profile_of("anonymous", "tablet") == profile_of("user", "anna")
    assert "search" in profile_of("user", "anna").facts["counts"]


def test_nothing_is_undone_twice(consume: Consume) -> None:
    merge = fused(consume)
    undo(merge)

    with pytest.raises(CannotUndo, match="undone on 2026-06-15 by olga"):
        undo(merge)


def test_erasure_reaches_the_absorbed_profile_and_after_undoing_only_the_own(
    consume: Consume,
) -> None:
    merge = fused(consume)
    laptop = Identifier("anonymous", "laptop").pseudonym
    assert resolve_person(frozenset({laptop})).profile_ids == {merge.kept_id, merge.absorbed_id}

    undo(merge)

    person = resolve_person(frozenset({laptop}))
    assert person.profile_ids == {merge.absorbed_id}
    store = next(store for store in personal_data_stores() if store.name == "profiles")
    store.erase(person)
    assert store.count(person) == 0
    assert not ProfileMerge.objects.exists()
    assert not KeptApart.objects.exists()
    assert profile_of("user", "anna")


# An example takes a second: what fails is read, not made smaller.
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]
acts = st.lists(
    st.tuples(
        st.sampled_from([{"user_id": "anna"}, LAPTOP]),
        st.sampled_from(["item_view", "purchase", "search"]),
        st.dictionaries(st.sampled_from(["team", "plan"]), st.sampled_from(["x", "y"])),
    ),
    min_size=1,
    max_size=6,
)


@given(before=acts, after=acts)
@settings(max_examples=15, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
def test_undone_is_as_if_it_had_never_happened(
    before: list[Any], after: list[Any], consume: Consume
) -> None:
    def live(*, fusing: bool) -> list[dict[str, Any]]:
        for model in (Event, SeenMessage, Profile):
            model.objects.all().delete()
        # Both are there before they meet.
        send({"user_id": "anna"}, LAPTOP)
        send(*({**who, "type": kind, "traits": traits} for who, kind, traits in before))
        if fusing:
            send({**BOTH, "type": "identify"})
        send(*({**who, "type": kind, "traits": traits} for who, kind, traits in after))
        consume()
        for merge in ProfileMerge.objects.in_force():
            undo(merge)
        whose = (profile_of("user", "anna"), profile_of("anonymous", "laptop"))
        facts = [profile.facts for profile in whose]
        for one in facts:
            # The event that fused them is anna's.
            for part in ("counts", "categories", "items", "first", "last"):
                one[part].pop("identify", None)
        return facts

    assert live(fusing=True) == live(fusing=False)


def test_the_counters_of_three_do_not_depend_on_who_is_merged_first(consume: Consume) -> None:
    agree(anonymous_id="phone")
    browsers = ["laptop", "tablet", "phone"]

    def counted(order: list[str]) -> dict[str, Any]:
        for model in (Event, SeenMessage, Profile):
            model.objects.all().delete()
        send(*({"user_id": None, "anonymous_id": one} for one in browsers for _ in one))
        consume()
        send(*({"user_id": "anna", "anonymous_id": one, "type": "identify"} for one in order))
        consume()
        assert ProfileIdentifier.objects.values("profile_id").distinct().count() == 1
        return dict(profile_of("user", "anna").facts["counts"])

    assert counted(browsers) == counted(browsers[::-1]) == counted(["tablet", "laptop", "phone"])

"""One profile per person, whatever they go by."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.identifiers.models import IdentifierKind
from personalization.profiles.facts import empty_facts
from personalization.profiles.identifying import Identity, identify
from personalization.profiles.models import (
    Profile,
    ProfileIdentifier,
    ProfileMerge,
    UnjoinedIdentifier,
)
from personalization.profiles.resolving import resolve_person

pytestmark = pytest.mark.django_db

PHONE = Identity(user="", anonymous="phone")
LAPTOP = Identity(user="", anonymous="laptop")


def one(identity: Identity) -> int:
    return identify([identity])[identity].profile_id


def signed_in(user: str, browser: str) -> Identity:
    return Identity(user=user, anonymous=browser)


def test_the_same_browser_is_the_same_profile() -> None:
    assert one(PHONE) == one(PHONE)
    assert one(PHONE) != one(LAPTOP)


def test_signing_in_keeps_the_browsers_history() -> None:
    before = one(PHONE)

    assert one(signed_in("anna", "phone")) == before
    assert one(Identity(user="anna", anonymous="")) == before


def test_a_second_browser_joins_the_account_with_its_facts() -> None:
    account = one(signed_in("anna", "phone"))
    browser = one(LAPTOP)
    facts = {**empty_facts(), "counts": {"item_view": {"20000": 2}}}
    Profile.objects.filter(pk=browser).update(facts=facts)

    assert one(signed_in("anna", "laptop")) == account

    assert Profile.objects.get(pk=account).facts["counts"] == {"item_view": {"20000": 2}}
    assert not Profile.objects.filter(pk=browser).exists()
    assert one(LAPTOP) == account
    assert ProfileMerge.objects.get().absorbed_id == browser


def test_two_people_on_one_browser_stay_two() -> None:
    anna = one(signed_in("anna", "phone"))
    bert = one(signed_in("bert", "phone"))

    assert anna != bert
    assert one(PHONE) == anna


def test_bert_who_had_an_account_is_not_fused_by_annas_browser() -> None:
    anna = one(signed_in("anna", "phone"))
    bert = one(signed_in("bert", "laptop"))

    assert one(signed_in("bert", "phone")) == bert
    assert one(signed_in("anna", "laptop")) == anna
    assert ProfileMerge.objects.count() == 0


def test_a_whole_story_in_one_batch_ends_as_it_does_one_by_one() -> None:
    story = [PHONE, LAPTOP, signed_in("anna", "phone"), signed_in("anna", "laptop")]

    found = identify(story)

    assert len({owner.profile_id for owner in found.values()}) == 1
    assert Profile.objects.count() == 1
    assert ProfileIdentifier.objects.count() == 3


def test_an_absorbed_profile_is_found_when_the_person_asks() -> None:
    account, browser = one(signed_in("anna", "phone")), one(LAPTOP)
    one(signed_in("anna", "laptop"))

    person = resolve_person(frozenset({"laptop"}))

    assert person.profile_ids == {account, browser}
    assert person.pseudonyms == {"anna", "phone", "laptop"}


def test_an_email_leads_to_the_profile_but_does_not_fuse_two() -> None:
    first = one(Identity(user="anna", anonymous="", further=(("email", "mail"),)))
    second = one(Identity(user="bert", anonymous="", further=(("email", "mail"),)))

    assert first != second
    assert resolve_person(frozenset({"mail"})).profile_ids == {first}


def named(user: str = "", anonymous: str = "", **further: str) -> Identity:
    return Identity(user=user, anonymous=anonymous, further=tuple(sorted(further.items())))


def test_an_email_that_two_browsers_state_makes_them_one() -> None:
    first = one(named(anonymous="phone", email="mail"))
    second = one(LAPTOP)

    assert one(named(anonymous="laptop", email="mail")) == first
    assert not Profile.objects.filter(pk=second).exists()


def test_the_better_identifier_is_believed_where_two_disagree() -> None:
    anna = one(named(user="anna", email="annas"))
    bert = one(named(user="bert", anonymous="phone"))

    assert one(named(anonymous="phone", email="annas")) == anna
    assert one(PHONE) == bert


def test_what_was_not_joined_is_kept_with_the_reason() -> None:
    one(signed_in("anna", "phone"))
    bert = one(signed_in("bert", "phone"))
    one(signed_in("bert", "phone"))

    left_out = UnjoinedIdentifier.objects.get()
    assert left_out.profile_id == bert
    assert (left_out.kind, left_out.pseudonym) == ("anonymous", "phone")
    assert left_out.reason == (
        "Together they would have 2 of the kind user; one person may have 1."
    )


def test_two_customer_numbers_are_two_people_whatever_they_share() -> None:
    first = one(named(anonymous="phone", crm="c1", email="mail"))
    second = one(named(anonymous="laptop", crm="c2", email="mail"))

    assert first != second
    assert ProfileMerge.objects.count() == 0


def test_a_sixth_browser_does_not_join() -> None:
    account = [one(signed_in("anna", f"browser-{n}")) for n in range(6)]

    assert len(set(account)) == 1
    assert one(named(anonymous="browser-5")) != account[0]
    assert ProfileIdentifier.objects.filter(profile=account[0], kind="anonymous").count() == 5


def test_a_limit_that_was_lowered_keeps_nothing_else_out(
    django_capture_on_commit_callbacks: Any,
) -> None:
    account = one(signed_in("anna", "browser-1"))
    one(signed_in("anna", "browser-2"))
    with django_capture_on_commit_callbacks(execute=True):
        kind = IdentifierKind.objects.get(key="anonymous")
        kind.limit = 1
        kind.save()

    assert one(named(user="anna", email="mail")) == account
    assert one(named(user="anna", anonymous="browser-1")) == account
    assert not UnjoinedIdentifier.objects.exists()
    assert one(named(email="mail")) == account


def test_a_kind_of_the_tenants_own_joins_as_well(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        IdentifierKind.objects.create(key="loyalty", name="Loyalty card", priority=9, limit=1)
    card = one(named(anonymous="phone", loyalty="card"))

    assert one(named(anonymous="laptop", loyalty="card")) == card


def test_a_batch_asks_as_often_as_one_event_does(django_assert_num_queries: Any) -> None:
    story = [named(user=f"u{n}", anonymous=f"b{n}", email=f"m{n}") for n in range(20)]
    identify(story)

    with django_assert_num_queries(3):
        identify(story[:1])
    with django_assert_num_queries(3):
        identify(story)


def test_many_merges_ask_as_often_as_one(django_assert_max_num_queries: Any) -> None:
    for n in range(20):
        one(named(user=f"u{n}"))
        one(named(anonymous=f"b{n}"))
    story = [named(user=f"u{n}", anonymous=f"b{n}") for n in range(20)]

    with django_assert_max_num_queries(25):
        identify(story)

    assert ProfileMerge.objects.count() == 20


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "u1", "u2"]),
            st.sampled_from(["", "b1", "b2", "b3"]),
            st.sampled_from(["", "e1", "e2"]),
        ).filter(any),
        max_size=12,
    )
)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_no_one_ever_has_more_than_one_account_and_batches_change_nothing(
    stated: list[tuple[str, str, str]],
) -> None:
    story = [
        named(user=user, anonymous=browser, **({"email": mail} if mail else {}))
        for user, browser, mail in stated
    ]

    def families() -> list[list[str]]:
        rows = ProfileIdentifier.objects.values_list("profile_id", "pseudonym")
        return sorted(
            sorted(pseudonym for owner, pseudonym in rows if owner == profile_id)
            for profile_id in {owner for owner, _ in rows}
        )

    Profile.objects.all().delete()
    for identity in story:
        one(identity)
    one_by_one = families()
    Profile.objects.all().delete()
    if story:
        identify(story)

    assert families() == one_by_one
    assert all(sum(name.startswith("u") for name in family) <= 1 for family in one_by_one)

"""One profile per person, whatever they go by."""

import pytest

from personalization.profiles.facts import empty_facts
from personalization.profiles.identifying import Identity, identify
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.resolving import resolve_person

pytestmark = pytest.mark.django_db

PHONE = Identity(user="", anonymous="phone")
LAPTOP = Identity(user="", anonymous="laptop")


def one(identity: Identity) -> int:
    return identify([identity])[identity]


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

    assert len(set(found.values())) == 1
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

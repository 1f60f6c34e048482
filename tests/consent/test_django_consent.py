"""The public API of django-consent 0.2, with its fault mended."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from consent.checking import choices_of, is_allowed
from consent.forms import ConsentForm, PrivilegeForm
from consent.models import Consent, ConsentRecord, Privilege
from consent.models.purposes import subject_of

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # Redis is told after the commit


@pytest.fixture
def john() -> User:
    return User.objects.create_user("john", password="x")


@pytest.fixture
def privileges() -> list[Privilege]:
    names = ("Email Newsletter", "SMS", "Profiling")
    return [Privilege.objects.create(name=name, description="-") for name in names]


def states(user: User) -> list[tuple[str, str]]:
    (pseudonym,) = subject_of(user).pseudonyms
    records = ConsentRecord.objects.filter(pseudonym=pseudonym).order_by("pk")
    return list(records.values_list("purpose", "state"))


def test_a_privilege_takes_its_key_from_its_name(privileges: list[Privilege]) -> None:
    assert privileges[0].key == "email_newsletter"
    assert str(privileges[0]) == "Email Newsletter"


def test_a_privilege_nobody_was_asked_for_is_not_granted(
    john: User, privileges: list[Privilege]
) -> None:
    assert not privileges[0].is_granted_by(john)


def test_granting_takes_any_iterable_and_reads_like_a_sentence(
    john: User, privileges: list[Privilege]
) -> None:
    Consent.objects.grant_consent(john, iter(privileges[:2]))

    assert privileges[0].is_granted_by(john)
    assert not privileges[2].is_granted_by(john)
    first = Consent.objects.for_user(john)[0]
    assert str(first) == "john permits the 'Email Newsletter' privilege"
    assert list(Privilege.objects.filter(consent__user=john)) == privileges[:2]


def test_revoking_keeps_the_row_and_granting_again_clears_it(
    john: User, privileges: list[Privilege]
) -> None:
    Consent.objects.grant_consent(john, privileges)
    Consent.objects.revoke_consent(john, Privilege.objects.filter(pk=privileges[0].pk))
    revoked = Consent.objects.revoked(john).get()
    assert str(revoked) == "john revoked the 'Email Newsletter' privilege"
    assert revoked.is_revoked
    assert not revoked.is_granted
    assert Consent.objects.granted().count() == 2

    Consent.objects.grant_consent(john, privileges[:1])

    assert Consent.objects.revoked().count() == 0
    assert Consent.objects.get(pk=revoked.pk).revoked_on is None


def test_grant_and_revoke_change_the_instance_only_and_are_idempotent(
    john: User, privileges: list[Privilege]
) -> None:
    consent = Consent(user=john, privilege=privileges[0])
    consent.revoke()
    first = consent.revoked_on
    consent.revoke()

    assert consent.revoked_on == first
    assert Consent.objects.get_or_none(user=john) is None


@commits
def test_grants_and_withdrawals_of_accounts_are_recorded_and_enforced(
    john: User, privileges: list[Privilege]
) -> None:
    Consent.objects.grant_consent(john, privileges[:1])
    assert is_allowed(subject_of(john), "email_newsletter")

    Consent.objects.revoke_consent(john, privileges[:1])

    assert not is_allowed(subject_of(john), "email_newsletter")
    assert states(john) == [("email_newsletter", "granted"), ("email_newsletter", "withdrawn")]


@commits
def test_saving_an_instance_is_recorded_once(john: User, privileges: list[Privilege]) -> None:
    Consent.objects.grant_consent(john, privileges[:1])
    consent = Consent.objects.get(user=john)
    consent.save()
    consent.revoke()
    consent.save()
    consent.save()

    assert states(john) == [("email_newsletter", "granted"), ("email_newsletter", "withdrawn")]
    assert choices_of(subject_of(john)).denied == {"email_newsletter"}


@commits
def test_an_empty_choice_withdraws_all_though_ids_of_consents_and_privileges_differ(
    client: Client, john: User, privileges: list[Privilege]
) -> None:
    other = User.objects.create_user("other")
    with connection.cursor() as cursor:  # so that john's consents have other ids
        cursor.execute("SELECT setval(pg_get_serial_sequence('consent_consent', 'id'), 1000000)")
    Consent.objects.grant_consent(other, privileges)
    Consent.objects.grant_consent(john, privileges[1:])
    mine = Consent.objects.for_user(john)
    assert {one.pk for one in mine}.isdisjoint({one.privilege_id for one in mine})
    client.force_login(john)

    response = client.post(reverse("edit_privileges"), {})

    assert response.status_code == 302
    assert Consent.objects.granted(john).count() == 0
    assert Consent.objects.granted(other).count() == 3
    assert choices_of(subject_of(john)).denied == {"sms", "profiling"}


def test_the_form_is_ticked_by_privilege_ids_and_grants_what_is_ticked(
    client: Client, john: User, privileges: list[Privilege]
) -> None:
    Consent.objects.grant_consent(john, privileges[2:])
    client.force_login(john)
    page = client.get(reverse("edit_privileges"))
    assert list(page.context["form"].initial["consents"]) == privileges[2:]

    client.post(reverse("edit_privileges"), {"consents": [privileges[0].pk]})

    assert [one.privilege for one in Consent.objects.granted(john)] == privileges[:1]


def test_the_list_shows_ones_own_consents_only(
    client: Client, john: User, privileges: list[Privilege]
) -> None:
    Consent.objects.grant_consent(User.objects.create_user("other"), privileges)
    Consent.objects.grant_consent(john, privileges[:1])
    client.force_login(john)

    page = client.get(reverse("privileges"))

    assert [str(one.privilege) for one in page.context["consent_list"]] == ["Email Newsletter"]


@pytest.mark.parametrize("name", ["privileges", "edit_privileges"])
def test_strangers_are_asked_to_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302
    assert client.post(reverse(name), {}).status_code in {302, 405}


def test_the_forms_are_kept(privileges: list[Privilege]) -> None:
    assert list(PrivilegeForm().fields) == ["name", "description"]
    form = ConsentForm({"consents": [privileges[0].pk]})
    assert form.is_valid()
    assert list(form.cleaned_data["consents"]) == privileges[:1]

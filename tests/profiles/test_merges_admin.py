"""Merges as the admin tells them, and takes them back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from consent.subjects import Identifier
from personalization.profiles.identifying import Identity, identify
from personalization.profiles.merging import Cause
from personalization.profiles.models import Profile, ProfileMerge

pytestmark = pytest.mark.django_db

ANNA = Identifier("user", "anna").pseudonym
PHONE = Identifier("anonymous", "phone").pseudonym
LAPTOP = Identifier("anonymous", "laptop").pseudonym


@pytest.fixture
def merge() -> ProfileMerge:
    identify([Identity(user=ANNA, anonymous=PHONE), Identity(user="", anonymous=LAPTOP)])
    cause = Cause("identify", "7" * 32)
    identify([Identity(user=ANNA, anonymous=LAPTOP, cause=cause)])
    return ProfileMerge.objects.get()


def sign_in(client: Client, role: str) -> None:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)


def test_the_profile_tells_what_was_merged_into_it_and_why(
    merge: ProfileMerge, admin_client: Client
) -> None:
    page = admin_client.get(f"/admin/profiles/profile/{merge.kept_id}/change/").content.decode()

    assert f"Profile {merge.absorbed_id} was merged into profile {merge.kept_id} on" in page
    assert "because the event “identify” named" in page
    assert f"account …{ANNA[-4:]}, known of profile {merge.kept_id}" in page
    assert f"browser …{LAPTOP[-4:]}, known of profile {merge.absorbed_id}" in page
    assert LAPTOP not in page


def test_the_profile_tells_what_was_not_joined_and_why(admin_client: Client) -> None:
    identify([Identity(user=ANNA, anonymous=PHONE)])
    bert = Identity(user=Identifier("user", "bert").pseudonym, anonymous=PHONE)
    profile_id = identify([bert])[bert].profile_id

    page = admin_client.get(f"/admin/profiles/profile/{profile_id}/change/").content.decode()

    assert "Together they would have 2 of the kind user; one person may have 1." in page


@pytest.mark.parametrize("role", ["Administrator", "Privacy officer"])
def test_an_officer_undoes_a_merge_and_it_is_on_record(
    merge: ProfileMerge, client: Client, role: str
) -> None:
    sign_in(client, role)
    address = f"/admin/profiles/profilemerge/{merge.pk}/undo/"
    assert "Take them apart" in client.get(address).content.decode()
    assert not Profile.objects.filter(pk=merge.absorbed_id).exists()

    client.post(address, {"why": "Two sisters"})

    merge.refresh_from_db()
    assert (merge.undone_by, merge.undone_why) == (role, "Two sisters")
    assert Profile.objects.get(identifiers__pseudonym=LAPTOP).pk == merge.absorbed_id
    assert LogEntry.objects.get().get_change_message() == "Undone: Two sisters"
    page = client.get(f"/admin/profiles/profilemerge/{merge.pk}/change/").content.decode()
    assert "It was undone on" in page
    assert "Undo this merge" not in page


def test_without_a_reason_nothing_is_undone(merge: ProfileMerge, admin_client: Client) -> None:
    page = admin_client.post(f"/admin/profiles/profilemerge/{merge.pk}/undo/", {"why": ""})

    assert "This field is required" in page.content.decode()
    assert not Profile.objects.filter(pk=merge.absorbed_id).exists()


@pytest.mark.parametrize("role", ["Marketer", "Analyst", "Auditor"])
def test_others_do_not_undo(merge: ProfileMerge, client: Client, role: str) -> None:
    sign_in(client, role)

    answer = client.post(f"/admin/profiles/profilemerge/{merge.pk}/undo/", {"why": "For fun"})

    assert answer.status_code in {302, 403}
    assert ProfileMerge.objects.in_force().exists()

"""Whoever owns a key is not the second person for what was submitted with it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.access.models import ApiKey
from personalization.segments.approving import approve, reject
from personalization.segments.ending import CannotDecide
from personalization.segments.models import Proposal, PublishingPolicy
from tests.factories import make_key
from tests.rules.test_contradicting import bought

pytestmark = pytest.mark.django_db
ADD = reverse("admin:access_apikey_add")
KEY = {"name": "Shop", "scopes": ["segments"], "vouched_purposes": ""}


def marketer(name: str) -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name="Marketer"))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def submitted(client: Client) -> Callable[[User | None], Proposal]:
    """Return how a partner submits a segment with a key of this person."""
    PublishingPolicy.objects.update(needs_approval=True)

    def submit(owner: User | None) -> Proposal:
        headers = {"Authorization": f"Api-Key {make_key('segments')}"}
        ApiKey.objects.update(owner=owner)
        body = {"name": "Fans", "rule": {"all": [bought("greater", 3)]}, "publish": True}
        answer: Any = client.post(
            "/api/v1/segments", body, content_type="application/json", headers=headers
        )
        return Proposal.objects.get(pk=answer.json()["approval"])

    return submit


def test_the_owner_of_the_key_decides_on_nothing_it_submitted(
    submitted: Callable[[User | None], Proposal],
) -> None:
    ann, bob = marketer("ann"), marketer("bob")
    proposal = submitted(ann)
    page = reverse("admin:segments_proposal_change", args=[proposal.pk])

    with pytest.raises(CannotDecide, match="You own the API key “test” that submitted it"):
        approve(proposal_id=proposal.pk, by="ann", now=timezone.now())
    with pytest.raises(CannotDecide, match="Withdraw what you, or a key of yours, submitted"):
        reject(proposal_id=proposal.pk, by="ann", comment="no", now=timezone.now())
    shown = signed_in(ann).get(page).content.decode()
    refused = signed_in(ann).post(page, {"_approve": ""}, follow=True).content.decode()

    assert "The key that submitted this is yours, so somebody else decides." in shown
    assert "Submitted by API key “test” of ann" in shown
    assert "Waits for bob" in shown
    assert 'name="_approve"' not in shown
    assert "You own the API key “test” that submitted it" in refused
    signed_in(bob).post(page, {"_approve": ""})
    assert Proposal.objects.get().state == "live"


def test_the_database_holds_it_too(submitted: Callable[[User | None], Proposal]) -> None:
    proposal = submitted(marketer("ann"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(decided_by="ann")


def test_the_owner_takes_back_what_the_key_submitted(
    submitted: Callable[[User | None], Proposal],
) -> None:
    eve = User.objects.create_user("eve", is_staff=True)
    eve.groups.add(Group.objects.get(name="Analyst"))
    page = reverse("admin:segments_proposal_change", args=[submitted(eve).pk])

    signed_in(eve).post(page, {"_withdraw": ""})

    assert Proposal.objects.get().state == "withdrawn"


def test_without_an_owner_anybody_who_may_approves(
    submitted: Callable[[User | None], Proposal],
) -> None:
    proposal = submitted(None)

    approve(proposal_id=proposal.pk, by="ann", now=timezone.now())

    assert Proposal.objects.get().state == "live"


def test_who_makes_a_key_is_proposed_as_its_owner_and_somebody_has_to_be(
    admin_client: Client, admin_user: User
) -> None:
    shown = admin_client.get(ADD)
    refused = admin_client.post(ADD, KEY)
    admin_client.post(ADD, {**KEY, "owner": admin_user.pk})

    assert shown.context["adminform"].form.initial["owner"] == admin_user.pk
    assert list(refused.context["adminform"].form.errors) == ["owner"]
    assert ApiKey.objects.get().owner == admin_user


def test_an_owner_is_replaced_and_not_taken_away(admin_client: Client, admin_user: User) -> None:
    make_key("segments")
    page = reverse("admin:access_apikey_change", args=[ApiKey.objects.get().pk])
    admin_client.post(page, {**KEY, "name": "Of nobody"})
    assert ApiKey.objects.get().name == "Of nobody"

    admin_client.post(page, {**KEY, "owner": admin_user.pk})
    refused = admin_client.post(page, KEY)

    assert list(refused.context["adminform"].form.errors) == ["owner"]
    assert ApiKey.objects.get().owner == admin_user


def test_only_staff_own_keys(admin_client: Client) -> None:
    visitor = User.objects.create_user("visitor")

    refused = admin_client.post(ADD, {**KEY, "owner": visitor.pk})

    assert list(refused.context["adminform"].form.errors) == ["owner"]

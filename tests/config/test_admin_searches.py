"""Whatever is typed into the search box of a list in the admin, an answer comes."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin import ModelAdmin, site
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
TYPED = ["12", "a", "a b", "9" * 30, "%", "é", "6f1c2b1e-3a63-4437-b51f-08af8e6a7185"]


def lists() -> list[ModelAdmin[Any]]:
    return [of for of in site._registry.values() if of.search_fields]


def test_there_are_lists_to_search() -> None:
    assert len(lists()) > 10


@pytest.mark.parametrize("typed", TYPED)
def test_no_search_fails(admin_client: Client, typed: str) -> None:
    failed = []
    for one in lists():
        address = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
        answer = admin_client.get(f"{address}?{urlencode({'q': typed})}")
        if answer.status_code not in (200, 302):
            failed.append((address, answer.status_code))

    assert failed == []


def test_who_signs_in_without_being_sent_from_a_page_is_in_the_admin(client: Client) -> None:
    User.objects.create_superuser("anna", password="a long password")
    answer = client.post(
        reverse("admin:login"), {"username": "anna", "password": "a long password"}, follow=True
    )

    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == reverse("admin:index")

"""Each role sees its own work, and no other."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

pytestmark = pytest.mark.django_db


def sidebar(client: Client, role: str) -> str:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        ("Marketer", "/admin/segments/segment/", "/admin/consent/privacyrequest/"),
        ("Privacy officer", "/admin/consent/privacyrequest/", "/admin/segments/segment/"),
        ("Auditor", "/admin/consent/consentrecord/", "/admin/content/activity/"),
        ("Administrator", "/admin/access/apikey/", "/admin/rest_framework_api_key/"),
    ],
)
def test_a_role_sees_its_own_work_only(client: Client, role: str, seen: str, hidden: str) -> None:
    page = sidebar(client, role)

    assert seen in page
    assert hidden not in page


def test_an_analyst_changes_nothing(client: Client) -> None:
    sidebar(client, "Analyst")

    assert client.get("/admin/segments/segment/").status_code == 200
    assert client.get("/admin/segments/segment/add/").status_code == 403

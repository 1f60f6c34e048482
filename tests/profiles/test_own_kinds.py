"""A kind of identifier that an officer added is one at every door."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from catalog.feed_lines import FeedLine
from personalization.connectors.importing import Taking, import_profiles
from personalization.connectors.mapping import MappingError, read_mapping
from personalization.identifiers.kinds import announce_kinds, forget_kinds
from personalization.identifiers.models import IdentifierKind
from personalization.profiles.models import Profile, ProfileIdentifier
from tests.factories import NOON, make_key

pytestmark = pytest.mark.django_db
URL = "/api/v1/profiles"
BOTH = ("analytics", "personalization")
MAPPING = """
key = "no"
[identifiers]
loyalty = "card"
[traits]
plan = "plan"
"""


@pytest.fixture
def loyalty() -> Iterator[None]:
    IdentifierKind.objects.create(key="loyalty", name="loyalty card", priority=10, limit=1)
    announce_kinds()
    yield
    forget_kinds()


def put(client: Client, key: str) -> dict[str, object]:
    stated = {"identifiers": {"loyalty": "L1"}, "traits": {"plan": "pro"}}
    header = {"Authorization": f"Api-Key {key}"}
    answer: dict[str, object] = client.put(
        URL, stated, content_type="application/json", headers=header
    ).json()
    return answer


@pytest.mark.usefixtures("loyalty")
def test_people_are_stated_and_looked_up_by_it(
    client: Client, consume: Callable[[], None], admin_client: Client
) -> None:
    key = make_key("profiles", vouched=BOTH)

    taken = put(client, key)
    consume()

    assert taken == {"accepted": 1, "refused": []}
    told = client.get(f"{URL}/loyalty:L1", headers={"Authorization": f"Api-Key {key}"})
    assert told.status_code == 200
    assert told.json()["traits"] == {"plan": "pro"}
    page = admin_client.get(f"/admin/profiles/profile/{Profile.objects.get().pk}/change/")
    assert b"loyalty" in page.content


@pytest.mark.usefixtures("loyalty")
def test_files_are_mapped_to_it(consume: Callable[[], None]) -> None:
    lines = [FeedLine(1, {"no": 1, "card": "L1", "plan": "pro"})]

    done = import_profiles(
        lines, taking=Taking(read_mapping(MAPPING), frozenset(BOTH)), clock=lambda: NOON
    )
    consume()

    assert done.created == 1
    assert ProfileIdentifier.objects.filter(kind="loyalty").count() == 1


def test_without_the_kind_they_are_refused_by_name(client: Client) -> None:
    answer = put(client, make_key("profiles", vouched=BOTH))

    assert "identifiers.loyalty" in str(answer["refused"])
    with pytest.raises(MappingError, match=r"identifiers.loyalty: .*user, crm, email"):
        read_mapping(MAPPING)

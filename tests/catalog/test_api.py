"""PUT and PATCH /api/v1/catalog/items."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from catalog.models import Item
from tests.factories import make_item, make_key

pytestmark = pytest.mark.django_db
URL = "/api/v1/catalog/items"
LANTERN = {"item_id": "1", "name": "Lantern", "price": 2.55, "category": "Lighting"}


def sent(client: Client, method: str, body: Any, *, scope: str = "catalog") -> Any:
    return getattr(client, method)(
        URL,
        body,
        content_type="application/json",
        headers={"Authorization": f"Api-Key {make_key(scope)}"},
    )


def test_items_are_created_and_one_that_is_wrong_does_not_stop_the_rest(client: Client) -> None:
    items = [LANTERN, "x", {**LANTERN, "item_id": "2", "price": "free"}, {**LANTERN, "colour": 1}]

    answer = sent(client, "put", {"items": items})

    assert answer.status_code == 200
    assert (answer.json()["created"], Item.objects.get().name) == (1, "Lantern")
    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [
        (1, ""),
        (2, "price"),
        (3, "colour"),
    ]


def test_putting_twice_changes_nothing(client: Client) -> None:
    sent(client, "put", {"items": [LANTERN]})

    again = sent(client, "put", {"items": [LANTERN]})

    assert again.json() == {"created": 0, "changed": 0, "unchanged": 1, "refused": []}


def test_price_and_availability_change_alone(client: Client) -> None:
    item = make_item("1001", name="White Lantern")

    answer = sent(
        client, "patch", {"items": [{"item_id": "1001", "price": 9.5, "available": False}]}
    )

    item.refresh_from_db()
    assert answer.json()["changed"] == 1
    assert (item.price, item.is_available, item.name) == (Decimal("9.50"), False, "White Lantern")


def test_how_an_item_is_shown_is_put_and_a_change_of_its_price_keeps_it(client: Client) -> None:
    shown = {
        "description": "Hangs.\nAnd shines.",
        "url": "https://shop.example/1",
        "image_url": "https://cdn.shop.example/1.jpg",
        "brand": "Acme",
        "gtin": "4006381333931",
    }
    sent(client, "put", {"items": [LANTERN | shown]})

    answer = sent(client, "patch", {"items": [{"item_id": "1", "price": 9.5}]})

    assert answer.json()["changed"] == 1
    item = Item.objects.get()
    assert {name: getattr(item, name) for name in shown} == shown


def test_an_address_that_is_none_is_refused_by_its_field(client: Client) -> None:
    answer = sent(client, "put", {"items": [LANTERN | {"image_url": "lantern.jpg"}]})

    (refused,) = answer.json()["refused"]
    assert (refused["field"], Item.objects.count()) == ("image_url", 0)


def test_an_unknown_item_and_other_fields_are_refused_by_patch(client: Client) -> None:
    make_item("1001")

    answer = sent(
        client,
        "patch",
        {"items": [{"item_id": "9", "price": 1}, {"item_id": "1001", "name": "X"}, {}]},
    )

    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [
        (0, "item_id"),
        (1, "name"),
        (2, "item_id"),
    ]


def test_every_refusal_of_a_large_batch_is_named(client: Client) -> None:
    answer = sent(client, "put", {"items": [{"item_id": str(n)} for n in range(1_000)]})

    assert len(answer.json()["refused"]) == 1_000


@pytest.mark.parametrize(
    ("body", "status"),
    [({"items": {}}, 400), ([], 400), ({"items": [], "x": 1}, 400), ({"items": [{}] * 1_001}, 413)],
)
def test_a_misshapen_or_too_large_batch_is_refused(client: Client, body: Any, status: int) -> None:
    assert sent(client, "put", body).status_code == status


def test_a_key_without_the_scope_writes_nothing(client: Client) -> None:
    assert sent(client, "put", {"items": [LANTERN]}, scope="events").status_code == 403
    assert not Item.objects.exists()


def test_a_currency_that_there_is_not_is_refused_by_its_field_in_the_admin_too() -> None:
    item = make_item()
    item.currency = "ZZZ"

    with pytest.raises(ValidationError) as refused:
        item.full_clean()

    assert list(refused.value.message_dict) == ["currency"]

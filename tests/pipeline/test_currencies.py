"""Money of other currencies is converted, or left out: never added up as it stands."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.test import Client

from personalization.events.models import Event, ExchangeRate
from personalization.events.tracking import track
from personalization.insights.volumes import flags
from personalization.profiles.models import Profile
from personalization.profiles.rebuilding import rebuild_everything
from personalization.recommender.interactions import order_values
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db

Consume = Callable[[], None]


@pytest.fixture(autouse=True)
def anna(db: None) -> None:
    agree(user_id="anna")


def buy(value: float, currency: str | None, *, days_ago: int = 0) -> None:
    event = make_event(
        type="purchase",
        occurred_at=(NOON - timedelta(days=days_ago)).isoformat(),
        properties={
            "item_id": "1",
            "value": value,
            **({"currency": currency} if currency else {}),
        },
    )
    assert track([event], now=NOON).refused == ()


def rate(currency: str, worth: str, *, days_ago: int = 30) -> ExchangeRate:
    starts_on = (NOON - timedelta(days=days_ago)).date()
    return ExchangeRate.objects.create(currency=currency, rate=worth, starts_on=starts_on)


def spent() -> float:
    return float(sum(Profile.objects.get().facts["sums"].get("purchase", {}).values()))


def bought() -> int:
    return int(sum(Profile.objects.get().facts["counts"]["purchase"].values()))


def test_money_without_a_rate_is_kept_and_flagged_but_not_added(consume: Consume) -> None:
    for value, currency in ((10, "GBP"), (5, None), (1000, "JPY")):
        buy(value, currency)
    consume()

    assert (bought(), spent()) == (3, 15)
    assert Event.objects.get(value=1000).flags == ["currency:no-rate"]
    assert not Event.objects.exclude(value=1000).exclude(flags=[]).exists()
    told = flags(days=1, now=Event.objects.earliest("received_at").received_at)
    assert [(one["type"], one["flag"], one["events"]) for one in told] == [
        ("purchase", "currency:no-rate", 1)
    ]


def test_money_is_converted_at_the_rate_of_its_day(consume: Consume) -> None:
    rate("JPY", "0.005", days_ago=30)
    rate("JPY", "0.006", days_ago=10)
    for days_ago in (31, 30, 11, 10, 0):
        buy(1000, "JPY", days_ago=days_ago)
    consume()

    assert spent() == 5 + 5 + 6 + 6
    assert Event.objects.filter(flags__contains=["currency:no-rate"]).count() == 1
    assert rebuild_everything(write=False).differing == ()


def test_a_first_rate_brings_in_what_was_left_out_when_facts_are_rebuilt(consume: Consume) -> None:
    buy(10, "GBP")
    buy(1000, "JPY")
    consume()
    rate("JPY", "0.005")

    rebuild_everything()

    assert spent() == 15


def test_the_shop_may_have_another_currency(consume: Consume, settings: LazySettings) -> None:
    settings.CURRENCY = "JPY"
    rate("GBP", "200")
    buy(10, "GBP")
    buy(1000, None)
    consume()

    assert spent() == 3000


def test_the_recommender_adds_no_currencies_up_either(consume: Consume) -> None:
    rate("JPY", "0.005")
    for value, currency in ((10, "GBP"), (1000, "JPY"), (700, "USD")):
        buy(value, currency)
    consume()

    assert order_values(cut=NOON) == {Profile.objects.get().pk: 15}


def test_what_was_a_rate_stays_one() -> None:
    today = datetime.now(UTC).date()
    ExchangeRate(currency="jpy", rate="0.005", starts_on=date(2020, 1, 1)).full_clean()
    known = rate("JPY", "0.005")

    for currency, starts_on in (("JPY", today), ("GBP", today), ("XYZ", today)):
        with pytest.raises(ValidationError):
            ExchangeRate(currency=currency, rate="0.006", starts_on=starts_on).full_clean()
    ExchangeRate(currency="JPY", rate="0.006", starts_on=today + timedelta(days=1)).full_clean()
    for change in (known.delete, lambda: ExchangeRate.objects.update(rate=1)):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            change()


def test_rates_are_added_in_the_admin_and_not_changed(admin_client: Client) -> None:
    said: dict[str, Any] = {"currency": "jpy", "rate": "0.005", "starts_on": "2020-01-01"}
    answer = admin_client.post("/admin/events/exchangerate/add/", said)

    assert answer.status_code == 302
    [known] = ExchangeRate.objects.all()
    assert known.currency == "JPY"
    page = f"/admin/events/exchangerate/{known.pk}/change/"
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {**said, "rate": "1"}).status_code == 403
    assert admin_client.get("/admin/events/exchangerate/").status_code == 200

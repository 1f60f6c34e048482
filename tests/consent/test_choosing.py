"""The banner, the choices page and what a browser says on its own."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from consent.checking import Choices, choices_of
from consent.choosing import make_token
from consent.keyspaces import redis_connection
from consent.models import ConsentRecord, Suppression
from consent.subjects import Identifier, Subject
from consent.visiting import read_cookie

pytestmark = pytest.mark.django_db

CHOOSE = "/privacy/choose"
GPC = {"Sec-GPC": "1"}
FIRST_FOUR = {"functional", "analytics", "personalization", "training"}
ALL = FIRST_FOUR | {"advertising", "sale_or_sharing"}


def post(client: Client, choice: str = "accept", **changes: Any) -> Any:
    headers = changes.pop("headers", None)
    form = {"choice": choice, "token": make_token(), "next": "/privacy/", **changes}
    return client.post(CHOOSE, form, headers=headers)


def carried(client: Client) -> Any:
    request = type("Request", (), {"COOKIES": {k: v.value for k, v in client.cookies.items()}})
    return read_cookie(request)  # type: ignore[arg-type]


def chosen(client: Client) -> Choices:
    return choices_of(Subject.of(anonymous_id=carried(client).id))


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


@pytest.mark.parametrize("path", ["/", "/privacy/", "/.well-known/gpc.json"])
@pytest.mark.parametrize("headers", [{}, GPC])
def test_no_cookie_of_any_kind_is_set_before_a_choice(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    response = client.get(path, headers=headers)

    assert response.status_code == 200
    assert not response.cookies
    assert not ConsentRecord.objects.exists()


def test_the_banner_offers_to_reject_as_easily_as_to_accept(client: Client) -> None:
    page = client.get("/").content.decode()

    buttons = re.findall(r'<button class="([^"]+)" name="choice" value="(\w+)">', page)
    assert buttons == [("consent-button", "reject"), ("consent-button", "accept")]
    assert "checked" not in page.split("consent-banner")[1]
    assert reverse("consent:choices") in page


def test_the_banner_works_without_a_script_and_is_gone_after_the_choice(client: Client) -> None:
    form = hidden_fields(client.get("/").content.decode())

    response = client.post(CHOOSE, {**form, "choice": "reject"})

    assert (response.status_code, response["Location"]) == (303, "/")
    assert "consent-banner" not in client.get("/").content.decode()


def test_accepting_grants_what_the_banner_names(client: Client) -> None:
    response = post(client)

    assert chosen(client).granted == ALL
    cookie = response.cookies["consent"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) > 180 * 86_400
    assert list(response.cookies) == ["consent"]


def test_rejecting_denies_everything_optional(client: Client) -> None:
    post(client, "reject")

    assert chosen(client) == Choices(frozenset(), frozenset(ALL))


def test_a_selection_grants_what_is_ticked_and_refuses_the_rest(client: Client) -> None:
    post(client, "selected", purposes=["analytics", "training"], asked_on="preferences")

    assert chosen(client).granted == {"analytics", "training"}
    assert chosen(client).denied == ALL - {"analytics", "training"}
    assert set(ConsentRecord.objects.values_list("mechanism", flat=True)) == {"preference page"}
    assert set(ConsentRecord.objects.values_list("notice_version", flat=True)) == {1}


def test_nothing_is_ticked_before_a_choice_and_afterwards_what_was_granted(client: Client) -> None:
    before = client.get("/privacy/").content.decode()
    assert re.findall(r'value="(\w+)" checked', before) == []

    post(client, "selected", purposes=["analytics"])

    assert re.findall(r'value="(\w+)" checked', client.get("/privacy/").content.decode()) == [
        "analytics"
    ]


def test_withdrawing_is_one_click_on_the_choices_page(client: Client) -> None:
    post(client)
    page = client.get("/privacy/").content.decode()
    assert "Withdraw all" in page

    client.post(CHOOSE, {**hidden_fields(page), "choice": "reject"})

    assert chosen(client).granted == frozenset()
    assert ConsentRecord.objects.filter(state="withdrawn").count() == len(ALL)


def test_a_changed_choice_keeps_the_browsers_id(client: Client) -> None:
    post(client)
    before = carried(client).id
    post(client, "reject")

    assert carried(client).id == before


def test_an_erased_visitor_who_chooses_anew_gets_a_new_id(client: Client) -> None:
    post(client)
    before = carried(client).id
    erased = Identifier("anonymous", before).pseudonym
    Suppression.objects.create(pseudonym=erased, erased_at="2026-01-01T00:00Z")

    post(client)

    assert carried(client).id != before


def test_a_forged_cookie_is_no_choice(client: Client) -> None:
    client.cookies["consent"] = json.dumps({"id": "x", "choices": {"analytics": True}})

    request: Any = client.get("/privacy/").wsgi_request
    assert request.consent_id is None


@pytest.mark.parametrize("purposes", ["analytics_", "necessary"])
def test_what_is_not_on_offer_is_refused_by_name(client: Client, purposes: str) -> None:
    response = post(client, "selected", purposes=purposes)

    assert response.status_code == 400
    assert purposes in response.content.decode()
    assert not response.cookies


def test_a_choice_that_is_none_is_refused(client: Client) -> None:
    assert post(client, "maybe").status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/page"},
        {"Referer": "http://testserver.evil.example/"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_choice_made_on_another_site_is_forbidden(
    client: Client, headers: dict[str, str]
) -> None:
    response = post(client, headers=headers)

    assert response.status_code == 403
    assert not response.cookies
    assert not ConsentRecord.objects.exists()


def test_a_choice_from_our_own_page_is_taken(client: Client) -> None:
    own = {
        "Origin": "http://testserver",
        "Sec-Fetch-Site": "same-origin",
        "Referer": "http://testserver/privacy/",
    }
    assert post(client, headers=own).status_code == 303


@pytest.mark.parametrize("token", ["", "choose", "choose:1abc:forged"])
def test_a_choice_without_a_valid_token_is_forbidden(client: Client, token: str) -> None:
    assert post(client, token=token).status_code == 403
    assert not ConsentRecord.objects.exists()


def test_the_token_stands_in_for_djangos_own_protection() -> None:
    assert post(Client(enforce_csrf_checks=True)).status_code == 303


def test_a_get_changes_nothing(client: Client) -> None:
    form = {"choice": "accept", "token": make_token()}

    assert client.get(CHOOSE, form).status_code == 405
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize(
    "foreign", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "/\\evil"]
)
def test_nobody_is_sent_to_a_foreign_page(client: Client, foreign: str) -> None:
    assert post(client, next=foreign)["Location"] == "/"


def test_gpc_refuses_advertising_and_sale_even_on_accept(client: Client) -> None:
    post(client, headers=GPC)

    assert chosen(client) == Choices(
        frozenset(FIRST_FOUR), frozenset({"advertising", "sale_or_sharing"})
    )


def test_gpc_is_recorded_once_for_a_known_browser_and_overrules_its_cookie(client: Client) -> None:
    post(client)

    for _ in range(3):
        request: Any = client.get("/privacy/", headers=GPC).wsgi_request

    assert request.gpc
    assert request.choices.granted == FIRST_FOUR
    assert chosen(client).denied == {"advertising", "sale_or_sharing"}
    assert ConsentRecord.objects.filter(mechanism="Sec-GPC").count() == 2


def test_gpc_is_recorded_for_the_account_too(client: Client) -> None:
    client.force_login(User.objects.create_user("anna"))
    post(client)
    client.get("/privacy/", headers=GPC)

    assert choices_of(Subject.of(user_id="anna")).denied == {"advertising", "sale_or_sharing"}


def test_gpc_is_confirmed_on_the_page_and_in_the_banner(client: Client) -> None:
    for path in ("/", "/privacy/"):
        assert "Global Privacy Control" in client.get(path, headers=GPC).content.decode()
        assert "Global Privacy Control" not in client.get(path).content.decode()


def test_gpc_support_is_stated_at_the_well_known_address(client: Client) -> None:
    assert client.get("/.well-known/gpc.json").json()["gpc"] is True


def test_a_signed_in_customers_choice_counts_for_the_account(client: Client) -> None:
    client.force_login(User.objects.create_user("anna"))
    post(client, "selected", purposes=["analytics"])

    assert choices_of(Subject.of(user_id="anna")).granted == {"analytics"}


def test_the_demos_customer_is_known_by_the_session(client: Client) -> None:
    session = client.session
    session["user_id"] = "12345"
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    post(client)

    assert choices_of(Subject.of(user_id="12345")).granted == ALL


def test_the_receipt_proves_each_choice(client: Client) -> None:
    assert client.get("/privacy/receipt").status_code == 404
    post(client, "selected", purposes=["analytics"])

    response = client.get("/privacy/receipt")

    assert "attachment" in response["Content-Disposition"]
    receipt = response.json()
    events = {one["purpose"]: one["event"]["event_state"] for one in receipt["purposes"]}
    assert events == {**dict.fromkeys(ALL, "denied"), "analytics": "granted"}
    assert receipt["purposes"][0]["privacy_notice"]["version"] == 1
    assert len(receipt["purposes"][0]["privacy_notice"]["sha256"]) == 64


def test_a_choice_can_be_made_and_pages_render_while_redis_is_down(
    client: Client, settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis_connection.cache_clear()

    response = post(client, headers=GPC)
    page = client.get("/privacy/", headers=GPC)

    assert (response.status_code, page.status_code) == (303, 200)
    assert ConsentRecord.objects.filter(state="granted").count() == len(FIRST_FOUR)

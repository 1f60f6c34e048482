"""GET /p.gif as mail programs, pages and strangers ask for it."""

from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import LazySettings
from django.core import signing
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.test import Client

from consent.keyspaces import redis_connection
from consent.visiting import COOKIE, SALT
from personalization.doors.pixel import pixel_address, signed_person
from personalization.events.accepted import AcceptedEvent
from personalization.streams import stream
from tests.factories import agree, make_key

pytestmark = pytest.mark.django_db


def waiting() -> list[AcceptedEvent]:
    return [
        AcceptedEvent.from_wire(payload)
        for _, _, payloads in stream.waiting()
        for payload in payloads
    ]


def assert_is_dot(answer: Any) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.cookies == {}


@pytest.fixture
def key(db: None) -> str:
    return make_key("collect")


def test_an_opened_mail_is_an_event_of_its_reader(client: Client, key: str) -> None:
    agree(user_id="anna")

    answer = client.get(
        pixel_address(key=key, type="email_open", user_id="anna", properties={"campaign": "may"})
    )

    assert_is_dot(answer)
    (event,) = waiting()
    assert (event.type, event.user_id) == ("email_open", "anna")
    assert event.properties == {"campaign": "may"}


def test_numbers_in_the_address_are_numbers_in_the_event(client: Client, key: str) -> None:
    agree(anonymous_id="b1")
    seen = {"item_id": "1001", "price": "3.50"}

    client.get(pixel_address(key=key, type="item_view", anonymous_id="b1", properties=seen))

    assert waiting()[0].properties == {"item_id": "1001", "price": 3.5}


@pytest.mark.parametrize(
    "claim",
    [
        {"user_id": "anna"},
        {"anonymous_id": "anna"},
        {"pid": "anna"},
        {"pid": signing.dumps(["anna", ""], salt="another purpose")},
        {"user_id": "anna", "pid": "anna"},
        {},
    ],
)
def test_a_page_cannot_claim_to_be_somebody(
    client: Client, key: str, claim: dict[str, str]
) -> None:
    agree(user_id="anna", anonymous_id="anna")

    answer = client.get("/p.gif", {"key": key, "type": "email_open", **claim})

    assert_is_dot(answer)
    assert waiting() == []


def test_a_claim_beside_a_signature_is_refused(client: Client, key: str) -> None:
    agree(user_id="anna")

    client.get(pixel_address(key=key, type="x", user_id="anna", properties={"user_id": "ben"}))

    assert waiting() == []


def test_on_a_page_the_visitor_is_whose_browser_asks(client: Client, key: str) -> None:
    agree(anonymous_id="browser-1")
    carried = {"id": "browser-1", "choices": {"analytics": True}, "notice": None}
    client.cookies[COOKIE] = signing.dumps(carried, salt=SALT)

    assert_is_dot(client.get("/p.gif", {"key": key, "type": "page_view"}))

    assert waiting()[0].anonymous_id == "browser-1"


@pytest.mark.parametrize("scope", [None, "events", "decisions"])
def test_without_a_key_for_it_nothing_is_kept(client: Client, db: None, scope: str | None) -> None:
    agree(user_id="anna")
    wrong = make_key(scope) if scope else "nonsense"

    assert_is_dot(client.get(pixel_address(key=wrong, type="email_open", user_id="anna")))

    assert waiting() == []


def test_a_reader_who_did_not_agree_is_not_recorded(client: Client, db: None) -> None:
    vouching = make_key("collect", vouched=("analytics",))

    assert_is_dot(client.get(pixel_address(key=vouching, type="email_open", user_id="anna")))

    assert waiting() == []


@pytest.mark.parametrize("query", ["", "type=Email+Open", "type=x%00", "type=x&a%00=b", "type=%ff"])
def test_whatever_is_asked_for_the_answer_is_the_dot(client: Client, key: str, query: str) -> None:
    agree(user_id="anna")

    answer = client.get(f"/p.gif?key={key}&pid={signed_person(user_id='anna')}&{query}")

    assert_is_dot(answer)
    assert waiting() == []


def test_a_nul_byte_for_a_key_is_answered_with_the_dot(client: Client, db: None) -> None:
    assert_is_dot(client.get("/p.gif?key=%00"))


def test_with_redis_stopped_the_answer_is_the_dot(
    client: Client, key: str, settings: LazySettings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    assert_is_dot(client.get(pixel_address(key=key, type="email_open", user_id="anna")))


def test_looking_without_loading_changes_nothing(client: Client, key: str) -> None:
    agree(user_id="anna")

    client.head(pixel_address(key=key, type="email_open", user_id="anna"))

    assert waiting() == []


def test_every_load_is_an_event_unless_it_is_counted_once(client: Client, key: str) -> None:
    agree(user_id="anna")
    agree(user_id="ben")

    for once in ("", "", "may", "may"):
        client.get(pixel_address(key=key, type="email_open", user_id="anna", once=once))
    client.get(pixel_address(key=key, type="email_open", user_id="ben", once="may"))

    ids = [event.message_id for event in waiting()]
    assert (len(ids), len(set(ids))) == (5, 4)


def test_the_template_tag_writes_the_address(
    client: Client, key: str, settings: LazySettings
) -> None:
    agree(user_id="anna")
    settings.COLLECT_KEY = key
    source = "{% load pixel %}{% pixel 'email_open' user_id=user campaign='May & June' %}"

    image = Template(source).render(Context({"user": "anna"}))
    client.get(image.split('"')[1].replace("&amp;", "&"))

    assert image.startswith('<img src="/p.gif?')
    assert waiting()[0].properties == {"campaign": "May & June"}


def test_the_command_prints_the_address(client: Client, key: str) -> None:
    agree(user_id="anna")
    printed = StringIO()

    call_command(
        "pixel_address",
        "email_open",
        user_id="anna",
        key=key,
        host="https://shop.example",
        stdout=printed,
    )

    address = urlsplit(printed.getvalue().strip())
    assert (address.netloc, address.path) == ("shop.example", "/p.gif")
    client.get("/p.gif", dict(parse_qsl(address.query)))
    assert [event.user_id for event in waiting()] == ["anna"]


def test_the_command_warns_of_an_id_that_is_an_address(db: None) -> None:
    printed, warned = StringIO(), StringIO()

    call_command(
        "pixel_address",
        "email_open",
        user_id="anna@example.org",
        key="x",
        stdout=printed,
        stderr=warned,
    )

    assert "This id is an e-mail address." in warned.getvalue()
    assert printed.getvalue().count("\n") == 1


@pytest.mark.parametrize("options", [{"key": "x"}, {"user_id": "anna", "key": ""}])
def test_the_command_says_what_is_missing(db: None, options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("pixel_address", "email_open", **options)

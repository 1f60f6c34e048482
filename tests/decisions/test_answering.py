"""A question asked of whom it is open, answered without a script, and known from then on."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from consent.choosing import make_token
from consent.subjects import Identifier
from personalization.content.models import Activity, Placement, Variation
from personalization.content.previewing import preview_variations
from personalization.content.publishing import publish_activity
from personalization.content.rulesets import forget_ruleset
from personalization.profiles.models import Profile
from tests.factories import agree

pytestmark = pytest.mark.django_db(transaction=True)
Consume = Callable[[], None]
ASKED = "Whom are you shopping for?"


@pytest.fixture(autouse=True)
def live() -> Iterator[Activity]:
    placement = Placement.objects.create(key="home_strip", name="Strip")
    activity = Activity.objects.create(name="Ask", placement=placement, priority=90)
    Variation.objects.create(
        activity=activity,
        name="Only",
        kind="question",
        headline=ASKED,
        trait="shops_for",
        answers="Myself\nA friend\n\nMyself",
    )
    publish_activity(activity=activity, by="ann", now=timezone.now())
    forget_ruleset()
    yield activity
    forget_ruleset()


@pytest.fixture
def anna(client: Client) -> Client:
    agree(user_id="anna", now=timezone.now() - timedelta(days=1))
    session = client.session
    session["user_id"] = "anna"
    session.save()
    return client


def home(client: Client) -> str:
    return client.get("/").content.decode()


def form(page: str) -> dict[str, str]:
    block = page[page.index("block--question") :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', block))


def answer(client: Client, answer: str = "A friend", **changes: str) -> Any:
    sent = {"token": make_token(), "next": "/", "activity": "ask", "variation": "only"}
    return client.post("/answers", {**sent, "answer": answer, **changes})


def test_a_visitor_answers_and_is_not_asked_again(anna: Client, consume: Consume) -> None:
    page = home(anna)
    assert ASKED in page
    assert page.count('name="answer"') == 2

    back = anna.post("/answers", {**form(page), "answer": "A friend"})
    thanked = anna.get(back["Location"]).content.decode()
    consume()

    assert (back.status_code, back["Location"]) == (303, "/?answered=ask")
    assert "Thank you." in thanked
    assert ASKED not in home(anna)
    profile = Profile.objects.get(identifiers__pseudonym=Identifier("user", "anna").pseudonym)
    assert profile.facts["traits"] == {"shops_for": "A friend"}
    assert profile.facts["provenance"]["shops_for"][0] == "question"


def test_without_consent_nobody_is_asked_and_no_answer_is_kept(
    client: Client, consume: Consume
) -> None:
    assert ASKED not in home(client)

    agree(user_id="bert", to=("analytics",))
    session = client.session
    session["user_id"] = "bert"
    session.save()

    assert ASKED not in home(client)
    back = answer(client)
    consume()
    assert back["Location"] == "/"
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"answer": "Nobody"}, 400),
        ({"answer": ""}, 400),
        ({"activity": "other"}, 400),
        ({"variation": "other"}, 400),
        ({"token": "forged"}, 403),
    ],
)
def test_what_is_no_answer_is_refused(anna: Client, changes: dict[str, str], status: int) -> None:
    assert answer(anna, **changes).status_code == status


def test_a_foreign_page_cannot_answer(anna: Client) -> None:
    sent = {"token": make_token(), "activity": "ask", "variation": "only", "answer": "Myself"}

    refused = anna.post("/answers", sent, headers={"Origin": "https://evil.example"})

    assert refused.status_code == 403
    assert anna.get("/answers").status_code == 405


def test_an_answer_leads_back_to_this_shop_only(anna: Client) -> None:
    assert answer(anna, next="https://evil.example/")["Location"] == "/?answered=ask"
    assert answer(anna, next="/?page=2")["Location"] == "/?page=2&answered=ask"


def test_a_preview_has_no_form_of_its_own(live: Activity) -> None:
    (preview,) = preview_variations(live)

    assert ASKED in preview.html
    assert "<form" not in preview.html


@pytest.mark.parametrize("trait", ["email", "Shoe size", "first_name", "zip"])
def test_a_question_for_who_somebody_is_cannot_be_made(live: Activity, trait: str) -> None:
    question = Variation(
        activity=live, key="q", name="Q", kind="question", headline="?", trait=trait
    )

    with pytest.raises(ValidationError, match="trait"):
        question.full_clean()


def test_visitors_write_where_no_answers_are_offered(
    live: Activity, anna: Client, consume: Consume
) -> None:
    live.variations.update(answers="")
    publish_activity(activity=live, by="ann", now=timezone.now())
    page = home(anna)

    assert "Your answer" in page
    assert answer(anna, "x" * 81).status_code == 400
    assert answer(anna, " My <b>cat ").status_code == 303
    consume()
    assert Profile.objects.get().facts["traits"] == {"shops_for": "My <b>cat"}

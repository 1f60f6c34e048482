"""What the template tags put on a page, and what they log."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone

from consent.checking import UNKNOWN
from personalization.config.demo.activities import make_activities
from personalization.content.rulesets import forget_ruleset
from personalization.decisions.explaining import Line
from personalization.decisions.exposing import log_exposures
from personalization.decisions.pages import Page
from personalization.decisions.visitors import Visitor
from personalization.events.tracking import track
from personalization.pipeline.consuming import consume_once
from personalization.streams import stream
from tests.factories import agree, make_category, make_event

pytestmark = pytest.mark.django_db(transaction=True)
HERO = '{% load personalization %}{% placement "home_hero" %}welcome{% endplacement %}{% why %}'


@pytest.fixture(autouse=True)
def live() -> Iterator[None]:
    """Publish the demo's activities."""
    make_category()
    make_activities(now=timezone.now())
    forget_ruleset()
    yield
    forget_ruleset()


def page_of(visitor: Visitor, *, agent: str = "Firefox") -> Page:
    request = RequestFactory().get("/", headers={"User-Agent": agent})
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    request.choices = UNKNOWN  # type: ignore[attr-defined]
    page = Page(request, visitor)
    request.page = page  # type: ignore[attr-defined]
    return page


def render(page: Page | None, template: str = HERO) -> str:
    request: HttpRequest | None = page.request if page else None
    return Template(template).render(Context({"request": request}))


def look_at_lanterns(times: int) -> None:
    agree(user_id="anna", now=timezone.now())
    track([make_event(occurred_at=None) for _ in range(times)], now=timezone.now())
    consume_once(stream.Reader(range(4)))


def waiting() -> list[Any]:
    return [payload for _, _, payloads in stream.waiting() for payload in payloads]


def test_the_block_of_the_activity_replaces_the_fallback() -> None:
    look_at_lanterns(3)

    shown = render(page_of(Visitor(user_id="anna")))

    assert "More Lanterns for you" in shown
    assert "welcome" not in shown
    assert 'data-activity="more-lanterns"' in shown


def test_the_browser_is_told_which_decision_it_shows() -> None:
    look_at_lanterns(3)
    page = page_of(Visitor(user_id="anna"))

    shown = render(page)

    (decision,) = page.decisions
    assert decision.variation is not None
    assert f'data-decision="{decision.id}"' in shown
    assert f'data-variation="{decision.variation.key}"' in shown
    assert 'data-decision=""' in render(page_of(Visitor(user_id="stranger")))


def test_the_panel_says_how_near_a_miss_it_was() -> None:
    look_at_lanterns(2)

    shown = render(page_of(Visitor(user_id="anna")))

    assert "welcome" in shown
    assert "More Lanterns: at least 3 item views" in shown
    assert "(1 short)" in shown
    assert "Nearly shown instead" in shown


def test_a_small_miss_is_not_rounded_away() -> None:
    miss = Line("score churn is at least 0.8", actual=0.797, holds=False, shortfall=0.003)

    assert miss.short_by == "0.003"


def test_what_a_visitor_never_began_is_no_near_miss() -> None:
    look_at_lanterns(0)

    assert "Nearly shown" not in render(page_of(Visitor(user_id="anna")))


def test_without_consent_the_panel_says_so_and_names_no_near_miss() -> None:
    shown = render(page_of(Visitor(user_id="stranger")))

    assert 'data-reason="no_consent"' in shown
    assert "Nothing about you is read" in shown
    assert "Nearly shown" not in shown


def test_a_shown_activity_is_logged_once_and_a_fallback_is_not() -> None:
    look_at_lanterns(3)
    page, other = page_of(Visitor(user_id="anna")), page_of(Visitor(user_id="stranger"))
    render(page)
    render(other)

    log_exposures(page)
    log_exposures(other)

    (exposure,) = waiting()
    assert exposure[1] == "exposure"


def test_what_a_bot_was_shown_is_no_exposure() -> None:
    look_at_lanterns(3)
    page = page_of(Visitor(user_id="anna"), agent="Mozilla/5.0 (compatible; bingbot/2.0)")
    shown = render(page)

    log_exposures(page)

    assert "welcome" not in shown
    assert waiting() == []


def test_a_broken_variation_leaves_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    look_at_lanterns(3)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("template error")

    monkeypatch.setattr(
        "personalization.decisions.templatetags.personalization.render_variation", broken
    )

    assert "welcome" in render(page_of(Visitor(user_id="anna")))


def test_a_template_without_a_request_shows_the_fallback() -> None:
    assert "welcome" in render(None)


def test_the_tracker_is_told_whether_the_visitor_agreed(settings: LazySettings) -> None:
    settings.COLLECT_KEY = "abc"
    agree(user_id="anna")
    tag = "{% load personalization %}{% tracker %}"

    assert 'data-allowed="true"' in render(page_of(Visitor(user_id="anna")), tag)
    assert 'data-allowed="false"' in render(page_of(Visitor(user_id="bert")), tag)


def test_the_tracker_can_tell_accounts_apart_and_names_none(settings: LazySettings) -> None:
    settings.COLLECT_KEY = "abc"
    tag = "{% load personalization %}{% tracker %}"

    anna, bert = (render(page_of(Visitor(user_id=name)), tag) for name in ("anna", "bert"))

    assert anna != bert
    assert "anna" not in anna
    assert 'data-visitor=""' in render(page_of(Visitor(anonymous_id="b-1")), tag)


def test_a_placement_without_a_name_is_a_template_error() -> None:
    with pytest.raises(TemplateSyntaxError, match="endplacement"):
        Template("{% load personalization %}{% placement %}{% endplacement %}")

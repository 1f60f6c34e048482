"""Funnels in the admin: steps line by line, the chart, and who sees which numbers."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personalization.events.models import Event
from personalization.segments.models import Funnel, Segment
from tests.segments.test_funnels import BASKET, STEPS, VIEW, ago, funnel, visitor

ADD = "/admin/segments/funnel/add/"

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    user = User.objects.create_user(role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def chart(made: Funnel) -> str:
    return reverse("admin:segments_funnel_chart", args=[made.pk])


def test_a_marketer_writes_steps_line_by_line_and_loses_nothing() -> None:
    marketer = signed_in("Marketer")
    typed = {"name": "Checkout", "window_minutes": "60", "steps-1-event": "item_view"}

    wrong = marketer.post(ADD, {**typed, "steps-3-category": "bags"}).content.decode()
    assert "Step 2: name the event" in wrong
    assert 'value="bags"' in wrong
    assert not Funnel.objects.exists()

    marketer.post(ADD, {**typed, "steps-2-event": "purchase", "steps-2-category": "bags"})
    assert Funnel.objects.get().steps == [
        {"event": "item_view"},
        {"event": "purchase", "category": "bags"},
    ]
    listing = marketer.get("/admin/segments/funnel/").content.decode()
    assert "item view → purchase in bags" in listing


def test_the_chart_says_numbers_and_shares_and_makes_a_draft() -> None:
    marketer, now = signed_in("Marketer"), timezone.now()
    visitor(("item_view", ago(5)), ("add_to_cart", ago(4.9)), start=now)
    visitor(("item_view", ago(5)), ("add_to_cart", ago(4.9)), ("purchase", ago(4.8)), start=now)
    made = funnel(*STEPS)

    page = marketer.get(chart(made), {"days": 7}).content.decode()
    assert "<strong>2</strong> visitors, 100.0 % of the first step" in page
    assert "50.0 % of the step before" in page

    answer = marketer.post(chart(made), {"days": 7, "after": 2}, follow=True).content.decode()
    assert "A draft of 1 people. It is a list" in answer
    assert Segment.objects.get().name == "Checkout: dropped after step 2"


def test_a_step_that_nothing_follows_makes_no_segment() -> None:
    marketer, made = signed_in("Marketer"), funnel(*STEPS)

    answer = marketer.post(chart(made), {"days": 7, "after": 3}, follow=True)

    assert "Choose a step that another one follows." in answer.content.decode()
    assert not Segment.objects.exists()


def test_the_time_before_is_told_with_the_days_that_there_are_data_of() -> None:
    marketer, now = signed_in("Marketer"), timezone.now()
    made = funnel(VIEW, BASKET)
    noon = now.replace(hour=12)
    for days in (1, 8):
        start = noon - timedelta(days=days)
        visitor(("item_view", ago(5)), ("add_to_cart", ago(4.9)), start=start)

    page = marketer.get(chart(made), {"days": 7}).content.decode()
    assert "In the 2 days before of which there are data: 100.0 %" in page

    visitor(("item_view", ago(0)), start=now - timedelta(days=60))
    assert (
        "In the 7 days before: 100.0 %" in marketer.get(chart(made), {"days": 7}).content.decode()
    )
    Event.objects.filter(occurred_at__lt=now - timedelta(days=7)).delete()
    assert "days before" not in marketer.get(chart(made), {"days": 7}).content.decode()


def test_an_analyst_cannot_work_out_how_many_went_on() -> None:
    analyst, now = signed_in("Analyst"), timezone.now()
    for number in range(20):
        went_on = [("add_to_cart", ago(4.9))] if number < 17 else []
        bought = [("purchase", ago(4.8))] if number < 4 else []
        visitor(("item_view", ago(5)), *went_on, *bought, start=now)

    page = analyst.get(chart(funnel(*STEPS))).content.decode()

    steps = page.split('class="funnel__step"')[1:]
    assert "<strong>10+</strong> visitors" in steps[0]
    assert "<strong>under 10</strong> dropped here" in steps[0]
    assert "<strong>nearly all</strong> visitors, - of the first step, - of the step" in steps[1]
    assert 'rect width="100.0"' in steps[1]
    assert "<strong>under 10</strong> visitors, - of the first step, - of the step" in steps[2]


def test_an_analyst_sees_no_small_numbers_and_makes_no_segment() -> None:
    analyst, now = signed_in("Analyst"), timezone.now()
    visitor(("item_view", ago(5)), start=now)
    made = funnel(*STEPS)

    page = analyst.get(chart(made)).content.decode()

    assert "<strong>under 10</strong> visitors" in page
    assert "Make a segment of them" not in page
    assert analyst.post(chart(made), {"days": 7, "after": 1}).status_code == 403

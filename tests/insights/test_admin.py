"""The quality page, and the button that makes a new report."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.insights.models import Alert, QualityReport
from personalization.insights.reporting import compute
from personalization.insights.tasks import compute_quality, continue_quality_report
from tests.factories import NOON, agree, make_event
from tests.insights.conftest import Store

pytestmark = pytest.mark.django_db
PAGE = "/admin/insights/qualityreport/"


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(continue_quality_report, "apply_async", lambda args, **_: ids.extend(args))
    return ids


def as_role(client: Client, role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def test_the_page_shows_volume_refusals_lateness_flags_and_drift(
    client: Client, store: Store
) -> None:
    now = timezone.now()
    store(600, until=now, properties=lambda n: {"price": 20 + n % 9}, flags=["outlier:price"])
    store(2_400, days=28, until=now - timedelta(days=7), properties=lambda n: {"price": n % 9})
    agree(user_id="anna", now=now)
    track([make_event(properties={"price": "x"}) for _ in range(40)], now=now, source="page")
    compute(QualityReport.objects.create(started_by="test"), now=now)

    page = as_role(client, "Marketer").get(PAGE).content.decode()

    for part in (
        "properties.price differs from the four weeks before",
        "of the last week's events from “page” were refused (40)".replace("'", "&#x27;"),
        "outlier:price",
        "Use a number, zero or more.",
        "drawing__bars",
        "drawing__pairs",
        "Over an hour late",
        "properties.item_id",
    ):
        assert part in page, part
    assert "anna" not in page
    # unfold's script takes every element of the class `chart` for a canvas, and stops at a drawing.
    assert not re.search(r'class="(?:[^"]* )?chart[ "]', page)
    assert "/admin/events/refusedevent/" not in page


def test_a_first_page_says_that_there_is_no_report(client: Client) -> None:
    assert "No report was made yet" in as_role(client, "Marketer").get(PAGE).content.decode()


def test_the_button_starts_a_report_and_shows_its_progress(
    client: Client, enqueued: list[int]
) -> None:
    marketer = as_role(client, "Marketer")

    page = marketer.post(PAGE, follow=True).content.decode()

    (pk,) = enqueued
    assert f"{PAGE}{pk}/progress.json" in page
    assert "Compute now" not in page
    continue_quality_report(pk)
    state = marketer.get(f"{PAGE}{pk}/progress.json").json()
    assert (state["percent"], state["label"], state["is_over"]) == (100, "done", True)
    assert "Compute now" in marketer.get(PAGE).content.decode()


def test_without_a_queue_the_button_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(args: object, **kwargs: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(continue_quality_report, "apply_async", away)

    page = as_role(client, "Marketer").post(PAGE, follow=True).content.decode()

    assert "does not answer: no broker" in page
    assert "Compute now" in page


def test_a_report_that_is_over_is_not_made_again(enqueued: list[int]) -> None:
    report = QualityReport.objects.create(state="failed", started_by="x", message="kept")

    continue_quality_report(report.pk)

    report.refresh_from_db()
    assert (report.state, report.message) == ("failed", "kept")


def test_beat_makes_a_report() -> None:
    compute_quality()

    assert QualityReport.objects.get().state == "done"


def test_an_open_alert_stands_on_the_page_and_in_the_list(client: Client) -> None:
    Alert.objects.create(
        source="page", message="The page is silent.", silent_since=NOON, raised_at=NOON
    )
    marketer = as_role(client, "Marketer")

    assert "The page is silent." in marketer.get(PAGE).content.decode()
    assert "The page is silent." in marketer.get("/admin/insights/alert/").content.decode()


def test_an_analyst_looks_and_computes_nothing(client: Client, enqueued: list[int]) -> None:
    analyst = as_role(client, "Analyst")

    assert "Compute now" not in analyst.get(PAGE).content.decode()
    assert analyst.post(PAGE).status_code == 403
    assert enqueued == []


def test_an_auditor_sees_no_quality_page(client: Client) -> None:
    assert as_role(client, "Auditor").get(PAGE).status_code == 403


def test_what_marketers_write_is_escaped(client: Client, store: Store) -> None:
    store(1, until=timezone.now(), days=0, flags=["<script>alert(1)</script>"])
    compute(QualityReport.objects.create(started_by="test"), now=timezone.now())

    page = as_role(client, "Marketer").get(PAGE).content.decode()

    assert Event.objects.count() == 1
    assert "<script>alert(1)" not in page

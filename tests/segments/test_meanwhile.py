"""Two people have the same form open: who saves second is told, and decides."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from personalization.segments.models import Funnel, HistoryEntry, Segment

from .test_builder import country, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment() -> Segment:
    rule = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}
    return Segment.objects.create(name="The French", rule={"all": [rule]})


@pytest.fixture
def colleague(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("colleague"))
    return client


def page_of(row: Any) -> str:
    return reverse(f"admin:segments_{row._meta.model_name}_change", args=[row.pk])


def opened(client: Client, row: Any) -> str:
    """Open the form, and return what it carries."""
    seen = client.get(page_of(row)).context["adminform"].form.seen
    assert isinstance(seen, str)
    return seen


def typed(name: str, **more: str) -> dict[str, Any]:
    return sent(country(name), **{"name": "The French", **more})


def value_of(segment: Segment) -> str:
    segment.refresh_from_db()
    return str(segment.rule["all"][0]["value"])


def test_who_saves_second_is_told_what_was_saved_and_keeps_what_was_typed(
    admin_client: Client, colleague: Client, segment: Segment
) -> None:
    seen = opened(admin_client, segment)
    colleague.post(page_of(segment), typed("Spain", seen=opened(colleague, segment)))

    page = admin_client.post(page_of(segment), typed("Malta", seen=seen)).content.decode()

    assert value_of(segment) == "Spain"
    assert "Not saved: somebody else saved this" in page
    assert "colleague, " in page
    assert "Saved; the rule changed." in page
    assert '<del class="diff__del">Spain.</del>' in page
    assert '<ins class="diff__ins">Malta.</ins>' in page
    assert 'name="rule-0-value" value="Malta"' in page
    assert f'name="seen" value="{seen}"' in page


def test_who_saves_all_the_same_replaces_what_was_seen_and_nothing_later(
    admin_client: Client, colleague: Client, segment: Segment
) -> None:
    seen = opened(admin_client, segment)
    colleague.post(page_of(segment), typed("Spain", seen=opened(colleague, segment)))
    known = opened(admin_client, segment)
    colleague.post(page_of(segment), typed("Italy", seen=opened(colleague, segment)))
    insisting = typed("Malta", seen=seen, **{"seen-anyway": known})

    assert "Italy" in admin_client.post(page_of(segment), insisting).content.decode()
    assert value_of(segment) == "Italy"

    insisting["seen-anyway"] = opened(admin_client, segment)
    admin_client.post(page_of(segment), insisting)
    assert value_of(segment) == "Malta"


def test_what_the_api_saved_counts_too(admin_client: Client, segment: Segment, call: Any) -> None:
    seen = opened(admin_client, segment)
    tag = call("GET", f"segments/{segment.key}").headers["ETag"]
    changed = {"name": "The French", "rule": {"all": [{**segment.rule["all"][0], "value": "Oz"}]}}
    call("PUT", f"segments/{segment.key}", changed, **{"If-Match": tag})

    page = admin_client.post(page_of(segment), typed("Malta", seen=seen)).content.decode()

    assert value_of(segment) == "Oz"
    assert "API key" in page


def test_publishing_over_somebody_else_is_refused_too(
    admin_client: Client, colleague: Client, segment: Segment
) -> None:
    seen = opened(admin_client, segment)
    colleague.post(page_of(segment), typed("Spain", seen=opened(colleague, segment)))

    admin_client.post(page_of(segment), typed("Malta", seen=seen, _publish=""))

    assert not HistoryEntry.objects.filter(said__icontains="live").exists()
    assert value_of(segment) == "Spain"


def test_saving_again_what_nobody_else_changed_just_saves(
    admin_client: Client, segment: Segment
) -> None:
    seen = opened(admin_client, segment)
    admin_client.post(page_of(segment), typed("Malta", seen=seen))
    assert value_of(segment) == "Malta"

    admin_client.post(page_of(segment), typed("Spain", seen=opened(admin_client, segment)))
    assert value_of(segment) == "Spain"


def test_whoever_saves_waits_for_whoever_is_saving(admin_client: Client, segment: Segment) -> None:
    with CaptureQueriesContext(connection) as asked:
        admin_client.post(page_of(segment), typed("Malta"))

    texts = [one["sql"] for one in asked]
    locked = next(n for n, text in enumerate(texts) if "FOR UPDATE" in text)
    compared = max(n for n, text in enumerate(texts) if "sizes" in text)
    assert locked < compared


@pytest.mark.parametrize("seen", ["x", ".", "x.9999999999999999999999", "x.٣", "x.-1"])
def test_a_made_up_version_is_another_one(
    admin_client: Client, segment: Segment, seen: str
) -> None:
    answer = admin_client.post(page_of(segment), typed("Malta", seen=seen))

    assert "Not saved" in answer.content.decode()
    assert value_of(segment) == "France"


def test_a_funnel_is_not_overwritten_unseen(admin_client: Client, colleague: Client) -> None:
    steps = [{"event": "item_view"}, {"event": "purchase"}]
    funnel = Funnel.objects.create(name="Buying", steps=steps)
    form = {"steps-1-event": "item_view", "steps-2-event": "purchase", "window_minutes": "60"}
    seen = opened(admin_client, funnel)
    colleague.post(page_of(funnel), {**form, "name": "Selling", "seen": seen})

    answer = admin_client.post(page_of(funnel), {**form, "name": "Mine", "seen": seen})

    page = answer.content.decode()
    assert "colleague, " in page
    assert '<del class="diff__del">“Selling”.</del>' in page
    assert Funnel.objects.get().name == "Selling"

"""Where a second person must approve, so they must where data leave to."""

from typing import Any

import pytest
from django.urls import reverse

from personalization.activation.confiding import PROPOSED, secret_of
from personalization.activation.models import Audience, Destination
from personalization.activation.syncing import due_audiences
from personalization.activation.watching import listeners
from personalization.segments.models import HistoryEntry, Segment
from personalization.vault.sealed_columns import sealed_columns
from tests.factories import NOON

from .conftest import SECRET, Receiver
from .two_people import administrator, approve_as, ask_for_two, page_of, seen_by, signed_in
from .world import act, make_destination, make_segment, pass_on, visitor, watch

pytestmark = pytest.mark.django_db
OTHER_SECRET = "whsec_" + 2 * "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def segment() -> Segment:
    """Return a live segment that is watched."""
    segment = make_segment()
    watch(segment)
    return segment


def told(destination: Destination) -> dict[str, Any]:
    """Return the form of a destination as it is in force."""
    stated = destination.stated()
    taken = ("name", "kind", "url", "purpose", "identifier_kinds", "segments")
    fields = {name: stated[name] for name in taken}
    return {**fields, "tells_entered": "on", "tells_left": "on", "is_active": "on"}


def test_a_new_webhook_is_told_nothing_until_somebody_else_approved_it(
    segment: Segment, receiver: Receiver
) -> None:
    root, bob = administrator("root"), signed_in("bob")
    ask_for_two()
    fields = {"name": "Ads", "kind": "webhook", "url": receiver.url, "purpose": "advertising"}
    form = {**fields, "segments": [segment.pk], "tells_entered": "on", "is_active": "on"}

    root.post(reverse("admin:activation_destination_add"), form)
    destination = Destination.objects.get()
    act(visitor("anna"))
    pass_on()

    assert (destination.waits, receiver.types) == (True, [])
    page = bob.get(page_of(destination)).content.decode()
    for said in (receiver.url, "Buyers"):
        assert f'<td data-title="In force">-</td><td data-title="Then">{said}</td>' in page
    assert listeners([segment]) == {segment.pk: []}
    approve_as(bob, destination)
    act(visitor("bert"))
    pass_on()
    assert receiver.types == ["segment.entered"]
    assert HistoryEntry.objects.filter(key=segment.key)[0].said == "Approved what follows: Ads."


def test_a_webhook_stays_where_it_is_until_somebody_else_approved_where_it_goes(
    segment: Segment, receiver: Receiver
) -> None:
    destination = make_destination(receiver.url, segment)
    root, bob = administrator("root"), signed_in("bob")
    ask_for_two()
    other = Segment.objects.create(name="Others", rule=segment.rule)
    elsewhere = receiver.url.replace("/news", "/elsewhere")
    changed = {"url": elsewhere, "segments": [segment.pk, other.pk], "secret": OTHER_SECRET}

    root.post(page_of(destination), told(destination) | changed)
    act(visitor("anna"))
    pass_on()
    page = bob.get(page_of(destination)).content.decode()

    assert [one.path for one in receiver.got] == ["/news"]
    assert "Until then, what is in force goes on." in page
    for before, after in ((receiver.url, elsewhere), ("Buyers", "Buyers, Others")):
        assert f'<td data-title="In force">{before}</td><td data-title="Then">{after}</td>' in page
    destination.refresh_from_db()
    assert secret_of(destination) == SECRET
    assert list(destination.segments.all()) == [segment]

    assert approve_as(root, destination, seen_by(bob, destination))[-1].startswith("Somebody else")
    approve_as(bob, destination)
    act(visitor("bert"))
    pass_on()

    destination.refresh_from_db()
    assert [one.path for one in receiver.got] == ["/news", "/elsewhere"]
    assert (secret_of(destination), destination.proposed_secret) == (OTHER_SECRET, b"")
    assert list(destination.segments.all()) == [segment, other]


def test_who_edits_a_webhook_again_goes_on_from_what_waits(segment: Segment) -> None:
    destination = make_destination("https://ads.example/", segment)
    root, bob = administrator("root"), signed_in("bob")
    ask_for_two()
    changed = told(destination) | {"url": "https://other.example/", "segments": []}
    root.post(page_of(destination), changed)
    seen = seen_by(bob, destination)

    form = root.get(page_of(destination)).context["adminform"].form
    root.post(page_of(destination), changed | {"name": "Letters"})

    assert (form.initial["url"], form.initial["segments"]) == ("https://other.example/", [])
    said = approve_as(bob, destination, seen)
    assert said[1:] == ["name: “Ads” when you opened it, “Letters” now."]
    assert Destination.objects.get().name == "Ads"


def test_an_audience_does_not_follow_a_destination_that_waits(segment: Segment) -> None:
    destination = make_destination("https://ads.example/", waits=True)
    Audience.objects.create(name="All", segment=segment, destination=destination)

    assert due_audiences(now=NOON) == []


def test_what_waits_is_sealed_anew_with_the_rest(segment: Segment) -> None:
    destination = make_destination("https://ads.example/", segment)
    ask_for_two()
    changed = told(destination) | {"secret": OTHER_SECRET}
    administrator("root").post(page_of(destination), changed)

    assert PROPOSED in sealed_columns()
    assert sum(PROPOSED.in_use().values()) == 1

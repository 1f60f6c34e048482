"""Facts folded anew from the event table are the facts that were kept, to the last bit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.keyspaces import patient_redis_connection
from personalization.events.models import Event, SeenMessage
from personalization.events.tracking import track
from personalization.profiles.facts import UNDECIDING, unpack
from personalization.profiles.models import Profile
from personalization.profiles.rebuilding import rebuild_everything
from personalization.profiles.remembering import FACTS
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db

events = st.lists(
    st.builds(
        lambda kind, minutes, person, traits, properties: make_event(
            type=kind,
            occurred_at=(NOON - timedelta(minutes=minutes, microseconds=minutes % 3)).isoformat(),
            traits=traits,
            properties=properties,
            **person,
        ),
        kind=st.sampled_from(["item_view", "purchase", "refund", "identify"]),
        minutes=st.integers(0, 60 * 24 * 40),
        person=st.sampled_from(
            [
                {"user_id": "anna"},
                {"user_id": None, "anonymous_id": "browser-1"},
                {"user_id": "anna", "anonymous_id": "browser-1"},
                {"user_id": "bert"},
            ]
        ),
        traits=st.dictionaries(
            st.sampled_from(["plan", "city"]), st.sampled_from(["x", "ÿ", 1, None])
        ),
        properties=st.fixed_dictionaries(
            {},
            optional={
                "item_id": st.sampled_from(["1", "2"]),
                "order_id": st.sampled_from(["o1", "o2"]),
                "category": st.sampled_from(["mugs", "lanterns"]),
                "price": st.integers(0, 99_999).map(lambda cents: cents / 1000),
                "quantity": st.integers(1, 3),
                "value": st.integers(0, 9_999).map(lambda cents: cents / 100),
                "order_line": st.sampled_from([1, 2]),
            },
        ),
    ),
    max_size=25,
)


def start_over() -> None:
    for model in (Event, SeenMessage, Profile):
        model.objects.all().delete()
    patient_redis_connection().flushdb()
    agree(user_id="anna")
    agree(user_id="bert")
    agree(anonymous_id="browser-1")


@given(sent=events, cut=st.integers(0, 25))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_facts_made_anew_from_events_are_the_facts_that_were_kept(
    consume: Callable[[], None], sent: list[dict[str, Any]], cut: int
) -> None:
    start_over()
    for batch in (sent[:cut], sent[cut:]):
        track(batch, now=NOON)
        consume()

    rebuilt = rebuild_everything(write=False)

    assert rebuilt.differing == ()
    assert rebuilt.compared == Profile.objects.count()
    for profile in Profile.objects.all():
        packed = patient_redis_connection().get(FACTS.key(profile.pk))
        assert packed is not None
        assert unpack(packed) == profile.facts | UNDECIDING


def test_facts_that_were_spoilt_are_found_and_mended(consume: Callable[[], None]) -> None:
    agree(user_id="anna")
    track([make_event()], now=NOON)
    consume()
    good = Profile.objects.get().facts
    Profile.objects.update(facts={**good, "counts": {"item_view": {"1": 99}}, "persona": "saver"})

    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_facts", "--check")
    call_command("rebuild_facts")

    profile = Profile.objects.get()
    assert profile.facts == good | {"persona": "saver"}
    packed = patient_redis_connection().get(FACTS.key(profile.pk))
    assert packed is not None
    assert unpack(packed)["counts"] == good["counts"]


def test_acts_that_were_never_kept_are_not_forgotten(consume: Callable[[], None]) -> None:
    agree(user_id="anna", to=("personalization",))
    track([make_event()], now=NOON)
    consume()
    before = Profile.objects.get().facts

    rebuilt = rebuild_everything()

    assert (rebuilt.compared, rebuilt.left) == (0, 1)
    assert Profile.objects.get().facts == before

"""Who enters and leaves is noticed live, once for each real change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from personalization.activation.judging import watched_rules
from personalization.activation.models import Membership, Transition
from personalization.activation.moving import enter, leave
from personalization.activation.noticing import notice_transitions
from personalization.events.tracking import track
from personalization.pipeline import consuming
from personalization.profiles.models import Profile
from personalization.streams import stream
from tests.factories import NOON, agree, make_event

from .world import act, bought, inside, make_segment, moves, visitor, watch

pytestmark = pytest.mark.django_db
Queries = Callable[[int], Any]
ENTERED = ("entered", "buyers", "act")


def test_an_event_lets_a_visitor_enter_when_it_is_stored(consume: Callable[[], None]) -> None:
    segment = make_segment()
    watch(segment)
    agree(user_id="anna")
    now = timezone.now()
    track([make_event(type="purchase", occurred_at=now.isoformat())], now=now)

    consume()

    assert moves() == [ENTERED]
    assert inside(segment) == {Profile.objects.get().pk}


def test_a_batch_that_comes_again_after_a_kill_tells_nothing_twice(
    consume: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(make_segment())
    agree(user_id="anna")
    now = timezone.now()
    event = make_event(type="purchase", occurred_at=now.isoformat())
    track([event], now=now)

    def killed(reader: stream.Reader, entries: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(stream.Reader, "acknowledge", killed)
        with pytest.raises(KeyboardInterrupt):
            consuming.consume_once(stream.Reader(range(4)))
    assert stream.backlog() == 1
    consume()
    track([event], now=now)
    consume()

    assert moves() == [ENTERED]


def test_nobody_is_noticed_without_consent_to_personalization(consume: Callable[[], None]) -> None:
    segment = make_segment(rule={"none": bought()["all"]})
    watch(segment)
    agree(user_id="anna", to=("analytics",))
    now = timezone.now()
    track([make_event(occurred_at=now.isoformat())], now=now)

    consume()

    assert Profile.objects.count() == 1
    assert moves() == []
    watch(segment)
    assert inside(segment) == set()


def test_a_visitor_who_is_in_already_does_not_enter_again() -> None:
    watch(make_segment())
    anna = visitor()

    assert [act(anna), act(anna), act(anna, "item_view")] == [1, 0, 0]


def test_two_who_notice_the_same_at_once_move_somebody_once() -> None:
    pairs = [("buyers", visitor().pk)]

    assert [enter(pairs, now=NOON), enter(pairs, now=NOON)] == [pairs, []]
    assert [leave(pairs, now=NOON), leave(pairs, now=NOON)] == [pairs, []]
    assert enter(pairs, now=NOON) == pairs


def test_an_act_lets_a_visitor_leave() -> None:
    nobuyers = make_segment("No buyers", {"none": bought()["all"]})
    anna = visitor()
    act(anna, "item_view")
    watch(nobuyers)

    act(anna)

    assert moves() == [("left", "no-buyers", "act")]
    assert inside(nobuyers) == set()


def test_who_comes_back_enters_again() -> None:
    segment = make_segment()
    watched = watch(segment)
    anna = visitor()
    act(anna)
    watch(segment, now=NOON + timedelta(days=40))

    act(anna, now=NOON + timedelta(days=41))

    assert [kind for kind, _, _ in moves()] == ["entered", "left", "entered"]
    assert Membership.objects.get().left_at is None
    assert watched.segment == segment


def test_segments_nobody_listens_to_cost_one_query_a_batch(
    django_assert_num_queries: Queries,
) -> None:
    make_segment()
    anna = visitor()
    with CaptureQueriesContext(connection) as captured:
        act(anna)

    asked = [one["sql"] for one in captured if "activation_" in one["sql"]]
    assert len(asked) == 1
    assert not Transition.objects.exists()


def test_many_visitors_of_a_batch_take_the_same_queries_as_one() -> None:
    for number in range(3):
        watch(make_segment(f"S{number}"))
    queries_of([visitor("first")])  # it compiles the rules
    few = queries_of([visitor("v")])
    many = queries_of([visitor(f"v{number}") for number in range(20)])

    assert many == few


def queries_of(profiles: list[Profile]) -> list[str]:
    facts_of = {one.pk: {**one.facts, "counts": {"purchase": {DAY: 1}}} for one in profiles}
    with CaptureQueriesContext(connection) as captured:
        assert notice_transitions(facts_of, now=NOON) == 3 * len(profiles)
    return [" ".join(one["sql"].split()[:3]) for one in captured]


DAY = str(int(NOON.timestamp()) // 86_400)


def test_rules_are_compiled_once_a_publication() -> None:
    segment = make_segment()
    watch(segment)

    first = watched_rules()

    assert watched_rules() is first
    make_segment("Another")
    assert watched_rules().version == first.version + 1


def test_a_rule_may_ask_what_a_visitor_agreed_to() -> None:
    rule = {
        "all": [
            {"fact": "consent", "name": "advertising", "operator": "granted"},
            *bought()["all"],
        ]
    }
    segment = make_segment("May be advertised to", rule)
    watch(segment)
    anna, bert = visitor(), visitor("bert", to=("analytics", "personalization"))

    act(anna)
    act(bert)

    assert inside(segment) == {anna.pk}
    watch(segment)
    assert len(moves()) == 1


def test_a_segment_that_takes_a_visit_to_decide_moves_nobody() -> None:
    rule = {"all": [{"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}]}
    segment = make_segment("On the phone", rule)
    watched = watch(make_segment())
    watched.pk = None
    watched.segment = segment
    watched.save()

    assert watched_rules().keys == ("buyers",)

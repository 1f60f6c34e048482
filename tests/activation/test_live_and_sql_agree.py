"""Memberships kept live are those SQL finds."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from personalization.activation.models import Membership, Transition
from personalization.profiles.models import Profile
from personalization.rules.querying import matching_profiles
from personalization.segments.models import Segment, saved_rule
from tests.factories import NOON

from .world import DAY, act, bought, inside, make_segment, visitor, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def segments() -> list[Segment]:
    rules = {
        "Buyers": bought(30),
        "Twice": bought(7, least=2),
        "Nobuyers": {"none": bought(10)["all"]},
        "Lapsing": {
            "all": [
                {"fact": "days_since", "event": "item_view", "operator": "at_least", "value": 5}
            ]
        },
        "Both": {
            "any": [
                {"fact": "segment", "operator": "in_segment", "value": "twice"},
                {"fact": "segment", "operator": "not_in_segment", "value": "buyers"},
            ]
        },
    }
    made = [make_segment(name, rule) for name, rule in rules.items()]
    for one in made:
        watch(one)
    return made


steps = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["purchase", "item_view", "sweep"]),
        st.integers(0, 12),
    ),
    min_size=1,
    max_size=25,
)


@given(history=steps)
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_memberships_kept_live_are_those_sql_finds_after_any_history(
    segments: list[Segment], history: list[tuple[int, str, int]]
) -> None:
    for model in (Transition, Membership, Profile):
        model.objects.all().delete()
    people = [visitor(f"v{number}") for number in range(4)]
    now = NOON
    for who, kind, days in history:
        now += days * DAY
        if kind == "sweep":
            for one in segments:
                watch(one, now=now)
        else:
            act(people[who], kind, now=now)
            # Of the one who acted, live is right without any recalculation.
            assert {one.key for one in segments if people[who].pk in inside(one)} == {
                one.key
                for one in segments
                if matching_profiles(one.parsed_rule, now=now, resolve=saved_rule).filter(
                    pk=people[who].pk
                )
            }
    for one in segments:
        watch(one, now=now)
        found = matching_profiles(one.parsed_rule, now=now, resolve=saved_rule).exclude(facts={})
        assert inside(one) == set(found.values_list("pk", flat=True))
    assert all(alternate(kinds) for kinds in told_of_each())


def told_of_each() -> Iterator[list[str]]:
    pairs = set(Transition.objects.values_list("segment_key", "profile_id"))
    for key, profile_id in pairs:
        told = Transition.objects.filter(segment_key=key, profile_id=profile_id).order_by("pk")
        yield list(told.values_list("kind", flat=True))


def alternate(kinds: list[str]) -> bool:
    return kinds == [("entered", "left")[index % 2] for index in range(len(kinds))]

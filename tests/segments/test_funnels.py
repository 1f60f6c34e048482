"""Funnels: who took which step in time, the chart of it, and segments of those who dropped."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from consent.subjects import Identifier
from personalization.events.counting import AS_ACT, IN_CATEGORY
from personalization.events.models import Event
from personalization.events.partitions import ensure_partitions
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.rules.parsing import parse_rule
from personalization.rules.querying import matching_profiles
from personalization.segments.dropping import make_segment
from personalization.segments.funnel_steps import BadSteps, Step, read_steps
from personalization.segments.funnelling import Period, Reached, count_steps
from personalization.segments.models import Funnel, Kind, ListMember, saved_rule
from tests.factories import NOON

pytestmark = pytest.mark.django_db
VIEW, BASKET, BUY = Step("item_view"), Step("add_to_cart"), Step("purchase")
STEPS = (VIEW, BASKET, BUY)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MONTH = Period.of_days(30, now=NOON)
Act = tuple[str, timedelta]


def visitor(*acts: Act, to: Sequence[str] = ("analytics",), start: datetime = NOON) -> Profile:
    """Make a profile that did these, each so long before noon."""
    facts = empty_facts()
    profile = Profile.objects.create()
    for kind, ago in sorted(acts, key=lambda act: -act[1]):
        remember(facts, Happening(kind, start - ago, item_id="1001", category="lanterns"))
        store(profile.pk, kind, start - ago, to=to)
    Profile.objects.filter(pk=profile.pk).update(facts=facts)
    name = Identifier("user", f"u{profile.pk}").pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=name)
    return profile


def store(
    profile_id: int,
    kind: str,
    at: datetime,
    to: Sequence[str] = ("analytics",),
    *,
    category: str = "lanterns",
    counted: int = AS_ACT | IN_CATEGORY,
) -> None:
    ensure_partitions([at])
    Event.objects.create(
        id=uuid.uuid4(),
        occurred_at=at,
        received_at=at,
        profile_id=profile_id,
        type=kind,
        item_id="1001",
        category=category,
        counted=counted,
        properties={},
        context={},
        purposes=list(to),
    )


def count(steps: Sequence[Step] = STEPS, window: timedelta = HOUR) -> list[int]:
    found = count_steps(steps=steps, window=window, period=MONTH, now=NOON)
    return [one.visitors for one in found]


def ago(hours: float) -> timedelta:
    return timedelta(hours=hours)


def test_each_step_counts_after_the_one_before() -> None:
    visitor(("item_view", ago(9)), ("add_to_cart", ago(8.9)), ("purchase", ago(8.8)))
    visitor(("item_view", ago(9)), ("purchase", ago(8.9)), ("add_to_cart", ago(8.8)))
    visitor(("add_to_cart", ago(9)), ("purchase", ago(8.9)))
    visitor(("item_view", ago(9)))

    assert count() == [3, 2, 1]


def test_all_steps_lie_within_the_window_of_the_first() -> None:
    visitor(("item_view", ago(9)), ("add_to_cart", ago(8.5)), ("purchase", ago(7.9)))
    visitor(("item_view", ago(9)), ("add_to_cart", ago(8.5)), ("purchase", ago(8)))

    assert count() == [2, 2, 1]


def test_a_later_start_counts_where_the_first_came_to_nothing() -> None:
    visitor(
        ("item_view", ago(50)),
        ("item_view", ago(9)),
        ("add_to_cart", ago(8.9)),
        ("item_view", ago(8.8)),
        ("purchase", ago(8.1)),
    )

    assert count() == [1, 1, 1]


def test_the_same_step_twice_is_two_acts() -> None:
    visitor(("purchase", ago(9)))
    visitor(("purchase", ago(9)), ("purchase", ago(8.5)))

    assert count((BUY, BUY)) == [2, 1]


def test_a_step_may_name_category_and_item() -> None:
    visitor(("item_view", ago(9)), ("purchase", ago(8.9)))

    assert count((Step("item_view", "lanterns"), Step("purchase", item="1001"))) == [1, 1]
    assert count((Step("item_view", "bags"), BUY)) == [0, 0]
    assert count((VIEW, Step("purchase", item="1002"))) == [1, 0]


def test_acts_without_consent_to_analytics_are_not_read() -> None:
    visitor(("item_view", ago(9)), ("add_to_cart", ago(8.9)), to=("personalization",))

    assert count() == [0, 0, 0]


def test_the_period_is_when_the_first_step_was_taken() -> None:
    visitor(("item_view", ago(24 * 40)), ("add_to_cart", ago(24 * 40 - 0.5)))
    steps = (VIEW, BASKET)

    found = count_steps(steps=steps, window=HOUR, period=MONTH.before, now=NOON)

    assert count(steps) == [0, 0]
    assert [one.visitors for one in found] == [1, 1]


def test_who_still_has_time_has_not_dropped() -> None:
    visitor(("item_view", ago(0.5)))
    visitor(("item_view", ago(5)))

    found = count_steps(steps=(VIEW, BASKET), window=HOUR, period=MONTH, now=NOON)

    assert found == [Reached(VIEW, 2, 1, 1), Reached(BASKET, 0, 0, 0)]


def furthest(acts: list[tuple[int, str]], steps: Sequence[str], window: int) -> int:
    """Try every start, as slowly as can be."""

    def far(at: int, taken: int, end: int) -> int:
        if taken == len(steps):
            return taken
        later = [when for when, kind in acts if kind == steps[taken] and at < when <= end]
        return max((far(when, taken + 1, end) for when in later), default=taken)

    starts = [when for when, kind in acts if kind == steps[0]]
    return max((far(when, 1, when + window) for when in starts), default=0)


@pytest.mark.parametrize("seed", range(5))
def test_the_query_agrees_with_trying_every_start(seed: int) -> None:
    random = Random(seed)
    kinds = ["item_view", "add_to_cart", "purchase"]
    reached = []
    for _ in range(30):
        acts = [(random.randrange(1, 40), random.choice(kinds)) for _ in range(random.randrange(9))]
        visitor(*((kind, ago(24) - when * MINUTE) for when, kind in acts))
        reached.append(furthest(acts, kinds, 15))

    found = count(window=15 * MINUTE)

    assert found == [sum(one >= step for one in reached) for step in (1, 2, 3)]


def ordering(random: Random) -> Profile:
    """Make a profile that viewed and ordered, orders having several lines, some a moment later."""
    facts, profile = empty_facts(), Profile.objects.create()
    for _ in range(random.randrange(5)):
        at = NOON - ago(24) + random.randrange(40) * MINUTE
        kind = random.choice(["item_view", "purchase"])
        unseen: dict[int | str, bool] = {AS_ACT: True}
        for line in range(random.randrange(1, 4) if kind == "purchase" else 1):
            category = random.choice(["lanterns", "mugs"])
            counted = AS_ACT * unseen.pop(AS_ACT, False)
            counted |= IN_CATEGORY * unseen.setdefault(category, True)
            unseen[category] = False
            moment = at + line * timedelta(milliseconds=random.choice([0, 300, 1_500]))
            store(profile.pk, kind, moment, category=category, counted=counted)
            happening = Happening(
                kind,
                moment,
                category=category,
                is_counted=bool(counted & AS_ACT),
                is_counted_in_category=bool(counted & IN_CATEGORY),
            )
            remember(facts, happening)
    Profile.objects.filter(pk=profile.pk).update(facts=facts)
    return profile


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (BUY, BUY),
        (VIEW, BUY),
        (Step("purchase", "mugs"), BUY),
        (Step("item_view", "mugs"), Step("purchase", "lanterns")),
        (Step("purchase", "mugs"), Step("purchase", "mugs")),
    ],
)
def test_a_rule_on_two_steps_finds_whom_the_funnel_counts(
    seed: int, first: Step, then: Step
) -> None:
    random = Random(seed)
    for _ in range(40):
        ordering(random)
    sequence = {
        "fact": "sequence",
        "event": first.event,
        "category": first.category or None,
        "then": then.event,
        "then_category": then.category or None,
        "minutes": 15,
        "days": 30,
        "operator": "done",
    }

    found = matching_profiles(parse_rule({"all": [sequence]}), now=NOON, resolve=saved_rule)

    assert count((first, then), window=15 * MINUTE)[1] == found.count()


def funnel(*steps: Step) -> Funnel:
    raw = [{"event": one.event, "category": one.category, "item": one.item} for one in steps]
    return Funnel.objects.create(name="Checkout", steps=raw, window_minutes=60)


def test_those_who_dropped_after_the_first_step_become_a_rule() -> None:
    visitor(("item_view", ago(5)))
    visitor(("item_view", ago(5)), ("add_to_cart", ago(4.5)))
    visitor(("item_view", ago(0.5)))

    made = make_segment(funnel=funnel(VIEW, BASKET), after=1, days=30, by="ann", now=NOON)

    assert (made.members, made.segment.kind, made.member_list) == (1, Kind.DYNAMIC, None)
    assert made.segment.rule["all"][0]["operator"] == "not_followed"


def test_where_the_rule_would_find_others_they_become_a_list() -> None:
    # Their acts are in the facts, and because of what they agreed to nowhere else.
    visitor(("item_view", ago(5)), to=("personalization",))
    dropped = visitor(("item_view", ago(5)))

    made = make_segment(funnel=funnel(VIEW, BASKET), after=1, days=30, by="ann", now=NOON)

    assert (made.members, made.segment.kind) == (1, Kind.STATIC)
    assert "A rule would find 2 people instead" in made.reason
    [member] = ListMember.objects.all()
    assert member.pseudonym == dropped.identifiers.get().pseudonym


def test_those_who_dropped_later_become_a_list() -> None:
    visitor(("item_view", ago(5)), ("add_to_cart", ago(4.9)))
    visitor(("item_view", ago(5)), ("add_to_cart", ago(4.9)), ("purchase", ago(4.8)))
    checkout = funnel(*STEPS)

    made = make_segment(funnel=checkout, after=2, days=30, by="ann", now=NOON)
    again = make_segment(funnel=checkout, after=2, days=30, by="ann", now=NOON)

    assert (made.members, made.segment.kind) == (1, Kind.STATIC)
    assert again.segment.name == "Checkout: dropped after step 2 (2)"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "2 to 8 steps"),
        ([{"event": "a"}] * 9, "2 to 8 steps"),
        ([{"event": "a"}, {"category": "b"}], "Step 2: name the event"),
        ([{"event": "a"}, {"event": "b" * 65}], "Step 2: use at most 64"),
        ([{"event": "a"}, {"event": "b\x00"}], "Step 2"),
        ([{"event": "a"}, {"event": "b", "price": "1"}], "nothing else"),
        ([{"event": "a"}, 7], "Step 2"),
    ],
)
def test_steps_that_cannot_be_read_are_refused(raw: Any, said: str) -> None:
    with pytest.raises(BadSteps, match=said):
        read_steps(raw)

    with pytest.raises(ValidationError):
        Funnel(name="x", steps=raw).full_clean()
